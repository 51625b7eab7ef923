//! Blocks in a file of the operating system.

use super::{Blocks, change_part};
use crate::PAGE_SIZE;
use crate::error::{Error, Result};
use crate::page::PageData;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

/// The pages of an open file as blocks; reads, writes and flushes are `pread(2)`, `pwrite(2)` and `fdatasync(2)`.
#[derive(Debug)]
pub struct FileBlocks {
    file: File,
    count: u64,
    /// Whether a part of a block cannot be written alone.
    whole: bool,
}

/// Bytes where the system can take them from, and put them to, without a copy of its own.
#[repr(align(4096))]
struct Aligned([u8; PAGE_SIZE]);

impl FileBlocks {
    /// As many blocks as the file has whole pages.
    ///
    /// # Errors
    /// If the length of the file cannot be read.
    pub fn new(file: File) -> io::Result<FileBlocks> {
        let count = file.metadata()?.len() / PAGE_SIZE as u64;
        Ok(FileBlocks { file, count, whole: false })
    }

    /// The same for a file that was opened with `O_DIRECT`, whose pages nobody keeps twice: it is read and written by whole pages.
    ///
    /// # Errors
    /// As there.
    pub fn direct(file: File) -> io::Result<FileBlocks> {
        Ok(FileBlocks { whole: true, ..FileBlocks::new(file)? })
    }
}

impl Blocks for FileBlocks {
    fn count(&self) -> u64 {
        self.count
    }

    fn read(&self, block: u64, page: &PageData) -> Result<()> {
        let mut bytes = Aligned([0; PAGE_SIZE]);
        self.file.read_exact_at(&mut bytes.0, block * PAGE_SIZE as u64).map_err(|_| Error::Io)?;
        page.write(0, &bytes.0);
        Ok(())
    }

    fn write(&self, block: u64, page: &PageData) -> Result<()> {
        let mut bytes = Aligned([0; PAGE_SIZE]);
        page.read(0, &mut bytes.0);
        self.file.write_all_at(&bytes.0, block * PAGE_SIZE as u64).map_err(|_| Error::Io)
    }

    fn write_part(&self, block: u64, page: &PageData, part: Range<usize>) -> Result<()> {
        if self.whole {
            return change_part(self, block, page, part);
        }
        let mut bytes = [0; PAGE_SIZE];
        let bytes = &mut bytes[..part.len()];
        page.read(part.start, bytes);
        self.file.write_all_at(bytes, block * PAGE_SIZE as u64 + part.start as u64).map_err(|_| Error::Io)
    }

    fn flush(&self) -> Result<()> {
        self.file.sync_data().map_err(|_| Error::Io)
    }
}
