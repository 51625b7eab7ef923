//! `filemap_read`: copy from pages that are up to date, fill those that are not.

use super::split;
use crate::PAGE_SIZE;
use crate::folio::{Folio, FolioLock};
use crate::hooks::Point;
use crate::inode::Inode;
use std::sync::Arc;

/// Copies out what there is of the range.
pub(crate) fn read(inode: &Inode, buf: &mut [u8], offset: u64) -> usize {
    let mut done = 0;
    while done < buf.len() {
        let at = offset.saturating_add(done as u64);
        if at >= inode.len() {
            break;
        }
        let (index, within) = split(at);
        let folio = get_uptodate(inode, index);
        // Only now, after the page was seen up to date: a size read before could be that of a longer file, whose tail a
        // truncation has cut off and zeroed since.
        let left = usize::try_from(inode.len().saturating_sub(at)).unwrap_or(usize::MAX);
        let count = (PAGE_SIZE - within).min(buf.len() - done).min(left);
        if count == 0 {
            break;
        }
        folio.data().read(within, &mut buf[done..done + count]);
        done += count;
    }
    done
}

/// The page with its contents: `filemap_get_pages`. It may be truncated at any time; then the copy is older than that.
fn get_uptodate(inode: &Inode, index: u64) -> Arc<Folio> {
    loop {
        if let Some(folio) = inode.mapping.lookup(index) {
            if folio.is_uptodate() || update(inode, &folio) {
                return folio;
            }
        } else if let Some(folio) = create(inode, index) {
            return folio;
        }
    }
}

/// Waits for whoever fills the page, and fills it if they did not: `filemap_update_page`. False if it was truncated.
fn update(inode: &Inode, folio: &Arc<Folio>) -> bool {
    let _shared = inode.mapping.invalidate_shared();
    let lock = folio.lock();
    if folio.is_truncated() {
        return false;
    }
    if !folio.is_uptodate() {
        fill(inode, &lock);
    }
    true
}

/// Adds and fills a page: `filemap_create_folio`. `invalidate_lock` is held from before the page can be found until it is
/// filled, so the block it is filled from is the file's. `None` if somebody else was faster.
fn create(inode: &Inode, index: u64) -> Option<Arc<Folio>> {
    inode.sb.reach(Point::BeforeInvalidateLock, inode.ino());
    let _shared = inode.mapping.invalidate_shared();
    let lock = Folio::new_locked(index);
    if !inode.mapping.add(&lock) {
        return None;
    }
    fill(inode, &lock);
    Some(Arc::clone(lock.folio()))
}

/// Fills a locked page from the device, or with zeros where the file has no block. The caller keeps the block from being
/// freed, by `invalidate_lock` or by `i_rwsem`.
pub(crate) fn fill(inode: &Inode, lock: &FolioLock) {
    let folio = lock.folio();
    let block = inode.sb.device.block_of(inode.ino(), folio.index());
    inode.sb.reach(Point::BlockMapped, inode.ino());
    match block {
        Some(block) => inode.sb.device.read(block, folio.data()),
        None => folio.data().zero(0..PAGE_SIZE),
    }
    lock.mark_uptodate();
}
