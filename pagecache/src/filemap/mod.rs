//! Reading, writing and writing out through the cache: `mm/filemap.c`.

mod read;
mod write;
mod writeout;

pub(crate) use read::{fill, read};
pub(crate) use write::{grab, write};
pub(crate) use writeout::write_out;

use crate::PAGE_SIZE;

/// The page of a position, and the position within it.
pub(crate) fn split(offset: u64) -> (u64, usize) {
    (offset / PAGE_SIZE as u64, (offset % PAGE_SIZE as u64) as usize)
}
