//! Directories: the names of files, in pages like those of any file, as ext2 keeps them.
//!
//! An entry is 64 bytes: the number of the inode, the length of the name, the name. A name of no bytes is a free place.

use crate::PAGE_SIZE;
use crate::error::{Error, Result};
use crate::filemap::{Flags, perform_write, read_cache_page};
use crate::icache::InodeCache;
use crate::inode::Inode;
use crate::superblock::SuperBlock;
use crate::sync::assert_held;
use crate::writeback::with_room;
use std::sync::Arc;

const ENTRY: usize = 64;
const NAME_AT: usize = 9;

/// The longest name, in bytes.
pub const MAX_NAME: usize = ENTRY - NAME_AT;

/// A directory of files. A file that is in one stays when nobody uses it, on its device: reclaim takes it out of memory, and [`lookup`]
/// brings it back. All names go with the directory.
///
/// [`lookup`]: Directory::lookup
#[derive(Debug)]
pub struct Directory {
    inode: Arc<Inode>,
    /// Those that have a name here, by number.
    files: Arc<InodeCache>,
}

/// An entry, and where it is.
struct Entry {
    at: u64,
    ino: u64,
    name: Vec<u8>,
}

impl Directory {
    /// An empty directory.
    #[must_use]
    pub fn new(sb: &Arc<SuperBlock>) -> Directory {
        let inode = sb.create();
        // Files are locked under the directory they are in, so the two are no one class: `lockdep_annotate_inode_mutex_key`.
        inode.i_rwsem.set_class(sb.keys().i_rwsem_dir);
        Directory { inode, files: InodeCache::new(sb) }
    }

    /// Creates an empty file with a name: `open(2)` with `O_CREAT | O_EXCL`.
    ///
    /// # Errors
    /// `Exists`, `BadName`; `Io`, `NoMemory` where the directory could not be read or written.
    ///
    /// ```
    /// use pagecache::{Device, Directory, EXT, SuperBlock};
    ///
    /// let directory = Directory::new(&SuperBlock::new(&EXT, Device::new(8)));
    /// directory.create("notes")?.write_at(b"hello", 0)?;
    /// assert_eq!(directory.lookup("notes")?.len(), 5);
    /// directory.unlink("notes")?;
    /// assert!(directory.names()?.is_empty());
    /// # Ok::<(), pagecache::Error>(())
    /// ```
    pub fn create(&self, name: &str) -> Result<Arc<Inode>> {
        let length = u8::try_from(name.len()).ok().filter(|length| (1..=MAX_NAME).contains(&usize::from(*length)));
        let length = length.ok_or(Error::BadName)?;
        let _unfrozen = self.inode.sb.start_write();
        let _exclusive = self.inode.i_rwsem.write();
        self.inode.count_change();
        let mut free = self.inode.len();
        self.each(|entry| {
            if entry.name == name.as_bytes() {
                return Err(Error::Exists);
            }
            if entry.name.is_empty() {
                free = free.min(entry.at);
            }
            Ok(())
        })?;
        let file = self.inode.sb.create();
        let mut entry = [0; ENTRY];
        entry[..8].copy_from_slice(&file.ino().to_le_bytes());
        entry[8] = length;
        entry[NAME_AT..NAME_AT + name.len()].copy_from_slice(name.as_bytes());
        perform_write(&self.inode, &entry[..], free, Flags::default())?;
        self.files.insert(&file);
        Ok(file)
    }

    /// The file of a name.
    ///
    /// # Errors
    /// `NotFound`; `Io`, `NoMemory` where the directory could not be read.
    pub fn lookup(&self, name: &str) -> Result<Arc<Inode>> {
        let _shared = self.inode.i_rwsem.read();
        let entry = self.find(name)?;
        self.files.get(entry.ino)
    }

    /// Takes a name away. The file is deleted when nobody uses it.
    ///
    /// # Errors
    /// `NotFound`; `Io`, `NoMemory` where the directory could not be read or written.
    pub fn unlink(&self, name: &str) -> Result<()> {
        let _unfrozen = self.inode.sb.start_write();
        let exclusive = self.inode.i_rwsem.write();
        self.inode.count_change();
        let entry = self.find(name)?;
        let file = self.files.get(entry.ino)?;
        {
            // Whoever is changing the file does not see it go.
            let _victim = file.i_rwsem.write();
            perform_write(&self.inode, &[0; ENTRY][..], entry.at, Flags::default())?;
        }
        self.files.remove(&file);
        drop(exclusive);
        Ok(())
    }

    /// All names, in no order.
    ///
    /// # Errors
    /// `Io`, `NoMemory` where the directory could not be read.
    pub fn names(&self) -> Result<Vec<String>> {
        let _shared = self.inode.i_rwsem.read();
        let mut names = Vec::new();
        self.each(|entry| {
            if !entry.name.is_empty() {
                names.push(String::from_utf8_lossy(&entry.name).into_owned());
            }
            Ok(())
        })?;
        Ok(names)
    }

    /// Writes the directory out.
    ///
    /// # Errors
    /// As [`Inode::fsync`].
    pub fn fsync(&self) -> Result<()> {
        self.inode.fsync()
    }

    /// Drops the pages of the directory that are clean. Returns how many: [`Inode::drop_cache`].
    pub fn drop_cache(&self) -> usize {
        self.inode.drop_cache()
    }

    /// Takes files out of memory that nobody uses and of which no pages are cached, as reclaim does when there are more of them than there
    /// may be pages. Returns how many: the part of `drop_caches` that is about inodes.
    ///
    /// ```
    /// use pagecache::{Device, Directory, EXT, SuperBlock};
    ///
    /// let directory = Directory::new(&SuperBlock::new(&EXT, Device::new(8)));
    /// directory.create("notes")?.write_at(b"hello", 0)?;
    /// assert_eq!(directory.evict_unused(), 0, "it has a page");
    /// let notes = directory.lookup("notes")?;
    /// notes.fsync()?;
    /// notes.drop_cache();
    /// assert_eq!(directory.evict_unused(), 0, "it is used");
    /// drop(notes);
    /// assert_eq!((directory.evict_unused(), directory.in_memory()), (1, 0));
    /// assert_eq!(directory.lookup("notes")?.len(), 5);
    /// # Ok::<(), pagecache::Error>(())
    /// ```
    pub fn evict_unused(&self) -> usize {
        self.files.evict_unused()
    }

    /// How many of its files are in memory.
    #[must_use]
    pub fn in_memory(&self) -> usize {
        self.files.in_memory()
    }

    fn find(&self, name: &str) -> Result<Entry> {
        let mut found = None;
        self.each(|entry| {
            if entry.name == name.as_bytes() {
                found = Some(entry);
            }
            Ok(())
        })?;
        found.ok_or(Error::NotFound)
    }

    /// Calls something with each entry, with the directory locked.
    #[track_caller]
    fn each(&self, mut visit: impl FnMut(Entry) -> Result<()>) -> Result<()> {
        assert_held!(self.inode.i_rwsem);
        for at in (0..self.inode.len()).step_by(PAGE_SIZE) {
            let page = with_room(&self.inode, || {
                let _shared = self.inode.mapping.invalidate_shared();
                read_cache_page(&self.inode, at / PAGE_SIZE as u64)
            })?;
            for within in (0..PAGE_SIZE).step_by(ENTRY) {
                let mut bytes = [0; ENTRY];
                page.data().read(within, &mut bytes);
                let (ino, rest) = bytes.split_first_chunk::<8>().expect("an entry is longer than a number");
                let length = usize::from(rest[0]).min(MAX_NAME);
                let name = rest[1..=length].to_vec();
                visit(Entry { at: at + within as u64, ino: u64::from_le_bytes(*ino), name })?;
            }
        }
        Ok(())
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        self.files.clear();
    }
}
