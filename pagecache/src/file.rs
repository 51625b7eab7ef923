//! Open files.

use crate::attributes::Extent;
use crate::error::Result;
use crate::inode::Inode;
use crate::sync::atomic::AtomicU64;
use crate::writeback;
use std::ops::Deref;
use std::sync::Arc;

/// An open file: `struct file`, which has its own place in the sequence of write errors.
///
/// ```
/// use pagecache::{Device, EXT, Error, SuperBlock};
///
/// let file = SuperBlock::new(&EXT, Device::new(1)).create();
/// let (one, other) = (file.open(), file.open());
/// one.write_at(&[1; 8192], 0)?;
/// assert_eq!(one.sync(), Err(Error::NoSpace), "there is one block");
/// assert_eq!(other.sync(), Err(Error::NoSpace), "each is told");
/// one.truncate(4096)?;
/// assert_eq!(one.sync(), Err(Error::NoSpace), "the other has tried again");
/// assert_eq!((one.sync(), other.sync()), (Ok(()), Ok(())), "and no error is told twice");
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct File {
    inode: Arc<Inode>,
    /// `f_wb_err`.
    errors_seen: AtomicU64,
}

impl File {
    pub(crate) fn new(inode: &Arc<Inode>) -> File {
        File { inode: Arc::clone(inode), errors_seen: AtomicU64::new(inode.mapping.write_errors.open()) }
    }

    /// Writes all dirty pages to the device, and what there is to know of the file besides, and waits until it keeps them: `fsync(2)`.
    ///
    /// # Errors
    /// What went wrong with any write since this file was opened or synced last, or before if nobody was told: `Io`, `NoSpace`. What has
    /// no block stays in the cache, dirty.
    pub fn sync(&self) -> Result<()> {
        writeback::sync(&self.inode, Extent::All, &self.errors_seen)
    }

    /// As [`File::sync`], without what is not needed to read what was written: [`Inode::fdatasync`].
    ///
    /// # Errors
    /// As there.
    pub fn sync_data(&self) -> Result<()> {
        writeback::sync(&self.inode, Extent::Data, &self.errors_seen)
    }
}

impl Deref for File {
    type Target = Arc<Inode>;

    fn deref(&self) -> &Arc<Inode> {
        &self.inode
    }
}
