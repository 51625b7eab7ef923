//! Every lock class in one place, and the document that orders them.
//!
//! Classes are per role, and where file-system types differ in their orders, per type: the kernel keeps
//! `invalidate_lock_key` and `i_mutex_key` in `struct file_system_type` for the same reason.
//!
//! A file can be the device of another file system ([`Device::over`](crate::Device::over)), also of one of its own type. Whoever waits for
//! I/O up there waits for everything that a read or a write takes down here, so what can be held over such a wait has a class for each depth
//! of the stack, as overlayfs has for the inodes of its layers (`ovl_lockdep_annotate_inode_mutex_key`). What is not held over a wait for I/O
//! needs none.
//!
//! Each class says how its waits block: at level [`SLEEPS`], or at level [`SPINS`], which is all that whoever completes I/O may do.
//!
//! ```
//! use lockdep::core::hierarchy::Hierarchy;
//! let order = Hierarchy::parse(pagecache::locks::ORDER).expect("the document is well-formed");
//! assert!(order.path("ext::i_rwsem", "Mapping::i_pages").is_some());
//! ```

use crate::sync::Context;
use lockdep::LockClassKey;

/// The level of waits that may take as long as I/O does.
pub const SLEEPS: u8 = 2;
/// The level of waits that are over soon, whatever happens.
pub const SPINS: u8 = 1;

/// The subclass of the second of two locks of one class: `I_MUTEX_NONDIR2`, `SINGLE_DEPTH_NESTING`.
pub const SECOND: u32 = 1;
/// The subclass of the `i_rwsem` of a file that is a device, for who writes to the device. Nobody else changes such a file, so under this
/// lock nobody faults.
pub const BACKING: u32 = 2;

/// How many file systems may be between a file and the device at the bottom: `FILESYSTEM_MAX_STACK_DEPTH`.
pub const MAX_STACK_DEPTH: usize = 2;

/// The classes of one lock, by the depth in the stack of the file system that it belongs to.
pub type ByDepth = [LockClassKey; MAX_STACK_DEPTH + 1];

macro_rules! classes {
    ($($(#[$doc:meta])* $NAME:ident = $name:literal $level:ident;)*) => { $(
        $(#[$doc])*
        pub static $NAME: LockClassKey = LockClassKey::new($name).wait_type($level);
    )* };
}

macro_rules! classes_by_depth {
    ($($(#[$doc:meta])* $NAME:ident = $of:literal $lock:literal $level:ident;)*) => { $(
        $(#[$doc])*
        pub static $NAME: ByDepth = [
            LockClassKey::new(concat!($of, $lock)).wait_type($level),
            LockClassKey::new(concat!($of, "[1]", $lock)).wait_type($level),
            LockClassKey::new(concat!($of, "[2]", $lock)).wait_type($level),
        ];
    )* };
}

classes! {
    /// The index of the pages of a mapping.
    I_PAGES = "Mapping::i_pages" SPINS;
    /// What is known of the parts of the pages of a mapping.
    PRIVATE_LOCK = "Mapping::private_lock" SPINS;
    /// The pages that can be reclaimed, in the order in which they are.
    LRU_LOCK = "Lruvec::lru_lock" SPINS;
    /// The files of a device that have dirty pages.
    WB_LIST_LOCK = "Wb::list_lock" SPINS;
    /// The places where a file is mapped.
    I_MMAP_RWSEM = "Mapping::i_mmap_rwsem" SLEEPS;
    /// The areas that may have private copies in common.
    ANON_VMA = "AnonVma::rwsem" SLEEPS;
    /// The areas of an address space.
    MMAP_LOCK = "Mm::mmap_lock" SLEEPS;
    /// The page table of one area.
    PTE_LOCK = "Vma::pte_lock" SPINS;
    /// The files that a directory has.
    DIRECTORY_INODES = "Directory::inodes" SPINS;
    /// Held while a file is evicted, and passed through by whoever looks for that file.
    INODE_FREEING = "Inode::freeing" SLEEPS;
    /// The files that can be evicted, in the order in which they are looked at.
    INODE_LRU_LOCK = "InodeLru::lru_lock" SPINS;
    /// The free blocks of a device.
    FREE_BLOCKS = "Device::free_blocks" SPINS;
    /// Held by whoever completes I/O on a thread of its own.
    COMPLETION_WORK = "Device::completion_work" SPINS;
    /// How many blocks a file of type `ext` has.
    EXT_I_LOCK = "ext::i_lock" SPINS;
    /// Which blocks an `ext` file has.
    EXT_I_DATA_SEM = "ext::i_data_sem" SLEEPS;
    /// How many blocks a file of type `log` has.
    LOG_I_LOCK = "log::i_lock" SPINS;
    /// Which blocks the files of a `log` file system have.
    LOG_EXTENTS = "log::extents" SLEEPS;
}

classes_by_depth! {
    /// The lock bit of a page.
    FOLIO_LOCK = "Folio" "::lock" SLEEPS;
    /// The writeback bit of a page, as something to wait for.
    FOLIO_WRITEBACK = "Folio" "::writeback" SLEEPS;
    /// Passed through by whoever needs memory, and held by whoever makes room for it.
    FS_RECLAIM = "fs_reclaim" "" SLEEPS;
    /// Held by the thread that writes out in the background, and passed through by whoever waits for it.
    WB_WORK = "Wb" "::work" SLEEPS;
    /// Held by the thread of a device that is a file, and passed through by whoever waits for it.
    STACKED_WORK = "Stacked" "::work" SLEEPS;
}

classes_by_depth! {
    /// Keeps writers out of a frozen `ext` file system.
    EXT_SB_WRITERS = "ext" "::sb_writers" SLEEPS;
    /// Keeps write faults out of a frozen `ext` file system.
    EXT_SB_PAGEFAULTS = "ext" "::sb_pagefaults" SLEEPS;
    /// Keeps transactions out of a frozen `ext` file system.
    EXT_SB_INTERNAL = "ext" "::sb_internal" SLEEPS;
    /// Serialises changes of a directory of type `ext`.
    EXT_I_RWSEM_DIR = "ext" "::i_rwsem_dir" SLEEPS;
    /// Serialises changes of a file of type `ext`.
    EXT_I_RWSEM = "ext" "::i_rwsem" SLEEPS;
    /// Keeps pages of an `ext` file from being filled while its blocks go away.
    EXT_INVALIDATE_LOCK = "ext" "::invalidate_lock" SLEEPS;
    /// The running transaction of an `ext` file system.
    EXT_TRANSACTION = "ext" "::transaction" SLEEPS;
}

classes_by_depth! {
    /// Keeps writers out of a frozen `log` file system.
    LOG_SB_WRITERS = "log" "::sb_writers" SLEEPS;
    /// Keeps write faults out of a frozen `log` file system.
    LOG_SB_PAGEFAULTS = "log" "::sb_pagefaults" SLEEPS;
    /// Keeps transactions out of a frozen `log` file system.
    LOG_SB_INTERNAL = "log" "::sb_internal" SLEEPS;
    /// Serialises changes of a directory of type `log`.
    LOG_I_RWSEM_DIR = "log" "::i_rwsem_dir" SLEEPS;
    /// Serialises changes of a file of type `log`.
    LOG_I_RWSEM = "log" "::i_rwsem" SLEEPS;
    /// Keeps pages of a `log` file from being filled while its blocks go away.
    LOG_INVALIDATE_LOCK = "log" "::invalidate_lock" SLEEPS;
    /// The one big lock of a `log` file system: everything that changes it.
    LOG_S_LOCK = "log" "::s_lock" SLEEPS;
}

/// Inline completion of I/O: it comes wherever a thread is, and takes [`I_PAGES`].
pub static COMPLETION: Context = Context::new("completion");

/// The documented hierarchy of these classes, in `lockdep order v1`.
pub const ORDER: &str = include_str!("../locks.order");
