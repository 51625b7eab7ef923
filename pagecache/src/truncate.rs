//! Taking pages out and giving blocks back: truncation and hole punching.
//!
//! The order matters: pages first, blocks after, and no page may come back in between. A page that is filled from a
//! block which is freed next would show the file what it has lost, or what another file puts there.
//! `invalidate_lock`, held exclusively over both steps and shared by whoever fills pages, is what prevents that.

use crate::PAGE_SIZE;
use crate::filemap::{fill, grab, split};
use crate::hooks::Point;
use crate::inode::Inode;
use crate::superblock::TransactionRank;
use std::ops::Range;

/// Sets the size of the file.
pub(crate) fn truncate(inode: &Inode, len: u64) {
    let _exclusive = inode.i_rwsem.write();
    if len >= inode.len() {
        inode.set_len(len);
        return;
    }
    let (index, within) = split(len);
    let first_gone = if within == 0 { index } else { index + 1 };
    let remove = || {
        inode.set_len(len);
        if within != 0 {
            zero_part(inode, index, within..PAGE_SIZE);
        }
        remove_pages(inode, first_gone..u64::MAX);
    };
    invalidate(inode, remove, first_gone..u64::MAX);
}

/// Makes a range of the file read as zeros.
pub(crate) fn punch_hole(inode: &Inode, offset: u64, len: u64) {
    let _exclusive = inode.i_rwsem.write();
    let end = offset.saturating_add(len).min(inode.len());
    if offset >= end {
        return;
    }
    let ((first, first_within), (last, last_within)) = (split(offset), split(end));
    let whole = if first_within == 0 { first } else { first + 1 }..last;
    let remove = || {
        if first == last {
            zero_part(inode, first, first_within..last_within);
            return;
        }
        if first_within != 0 {
            zero_part(inode, first, first_within..PAGE_SIZE);
        }
        if last_within != 0 {
            zero_part(inode, last, 0..last_within);
        }
        remove_pages(inode, whole.clone());
    };
    invalidate(inode, remove, whole.clone());
}

/// Removes pages, then frees the blocks of the range, under `invalidate_lock` and in a transaction; which of the two is
/// outside is the file-system type's choice.
fn invalidate(inode: &Inode, remove: impl FnOnce(), blocks: Range<u64>) {
    let rank = inode.sb.fs.transaction;
    let _outer = (rank == TransactionRank::OutsideInvalidate).then(|| inode.sb.journal.lock());
    let _exclusive = inode.mapping.invalidate_exclusive();
    remove();
    inode.sb.reach(Point::PagesRemoved, inode.ino());
    let _inner = (rank == TransactionRank::InsideInvalidate).then(|| inode.sb.journal.lock());
    inode.sb.device.free(inode.ino(), blocks);
}

/// Zeroes a part of a page, in the cache, from where it is written out like any other change.
fn zero_part(inode: &Inode, index: u64, range: Range<usize>) {
    let is_cached = inode.mapping.lookup(index).is_some();
    if range.is_empty() || (!is_cached && inode.sb.device.block_of(inode.ino(), index).is_none()) {
        return;
    }
    let lock = grab(inode, index);
    if !lock.folio().is_uptodate() {
        fill(inode, &lock);
    }
    lock.folio().data().zero(range);
    lock.mark_dirty();
}

/// Takes every page of a range out of the cache: `truncate_inode_pages_range`. Waits for those that are locked.
fn remove_pages(inode: &Inode, range: Range<u64>) {
    if range.is_empty() {
        return;
    }
    while let Some(folio) = inode.mapping.first_in(range.clone()) {
        inode.mapping.remove(&folio.lock());
    }
}

/// Takes out clean pages that nobody has locked: `invalidate_mapping_pages`.
pub(crate) fn invalidate_clean(inode: &Inode) -> usize {
    let (mut next, mut count) = (0, 0);
    while let Some(folio) = inode.mapping.first_in(next..u64::MAX) {
        next = folio.index() + 1;
        let Some(lock) = folio.try_lock() else { continue };
        if !folio.is_dirty() && !folio.is_truncated() {
            inode.mapping.remove(&lock);
            count += 1;
        }
    }
    count
}
