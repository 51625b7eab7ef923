//! Lock classes per file-system type, and what happens without.
#![cfg(debug_assertions)]

use lockdep::core::finding::Code;
use pagecache::PAGE_SIZE;
use pagecache::backing::Device;
use pagecache::locks::{EXT_I_RWSEM, LOG_I_RWSEM};
use pagecache::superblock::{EXT, FileSystemType, LOG, SuperBlock, TransactionRank};
use std::sync::Arc;

lockdep::lock_classes! {
    SHARED_INVALIDATE_LOCK = "shared::invalidate_lock";
}

static INSIDE: FileSystemType = FileSystemType {
    name: "inside",
    i_rwsem_key: &EXT_I_RWSEM,
    invalidate_lock_key: &SHARED_INVALIDATE_LOCK,
    transaction: TransactionRank::InsideInvalidate,
};

static OUTSIDE: FileSystemType = FileSystemType {
    name: "outside",
    i_rwsem_key: &LOG_I_RWSEM,
    invalidate_lock_key: &SHARED_INVALIDATE_LOCK,
    transaction: TransactionRank::OutsideInvalidate,
};

fn use_both(types: [&'static FileSystemType; 2]) {
    let device = Device::new(16);
    for fs in types {
        let file = SuperBlock::new(fs, Arc::clone(&device)).create();
        file.write_at(&[1; 2 * PAGE_SIZE], 0);
        file.fsync().expect("there is room");
        file.punch_hole(0, PAGE_SIZE as u64);
        file.truncate(100);
        file.drop_cache();
        file.read_at(&mut [0; 100], 0);
    }
}

#[test]
fn types_with_opposed_ranks_are_clean_with_a_key_each() {
    let scope = lockdep::testing::scope();
    use_both([&EXT, &LOG]);
    assert_eq!(scope.findings(), []);
    let graph = scope.graph();
    for (from, to) in
        [("ext::invalidate_lock", "Journal::transaction"), ("Journal::transaction", "log::invalidate_lock")]
    {
        assert!(graph.edges.contains_key(&(from.to_owned(), to.to_owned())), "{graph}");
    }
}

#[test]
fn types_with_opposed_ranks_are_reported_if_they_share_a_key() {
    let scope = lockdep::testing::isolated();
    use_both([&INSIDE, &OUTSIDE]);
    let found = scope.findings();
    assert_eq!((found.len(), found[0].code), (1, Code::Inversion), "{found:?}");
    assert_eq!(found[0].classes, ["Journal::transaction", "shared::invalidate_lock"]);
}
