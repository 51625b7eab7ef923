//! What completes I/O must not sleep, and comes in between wherever it is not kept out; what copies to its caller may fault.
#![cfg(debug_assertions)]

use lockdep::LockMap;
use lockdep::core::finding::Code;
use lockdep::parking_lot::{Mutex, RwLock};
use lockdep::testing::isolated;
use pagecache::{Device, EXT, Inode, LOG, Mm, PAGE_SIZE, Sharing, SuperBlock, locks};
use std::sync::Arc;

fn codes(scope: &lockdep::testing::Scope) -> Vec<Code> {
    scope.findings().into_iter().map(|finding| finding.code).collect()
}

/// The thread of a device, with what it does there.
fn complete(work: impl FnOnce()) -> Vec<Code> {
    let scope = isolated();
    let busy = LockMap::new(&locks::COMPLETION_WORK);
    let held = busy.try_acquire();
    work();
    drop(held);
    codes(&scope)
}

#[test]
fn a_completion_may_take_the_index_and_must_wait_for_no_page_nor_file() {
    let (index, page) = (Mutex::named(&locks::I_PAGES, ()), LockMap::new(&locks::FOLIO_LOCK[0]));
    assert_eq!(complete(|| drop(index.lock())), []);
    assert_eq!(complete(|| drop(page.acquire())), [Code::WaitType]);
    let file = RwLock::named(&locks::EXT_I_RWSEM[0], ());
    assert_eq!(complete(|| drop(file.read())), [Code::WaitType]);
    assert_eq!(complete(|| drop(file.try_read())), [], "who tries does not wait");
}

#[test]
fn the_index_is_taken_with_completions_kept_out() {
    locks::COMPLETION.declare();
    for (is_masked, expected) in [(true, vec![]), (false, vec![Code::Context])] {
        let scope = isolated();
        let index = Mutex::named(&locks::I_PAGES, ());
        {
            let _inside = locks::COMPLETION.enter();
            drop(index.lock());
        }
        let masked = is_masked.then(|| locks::COMPLETION.mask());
        drop(index.lock());
        drop(masked);
        assert_eq!(codes(&scope), expected);
    }
}

fn file() -> Arc<Inode> {
    let file = SuperBlock::new(&LOG, Device::new(8)).create();
    file.write_at(&[7; PAGE_SIZE], 0).unwrap();
    file
}

/// exFAT's readdir: the file system's one big lock over a copy to the caller, which faults; and a fault takes that lock. No memory is mapped
/// where the copy goes to, and it is found nevertheless.
#[test]
fn a_copy_to_the_caller_under_a_lock_that_faults_take_is_found() {
    let s_lock = Mutex::named(&locks::LOG_S_LOCK[0], ());
    for (is_under_it, expected) in [(true, true), (false, false)] {
        let scope = isolated();
        let file = file();
        let mm = Mm::new();
        mm.store(mm.map(&file, 0, 1, Sharing::Shared).unwrap(), b"s").unwrap();
        let held = is_under_it.then(|| s_lock.lock());
        file.read_at(&mut [0], 0).unwrap();
        drop(held);
        drop(s_lock.lock());
        assert_eq!(codes(&scope).contains(&Code::Inversion), expected);
    }
}

#[test]
fn a_write_faults_its_source_in_before_it_locks_a_page() {
    let scope = isolated();
    let file = SuperBlock::new(&EXT, Device::new(8)).create();
    file.write_at(b"text", 0).unwrap();
    let graph = scope.graph();
    let has = |from: &str, to: &str| graph.edges.contains_key(&(from.to_owned(), to.to_owned()));
    assert!(has("ext::i_rwsem", "Mm::mmap_lock") && !has("Folio::lock", "Mm::mmap_lock"), "{graph}");
}
