//! Reading and writing through the cache: `mm/filemap.c`, `mm/readahead.c`.

mod fill;
mod iocb;
mod read;
mod readahead;
mod write;

pub(crate) use fill::{fill_now, grab, read_folio};
pub(crate) use iocb::{read_iter, write_iter};
pub(crate) use read::{read, read_cache_page};
pub(crate) use readahead::{force as force_readahead, read_around, read_on};
pub(crate) use write::{Source, User, perform_write, write};

pub use iocb::Flags;
pub use readahead::Readahead;

use crate::PAGE_SIZE;

/// The page of a position, and the position within it.
pub(crate) fn split(offset: u64) -> (u64, usize) {
    (offset / PAGE_SIZE as u64, (offset % PAGE_SIZE as u64) as usize)
}

/// The first page that begins at or after a position.
pub(crate) fn page_after(offset: u64) -> u64 {
    offset.div_ceil(PAGE_SIZE as u64)
}
