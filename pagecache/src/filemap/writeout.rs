//! Writing dirty pages to the device, one after another.

use crate::inode::Inode;
use std::io;

/// Writes every page that is dirty now. Goes on after an error, and returns the first one.
pub(crate) fn write_out(inode: &Inode) -> io::Result<()> {
    let mut next = 0;
    let mut outcome = Ok(());
    while let Some(folio) = inode.mapping.first_in(next..u64::MAX) {
        next = folio.index() + 1;
        if !folio.is_dirty() {
            continue;
        }
        let lock = folio.lock();
        // A truncated page is clean; one that another thread has written out meanwhile is, too.
        if !lock.clear_dirty() {
            continue;
        }
        match inode.sb.device.allocate(inode.ino(), folio.index()) {
            Ok(block) => inode.sb.device.write(block, folio.data()),
            Err(error) => {
                lock.mark_dirty();
                outcome = outcome.and(Err(error));
            }
        }
    }
    outcome
}
