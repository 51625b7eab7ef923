//! A file of one file system as the blocks of another: `drivers/block/loop.c`.
//!
//! A block is a page of the file, and is read and written through its cache. Whoever waits for that can be in a write of another file of the
//! same file system, because the source of a write may be mapped from the file system above. So a write here comes at the level of a write
//! fault, below those who freeze writes, and takes `i_rwsem` in a subclass of its own: nobody else changes this file, so nobody holds this
//! lock while he faults.

use super::Blocks;
use crate::PAGE_SIZE;
use crate::attributes::Extent;
use crate::error::{Error, Result};
use crate::filemap::{Flags, perform_write, read_cache_page};
use crate::inode::Inode;
use crate::locks::BACKING;
use crate::page::PageData;
use crate::sync::atomic::AtomicU64;
use crate::writeback;
use std::ops::Range;
use std::sync::Arc;

/// The whole pages of a file.
#[derive(Debug)]
pub(super) struct StackedBlocks {
    file: Arc<Inode>,
    /// Up to where [`StackedBlocks::flush`] has told of write errors.
    errors_seen: AtomicU64,
}

impl StackedBlocks {
    pub(super) fn new(file: &Arc<Inode>) -> StackedBlocks {
        let errors_seen = AtomicU64::new(file.mapping.write_errors.sample());
        StackedBlocks { file: Arc::clone(file), errors_seen }
    }
}

impl Blocks for StackedBlocks {
    fn count(&self) -> u64 {
        self.file.len() / PAGE_SIZE as u64
    }

    fn read(&self, block: u64, page: &PageData) -> Result<()> {
        let folio = {
            let _shared = self.file.mapping.invalidate_shared();
            read_cache_page(&self.file, block)?
        };
        page.copy_from(folio.data());
        Ok(())
    }

    fn write(&self, block: u64, page: &PageData) -> Result<()> {
        self.write_part(block, page, 0..PAGE_SIZE)
    }

    fn write_part(&self, block: u64, page: &PageData, part: Range<usize>) -> Result<()> {
        let mut bytes = [0; PAGE_SIZE];
        let bytes = &mut bytes[..part.len()];
        page.read(part.start, bytes);
        let _unfrozen = self.file.sb.start_pagefault();
        let _exclusive = self.file.i_rwsem.write_nested(BACKING);
        self.file.count_change();
        let offset = block * PAGE_SIZE as u64 + part.start as u64;
        let written = perform_write(&self.file, &*bytes, offset, Flags::default())?;
        if written == bytes.len() { Ok(()) } else { Err(Error::Io) }
    }

    /// Syncs the file. What could not be written underneath is told to whoever syncs above.
    fn flush(&self) -> Result<()> {
        writeback::sync(&self.file, Extent::All, &self.errors_seen)
    }
}
