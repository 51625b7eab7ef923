//! File-system types: `struct file_system_type` with its lock class keys.

use crate::locks::{self, MAX_STACK_DEPTH};
use lockdep::LockClassKey;

/// Where a type starts its transactions when it removes pages and frees their blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionRank {
    /// Under `invalidate_lock`, once the pages are gone.
    InsideInvalidate,
    /// Before `invalidate_lock`, which is taken in the transaction.
    OutsideInvalidate,
}

/// Which lock is over the block maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extents {
    /// One for every file.
    PerInode,
    /// One for all files.
    Shared,
}

/// The lock classes of a type at one depth of the stack. They are the type's, so that types may order their locks differently without
/// contradicting each other.
#[derive(Clone, Copy, Debug)]
pub struct Keys {
    /// The three levels at which a freeze keeps others out: writes, write faults, transactions.
    pub writers: [&'static LockClassKey; 3],
    /// `i_lock` of its inodes.
    pub i_lock: &'static LockClassKey,
    /// `i_rwsem` of its inodes: `i_mutex_key`.
    pub i_rwsem: &'static LockClassKey,
    /// The same of those that are directories, under which those of files are taken: `i_mutex_dir_key`.
    pub i_rwsem_dir: &'static LockClassKey,
    /// `invalidate_lock` of their mappings.
    pub invalidate_lock: &'static LockClassKey,
    /// Its transaction.
    pub transaction: &'static LockClassKey,
    /// The lock over its block maps.
    pub extents: &'static LockClassKey,
}

/// A kind of file system.
#[derive(Debug)]
pub struct FileSystemType {
    /// For people.
    pub name: &'static str,
    /// Its lock classes, by the depth in the stack at which it is mounted: `s_stack_depth`. They are the depth's, so that a file of the type
    /// can be the device of a file system of the type.
    pub keys: [Keys; MAX_STACK_DEPTH + 1],
    /// How it orders transactions and `invalidate_lock`.
    pub transaction: TransactionRank,
    /// Which lock is over its block maps.
    pub extents: Extents,
}

const fn ext_keys(depth: usize) -> Keys {
    Keys {
        writers: [&locks::EXT_SB_WRITERS[depth], &locks::EXT_SB_PAGEFAULTS[depth], &locks::EXT_SB_INTERNAL[depth]],
        i_lock: &locks::EXT_I_LOCK,
        i_rwsem: &locks::EXT_I_RWSEM[depth],
        i_rwsem_dir: &locks::EXT_I_RWSEM_DIR[depth],
        invalidate_lock: &locks::EXT_INVALIDATE_LOCK[depth],
        transaction: &locks::EXT_TRANSACTION[depth],
        extents: &locks::EXT_I_DATA_SEM,
    }
}

/// Takes `invalidate_lock`, then starts the transaction; a block map has a lock of its own. As ext4.
pub static EXT: FileSystemType = FileSystemType {
    name: "ext",
    keys: [ext_keys(0), ext_keys(1), ext_keys(2)],
    transaction: TransactionRank::InsideInvalidate,
    extents: Extents::PerInode,
};

const fn log_keys(depth: usize) -> Keys {
    Keys {
        writers: [&locks::LOG_SB_WRITERS[depth], &locks::LOG_SB_PAGEFAULTS[depth], &locks::LOG_SB_INTERNAL[depth]],
        i_lock: &locks::LOG_I_LOCK,
        i_rwsem: &locks::LOG_I_RWSEM[depth],
        i_rwsem_dir: &locks::LOG_I_RWSEM_DIR[depth],
        invalidate_lock: &locks::LOG_INVALIDATE_LOCK[depth],
        transaction: &locks::LOG_S_LOCK[depth],
        extents: &locks::LOG_EXTENTS,
    }
}

/// Takes its one big lock for every change, then `invalidate_lock`. As exFAT.
pub static LOG: FileSystemType = FileSystemType {
    name: "log",
    keys: [log_keys(0), log_keys(1), log_keys(2)],
    transaction: TransactionRank::OutsideInvalidate,
    extents: Extents::Shared,
};
