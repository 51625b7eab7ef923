//! `generic_perform_write`: copy into locked pages and mark them dirty.

use super::{fill, split};
use crate::PAGE_SIZE;
use crate::folio::{Folio, FolioLock};
use crate::inode::Inode;

/// Copies in the whole range. Nothing is allocated: blocks are found when the pages are written out.
pub(crate) fn write(inode: &Inode, bytes: &[u8], offset: u64) {
    let _exclusive = inode.i_rwsem.write();
    let mut done = 0;
    while done < bytes.len() {
        let at = offset.checked_add(done as u64).expect("a file ends before position 2^64");
        let (index, within) = split(at);
        let count = (PAGE_SIZE - within).min(bytes.len() - done);
        let lock = grab(inode, index);
        if !lock.folio().is_uptodate() && count < PAGE_SIZE {
            // The rest of the page is the file's, or zeros beyond its end.
            fill(inode, &lock);
        }
        lock.folio().data().write(within, &bytes[done..done + count]);
        lock.mark_uptodate();
        lock.mark_dirty();
        drop(lock);
        done += count;
        let end = at + count as u64;
        if end > inode.len() {
            inode.set_len(end);
        }
    }
}

/// The page, locked and in the mapping: `__filemap_get_folio`.
#[track_caller]
pub(crate) fn grab(inode: &Inode, index: u64) -> FolioLock {
    loop {
        if let Some(folio) = inode.mapping.lookup(index) {
            let lock = folio.lock();
            if !folio.is_truncated() {
                return lock;
            }
        } else {
            let lock = Folio::new_locked(index);
            if inode.mapping.add(&lock) {
                return lock;
            }
        }
    }
}
