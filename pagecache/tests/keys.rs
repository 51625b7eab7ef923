//! Lock classes per file-system type, and what happens without.
#![cfg(debug_assertions)]

use lockdep::core::finding::Code;
use lockdep::parking_lot::{Mutex, RwLock};
use pagecache::PAGE_SIZE;
use pagecache::fs::{Extents, Keys, TransactionRank};
use pagecache::locks::MAX_STACK_DEPTH;
use pagecache::{Device, EXT, FileSystemType, LOG, SuperBlock, locks};
use std::sync::Arc;

lockdep::lock_classes! {
    SHARED_INVALIDATE_LOCK = "shared::invalidate_lock";
    SHARED_TRANSACTION = "shared::transaction";
}

/// A type with the locks of another, but for two.
const fn sharing(keys: &Keys, invalidate: bool, transaction: TransactionRank) -> FileSystemType {
    let invalidate_lock = if invalidate { &SHARED_INVALIDATE_LOCK } else { keys.invalidate_lock };
    let Keys { writers, i_lock, i_rwsem, i_rwsem_dir, extents, .. } = *keys;
    let transaction_key = &SHARED_TRANSACTION;
    let keys = Keys { writers, i_lock, i_rwsem, i_rwsem_dir, invalidate_lock, transaction: transaction_key, extents };
    FileSystemType { name: "shared", keys: [keys; MAX_STACK_DEPTH + 1], transaction, extents: Extents::PerInode }
}

const PLAIN: Keys = Keys {
    writers: [&locks::EXT_SB_WRITERS[0], &locks::EXT_SB_PAGEFAULTS[0], &locks::EXT_SB_INTERNAL[0]],
    i_lock: &locks::EXT_I_LOCK,
    i_rwsem: &locks::EXT_I_RWSEM[0],
    i_rwsem_dir: &locks::EXT_I_RWSEM_DIR[0],
    invalidate_lock: &locks::EXT_INVALIDATE_LOCK[0],
    transaction: &locks::EXT_TRANSACTION[0],
    extents: &locks::EXT_I_DATA_SEM,
};

const OTHER: Keys = Keys { i_rwsem: &locks::LOG_I_RWSEM[0], invalidate_lock: &locks::LOG_INVALIDATE_LOCK[0], ..PLAIN };

static INSIDE: FileSystemType = sharing(&PLAIN, true, TransactionRank::InsideInvalidate);
static OUTSIDE: FileSystemType = sharing(&OTHER, true, TransactionRank::OutsideInvalidate);
static OWN_INSIDE: FileSystemType = sharing(&PLAIN, false, TransactionRank::InsideInvalidate);
static OWN_OUTSIDE: FileSystemType = sharing(&OTHER, false, TransactionRank::OutsideInvalidate);

fn use_both(types: [&'static FileSystemType; 2]) {
    let device = Device::new(16);
    for fs in types {
        let file = SuperBlock::new(fs, Arc::clone(&device)).create();
        file.write_at(&[1; 2 * PAGE_SIZE], 0).unwrap();
        file.fsync().expect("there is room");
        file.punch_hole(0, PAGE_SIZE as u64).unwrap();
        file.truncate(100).unwrap();
        file.drop_cache();
        file.read_at(&mut [0; 100], 0).unwrap();
    }
}

#[test]
fn types_with_opposed_ranks_are_clean_with_keys_of_their_own() {
    let scope = lockdep::testing::scope();
    use_both([&EXT, &LOG]);
    assert_eq!(scope.findings(), []);
    let graph = scope.graph();
    for (from, to) in [("ext::invalidate_lock", "ext::transaction"), ("log::s_lock", "log::invalidate_lock")] {
        assert!(graph.edges.contains_key(&(from.to_owned(), to.to_owned())), "{graph}");
    }
}

#[test]
fn types_with_opposed_ranks_may_share_a_lock_if_the_other_is_their_own() {
    let scope = lockdep::testing::isolated();
    use_both([&OWN_INSIDE, &OWN_OUTSIDE]);
    assert_eq!(scope.findings(), []);
}

#[test]
fn types_with_opposed_ranks_are_reported_if_they_share_both_keys() {
    let scope = lockdep::testing::isolated();
    use_both([&INSIDE, &OUTSIDE]);
    let found: Vec<_> = scope.findings().into_iter().filter(|finding| finding.code == Code::Inversion).collect();
    assert!(!found.is_empty());
    let between = ["shared::invalidate_lock", "shared::transaction"];
    assert!(found.iter().any(|finding| finding.classes == between), "{found:?}");
}

#[test]
fn keys_of_their_own_do_not_help_if_an_unkeyed_lock_joins_the_types() {
    static QUOTA: Mutex<()> = Mutex::new(());
    let scope = lockdep::testing::isolated();
    use_both([&OWN_INSIDE, &OWN_OUTSIDE]);
    let [inside, outside] =
        [&locks::EXT_INVALIDATE_LOCK[0], &locks::LOG_INVALIDATE_LOCK[0]].map(|key| RwLock::named(key, ()));
    let quota = || drop(QUOTA.lock());
    {
        let _held = outside.write();
        quota();
    }
    assert!(scope.findings().iter().all(|finding| finding.code != Code::Inversion));
    let _quota = QUOTA.lock();
    drop(inside.write());
    assert!(
        scope.findings().iter().any(|finding| finding.code == Code::Inversion),
        "through the transaction and the quota"
    );
}
