//! The contracts that no type carries are asserted: whoever breaks one is told (`assert-held`), and whoever keeps it is not.
//!
//! [`CONTRACTS.md`](../CONTRACTS.md) has every row of the kernel's tables and says what carries it.

use crate::directory::Directory;
use crate::filemap::{Flags, fill_now, grab, perform_write, read_cache_page, read_folio};
use crate::inode::Inode;
use crate::truncate::remove_pages;
use crate::{Device, EXT, PAGE_SIZE, SuperBlock};
use lockdep::core::finding::Code;
use std::collections::BTreeSet;
use std::sync::Arc;

const TABLE: &str = include_str!("../CONTRACTS.md");

/// What is called with or without the locks that it wants.
type Call = fn(&Inode);

fn read_page(inode: &Inode) {
    read_folio(inode, grab(inode, 0).expect("there is memory")).expect("the device works");
}

fn write_byte(inode: &Inode) {
    assert_eq!(perform_write(inode, &b"x"[..], 0, Flags::default()), Ok(1));
}

fn fill_page(inode: &Inode) {
    fill_now(inode, &grab(inode, 0).expect("there is memory")).expect("the device works");
}

fn with_shared(inode: &Inode, call: Call) {
    let _shared = inode.mapping.invalidate_shared();
    call(inode);
}

fn with_exclusive(inode: &Inode, call: Call) {
    let _exclusive = inode.mapping.invalidate_exclusive();
    call(inode);
}

fn with_rwsem(inode: &Inode, call: Call) {
    let _exclusive = inode.i_rwsem.write();
    call(inode);
}

fn with_both(inode: &Inode, call: Call) {
    let _exclusive = inode.i_rwsem.write();
    with_exclusive(inode, call);
}

fn with_rwsem_and_shared(inode: &Inode, call: Call) {
    let _exclusive = inode.i_rwsem.write();
    with_shared(inode, call);
}

fn with_nothing(inode: &Inode, call: Call) {
    call(inode);
}

type With = fn(&Inode, Call);

/// Contract, call, who breaks it, who keeps it.
const CASES: [(&str, Call, With, With); 9] = [
    ("read_folio", read_page, with_nothing, with_shared),
    ("read_folio under i_rwsem", read_page, with_rwsem, with_exclusive),
    ("read_cache_page", |inode| drop(read_cache_page(inode, 0)), with_nothing, with_shared),
    ("read_cache_page, exclusively", |inode| drop(read_cache_page(inode, 0)), with_rwsem, with_exclusive),
    ("write_begin", write_byte, with_shared, with_rwsem),
    ("fill_now", fill_page, with_shared, with_rwsem),
    ("setattr", |inode| inode.set_len(PAGE_SIZE as u64), with_exclusive, with_rwsem),
    ("invalidate_folio", |inode| remove_pages(inode, 0..1, true), with_rwsem_and_shared, with_both),
    ("truncate_inode_pages", |inode| remove_pages(inode, 0..1, true), with_exclusive, with_both),
];

fn file() -> Arc<Inode> {
    let file = SuperBlock::new(&EXT, Device::new(8)).create();
    file.write_at(&[7; PAGE_SIZE], 0).expect("there is memory");
    file.fsync().expect("the device works");
    file.drop_cache();
    file
}

#[test]
#[cfg(debug_assertions)]
fn who_breaks_a_contract_is_told_and_who_keeps_it_is_not() {
    for (contract, call, breaks, keeps) in CASES {
        let scope = lockdep::testing::isolated();
        breaks(&file(), call);
        let codes: Vec<Code> = scope.findings().into_iter().map(|finding| finding.code).collect();
        assert!(codes.contains(&Code::AssertHeld), "{contract}: {codes:?}");
        drop(scope);
        let scope = lockdep::testing::isolated();
        keeps(&file(), call);
        assert_eq!(scope.findings(), [], "{contract}");
    }
}

#[test]
fn a_directory_keeps_what_its_pages_want() {
    let scope = lockdep::testing::isolated();
    let directory = Directory::new(&SuperBlock::new(&EXT, Device::new(8)));
    directory.create("name").expect("there is room");
    directory.fsync().expect("the device works");
    directory.drop_cache();
    directory.lookup("name").expect("it is there");
    directory.unlink("name").expect("it is there");
    assert_eq!(scope.findings(), []);
}

/// The operations of the kernel's tables, both versions (`Documentation/filesystems/locking.rst`).
const OPERATIONS: [&str; 33] = [
    "writepage",
    "readpage / read_folio",
    "writepages",
    "set_page_dirty / dirty_folio",
    "readahead",
    "readpages",
    "write_begin",
    "write_end",
    "bmap",
    "invalidatepage / invalidate_folio",
    "releasepage / release_folio",
    "freepage / free_folio",
    "direct_IO",
    "isolate_page",
    "migratepage / migrate_folio",
    "putback_page",
    "launder_page / launder_folio",
    "is_partially_uptodate",
    "error_remove_page / error_remove_folio",
    "swap_activate, swap_deactivate, swap_rw",
    "setattr",
    "getattr",
    "create, unlink",
    "lookup",
    "freeze_fs, unfreeze_fs",
    "drop_inode, evict_inode",
    "open, close",
    "fault",
    "map_pages",
    "page_mkwrite",
    "pfn_mkwrite",
    "access",
    "read_cache_page",
];

#[test]
fn the_table_has_every_operation_and_every_assertion_has_a_case() {
    let rows: Vec<Vec<&str>> = TABLE
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| kernel") && !line.starts_with("| ---"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    assert_eq!(rows.iter().map(|row| row[0]).collect::<BTreeSet<_>>(), BTreeSet::from(OPERATIONS));
    let cases: BTreeSet<&str> = CASES.iter().map(|(contract, ..)| *contract).collect();
    for row in rows {
        assert!(["type", "assert", "both", "no lock", "out of scope"].contains(&row[2]), "{row:?}");
        let named = row[3].split('`').skip(1).step_by(2);
        let asserted = named.filter(|name| cases.contains(name)).count();
        assert!(!["assert", "both"].contains(&row[2]) || asserted > 0, "no case is named: {row:?}");
    }
}
