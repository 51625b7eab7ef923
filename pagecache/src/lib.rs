//! A reference page cache, modelled on Linux `mm/filemap.c` after the change that introduced `mapping->invalidate_lock`.
//!
//! It is a real cache of file pages over an extent-mapped device in memory: buffered reads and writes, truncation, hole
//! punching, write-out. And it is what the lock checker is proven on: every lock is of a named class
//! ([`locks`]), the hierarchy of the classes is documented in a file that the checker reads ([`locks::ORDER`]), and the
//! race that `invalidate_lock` closes can be driven step by step ([`hooks`]).
//!
//! | here | in the kernel |
//! | --- | --- |
//! | [`folio`] | `struct folio`, its lock bit and its wait table |
//! | [`mapping`] | `struct address_space`: `i_pages`, `invalidate_lock` |
//! | [`inode`] | `struct inode`: `i_rwsem`, `i_size` |
//! | `filemap` | `filemap_read`, `generic_perform_write`, `filemap_write_and_wait` |
//! | `truncate` | `truncate_pagecache`, `ext4_punch_hole` |
//! | [`superblock`] | `struct super_block`, `struct file_system_type` with its lock class keys |
//! | [`backing`] | a block device and the extent maps of a file system |
//!
//! ```
//! use pagecache::{backing::Device, superblock::{EXT, SuperBlock}};
//!
//! let sb = SuperBlock::new(&EXT, Device::new(64));
//! let file = sb.create();
//! file.write_at(b"hello", 4095);
//! file.punch_hole(4096, 2);
//! let mut text = [0xff; 5];
//! assert_eq!(file.read_at(&mut text, 4095), 5);
//! assert_eq!(&text, b"h\0\0lo");
//! ```
//!
//! Left out so far: faults and `mmap`, readahead, reclaim, background writeback, direct I/O.

pub mod locks;

pub mod backing;
pub mod folio;
pub mod hooks;
pub mod mapping;

pub mod inode;
pub mod superblock;

mod filemap;
mod truncate;

pub mod seeded;
#[doc(hidden)]
pub mod workload;

/// Bytes of a page, of a folio and of a block of a device.
pub const PAGE_SIZE: usize = 4096;
