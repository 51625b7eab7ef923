//! Every line of `locks.order` has an operation of a user that shows it.
#![cfg(debug_assertions)]

use lockdep::core::hierarchy::Hierarchy;
use pagecache::backing::MemoryBlocks;
use pagecache::locks::{MAX_STACK_DEPTH, ORDER};
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
    for part in 0..LIMIT as u64 {
        large.write_at(&[3; 2 * PAGE_SIZE], part * 2 * PAGE).unwrap();
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

/// What is above has filled the cache. Nothing is read to share blocks, and to compare them it is.
fn dedupe_where_all_is_dirty_above(file: &Arc<Inode>) {
    let other = file.superblock().create();
    file.clone_range(0, &other, 0, PAGE).unwrap();
    assert_eq!(file.dedupe_range(0, &other, 0, PAGE), Err(Error::NoMemory));
}

fn create_more_than_fit(file: &Arc<Inode>) {
    let directory = Directory::new(file.superblock());
    (0..LIMIT * 2).for_each(|number| drop(directory.create(&number.to_string()).unwrap()));
    assert!(directory.in_memory() <= LIMIT);
}

fn use_directory(file: &Arc<Inode>) {
    let directory = Directory::new(file.superblock());
    directory.create("name").unwrap();
    directory.lookup("name").unwrap();
    directory.unlink("name").unwrap();
}

/// The orders of a type, at the bottom.
fn own(fs: &FileSystemType) -> &'static [(&'static str, &'static str, Operation)] {
    match fs.name {
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
    }
}

/// The orders of the locks that all types have, at the bottom.
const COMMON: [(&str, &str, Operation); 17] = [
    ("fs_reclaim", "InodeLru::lru_lock", create_more_than_fit),
    ("fs_reclaim", "Inode::freeing", create_more_than_fit),
    ("Inode::freeing", "Directory::inodes", create_more_than_fit),
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

/// What there is once for each depth of the stack.
const BY_DEPTH: [&str; 14] = [
    "sb_writers",
    "sb_pagefaults",
    "sb_internal",
    "i_rwsem_dir",
    "i_rwsem",
    "i_rwsem/1",
    "i_rwsem/2",
    "invalidate_lock",
    "invalidate_lock/1",
    "transaction",
    "s_lock",
    "Folio::lock",
    "Folio::writeback",
    "Wb::work",
];

/// The name of a class at a depth.
fn at(name: &str, depth: usize) -> String {
    let (of, lock) = name.split_once("::").unwrap_or((name, ""));
    let differs = name == "fs_reclaim" || BY_DEPTH.contains(&lock) || BY_DEPTH.contains(&name);
    match (differs && depth > 0, lock) {
        (false, _) => name.to_owned(),
        (true, "") => format!("{of}[{depth}]"),
        (true, lock) => format!("{of}[{depth}]::{lock}"),
    }
}

/// What shows an order: an operation on a file at a depth of the stack, of so many file systems in all.
#[derive(Clone, Copy)]
struct Shown {
    depth: usize,
    stack: usize,
    operation: Operation,
}

/// The orders of a type at all depths, and of the locks that all types have.
fn table(fs: &'static FileSystemType) -> BTreeMap<(String, String), Shown> {
    let (mut table, name) = (BTreeMap::new(), fs.name);
    let mut add = |from: String, to: String, depth, stack, operation| {
        table.insert((from, to), Shown { depth, stack, operation });
    };
    for &(from, to, operation) in own(fs).iter().chain(&COMMON) {
        add(from.to_owned(), to.to_owned(), 0, 1, operation);
    }
    for depth in 1..=MAX_STACK_DEPTH {
        let below = depth - 1;
        let documented = |&&(from, to, _): &&(&str, &str, Operation)| {
            at(from, depth) != from
                && (at(to, depth) != to
                    || ["Mm::mmap_lock", "Directory::inodes", "InodeLru::lru_lock", "Inode::freeing"].contains(&to))
                || from == "Mm::mmap_lock" && at(to, depth) != to
        };
        for (from, to, operation) in own(fs).iter().chain(&COMMON).filter(documented) {
            add(at(from, depth), at(to, depth), depth, depth + 1, *operation);
        }
        let [pagefaults, backing] = ["sb_pagefaults", "i_rwsem/2"].map(|lock| at(&format!("{name}::{lock}"), below));
        let work = format!("Stacked[{depth}]::work");
        for (from, to) in [
            (at("Folio::writeback", depth), work.clone()),
            (work, pagefaults.clone()),
            (pagefaults, backing.clone()),
            (backing.clone(), at("Wb::work", below)),
            (backing, at("fs_reclaim", below)),
        ] {
            add(from, to, depth, depth + 1, sync);
        }
        for below in 0..depth {
            let second = at(&format!("{name}::i_rwsem/1"), below);
            add(second, at("Wb::work", depth), below, depth + 1, dedupe_where_all_is_dirty_above);
        }
    }
    table
}

/// A file in each file system of a stack: four pages that are on the device and not in the cache. What is above `depth` has filled the
/// cache with what it has no room for.
fn files(fs: &'static FileSystemType, completion: Completion, Shown { depth, stack, .. }: Shown) -> Vec<Arc<Inode>> {
    let memory = Memory::new(LIMIT);
    let mut device = Device::with(MemoryBlocks::new(160), completion);
    let mut files: Vec<Arc<Inode>> = Vec::new();
    for level in 0..stack {
        let options = MountOptions { memory: Arc::clone(&memory), ..MountOptions::default() };
        let sb = SuperBlock::mount(fs, Arc::clone(&device), options);
        let file = sb.create();
        file.write_at(&[1; 4 * PAGE_SIZE], 0).unwrap();
        file.fsync().unwrap();
        file.drop_cache();
        files.push(file);
        if level + 1 < stack {
            let image = sb.create();
            image
                .truncate(if level + 2 == stack && depth + 1 < stack { 4 } else { 100 - 40 * level as u64 } * PAGE)
                .unwrap();
            device = Device::over(&image).unwrap();
        }
    }
    if depth + 1 < stack {
        let _ = files[stack - 1].write_at(&[1; 2 * LIMIT * PAGE_SIZE], 4 * PAGE);
    }
    files
}

#[test]
fn every_documented_order_is_shown_by_something_that_a_user_does() {
    for fs in [&EXT, &LOG] {
        for (edge, shown) in table(fs) {
            let scope = lockdep::testing::scope();
            let is_on_thread = edge.0 == "Device::completion_work";
            let completion = if is_on_thread { Completion::Thread } else { Completion::Inline };
            let files = files(fs, completion, shown);
            (shown.operation)(&files[shown.depth]);
            // The threads of the device are in no scope: their orders are the process's.
            let is_elsewhere = is_on_thread
                || ["Wb", "Stacked"].iter().any(|thread| edge.0.starts_with(thread))
                || edge.1.starts_with("Stacked")
                || edge.0.ends_with("i_rwsem/2")
                || edge.1.ends_with("i_rwsem/2");
            let graph = if is_elsewhere { lockdep::graph() } else { scope.graph() };
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
