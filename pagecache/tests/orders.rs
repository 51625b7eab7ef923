//! Every line of `locks.order` has an operation of a user that shows it.
#![cfg(debug_assertions)]

use lockdep::core::hierarchy::Hierarchy;
use pagecache::backing::MemoryBlocks;
use pagecache::locks::ORDER;
use pagecache::{
    Completion, Device, Directory, EXT, Error, FileSystemType, Inode, LOG, Memory, Mm, MountOptions, PAGE_SIZE, SECTOR,
    Sharing, SuperBlock,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const PAGE: u64 = PAGE_SIZE as u64;
/// How many pages the cache may have.
const LIMIT: usize = 16;

/// What a user does, with a file of four pages that are on the device and not in the cache.
type Operation = fn(&Arc<Inode>);

fn write(file: &Arc<Inode>) {
    file.write_at(b"text", 0).unwrap();
}

fn read(file: &Arc<Inode>) {
    file.read_at(&mut [0; PAGE_SIZE], 0).unwrap();
}

fn write_sectors(file: &Arc<Inode>) {
    file.write_at(&[2; SECTOR], SECTOR as u64).unwrap();
}

fn fork(file: &Arc<Inode>) {
    let mm = Mm::new();
    let address = mm.map(file, 0, 1, Sharing::Private).unwrap();
    mm.store(address, b"text").unwrap();
    let child = mm.fork();
    child.fail_memory(address).unwrap();
    assert_eq!(mm.load(address, &mut [0]), Err(Error::MemoryFailed));
}

fn sync(file: &Arc<Inode>) {
    file.write_at(b"text", 10 * PAGE).unwrap();
    file.fsync().unwrap();
}

fn truncate(file: &Arc<Inode>) {
    read(file);
    file.truncate(100).unwrap();
}

fn write_from_mapped_memory(file: &Arc<Inode>) {
    let mm = Mm::new();
    let address = mm.map(file, 0, 1, Sharing::Private).unwrap();
    mm.write_file(file, address, PAGE_SIZE, PAGE).unwrap();
}

fn store(file: &Arc<Inode>) {
    let mm = Mm::new();
    mm.store(mm.map(file, 0, 1, Sharing::Shared).unwrap(), b"text").unwrap();
}

fn store_and_sync(file: &Arc<Inode>) {
    store(file);
    file.fsync().unwrap();
}

fn truncate_what_is_mapped(file: &Arc<Inode>) {
    let mm = Mm::new();
    let address = mm.map(file, 0, 4, Sharing::Shared).unwrap();
    mm.load(address, &mut [0; 4 * PAGE_SIZE]).unwrap();
    file.truncate(0).unwrap();
    assert!(mm.load(address, &mut [0]).is_err());
}

fn exchange(file: &Arc<Inode>) {
    let other = file.superblock().create();
    other.write_at(&[2; PAGE_SIZE], 0).unwrap();
    file.exchange_range(0, &other, 0, PAGE).unwrap();
}

fn read_more_than_fits(file: &Arc<Inode>) {
    let large = file.superblock().create();
    for page in 0..LIMIT as u64 * 2 {
        large.write_at(&[3; PAGE_SIZE], page * PAGE).unwrap();
        large.fsync().unwrap();
    }
    large.read_at(&mut [0; PAGE_SIZE], 0).unwrap();
}

fn write_more_than_fits(file: &Arc<Inode>) {
    file.write_at(&[3; 2 * LIMIT * PAGE_SIZE], 0).unwrap();
}

fn clone(file: &Arc<Inode>) {
    let other = file.superblock().create();
    file.clone_range(0, &other, 0, PAGE).unwrap();
}

fn dedupe(file: &Arc<Inode>) {
    let other = file.superblock().create();
    other.write_at(&[1; PAGE_SIZE], 0).unwrap();
    assert_eq!(file.dedupe_range(0, &other, 0, PAGE), Ok(true));
}

/// The device is full and so every page is dirty: there is no room for those that are compared, until somebody writes some of them.
fn dedupe_where_all_is_dirty(file: &Arc<Inode>) {
    let [one, large, dirty] = [(); 3].map(|()| file.superblock().create());
    one.write_at(&[1; PAGE_SIZE], 0).unwrap();
    one.fsync().unwrap();
    for page in 0.. {
        large.write_at(&[3; PAGE_SIZE], page * PAGE).unwrap();
        if large.fsync() == Err(Error::NoSpace) {
            break;
        }
    }
    let written = dirty.write_at(&[2; 2 * LIMIT * PAGE_SIZE], 0);
    assert!(written.is_ok_and(|count| count < 2 * LIMIT * PAGE_SIZE), "{written:?}");
    assert_eq!(file.dedupe_range(0, &one, 0, PAGE), Err(Error::NoMemory));
}

fn use_directory(file: &Arc<Inode>) {
    let directory = Directory::new(file.superblock());
    directory.create("name").unwrap();
    directory.lookup("name").unwrap();
    directory.unlink("name").unwrap();
}

/// The orders of a type, and of the locks that all types have.
fn table(fs: &'static FileSystemType) -> BTreeMap<(String, String), Operation> {
    let own: &[(&str, &str, Operation)] = match fs.name {
        "ext" => &[
            ("ext::sb_writers", "ext::i_rwsem", write),
            ("ext::i_rwsem", "Mm::mmap_lock", write_from_mapped_memory),
            ("Mm::mmap_lock", "ext::sb_pagefaults", store),
            ("ext::sb_pagefaults", "ext::invalidate_lock", store),
            ("ext::invalidate_lock", "ext::sb_internal", truncate),
            ("ext::sb_internal", "ext::transaction", sync),
            ("ext::transaction", "Folio::lock", sync),
            ("Folio::lock", "ext::i_data_sem", read),
            ("ext::i_data_sem", "Device::free_blocks", sync),
            ("ext::i_data_sem", "ext::i_lock", sync),
            ("ext::i_rwsem", "ext::i_rwsem/1", exchange),
            ("ext::i_rwsem/1", "ext::invalidate_lock", exchange),
            ("ext::invalidate_lock", "ext::invalidate_lock/1", exchange),
            ("ext::invalidate_lock/1", "ext::sb_internal", exchange),
            ("ext::i_data_sem", "ext::i_data_sem/1", exchange),
            ("ext::invalidate_lock", "fs_reclaim", read),
            ("ext::invalidate_lock/1", "fs_reclaim", dedupe),
            ("ext::i_data_sem/1", "Device::free_blocks", clone),
            ("ext::i_data_sem/1", "ext::i_lock", clone),
            ("ext::i_rwsem", "Wb::work", write),
            ("ext::i_rwsem/1", "Wb::work", dedupe_where_all_is_dirty),
            ("Wb::work", "ext::sb_internal", write_more_than_fits),
            ("ext::sb_writers", "ext::i_rwsem_dir", use_directory),
            ("ext::i_rwsem_dir", "ext::i_rwsem", use_directory),
            ("ext::i_rwsem_dir", "Directory::inodes", use_directory),
        ],
        _ => &[
            ("log::sb_writers", "log::i_rwsem", write),
            ("log::i_rwsem", "Mm::mmap_lock", write_from_mapped_memory),
            ("Mm::mmap_lock", "log::sb_pagefaults", store),
            ("log::sb_pagefaults", "log::sb_internal", store),
            ("log::sb_internal", "log::s_lock", sync),
            ("log::s_lock", "log::invalidate_lock", truncate),
            ("log::invalidate_lock", "Folio::lock", read),
            ("Folio::lock", "log::extents", read),
            ("log::extents", "Device::free_blocks", sync),
            ("log::extents", "log::i_lock", sync),
            ("log::i_rwsem", "log::i_rwsem/1", exchange),
            ("log::i_rwsem/1", "log::sb_internal", exchange),
            ("log::invalidate_lock", "log::invalidate_lock/1", exchange),
            ("log::invalidate_lock/1", "Folio::lock", exchange),
            ("log::invalidate_lock", "fs_reclaim", read),
            ("log::invalidate_lock/1", "fs_reclaim", dedupe),
            ("log::i_rwsem", "Wb::work", write),
            ("log::i_rwsem/1", "Wb::work", dedupe_where_all_is_dirty),
            ("Wb::work", "log::sb_internal", write_more_than_fits),
            ("log::sb_writers", "log::i_rwsem_dir", use_directory),
            ("log::i_rwsem_dir", "log::i_rwsem", use_directory),
            ("log::i_rwsem_dir", "Directory::inodes", use_directory),
        ],
    };
    let common: [(&str, &str, Operation); 14] = [
        ("Mm::mmap_lock", "Mm::mmap_lock/1", fork),
        ("Mm::mmap_lock/1", "Mapping::i_mmap_rwsem", fork),
        ("Mm::mmap_lock/1", "AnonVma::rwsem", fork),
        ("AnonVma::rwsem", "Vma::pte_lock", fork),
        ("Vma::pte_lock", "Vma::pte_lock/1", fork),
        ("Folio::lock", "Mapping::private_lock", write_sectors),
        ("Folio::lock", "Wb::list_lock", write),
        ("fs_reclaim", "Folio::lock", read_more_than_fits),
        ("Folio::lock", "Lruvec::lru_lock", read_more_than_fits),
        ("Folio::lock", "Folio::writeback", sync),
        ("Folio::lock", "Mapping::i_pages", read),
        ("Folio::lock", "Mapping::i_mmap_rwsem", store_and_sync),
        ("Mapping::i_mmap_rwsem", "Vma::pte_lock", truncate_what_is_mapped),
        ("Device::completion_work", "Mapping::i_pages", sync),
    ];
    let all = own.iter().chain(&common);
    all.map(|&(from, to, operation)| ((from.to_owned(), to.to_owned()), operation)).collect()
}

#[test]
fn every_documented_order_is_shown_by_something_that_a_user_does() {
    for fs in [&EXT, &LOG] {
        for (edge, operation) in table(fs) {
            let scope = lockdep::testing::scope();
            let completion = if edge.0 == "Device::completion_work" { Completion::Thread } else { Completion::Inline };
            let options = MountOptions { memory: Memory::new(LIMIT), ..MountOptions::default() };
            let file = SuperBlock::mount(fs, Device::with(MemoryBlocks::new(64), completion), options).create();
            file.write_at(&[1; 4 * PAGE_SIZE], 0).unwrap();
            file.fsync().unwrap();
            file.drop_cache();
            operation(&file);
            // The threads of the device are in no scope: their orders are the process's.
            let elsewhere = ["Device::completion_work", "Wb::work"].contains(&edge.0.as_str());
            let graph = if elsewhere { lockdep::graph() } else { scope.graph() };
            assert!(graph.edges.contains_key(&edge), "{}: {} -> {} in\n{graph}", fs.name, edge.0, edge.1);
        }
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "how much is covered is told")]
fn every_line_of_the_document_is_in_the_table() {
    let order = Hierarchy::parse(ORDER).unwrap();
    let documented: BTreeSet<_> =
        order.pairs().into_iter().map(|(from, to)| (from.to_owned(), to.to_owned())).collect();
    let shown: BTreeSet<_> = table(&EXT).into_keys().chain(table(&LOG).into_keys()).collect();
    assert_eq!(shown, documented);
    println!("{} of {} orders of locks.order are shown", shown.len(), documented.len());
}
