//! Files.

use crate::mapping::Mapping;
use crate::superblock::SuperBlock;
use crate::{filemap, truncate};
use lockdep::parking_lot::RwLock;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file: `struct inode`.
#[derive(Debug)]
pub struct Inode {
    ino: u64,
    pub(crate) sb: Arc<SuperBlock>,
    /// Serialises everything that changes the file; readers do not take it.
    pub(crate) i_rwsem: RwLock<()>,
    size: AtomicU64,
    pub(crate) mapping: Mapping,
}

impl Inode {
    pub(crate) fn new(ino: u64, sb: Arc<SuperBlock>, locks_invalidation: bool) -> Inode {
        let i_rwsem = RwLock::named(sb.fs.i_rwsem_key, ());
        let mapping = Mapping::new(sb.fs.invalidate_lock_key, locks_invalidation);
        Inode { ino, sb, i_rwsem, size: AtomicU64::new(0), mapping }
    }

    /// The number of the file.
    #[must_use]
    pub fn ino(&self) -> u64 {
        self.ino
    }

    /// The size of the file in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        // Pairs with `set_len`: who sees a new size sees the pages that were filled before it.
        self.size.load(Ordering::Acquire)
    }

    /// Whether the file has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Called with `i_rwsem` held exclusively.
    pub(crate) fn set_len(&self, len: u64) {
        self.size.store(len, Ordering::Release);
    }

    /// Reads from `offset` on, through the cache. Returns how many bytes were read: fewer than asked for only at the end of the
    /// file. Each aligned word of eight bytes is read whole, even beside a writer.
    pub fn read_at(&self, buf: &mut [u8], offset: u64) -> usize {
        filemap::read(self, buf, offset)
    }

    /// Writes at `offset` into the cache, and extends the file if that goes beyond its end; [`Inode::fsync`] writes out.
    pub fn write_at(&self, bytes: &[u8], offset: u64) {
        filemap::write(self, bytes, offset);
    }

    /// Sets the size. What is cut off is gone, and reads as zeros when the file grows again.
    pub fn truncate(&self, len: u64) {
        truncate::truncate(self, len);
    }

    /// Makes a range read as zeros and gives back its whole blocks; the size stays.
    pub fn punch_hole(&self, offset: u64, len: u64) {
        truncate::punch_hole(self, offset, len);
    }

    /// Writes all dirty pages to the device, allocating blocks for those that have none.
    ///
    /// # Errors
    /// `StorageFull` if the device has no free block. The pages that could not be written stay dirty; nothing is lost.
    pub fn fsync(&self) -> io::Result<()> {
        filemap::write_out(self)
    }

    /// Drops the pages that are clean and that nobody has locked. Returns how many.
    pub fn drop_cache(&self) -> usize {
        truncate::invalidate_clean(self)
    }

    /// How many pages of the file are cached.
    #[must_use]
    pub fn cached_pages(&self) -> usize {
        self.mapping.cached_pages()
    }
}

impl Drop for Inode {
    /// The last reference is gone: the blocks go back to the device.
    fn drop(&mut self) {
        self.sb.device.free(self.ino, 0..u64::MAX);
    }
}
