//! Ranges of a file that go, come, move or become zero: `fallocate(2)`.
//!
//! **Invariant.** Between the removal of the pages and the release of `invalidate_lock` no page of the range is cached; whoever fills one
//! after that sees the new block map.

use crate::PAGE_SIZE;
use crate::error::{Error, Result};
use crate::filemap::{page_after, split};
use crate::fs::TransactionRank;
use crate::inode::{Inode, MAX_BYTES};
use crate::truncate::{changing_blocks, grow, invalidating, remove_pages, zero_part};
use crate::writeback::{with_room, write_back};
use std::ops::Range;

/// Makes a range read as zeros, within the file.
pub(crate) fn punch_hole(inode: &Inode, offset: u64, len: u64) -> Result<()> {
    let _change = inode.start_change()?;
    zero_within(inode, offset, offset.saturating_add(len).min(inode.len()))
}

/// The same, and the file grows if it ends before the range does.
pub(crate) fn zero_range(inode: &Inode, offset: u64, len: u64) -> Result<()> {
    let end = offset.checked_add(len).filter(|end| *end <= MAX_BYTES).ok_or(Error::TooBig)?;
    let _change = inode.start_change()?;
    zero_within(inode, offset, end.min(inode.len()))?;
    grow(inode, end)
}

/// Gives every page of a range a block, so that writing there cannot fail for want of one, and the file grows if it ends before the range
/// does, unless it is to keep its size: `fallocate` without a mode. No page goes, so `invalidate_lock` is not needed.
pub(crate) fn allocate_range(inode: &Inode, offset: u64, len: u64, keep_size: bool) -> Result<()> {
    let end = offset.checked_add(len).filter(|end| *end <= MAX_BYTES).ok_or(Error::TooBig)?;
    if len == 0 {
        return Err(Error::Invalid);
    }
    let _change = inode.start_change()?;
    for index in split(offset).0..page_after(end) {
        let _transaction = inode.sb.start_transaction();
        inode.blocks.preallocate(index, &inode.sb.device)?;
    }
    if keep_size { Ok(()) } else { grow(inode, end) }
}

fn zero_within(inode: &Inode, offset: u64, end: u64) -> Result<()> {
    if offset >= end {
        return Ok(());
    }
    let ((first, first_within), (last, last_within)) = (split(offset), split(end));
    let whole = page_after(offset)..last.max(page_after(offset));
    let zero = || {
        if first == last {
            zero_part(inode, first, first_within..last_within)?;
            return Ok(whole.clone());
        }
        if first_within != 0 {
            zero_part(inode, first, first_within..PAGE_SIZE)?;
        }
        zero_part(inode, last, 0..last_within)?;
        remove_pages(inode, whole.clone(), false);
        Ok(whole.clone())
    };
    // What is zero already may be made so again.
    with_room(inode, || invalidating(inode, zero))
}

/// The pages of a range that is made of whole ones.
///
/// # Errors
/// `Invalid` if it is not, or is empty.
pub(crate) fn whole_pages(offset: u64, len: u64) -> Result<Range<u64>> {
    let size = PAGE_SIZE as u64;
    match offset.checked_add(len) {
        Some(end) if len > 0 && offset.is_multiple_of(size) && len.is_multiple_of(size) => {
            Ok(offset / size..end / size)
        }
        _ => Err(Error::Invalid),
    }
}

/// Takes whole pages out of the file.
pub(crate) fn collapse_range(inode: &Inode, offset: u64, len: u64) -> Result<()> {
    let pages = whole_pages(offset, len)?;
    let _change = inode.start_change()?;
    // The end of the file is for truncation.
    if offset + len >= inode.len() {
        return Err(Error::Invalid);
    }
    let first = pages.start;
    moving(inode, first, || {
        inode.blocks.collapse(pages, &inode.sb.device);
        inode.set_len(inode.len() - len);
    })
}

/// Puts whole pages of zeros into the file.
pub(crate) fn insert_range(inode: &Inode, offset: u64, len: u64) -> Result<()> {
    let pages = whole_pages(offset, len)?;
    let _change = inode.start_change()?;
    if offset >= inode.len() {
        return Err(Error::Invalid);
    }
    let grown = inode.len().checked_add(len).filter(|grown| *grown <= MAX_BYTES).ok_or(Error::TooBig)?;
    moving(inode, pages.start, || {
        inode.blocks.insert_gap(pages.start, pages.end - pages.start);
        inode.set_len(grown);
    })
}

/// Changes the block map from a page on.
fn moving(inode: &Inode, first: u64, change: impl FnOnce()) -> Result<()> {
    let lock = || inode.mapping.invalidate_exclusive();
    changing_blocks(inode, lock, || flush_and_remove(inode, first..u64::MAX), |()| change())
}

/// Takes pages out whose blocks are about to move. They are written out first, because the blocks are what stays. Called in
/// [`changing_blocks`].
///
/// # Errors
/// `Io`, `NoSpace`: what could not be written would be lost with its page, so all of them stay.
pub(crate) fn flush_and_remove(inode: &Inode, pages: Range<u64>) -> Result<()> {
    flush(inode, pages.clone())?;
    remove_pages(inode, pages, false);
    Ok(())
}

/// Writes pages out, so that their blocks have what they have. Called in [`changing_blocks`].
///
/// # Errors
/// `Io`, `NoSpace`.
pub(crate) fn flush(inode: &Inode, pages: Range<u64>) -> Result<()> {
    let before = inode.mapping.write_errors.sample();
    {
        let inside = inode.sb.fs.transaction == TransactionRank::InsideInvalidate;
        let _transaction = inside.then(|| inode.sb.start_transaction());
        write_back(inode, pages);
    }
    inode.mapping.write_errors.since(&before.into())
}
