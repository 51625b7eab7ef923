//! Files.

use crate::attributes::{Attributes, Extent, Kept};
use crate::backing::{BlockMap, DiskBlocks};
use crate::error::Result;
use crate::file::File;
use crate::filemap::{self, Flags, Readahead};
use crate::mapping::Mapping;
use crate::superblock::SuperBlock;
use crate::sync::atomic::AtomicU64;
use crate::sync::{RwLock, assert_held};
use crate::{direct, fallocate, remap, truncate, writeback};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

/// The largest size of a file: positions fit a signed number, as the system's do.
pub const MAX_BYTES: u64 = i64::MAX as u64;

/// A file: `struct inode`.
#[derive(Debug)]
pub struct Inode {
    ino: u64,
    pub(crate) sb: Arc<SuperBlock>,
    /// Serialises everything that changes the file; readers do not take it.
    pub(crate) i_rwsem: RwLock<()>,
    size: AtomicU64,
    pub(crate) mapping: Arc<Mapping>,
    pub(crate) blocks: BlockMap,
    /// Grows with every change.
    pub(crate) version: AtomicU64,
    /// What of that and the like the device keeps.
    pub(crate) kept: Kept,
    /// Up to where [`Inode::fsync`] has told of write errors.
    pub(crate) errors_seen: AtomicU64,
    /// Whether the file stays on the device when it leaves memory.
    is_evicted: bool,
}

/// What a device has of a file: `struct ext4_inode`.
#[derive(Debug, Default)]
pub(crate) struct DiskInode {
    size: u64,
    version: u64,
    kept: Kept,
    blocks: DiskBlocks,
}

impl Inode {
    pub(crate) fn new(
        this: &Weak<Inode>,
        ino: u64,
        sb: Arc<SuperBlock>,
        disk: DiskInode,
        locks_invalidation: bool,
    ) -> Inode {
        let i_rwsem = RwLock::named(sb.keys().i_rwsem, ());
        let mapping = Mapping::new(Arc::clone(&sb), Weak::clone(this), locks_invalidation);
        let errors_seen = AtomicU64::new(mapping.write_errors.open());
        let DiskInode { size, version, kept, blocks } = disk;
        let [size, version] = [size, version].map(AtomicU64::new);
        let blocks = BlockMap::new(&sb, ino, blocks);
        Inode { ino, sb, i_rwsem, size, mapping, blocks, version, kept, errors_seen, is_evicted: false }
    }

    /// The number of the file.
    #[must_use]
    pub fn ino(&self) -> u64 {
        self.ino
    }

    /// The file system that the file is in.
    #[must_use]
    pub fn superblock(&self) -> &Arc<SuperBlock> {
        &self.sb
    }

    /// Opens it: each opener is told of every write error once.
    #[must_use]
    pub fn open(self: &Arc<Inode>) -> File {
        File::new(self)
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

    /// A number that is another after every change of the file, and may be without one: `STATX_CHANGE_COOKIE`. A mapping that stores to a
    /// page again and again counts once for every time that the page is written out.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }

    /// What there is to know of it besides its bytes.
    pub(crate) fn attributes(&self) -> Attributes {
        Attributes { size: self.len(), version: self.version(), block_changes: self.blocks.changes() }
    }

    /// Called with `i_rwsem` held exclusively: `i_size_write`.
    #[track_caller]
    pub(crate) fn set_len(&self, len: u64) {
        assert_held!(self.i_rwsem, exclusively);
        self.size.store(len, Ordering::Release);
    }

    /// Reads from `offset` on, through the cache. Returns how many bytes were read: fewer than asked for only at the end of the
    /// file or before an error. Each aligned word of eight bytes is read whole, even beside a writer.
    ///
    /// # Errors
    /// `Io`, `NoMemory`: nothing was read.
    pub fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<usize> {
        filemap::read(self, None, buf, offset, Flags::default())
    }

    /// As [`Inode::read_at`] or [`Inode::read_direct`], in a way that the flags say.
    ///
    /// # Errors
    /// As there, and `Again` or `Queued` where it would have to wait.
    pub fn read_with(&self, buf: &mut [u8], offset: u64, flags: Flags) -> Result<usize> {
        filemap::read_iter(self, buf, offset, flags)
    }

    /// As [`Inode::read_at`], reading ahead of what is asked for; `ahead` belongs to one reader of the file.
    ///
    /// # Errors
    /// As there.
    pub fn read_sequentially(&self, ahead: &mut Readahead, buf: &mut [u8], offset: u64) -> Result<usize> {
        filemap::read(self, Some(ahead), buf, offset, Flags::default())
    }

    /// Reads pages into the cache, because they will be wanted: `force_page_cache_readahead`.
    pub fn will_need(&self, offset: u64, len: u64) {
        filemap::force_readahead(self, offset, len);
    }

    /// Writes at `offset` into the cache, and extends the file if that goes beyond its end; [`Inode::fsync`] writes out. Returns how
    /// many bytes were written: fewer than given only before an error.
    ///
    /// # Errors
    /// `TooBig` beyond [`MAX_BYTES`], `Io` where the rest of a page could not be read, `NoMemory`: nothing was written.
    pub fn write_at(&self, bytes: &[u8], offset: u64) -> Result<usize> {
        filemap::write(self, &filemap::User(bytes), offset)
    }

    /// As [`Inode::write_at`] or [`Inode::write_direct`], in a way that the flags say.
    ///
    /// # Errors
    /// As there; `Again` where it would have to wait and must not; with `dsync` as [`Inode::fsync`], and the bytes are in the cache.
    pub fn write_with(&self, bytes: &[u8], offset: u64, flags: Flags) -> Result<usize> {
        filemap::write_iter(self, bytes, offset, flags)
    }

    /// Sets the size. What is cut off is gone, and reads as zeros when the file grows again.
    ///
    /// # Errors
    /// `TooBig` beyond [`MAX_BYTES`], `Io` where the rest of the last page could not be read; the size is what it was.
    pub fn truncate(&self, len: u64) -> Result<()> {
        truncate::truncate(self, len)
    }

    /// Makes a range read as zeros and gives back its whole blocks; the size stays: `FALLOC_FL_PUNCH_HOLE`.
    ///
    /// # Errors
    /// `Io` where the rest of a page could not be read; the file is as it was.
    pub fn punch_hole(&self, offset: u64, len: u64) -> Result<()> {
        fallocate::punch_hole(self, offset, len)
    }

    /// Makes a range read as zeros; the file grows if the range ends beyond it: `FALLOC_FL_ZERO_RANGE`.
    ///
    /// # Errors
    /// As [`Inode::punch_hole`], and `TooBig` beyond [`MAX_BYTES`].
    pub fn zero_range(&self, offset: u64, len: u64) -> Result<()> {
        fallocate::zero_range(self, offset, len)
    }

    /// Gives a range blocks of its own, where it has none, so that what is written there finds one; it reads as before, as zeros. The file
    /// grows if the range ends beyond it, unless it is to keep its size: `fallocate(2)` without a mode, or with `FALLOC_FL_KEEP_SIZE`.
    ///
    /// # Errors
    /// `Invalid` if the range is empty, `TooBig` beyond [`MAX_BYTES`]; `NoSpace`, `Io`: some of the range may have blocks, and the size is
    /// what it was.
    ///
    /// ```
    /// use pagecache::{Device, EXT, Error, SuperBlock};
    ///
    /// let sb = SuperBlock::new(&EXT, Device::new(4));
    /// let file = sb.create();
    /// file.allocate_range(0, 3 * 4096, false)?;
    /// assert_eq!((file.len(), file.blocks()), (3 * 4096, 3));
    /// assert_eq!(sb.create().allocate_range(0, 2 * 4096, true), Err(Error::NoSpace));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn allocate_range(&self, offset: u64, len: u64, keep_size: bool) -> Result<()> {
        fallocate::allocate_range(self, offset, len, keep_size)
    }

    /// Takes a range out of the file; what follows moves to its place: `FALLOC_FL_COLLAPSE_RANGE`.
    ///
    /// # Errors
    /// `Invalid` unless the range is made of whole pages and ends before the file does; `Io`, `NoSpace` where what follows could
    /// not be written out first. The file is as it was.
    pub fn collapse_range(&self, offset: u64, len: u64) -> Result<()> {
        fallocate::collapse_range(self, offset, len)
    }

    /// Puts zeros in; what was there moves on: `FALLOC_FL_INSERT_RANGE`.
    ///
    /// # Errors
    /// `Invalid` unless the range is made of whole pages and begins within the file, `TooBig` beyond [`MAX_BYTES`], and as
    /// [`Inode::collapse_range`].
    pub fn insert_range(&self, offset: u64, len: u64) -> Result<()> {
        fallocate::insert_range(self, offset, len)
    }

    /// Exchanges a range with one of equal length of another file, or of this one: `XFS_IOC_EXCHANGE_RANGE`. Only blocks move.
    ///
    /// # Errors
    /// `Invalid` unless both ranges are made of whole pages, lie within their files and do not overlap; `OtherDevice` unless the files
    /// are of one mounted file system; `Io`, `NoSpace` where what moves could not be written out first. The files are as they were.
    pub fn exchange_range(&self, offset: u64, other: &Inode, other_offset: u64, len: u64) -> Result<()> {
        remap::exchange(self, offset, other, other_offset, len)
    }

    /// Makes a range of another file, or of this one, read as a range of this one does. They share blocks until one of them is written:
    /// `FICLONERANGE`.
    ///
    /// # Errors
    /// `Invalid` unless both ranges are made of whole pages, the last of which may be one in which both files end, this range lies within
    /// the file, and the two do not overlap; `OtherDevice` unless the files are of one mounted file system; `TooBig`; `Io`, `NoSpace` where
    /// what is shared could not be written out first. The files are as they were.
    ///
    /// ```
    /// use pagecache::{Device, EXT, SuperBlock};
    ///
    /// let sb = SuperBlock::new(&EXT, Device::new(5));
    /// let (one, other) = (sb.create(), sb.create());
    /// one.write_at(&[1; 3 * 4096], 0)?;
    /// one.clone_range(0, &other, 0, 3 * 4096)?;
    /// other.write_at(&[2; 4096], 4096)?;
    /// other.fsync()?;
    /// let mut byte = [0];
    /// one.read_at(&mut byte, 4096)?;
    /// assert_eq!(byte, [1]);
    /// # Ok::<(), pagecache::Error>(())
    /// ```
    pub fn clone_range(&self, offset: u64, target: &Inode, target_offset: u64, len: u64) -> Result<()> {
        remap::clone_range(self, offset, target, target_offset, len)
    }

    /// As [`Inode::clone_range`], if the two ranges read the same already. Returns whether they do: `FIDEDUPERANGE`.
    ///
    /// # Errors
    /// As there, and `Invalid` if the other range does not lie within its file.
    pub fn dedupe_range(&self, offset: u64, target: &Inode, target_offset: u64, len: u64) -> Result<bool> {
        remap::dedupe_range(self, offset, target, target_offset, len)
    }

    /// Copies a range, by sharing blocks where it can: `copy_file_range(2)`. Returns how many bytes: fewer than asked for only at the end
    /// of this file or before an error.
    ///
    /// # Errors
    /// `Invalid` if the ranges overlap, and as [`Inode::read_at`], [`Inode::write_at`] and [`Inode::clone_range`].
    pub fn copy_range(&self, offset: u64, target: &Inode, target_offset: u64, len: u64) -> Result<u64> {
        remap::copy_range(self, offset, target, target_offset, len)
    }

    /// Reads from the device, past the cache, after what is dirty of the range was written to it: `O_DIRECT`. Returns how many bytes.
    ///
    /// # Errors
    /// `Invalid` unless the range is made of whole pages; `Io`.
    pub fn read_direct(&self, buf: &mut [u8], offset: u64) -> Result<usize> {
        direct::read(self, buf, offset, Flags::default())
    }

    /// Writes to the device, past the cache, and drops what is cached of the range; where somebody stores to that through a mapping before
    /// it could be dropped, it is written like any other. Where somebody does so while it is being written, the next [`Inode::fsync`] is
    /// `Io`, because either may be what is kept. That call makes the device keep what was written. Returns how many bytes: fewer than given
    /// only before an error.
    ///
    /// # Errors
    /// `Invalid` unless the range is made of whole pages; `TooBig`; `Io`, `NoSpace`: nothing was written.
    pub fn write_direct(&self, bytes: &[u8], offset: u64) -> Result<usize> {
        direct::write(self, bytes, offset)
    }

    /// How many blocks of the device the file has: `st_blocks`, in pages. Waits for nobody who changes that.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.blocks.used()
    }

    /// The block of the device where a page of the file is, if it has one: `bmap`. Dirty pages are written first, because it is they that
    /// get blocks.
    #[must_use]
    pub fn block_of(&self, page: u64) -> Option<u64> {
        if self.mapping.is_dirty() {
            let _transaction = self.sb.start_transaction();
            writeback::write_back(self, page..page.saturating_add(1));
        }
        self.blocks.block_of(page)
    }

    /// Writes all dirty pages to the device, allocating blocks for those that have none, and what there is to know of the file besides, and
    /// waits until the device keeps it: [`File::sync`] for one opener that all share.
    ///
    /// # Errors
    /// `NoSpace` if the device has no free block, `Io` if it failed, each once. Pages without a block stay dirty.
    pub fn fsync(&self) -> Result<()> {
        writeback::sync(self, Extent::All, &self.errors_seen)
    }

    /// As [`Inode::fsync`], without what is not needed to read what was written: a size that is another is, and which blocks there are;
    /// that the file was changed is not. `fdatasync(2)`.
    ///
    /// # Errors
    /// As there.
    ///
    /// ```
    /// use pagecache::{Device, EXT, SuperBlock};
    ///
    /// let file = SuperBlock::new(&EXT, Device::new(8)).create();
    /// file.write_at(b"a record of a log", 0)?;
    /// file.fdatasync()?;
    /// assert_eq!(file.blocks(), 1);
    /// # Ok::<(), pagecache::Error>(())
    /// ```
    pub fn fdatasync(&self) -> Result<()> {
        writeback::sync(self, Extent::Data, &self.errors_seen)
    }

    /// Drops the pages that are clean and that nobody uses. Returns how many: `invalidate_mapping_pages`.
    pub fn drop_cache(&self) -> usize {
        truncate::invalidate_unused(self)
    }

    /// Writes out and drops every page of a range, mapped or not: `filemap_invalidate_inode`.
    ///
    /// # Errors
    /// `Io`, `NoSpace` if a page could not be written; the others are gone.
    pub fn invalidate(&self, offset: u64, len: u64) -> Result<()> {
        truncate::invalidate_all(self, offset, len)
    }

    /// Whether it has to stay in memory though nobody uses it: while pages are cached, and while there is an error that somebody should be
    /// told of.
    pub(crate) fn is_needed(&self) -> bool {
        self.cached_pages() > 0 || self.mapping.write_errors.is_untold()
    }

    /// It leaves memory and stays on the device: `evict`. What reclaim has left of its pages, to know those that come back, goes with it.
    pub(crate) fn evict(mut self) -> DiskInode {
        self.is_evicted = true;
        let kept = std::mem::take(&mut self.kept);
        DiskInode { size: self.len(), version: self.version(), kept, blocks: self.blocks.take_disk() }
    }

    /// How many pages of the file are cached.
    #[must_use]
    pub fn cached_pages(&self) -> usize {
        self.mapping.cached_pages()
    }
}

impl Drop for Inode {
    /// The last reference is gone: nobody can find the pages any more, and the blocks go back to the device, unless they are kept.
    fn drop(&mut self) {
        truncate::truncate_final(self);
        if !self.is_evicted {
            self.blocks.free(0..u64::MAX, &self.sb.device);
            self.blocks.forget();
        }
    }
}
