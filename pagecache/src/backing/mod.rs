//! What is underneath the cache: devices of blocks, and the maps from pages of files to blocks.

mod block_map;
mod device;
mod extents;
mod faulty;
mod file;
mod memory;

pub(crate) use block_map::{BlockMap, BlockMaps};
pub(crate) use device::Bio;
pub use device::{Completion, Device};
pub use faulty::{Faults, Faulty};
pub use file::FileBlocks;
pub use memory::MemoryBlocks;

use crate::error::Result;
use crate::page::PageData;
use std::fmt;

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
}
