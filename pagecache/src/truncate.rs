//! Taking pages out and giving blocks back: `mm/truncate.c`.
//!
//! The order matters: pages first, blocks after, and no page may come back in between. A page that is filled from a
//! block which is freed next would show the file what it has lost, or what another file puts there.
//! `invalidate_lock`, held exclusively over both steps and shared by whoever fills pages, is what prevents that.

use crate::PAGE_SIZE;
use crate::error::{Error, Result};
use crate::filemap::{fill_now, grab, page_after, split};
use crate::folio::LockedFolio;
use crate::fs::TransactionRank;
use crate::hooks::Point;
use crate::index::Mark;
use crate::inode::{Inode, MAX_BYTES};
use crate::mapping::Mapping;
use crate::mm;
use crate::reclaim::Shadow;
use crate::sync::assert_held;
use crate::writeback::{launder, with_room, write_back};
use std::ops::Range;

/// Who throws pages away on purpose remembers nothing of them.
const NO_SHADOW: Option<fn() -> Shadow> = None;

/// Sets the size of the file.
pub(crate) fn truncate(inode: &Inode, len: u64) -> Result<()> {
    if len > MAX_BYTES {
        return Err(Error::TooBig);
    }
    let _change = inode.start_change()?;
    if len >= inode.len() {
        return grow(inode, len);
    }
    let (index, within) = split(len);
    let gone = page_after(len)..u64::MAX;
    let cut = || {
        if within != 0 {
            zero_part(inode, index, within..PAGE_SIZE)?;
        }
        // Before the pages go, so that nobody who waits for one of them takes the old size for true.
        inode.set_len(len);
        remove_pages(inode, gone.clone(), true);
        Ok(gone.clone())
    };
    with_room(inode, || invalidating(inode, cut))
}

/// Makes the file longer, with zeros. What a mapping has stored beyond the end, in the last page, was never the file's:
/// `pagecache_isize_extended`.
///
/// # Errors
/// As [`zero_part`]; the size is what it was.
#[track_caller]
pub(crate) fn grow(inode: &Inode, len: u64) -> Result<()> {
    if len > inode.len() {
        zero_beyond_end(inode)?;
        inode.set_len(len);
    }
    Ok(())
}

/// Zeroes the rest of the last page. Called with no page locked and no transaction running.
///
/// # Errors
/// As [`zero_part`].
#[track_caller]
pub(crate) fn zero_beyond_end(inode: &Inode) -> Result<()> {
    let (index, within) = split(inode.len());
    if within == 0 { Ok(()) } else { with_room(inode, || zero_part(inode, index, within..PAGE_SIZE)) }
}

/// Runs something that removes pages, and frees the blocks of the range it returns, under `invalidate_lock` and in a transaction;
/// which of the two is outside is the file-system type's choice.
///
/// # Errors
/// Those of `remove`, which has removed nothing then.
pub(crate) fn invalidating(inode: &Inode, remove: impl FnOnce() -> Result<Range<u64>>) -> Result<()> {
    changing_blocks(
        inode,
        || inode.mapping.invalidate_exclusive(),
        remove,
        |blocks: Range<u64>| {
            // Nobody who fills pages gets in while the lock is held.
            let is_empty = || inode.mapping.next(Mark::Present, blocks.clone()).is_none();
            debug_assert!(!inode.mapping.locks_invalidation() || is_empty(), "a page came back");
            inode.blocks.free(blocks, &inode.sb.device);
        },
    )
}

/// The same for any change of block maps, under whatever `lock` gives.
pub(crate) fn changing_blocks<Locked, T>(
    inode: &Inode,
    lock: impl FnOnce() -> Locked,
    remove: impl FnOnce() -> Result<T>,
    change: impl FnOnce(T),
) -> Result<()> {
    let rank = inode.sb.fs.transaction;
    let _outer = (rank == TransactionRank::OutsideInvalidate).then(|| inode.sb.start_transaction());
    let _exclusive = lock();
    let removed = remove()?;
    inode.sb.reach(Point::PagesRemoved, inode.ino());
    let _inner = (rank == TransactionRank::InsideInvalidate).then(|| inode.sb.start_transaction());
    change(removed);
    Ok(())
}

/// Zeroes a part of a page, in the cache, from where it is written out like any other change.
///
/// # Errors
/// `Io`, `NoMemory`: nothing was zeroed.
pub(crate) fn zero_part(inode: &Inode, index: u64, range: Range<usize>) -> Result<()> {
    let is_cached = inode.mapping.lookup(index).is_some();
    if range.is_empty() || (!is_cached && inode.blocks.block_of(index).is_none()) {
        return Ok(());
    }
    let locked = grab(inode, index)?;
    let folio = locked.folio();
    if !folio.is_uptodate() {
        fill_now(inode, &locked)?;
    }
    folio.wait_writeback();
    folio.data().zero(range.clone());
    inode.mapping.wrote(&locked, range);
    Ok(())
}

/// Takes every page of a range out of the cache and out of all page tables: `truncate_pagecache`. With `cow`, private copies go
/// too: what is beyond the end of a file is nobody's.
#[track_caller]
pub(crate) fn remove_pages(inode: &Inode, range: Range<u64>, cow: bool) {
    assert_held!(inode.i_rwsem, exclusively);
    inode.mapping.assert_invalidate_exclusive();
    if range.is_empty() {
        return;
    }
    mm::unmap(&inode.mapping, range.clone(), cow);
    inode.sb.reach(Point::PagesUnmapped, inode.ino());
    remove_from_cache(&inode.mapping, range.clone());
    // A private copy can have been made between the first unmapping and the removal of its page.
    if recheck!("private copies are unmapped again", cow) {
        mm::unmap(&inode.mapping, range, true);
    }
}

/// `truncate_inode_pages_range`: first the pages that can be had at once, then the others, one by one.
#[track_caller]
fn remove_from_cache(mapping: &Mapping, range: Range<u64>) {
    let mut from = range.start;
    while let Some(folio) = mapping.next(Mark::Present, from..range.end) {
        from = folio.index() + 1;
        if folio.is_writeback() {
            continue;
        }
        if let Some(locked) = folio.try_lock() {
            remove_one(mapping, &locked);
        }
    }
    while let Some(folio) = mapping.next(Mark::Present, range.clone()) {
        let locked = folio.lock();
        remove_one(mapping, &locked);
    }
}

/// `truncate_cleanup_folio`, `filemap_remove_folio`.
#[track_caller]
fn remove_one(mapping: &Mapping, locked: &LockedFolio) {
    let folio = locked.folio();
    if mapping.has(folio) {
        folio.wait_writeback();
        mm::unmap(mapping, folio.index()..folio.index() + 1, false);
        mapping.remove(locked);
    }
}

/// Nobody can find the inode any more, so no lock is needed; evicting it may happen where none may be taken.
pub(crate) fn truncate_final(inode: &Inode) {
    remove_from_cache(&inode.mapping, 0..u64::MAX);
}

/// Takes out clean pages that nobody uses or has locked: `invalidate_mapping_pages`.
pub(crate) fn invalidate_unused(inode: &Inode) -> usize {
    let (mut from, mut count) = (0, 0);
    while let Some(folio) = inode.mapping.next(Mark::Present, from..u64::MAX) {
        from = folio.index() + 1;
        if let Some(locked) = folio.try_lock() {
            count += usize::from(inode.mapping.remove_unused(&locked, NO_SHADOW));
        }
    }
    count
}

/// Writes out and takes out every page of a range: `filemap_invalidate_inode`.
pub(crate) fn invalidate_all(inode: &Inode, offset: u64, len: u64) -> Result<()> {
    let pages = split(offset).0..page_after(offset.saturating_add(len));
    let rank = inode.sb.fs.transaction;
    let _outer = (rank == TransactionRank::OutsideInvalidate).then(|| inode.sb.start_transaction());
    let _exclusive = inode.mapping.invalidate_exclusive();
    let _inner = (rank == TransactionRank::InsideInvalidate).then(|| inode.sb.start_transaction());
    write_back(inode, pages.clone());
    evict(inode, pages, |locked| launder(inode, locked))
}

/// Takes out every page of a range, mapped or not, after `launder`: `invalidate_inode_pages2_range`. Goes on after a failure. Whoever has a
/// reference to a page keeps it, and finds out at its lock that it is the file's no longer.
///
/// # Errors
/// The last one: of `launder`, or `Busy` if a page was made dirty after it had been written out.
#[track_caller]
pub(crate) fn evict(inode: &Inode, pages: Range<u64>, launder: impl Fn(&LockedFolio) -> Result<()>) -> Result<()> {
    mm::unmap(&inode.mapping, pages.clone(), false);
    let (mut from, mut outcome) = (pages.start, Ok(()));
    while let Some(folio) = inode.mapping.next(Mark::Present, from..pages.end) {
        from = folio.index() + 1;
        let locked = folio.lock();
        if !inode.mapping.has(&folio) {
            continue;
        }
        folio.wait_writeback();
        mm::unmap(&inode.mapping, folio.index()..folio.index() + 1, false);
        if let Err(error) = launder(&locked) {
            outcome = Err(error);
        } else if folio.is_dirty() {
            outcome = Err(Error::Busy);
        } else {
            inode.mapping.remove(&locked);
        }
    }
    outcome
}
