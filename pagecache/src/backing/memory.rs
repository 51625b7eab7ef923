//! Blocks in memory.

use super::Blocks;
use crate::error::Result;
use crate::page::PageData;
use std::ops::Range;

/// Blocks that live as long as the value. They never fail.
#[derive(Debug)]
pub struct MemoryBlocks(Box<[PageData]>);

impl MemoryBlocks {
    /// Zeroed blocks.
    #[must_use]
    pub fn new(count: usize) -> MemoryBlocks {
        MemoryBlocks((0..count).map(|_| PageData::zeroed()).collect())
    }
}

impl Blocks for MemoryBlocks {
    fn count(&self) -> u64 {
        self.0.len() as u64
    }

    fn read(&self, block: u64, page: &PageData) -> Result<()> {
        page.copy_from(&self.0[block as usize]);
        Ok(())
    }

    fn write(&self, block: u64, page: &PageData) -> Result<()> {
        self.0[block as usize].copy_from(page);
        Ok(())
    }

    fn write_part(&self, block: u64, page: &PageData, part: Range<usize>) -> Result<()> {
        self.0[block as usize].copy_part(page, part);
        Ok(())
    }

    fn flush(&self) -> Result<()> {
        Ok(())
    }
}
