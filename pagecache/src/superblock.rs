//! Mounted file systems.

use crate::backing::{BlockMaps, Device};
use crate::freeze::{Frozen, Level, Unfrozen, freeze};
use crate::fs::{FileSystemType, Keys};
use crate::hooks::{Hook, Point};
use crate::inode::{DiskInode, Inode};
use crate::reclaim::Memory;
use crate::sync::atomic::AtomicU64;
use crate::sync::{Mutex, MutexGuard};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// A mounted file system. Several may share a device.
pub struct SuperBlock {
    pub(crate) fs: &'static FileSystemType,
    pub(crate) device: Arc<Device>,
    transaction: Mutex<()>,
    /// Held shared by writes, write faults and transactions, and exclusively while frozen.
    writers: [Level; 3],
    maps: BlockMaps,
    options: MountOptions,
}

/// What is unusual about a mount.
pub struct MountOptions {
    /// Called at points where a test wants something else to happen.
    pub hook: Option<Hook>,
    /// How many pages the cache may have of this file system, and of others that are mounted with the same.
    pub memory: Arc<Memory>,
    /// Without `invalidate_lock` a page can be filled from a block that belongs to another file by then. False only where a test
    /// shows that.
    pub locks_invalidation: bool,
}

impl Default for MountOptions {
    fn default() -> MountOptions {
        MountOptions { hook: None, memory: Memory::unlimited(), locks_invalidation: true }
    }
}

/// A transaction that is running.
pub(crate) struct Transaction<'a> {
    _transaction: MutexGuard<'a, ()>,
    _unfrozen: Unfrozen<'a>,
}

/// Inode numbers are unique over all file systems.
static NEXT_INO: AtomicU64 = AtomicU64::new(1);

impl SuperBlock {
    /// Mounts a file system of this type.
    #[must_use]
    pub fn new(fs: &'static FileSystemType, device: Arc<Device>) -> Arc<SuperBlock> {
        SuperBlock::mount(fs, device, MountOptions::default())
    }

    /// Mounts a file system in an unusual way.
    #[must_use]
    pub fn mount(fs: &'static FileSystemType, device: Arc<Device>, options: MountOptions) -> Arc<SuperBlock> {
        options.memory.add_device(device.writeback());
        let keys = &fs.keys[device.depth()];
        Arc::new(SuperBlock {
            fs,
            device,
            transaction: Mutex::named(keys.transaction, ()),
            writers: keys.writers.map(Level::new),
            maps: Arc::new(Mutex::named(keys.extents, HashMap::new())),
            options,
        })
    }

    /// Creates an empty file. It is deleted with its last reference.
    #[must_use]
    pub fn create(self: &Arc<SuperBlock>) -> Arc<Inode> {
        self.iget(NEXT_INO.fetch_add(1, Relaxed), DiskInode::default())
    }

    /// A file as the device has it.
    pub(crate) fn iget(self: &Arc<SuperBlock>, ino: u64, disk: DiskInode) -> Arc<Inode> {
        Arc::new_cyclic(|this| Inode::new(this, ino, Arc::clone(self), disk, self.options.locks_invalidation))
    }

    /// How many file systems there are between this one and the device at the bottom: `s_stack_depth`.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.device.depth()
    }

    /// The block maps of its files, where they are under one lock.
    pub(crate) fn block_maps(&self) -> &BlockMaps {
        &self.maps
    }

    /// The lock classes of its type at its depth.
    pub(crate) fn keys(&self) -> &'static Keys {
        &self.fs.keys[self.depth()]
    }

    /// Waits for all changes under way, and keeps others waiting until the result is dropped: `freeze_super`. What is dirty stays
    /// so; sync the files first.
    #[track_caller]
    pub fn freeze(&self) -> Frozen<'_> {
        freeze(&self.writers)
    }

    /// Waits while the file system is frozen, and keeps it from being frozen: `sb_start_write`.
    #[track_caller]
    pub(crate) fn start_write(&self) -> Unfrozen<'_> {
        self.writers[0].enter()
    }

    /// The same without waiting: `sb_start_write_trylock`.
    #[track_caller]
    pub(crate) fn try_start_write(&self) -> Option<Unfrozen<'_>> {
        self.writers[0].try_enter()
    }

    /// As [`SuperBlock::start_write`] for a write fault, whose thread may be in a write of another file: `sb_start_pagefault`. A
    /// write to a file that is a device is in the same place: whoever waits for the device may be in a write of another file.
    #[track_caller]
    pub(crate) fn start_pagefault(&self) -> Unfrozen<'_> {
        self.writers[1].enter()
    }

    /// Starts a transaction: `sb_start_intwrite`, then the type's own lock.
    #[track_caller]
    pub(crate) fn start_transaction(&self) -> Transaction<'_> {
        let _unfrozen = self.writers[2].enter();
        Transaction { _transaction: self.transaction.lock(), _unfrozen }
    }

    /// What its pages are charged to.
    pub(crate) fn memory(&self) -> &Memory {
        &self.options.memory
    }

    pub(crate) fn reach(&self, point: Point, ino: u64) {
        if let Some(hook) = &self.options.hook {
            hook(point, ino);
        }
    }
}

impl fmt::Debug for MountOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MountOptions { hook, memory, locks_invalidation } = self;
        f.debug_struct("MountOptions")
            .field("hook", &hook.is_some())
            .field("memory", memory)
            .field("locks_invalidation", locks_invalidation)
            .finish()
    }
}

impl fmt::Debug for SuperBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SuperBlock").field("fs", &self.fs.name).finish_non_exhaustive()
    }
}
