//! What is underneath the cache: devices of blocks, and the maps from pages of files to blocks.

mod bio;
mod block_map;
mod device;
mod extents;
mod faulty;
mod file;
mod memory;
mod stacked;
mod worker;

pub use crate::attributes::Attributes;
pub(crate) use bio::Bio;
pub(crate) use block_map::{Allocated, BlockMap, BlockMaps, DiskBlocks, clone_blocks};
pub use device::{Completion, Device};
pub use faulty::{Faults, Faulty};
pub use file::FileBlocks;
pub use memory::MemoryBlocks;

use crate::error::Result;
use crate::page::PageData;
use std::fmt;
use std::ops::Range;

/// A store of blocks of one page each.
pub trait Blocks: fmt::Debug + Send + Sync {
    /// How many blocks there are.
    fn count(&self) -> u64;

    /// Reads a block.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io), and the page is undefined.
    fn read(&self, block: u64, page: &PageData) -> Result<()>;

    /// Writes a block.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io), and the block is undefined.
    fn write(&self, block: u64, page: &PageData) -> Result<()>;

    /// Writes a part of a block, the bytes of a range; the rest of the block stays. Unless there is a better way, the block is read, changed
    /// and written. Nobody else writes it meanwhile.
    ///
    /// # Errors
    /// As [`Blocks::read`] and [`Blocks::write`].
    fn write_part(&self, block: u64, page: &PageData, part: Range<usize>) -> Result<()> {
        change_part(self, block, page, part)
    }

    /// Keeps what there is to know of a file besides its bytes, in place of what was kept of it before, as one: after a crash there is the one
    /// or the other. Blocks that do not outlive the process need not, and unless there is something better, nothing is kept.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io), and what was kept before is.
    fn keep_attributes(&self, _ino: u64, _attributes: Attributes) -> Result<()> {
        Ok(())
    }

    /// Makes all blocks that were written last, and all attributes, whatever happens: what a device with a write cache of its own has to be
    /// told.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io), and what was written since the last time may be lost.
    fn flush(&self) -> Result<()>;
}

/// Writes a part of a block by reading all of it and writing all of it.
fn change_part(blocks: &(impl Blocks + ?Sized), block: u64, page: &PageData, part: Range<usize>) -> Result<()> {
    let whole = Box::new(PageData::zeroed());
    blocks.read(block, &whole)?;
    whole.copy_part(page, part);
    blocks.write(block, &whole)
}
