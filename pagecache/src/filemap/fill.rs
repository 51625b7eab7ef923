//! Getting the contents of one page: `filemap_read_folio`, `write_begin`.

use crate::PAGE_SIZE;
use crate::backing::Bio;
use crate::error::{Error, Result};
use crate::folio::{FolioRef, LockedFolio};
use crate::hooks::Point;
use crate::inode::Inode;
use crate::reclaim::Effort;
use crate::sync::assert_held;

/// Fills a locked folio from the device, or with zeros where the file has no block, and waits for that. Unlocks it. The caller
/// keeps the block from being freed, by `invalidate_lock`.
///
/// # Errors
/// `Io` if the device failed; the folio is in the cache and has no contents. `Interrupted` if the wait was given up; it is filled
/// nevertheless.
#[track_caller]
pub(crate) fn read_folio(inode: &Inode, locked: LockedFolio) -> Result<()> {
    let folio = start_read(inode, locked);
    folio.wait_unlocked()?;
    if folio.is_uptodate() { Ok(()) } else { Err(Error::Io) }
}

/// Starts filling a locked folio. It is unlocked when that is done.
#[track_caller]
pub(crate) fn start_read(inode: &Inode, locked: LockedFolio) -> FolioRef {
    inode.mapping.assert_invalidate_held();
    let folio = locked.folio().clone();
    debug_assert!(inode.mapping.has(&folio), "a page is filled that is none of the file's");
    locked.clear_error();
    let block = inode.blocks.block_of(folio.index());
    inode.sb.reach(Point::BlockMapped, inode.ino());
    match block {
        Some(block) => {
            let missing = inode.mapping.private.missing(&locked);
            inode.sb.device.submit(Bio::Read { folio: locked.submit(), block, missing });
        }
        None => {
            folio.data().zero(0..PAGE_SIZE);
            locked.mark_uptodate();
        }
    }
    folio
}

/// Fills a locked folio and keeps it locked: what a partial write needs. `i_rwsem` keeps the block from being freed.
///
/// # Errors
/// `Io` if the device failed.
#[track_caller]
pub(crate) fn fill_now(inode: &Inode, locked: &LockedFolio) -> Result<()> {
    assert_held!(inode.i_rwsem, exclusively);
    match inode.blocks.block_of(locked.folio().index()) {
        Some(block) => {
            inode.sb.device.read(block, locked.folio().data(), inode.mapping.private.missing(locked))?;
        }
        None => locked.folio().data().zero(0..PAGE_SIZE),
    }
    locked.mark_uptodate();
    Ok(())
}

/// As [`grab`], where nothing may be waited for: with `FGP_NOWAIT` as well.
///
/// # Errors
/// `Again` if somebody has it locked, or there is no room for it.
#[track_caller]
pub(crate) fn try_grab(inode: &Inode, index: u64) -> Result<LockedFolio> {
    let locked = match inode.mapping.lookup(index) {
        Some(folio) => folio.try_lock(),
        None => inode.mapping.add_new(index, Effort::None).ok(),
    };
    // One that has left the mapping since is somebody else's now: it is not looked for again.
    locked.filter(|locked| inode.mapping.has(locked.folio())).ok_or(Error::Again)
}

/// The page, locked and in the mapping, maybe without contents: `__filemap_get_folio` with `FGP_LOCK | FGP_CREAT`.
///
/// # Errors
/// `NoMemory`, `Interrupted`.
#[track_caller]
pub(crate) fn grab(inode: &Inode, index: u64) -> Result<LockedFolio> {
    loop {
        if let Some(folio) = inode.mapping.lookup(index) {
            let locked = folio.lock();
            if inode.mapping.has(&folio) {
                folio.mark_accessed();
                return Ok(locked);
            }
        } else {
            match inode.mapping.add_new(index, Effort::Full) {
                Err(Error::Busy) => {}
                added => return added,
            }
        }
    }
}
