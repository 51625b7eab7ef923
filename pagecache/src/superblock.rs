//! File-system types and mounted file systems.

use crate::backing::Device;
use crate::hooks::{Hook, Point};
use crate::inode::Inode;
use crate::locks::{EXT_I_RWSEM, EXT_INVALIDATE_LOCK, LOG_I_RWSEM, LOG_INVALIDATE_LOCK, TRANSACTION};
use lockdep::LockClassKey;
use lockdep::parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Where a type starts its transactions when it removes pages and frees their blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionRank {
    /// Under `invalidate_lock`, once the pages are gone.
    InsideInvalidate,
    /// Before `invalidate_lock`, which is taken in the transaction.
    OutsideInvalidate,
}

/// A kind of file system: `struct file_system_type`. The keys are the type's, so that types may order their locks
/// differently without contradicting each other.
#[derive(Debug)]
pub struct FileSystemType {
    /// For people.
    pub name: &'static str,
    /// The class of `i_rwsem` of its inodes.
    pub i_rwsem_key: &'static LockClassKey,
    /// The class of `invalidate_lock` of their mappings.
    pub invalidate_lock_key: &'static LockClassKey,
    /// How it orders transactions and `invalidate_lock`.
    pub transaction: TransactionRank,
}

/// Takes `invalidate_lock`, then starts the transaction.
pub static EXT: FileSystemType = FileSystemType {
    name: "ext",
    i_rwsem_key: &EXT_I_RWSEM,
    invalidate_lock_key: &EXT_INVALIDATE_LOCK,
    transaction: TransactionRank::InsideInvalidate,
};

/// Starts the transaction, then takes `invalidate_lock`.
pub static LOG: FileSystemType = FileSystemType {
    name: "log",
    i_rwsem_key: &LOG_I_RWSEM,
    invalidate_lock_key: &LOG_INVALIDATE_LOCK,
    transaction: TransactionRank::OutsideInvalidate,
};

/// A mounted file system. Several may share a device.
pub struct SuperBlock {
    pub(crate) fs: &'static FileSystemType,
    pub(crate) device: Arc<Device>,
    pub(crate) journal: Mutex<()>,
    hook: Option<Hook>,
    locks_invalidation: bool,
}

/// Inode numbers are unique over all file systems, because they name the extent maps of shared devices.
static NEXT_INO: AtomicU64 = AtomicU64::new(1);

impl SuperBlock {
    /// Mounts a file system of this type.
    #[must_use]
    pub fn new(fs: &'static FileSystemType, device: Arc<Device>) -> Arc<SuperBlock> {
        SuperBlock::with_hook(fs, device, None, true)
    }

    /// Mounts a file system for a test: with a hook, and with or without `invalidate_lock`. Without it a page can be
    /// filled from a block that belongs to another file by then.
    #[must_use]
    pub fn with_hook(
        fs: &'static FileSystemType,
        device: Arc<Device>,
        hook: Option<Hook>,
        locks_invalidation: bool,
    ) -> Arc<SuperBlock> {
        let journal = Mutex::named(&TRANSACTION, ());
        Arc::new(SuperBlock { fs, device, journal, hook, locks_invalidation })
    }

    /// Creates an empty file. It is deleted with its last reference.
    #[must_use]
    pub fn create(self: &Arc<SuperBlock>) -> Arc<Inode> {
        let ino = NEXT_INO.fetch_add(1, Relaxed);
        Arc::new(Inode::new(ino, Arc::clone(self), self.locks_invalidation))
    }

    pub(crate) fn reach(&self, point: Point, ino: u64) {
        if let Some(hook) = &self.hook {
            hook(point, ino);
        }
    }
}

impl fmt::Debug for SuperBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SuperBlock").field("fs", &self.fs.name).finish_non_exhaustive()
    }
}
