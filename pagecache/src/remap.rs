//! Blocks of two files that change places, or become those of both: `fs/remap_range.c`, as xfs does it.
//!
//! A block that two pages have is written by neither: whoever writes one of the pages out gets another block first, and a store through a
//! mapping is told of by a fault, because all pages of both ranges are clean when their blocks are shared. The fault waits for
//! `invalidate_lock`, which is held until the blocks are shared.
//!
//! Two locks of one class are needed at each step: `i_rwsem`, `invalidate_lock` and `i_data_sem` of both files. The file with the
//! smaller number comes first, always, and the second lock is of the subclass [`SECOND`].

use crate::PAGE_SIZE;
use crate::backing::clone_blocks;
use crate::error::{Error, Result};
use crate::fallocate::{flush, flush_and_remove, whole_pages};
use crate::filemap::{fill_now, grab};
use crate::inode::{Inode, MAX_BYTES};
use crate::locks::SECOND;
use crate::mapping::Mapping;
use crate::sync::RwLockWriteGuard;
use crate::truncate::{changing_blocks, remove_pages, zero_beyond_end};
use crate::writeback::with_room;
use std::ops::Range;
use std::sync::Arc;

/// Exchanges what is in two ranges of equal length.
pub(crate) fn exchange(inode: &Inode, offset: u64, other: &Inode, other_offset: u64, len: u64) -> Result<()> {
    let (ours, theirs) = (whole_pages(offset, len)?, whole_pages(other_offset, len)?);
    if !Arc::ptr_eq(&inode.sb, &other.sb) {
        return Err(Error::OtherDevice);
    }
    let is_one = inode.ino() == other.ino();
    if is_one && ours.start < theirs.end && theirs.start < ours.end {
        return Err(Error::Invalid);
    }
    let _unfrozen = inode.sb.start_write();
    let (mut first, mut second) = ((inode, ours), (other, theirs));
    if recheck!("exchange: the smaller number first", inode.ino() > other.ino()) {
        std::mem::swap(&mut first, &mut second);
    }
    let _exclusive = lock_two_nondirectories(first.0, second.0);
    inode.check_writable().and(other.check_writable())?;
    [inode, other].into_iter().for_each(Inode::count_change);
    // A part of the last page cannot move, because the file ends in it.
    if offset + len > inode.len() || other_offset + len > other.len() {
        return Err(Error::Invalid);
    }
    let lock = || Mapping::invalidate_two(&first.0.mapping, &second.0.mapping);
    let remove = || {
        flush_and_remove(first.0, first.1.clone())?;
        flush_and_remove(second.0, second.1.clone())
    };
    let change = |()| first.0.blocks.exchange(first.1.clone(), &second.0.blocks, second.1.start);
    changing_blocks(first.0, lock, remove, change)
}

/// Two ranges of equal length, one of which is to be as the other.
struct Pair<'a> {
    source: &'a Inode,
    from: Range<u64>,
    target: &'a Inode,
    to: Range<u64>,
    /// In bytes: a range can end where the source does, within a page.
    end: u64,
}

/// Makes a range read as another does, by sharing its blocks: `FICLONERANGE`.
pub(crate) fn clone_range(source: &Inode, offset: u64, target: &Inode, target_offset: u64, len: u64) -> Result<()> {
    remap(source, offset, target, target_offset, len, |_| Ok(true)).map(drop)
}

/// Lets two ranges share blocks if they read the same. Returns whether they do: `FIDEDUPERANGE`.
pub(crate) fn dedupe_range(source: &Inode, offset: u64, target: &Inode, target_offset: u64, len: u64) -> Result<bool> {
    if target_offset.saturating_add(len) > target.len() {
        return Err(Error::Invalid);
    }
    remap(source, offset, target, target_offset, len, |pair| {
        flush(pair.target, pair.to.clone())?;
        // A page that is in the target has to be the same, and what is beyond the end is in neither.
        let pages = pair.from.clone().zip(pair.to.clone());
        for (from, to) in pages {
            let mut bytes = [[0; PAGE_SIZE]; 2];
            read_locked(pair.source, from, &mut bytes[0])?;
            read_locked(pair.target, to, &mut bytes[1])?;
            let count = PAGE_SIZE.min((pair.end - from * PAGE_SIZE as u64) as usize);
            if bytes[0][..count] != bytes[1][..count] {
                return Ok(false);
            }
        }
        Ok(true)
    })
}

/// The bytes of a page of a file that is locked in every way. Nobody stores to it: it is clean, and who faults on it waits.
fn read_locked(inode: &Inode, index: u64, bytes: &mut [u8]) -> Result<()> {
    let locked = grab(inode, index)?;
    if !locked.folio().is_uptodate() {
        fill_now(inode, &locked)?;
    }
    locked.folio().data().read(0, bytes);
    Ok(())
}

/// The pages of a range of the source, which may end with the source, and where they go.
///
/// # Errors
/// `Invalid` if the ranges are not made of whole pages, overlap, or are not there.
fn pair<'a>(source: &'a Inode, offset: u64, target: &'a Inode, target_offset: u64, len: u64) -> Result<Pair<'a>> {
    let end = offset.checked_add(len).filter(|end| len > 0 && *end <= source.len()).ok_or(Error::Invalid)?;
    let target_end = target_offset.checked_add(len).filter(|end| *end <= MAX_BYTES).ok_or(Error::TooBig)?;
    // A part of a page can be shared only where both files end in it.
    let is_tail = end == source.len() && target_end >= target.len();
    let aligned = if is_tail { len.next_multiple_of(PAGE_SIZE as u64) } else { len };
    let (from, to) = (whole_pages(offset, aligned)?, whole_pages(target_offset, aligned)?);
    if source.ino() == target.ino() && from.start < to.end && to.start < from.end {
        return Err(Error::Invalid);
    }
    Ok(Pair { source, from, target, to, end })
}

/// Shares blocks of two ranges if `agree` says so, with both files locked in every way and the source written out.
fn remap(
    source: &Inode,
    offset: u64,
    target: &Inode,
    target_offset: u64,
    len: u64,
    agree: impl Fn(&Pair<'_>) -> Result<bool>,
) -> Result<bool> {
    if !Arc::ptr_eq(&source.sb, &target.sb) {
        return Err(Error::OtherDevice);
    }
    let _unfrozen = target.sb.start_write();
    let source_first = source.ino() <= target.ino();
    let (first, second) = if source_first { (source, target) } else { (target, source) };
    let _exclusive = lock_two_nondirectories(first, second);
    target.check_writable()?;
    target.count_change();
    let pair = pair(source, offset, target, target_offset, len)?;
    let target_end = target_offset + len;
    if target_offset > target.len() {
        zero_beyond_end(target)?;
    }
    // Until both agree nothing has changed, so all of it can be begun anew.
    with_room(target, || {
        let lock = || Mapping::invalidate_two(&first.mapping, &second.mapping);
        let mut agreed = false;
        let remove = || {
            flush(source, pair.from.clone())?;
            agreed = agree(&pair)?;
            if agreed {
                remove_pages(target, pair.to.clone(), false);
            }
            Ok(agreed)
        };
        let change = |agreed| {
            if agreed {
                let places = ((&source.blocks, pair.from.clone()), (&target.blocks, pair.to.start));
                clone_blocks(places.0, places.1, source_first, &source.sb.device);
                target.set_len(target.len().max(target_end));
            }
        };
        changing_blocks(first, lock, remove, change)?;
        Ok(agreed)
    })
}

/// Copies a range, by sharing blocks where that can be done: `copy_file_range(2)`. Returns how many bytes: fewer than asked for only at the
/// end of the source or before an error.
pub(crate) fn copy_range(source: &Inode, offset: u64, target: &Inode, target_offset: u64, len: u64) -> Result<u64> {
    let len = len.min(source.len().saturating_sub(offset));
    target_offset.checked_add(len).filter(|end| *end <= MAX_BYTES).ok_or(Error::TooBig)?;
    if source.ino() == target.ino() && offset < target_offset + len && target_offset < offset + len {
        return Err(Error::Invalid);
    }
    let whole = len - len % PAGE_SIZE as u64;
    let mut done = match clone_range(source, offset, target, target_offset, whole) {
        Ok(()) => whole,
        // It cannot be shared, or not any more; then it is copied.
        Err(Error::Invalid | Error::OtherDevice) => 0,
        Err(error) => return Err(error),
    };
    let mut bytes = [0; PAGE_SIZE];
    while done < len {
        let count = (len - done).min(PAGE_SIZE as u64) as usize;
        let step = source.read_at(&mut bytes[..count], offset + done).and_then(|count| match count {
            0 => Ok(0),
            _ => target.write_at(&bytes[..count], target_offset + done),
        });
        match step {
            Ok(0) => break,
            Ok(count) => done += count as u64,
            Err(error) if done == 0 => return Err(error),
            Err(_) => break,
        }
    }
    Ok(done)
}

/// Both files, or the one, exclusively: `lock_two_nondirectories`.
#[track_caller]
fn lock_two_nondirectories<'a>(
    first: &'a Inode,
    second: &'a Inode,
) -> (RwLockWriteGuard<'a, ()>, Option<RwLockWriteGuard<'a, ()>>) {
    let outer = first.i_rwsem.write();
    let is_other = first.ino() != second.ino();
    (outer, is_other.then(|| second.i_rwsem.write_nested(SECOND)))
}
