//! A reference page cache, modelled on Linux `mm/filemap.c` after the change that introduced `mapping->invalidate_lock`.
//!
//! It is a real cache of file pages over extent-mapped devices: reads and writes, readahead, mappings with their faults, truncation, holes,
//! write-out, reclaim. And it is what the lock checker is proven on: every lock is of a named class
//! ([`locks`]), the hierarchy of the classes is documented in a file that the checker reads ([`locks::ORDER`]), and the
//! race that `invalidate_lock` closes can be driven step by step ([`hooks`]).
//!
//! | here | in the kernel |
//! | --- | --- |
//! | `folio` | `struct folio`, its lock bit, its wait table, its reference count |
//! | `index` | `struct xarray` with marks |
//! | [`Mapping`] | `struct address_space`: `i_pages`, `invalidate_lock`, `i_mmap_rwsem`, `wb_err` |
//! | `private` | buffer heads, `struct iomap_folio_state`: pages of which parts have contents |
//! | [`Inode`] | `struct inode`: `i_rwsem`, `i_size`, `i_lock` over `i_blocks` |
//! | [`backing::Attributes`] | what `I_DIRTY_SYNC` and `I_DIRTY_DATASYNC` say is to be written of an inode |
//! | [`Directory`] | a directory whose entries are in its pages, read with `read_cache_page` |
//! | `icache` | `inode_hashtable`, `s_inode_lru`, `evict`, `prune_icache_sb` |
//! | `filemap` | `filemap_read`, `page_cache_ra_unbounded`, `generic_perform_write` |
//! | `writeback`, [`File`] | `write_cache_pages`, `struct bdi_writeback`, `balance_dirty_pages`, `f_wb_err` |
//! | `direct` | `generic_file_direct_write`, `O_DIRECT` |
//! | `truncate`, `fallocate` | `truncate_inode_pages_range`, `invalidate_inode_pages2`, `fallocate` |
//! | `remap` | `FICLONERANGE`, `FIDEDUPERANGE`, `copy_file_range`, `XFS_IOC_EXCHANGE_RANGE`, with `lock_two_nondirectories` and `filemap_invalidate_lock_two` |
//! | [`Mm`], [`Vma`] | `struct mm_struct`, `vm_area_struct`, `filemap_fault`, `page_mkwrite`, `unmap_mapping_range`, `anon_vma`, `memory_failure` |
//! | [`SuperBlock`], [`fs`] | `struct super_block` with freezing, `struct file_system_type` with its lock class keys |
//! | [`Memory`] | a memory control group: `struct lruvec`, `shrink_folio_list`, shadow entries |
//! | [`backing`] | block devices, completion of I/O, the extent maps of a file system |
//! | [`Device::over`] | a loop device and its worker, `s_stack_depth` with a lock class for each depth |
//!
//! ```
//! use pagecache::{Device, EXT, SuperBlock};
//!
//! let sb = SuperBlock::new(&EXT, Device::new(64));
//! let file = sb.create();
//! file.write_at(b"hello", 4095)?;
//! file.punch_hole(4096, 2)?;
//! let mut text = [0xff; 5];
//! assert_eq!(file.read_at(&mut text, 4095)?, 5);
//! assert_eq!(&text, b"h\0\0lo");
//! # Ok::<(), pagecache::Error>(())
//! ```
//!
//! # When would one use it?
//!
//! - To cache the pages of files on a device of one's own, with mappings that agree with reads and writes, errors that are told to whoever
//!   has to know them, and every lock order checked: implement [`backing::Blocks`], make a [`Device`] of it and mount.
//! - To see how the kernel does it: names and functions are the kernel's where there is one, every module says which it is after, and what
//!   became of the kernel's documented orders, of its rules, and of what was found there is in three tables, `KERNEL_ORDERS.md`,
//!   `CONTRACTS.md` and `SPLATS.md`.
//! - As a pattern for testing concurrent code: named points at which a race is driven ([`hooks`]), re-checks that are switched off to see
//!   that somebody misses them, small cases in all their interleavings (`schedules/`).
//!
//! It is not the fastest cache there is for small values, and it does not survive the process.
//!
//! Left out so far: huge pages, and a thread that makes room before it is needed (`kswapd`). One read in 32 that misses makes room for the
//! next 32, and takes 6 µs from a device in memory instead of 1.1 µs; on average a miss takes no longer than where there is room, and beside
//! a read from a disk all of that is little. Such a thread would want a core for itself (`cargo bench -p pagecache --bench numbers`).

#[macro_use]
mod recheck;
mod sync;

mod error;
pub mod fs;
pub mod locks;
pub mod page;

mod folio;
mod index;
mod kill;

pub mod backing;
pub mod hooks;
mod private;

mod mapping;
mod reclaim;
mod writeback;

mod attributes;
mod change;
mod file;
mod freeze;
mod inode;
mod superblock;

mod direct;
mod fallocate;
mod filemap;
mod remap;
mod truncate;

mod directory;
mod icache;
mod mm;

#[cfg(test)]
mod contracts;
pub mod seeded;
#[doc(hidden)]
pub mod workload;

pub use backing::{Completion, Device};
pub use directory::{Directory, MAX_NAME};
pub use error::{Error, Result};
pub use file::File;
pub use filemap::{Flags, Readahead};
pub use freeze::Frozen;
pub use fs::{EXT, FileSystemType, LOG};
pub use inode::{Inode, MAX_BYTES};
pub use kill::Kill;
pub use mapping::Mapping;
pub use mm::{Mm, Sharing, Vma};
pub use private::SECTOR;
#[cfg(feature = "mutants")]
pub use recheck::without;
pub use reclaim::Memory;
pub use superblock::{MountOptions, SuperBlock};

/// Bytes of a page, of a folio and of a block of a device.
pub const PAGE_SIZE: usize = 4096;
