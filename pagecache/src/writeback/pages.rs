//! Writing the dirty pages of a file: `write_cache_pages`, `file_write_and_wait_range`.

use crate::attributes::{Attributes, Extent};
use crate::backing::{Allocated, Bio};
use crate::error::Result;
use crate::filemap::page_after;
use crate::folio::{FolioRef, LockedFolio};
use crate::index::Mark;
use crate::inode::Inode;
use crate::private::Sectors;
use crate::sync::atomic::AtomicU64;
use std::ops::Range;
use std::sync::Arc;

/// Writes every page that is dirty now, waits, makes the device keep them, and tells of the errors that came after `seen`.
///
/// # Errors
/// Those, and `Io` if the device does not keep what it was given.
pub(crate) fn sync(inode: &Inode, extent: Extent, seen: &AtomicU64) -> Result<()> {
    sync_range(inode, 0..page_after(u64::MAX), extent, seen)
}

/// The same for the pages of a range: `vfs_fsync_range`.
///
/// # Errors
/// As there; an error of another page is told as well.
pub(crate) fn sync_range(inode: &Inode, pages: Range<u64>, extent: Extent, seen: &AtomicU64) -> Result<()> {
    let told = {
        let _transaction = inode.sb.start_transaction();
        // Before the pages: what of the range this size covers is written here.
        let before = inode.attributes();
        write_back(inode, pages);
        let now = Attributes { block_changes: inode.blocks.changes(), ..before };
        if inode.kept.lacks(&now, extent) { tell(inode, now) } else { Ok(()) }
    };
    let flushed = flush(inode).inspect_err(|_| inode.kept.forget());
    inode.mapping.write_errors.since(seen).and(told).and(flushed)
}

/// Tells the device of a file as it is on the device: first of all it has to keep the bytes. Called in a transaction, so that it is told
/// nothing that is older than what it was told before.
///
/// # Errors
/// `Io`.
fn tell(inode: &Inode, now: Attributes) -> Result<()> {
    flush(inode)?;
    inode.sb.device.keep_attributes(inode.ino(), now)?;
    inode.kept.set(now);
    Ok(())
}

fn flush(inode: &Inode) -> Result<()> {
    if recheck!("a sync makes the device keep it", true) { inode.sb.device.flush() } else { Ok(()) }
}

/// Writes the pages of a range that are dirty now, each once, and waits for them: `WB_SYNC_ALL`. Goes on after an error, which is
/// remembered in the mapping. The caller has started a transaction.
#[track_caller]
pub(crate) fn write_back(inode: &Inode, range: Range<u64>) {
    inode.mapping.tag_for_writeback(range.clone());
    let mut from = range.start;
    while let Some(folio) = inode.mapping.next(Mark::ToWrite, from..range.end) {
        from = folio.index() + 1;
        let locked = folio.lock();
        if inode.mapping.has(&folio) {
            folio.wait_writeback();
            let _ = write_page(inode, locked);
        }
    }
    wait(inode, range);
}

/// Writes up to `count` dirty pages and waits for none: `WB_SYNC_NONE`. Stops at an error, and passes by what is being written.
/// Returns how many there were. The caller has started a transaction.
#[track_caller]
pub(super) fn cleanse(inode: &Inode, count: usize) -> usize {
    let (mut from, mut written) = (0, 0);
    while written < count
        && let Some(folio) = inode.mapping.next(Mark::Dirty, from..u64::MAX)
    {
        from = folio.index() + 1;
        match cleanse_page(inode, &folio) {
            Ok(is_written) => written += usize::from(is_written),
            Err(_) => break,
        }
    }
    written
}

#[track_caller]
fn cleanse_page(inode: &Inode, folio: &FolioRef) -> Result<bool> {
    let locked = folio.lock();
    if !inode.mapping.has(folio) || folio.is_writeback() {
        return Ok(false);
    }
    write_page(inode, locked)
}

/// Writes one locked page, if it is dirty, and unlocks it. Returns whether it was.
///
/// # Errors
/// `NoSpace`: it stays dirty. The mapping remembers that, too.
#[track_caller]
fn write_page(inode: &Inode, locked: LockedFolio) -> Result<bool> {
    let folio = locked.folio().clone();
    // First, so that a store from now on faults, waits for the lock, and makes the page dirty again: `clear_page_dirty_for_io`.
    crate::mm::write_protect(&inode.mapping, &folio);
    if !inode.mapping.clear_dirty(&locked) {
        return Ok(false);
    }
    match inode.blocks.allocate(folio.index(), &inode.sb.device) {
        Ok(Allocated { block, is_new }) => {
            let dirty = inode.mapping.start_writeback(&locked);
            let sectors = if is_new { Sectors::ALL } else { dirty };
            drop(locked);
            inode.sb.device.submit(Bio::Write { folio, mapping: Arc::clone(&inode.mapping), block, sectors });
            Ok(true)
        }
        Err(error) => {
            inode.mapping.write_errors.set(error);
            inode.mapping.set_dirty(&locked);
            Err(error)
        }
    }
}

/// Writes a dirty page that is about to be taken out, and keeps it locked, so that nobody makes it dirty again: `launder_folio`. The
/// caller has started a transaction, and has taken the page out of all page tables.
///
/// # Errors
/// `NoSpace`, `Io`: it stays dirty, and the mapping remembers.
#[track_caller]
pub(crate) fn launder(inode: &Inode, locked: &LockedFolio) -> Result<()> {
    let folio = locked.folio();
    if !folio.is_dirty() {
        return Ok(());
    }
    // A page of which only parts have contents has a block with the others.
    let missing = if folio.is_uptodate() { None } else { inode.blocks.block_of(folio.index()) };
    let filled = missing
        .map_or(Ok(()), |block| inode.sb.device.read(block, folio.data(), inode.mapping.private.missing(locked)));
    let written = filled.and_then(|()| {
        let Allocated { block, .. } = inode.blocks.allocate(folio.index(), &inode.sb.device)?;
        inode.sb.device.write(block, folio.data())
    });
    match written {
        Ok(()) => inode.mapping.cleaned(locked),
        Err(error) => inode.mapping.write_errors.set(error),
    }
    written
}

/// Waits until no page of a range is being written.
#[track_caller]
fn wait(inode: &Inode, range: Range<u64>) {
    let mut from = range.start;
    while let Some(folio) = inode.mapping.next(Mark::Writeback, from..range.end) {
        from = folio.index() + 1;
        folio.wait_writeback();
    }
}
