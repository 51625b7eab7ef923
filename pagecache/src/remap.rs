//! Blocks of two files that change places: `fs/remap_range.c`, as `XFS_IOC_EXCHANGE_RANGE` does it.
//!
//! Two locks of one class are needed at each step: `i_rwsem`, `invalidate_lock` and `i_data_sem` of both files. The file with the
//! smaller number comes first, always, and the second lock is of the subclass [`SECOND`].

use crate::error::{Error, Result};
use crate::fallocate::{flush_and_remove, whole_pages};
use crate::inode::Inode;
use crate::locks::SECOND;
use crate::mapping::Mapping;
use crate::sync::RwLockWriteGuard;
use crate::truncate::changing_blocks;
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
