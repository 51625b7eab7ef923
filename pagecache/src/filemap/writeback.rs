//! Writing dirty pages to the device: `write_cache_pages`, `file_write_and_wait_range`.

use super::page_after;
use crate::backing::Bio;
use crate::error::Result;
use crate::folio::LockedFolio;
use crate::index::Mark;
use crate::inode::Inode;
use std::ops::Range;
use std::sync::Arc;

/// Writes every page that is dirty now, waits, and tells of the errors that nobody was told of.
pub(crate) fn sync(inode: &Inode) -> Result<()> {
    let transaction = inode.sb.start_transaction();
    write_back(inode, 0..page_after(u64::MAX));
    drop(transaction);
    inode.mapping.write_errors.since(&inode.errors_seen)
}

/// Writes the pages of a range that are dirty now, each once, and waits for them. Errors are remembered in the mapping. The caller has
/// started a transaction.
#[track_caller]
pub(crate) fn write_back(inode: &Inode, range: Range<u64>) {
    inode.mapping.tag_for_writeback(range.clone());
    let mut from = range.start;
    while let Some(folio) = inode.mapping.next(Mark::ToWrite, from..range.end) {
        from = folio.index() + 1;
        let locked = folio.lock();
        if inode.mapping.has(&folio) {
            folio.wait_writeback();
            write_page(inode, locked);
        }
    }
    wait(inode, range);
}

/// Writes one locked page, if it is dirty, and unlocks it.
fn write_page(inode: &Inode, locked: LockedFolio) {
    let folio = locked.folio().clone();
    // First, so that a store from now on faults, waits for the lock, and makes the page dirty again.
    crate::mm::write_protect(&inode.mapping, &folio);
    if !locked.test_clear_dirty() {
        return;
    }
    match inode.blocks.allocate(folio.index(), &inode.sb.device) {
        Ok(block) => {
            let sectors = inode.mapping.start_writeback(&locked);
            drop(locked);
            inode.sb.device.submit(Bio::Write { folio, mapping: Arc::clone(&inode.mapping), block, sectors });
        }
        Err(error) => {
            inode.mapping.write_errors.set(error);
            inode.mapping.set_dirty(&locked);
        }
    }
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
