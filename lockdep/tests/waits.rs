//! Waits that give up: seen by whoever looks, and part of no deadlock.
#![cfg(debug_assertions)]

use lockdep::LockClassKey;
use lockdep::core::finding::Code;
use lockdep::parking_lot::{Mutex, RwLock};
use std::thread;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(600);

/// Lets a thread wait, looks until it is seen to do so, and lets it go on.
fn seen_waiting(name: &'static str, wait: impl FnOnce() + Send, release: impl FnOnce()) -> String {
    thread::scope(|threads| {
        thread::Builder::new().name(name.into()).spawn_scoped(threads, wait).expect("a thread");
        loop {
            let found = lockdep::held().into_iter().find(|held| held.thread == name);
            if let Some(waits) = found.and_then(|thread| thread.waits) {
                release();
                return waits.label;
            }
            thread::yield_now();
        }
    })
}

#[test]
fn a_wait_that_gives_up_is_seen_by_whoever_looks() {
    static A: LockClassKey = LockClassKey::new("waits::a");
    static B: LockClassKey = LockClassKey::new("waits::b");
    let (mutex, rwlock) = (Mutex::named(&A, ()), RwLock::named(&B, ()));
    let held = mutex.lock();
    assert_eq!(seen_waiting("for", || drop(mutex.try_lock_for(LONG)), || drop(held)), "waits::a");
    let held = rwlock.read();
    assert_eq!(seen_waiting("write", || drop(rwlock.try_write_for(LONG)), || drop(held)), "waits::b");
    let held = rwlock.read();
    let upgrade = || {
        let upgradable = rwlock.upgradable_read();
        drop(lockdep::parking_lot::RwLockUpgradableReadGuard::try_upgrade_for(upgradable, LONG));
    };
    assert_eq!(seen_waiting("upgrade", upgrade, || drop(held)), "waits::b");
}

#[test]
fn threads_of_which_one_gives_up_are_not_stuck() {
    static A: LockClassKey = LockClassKey::new("given up::a");
    static B: LockClassKey = LockClassKey::new("given up::b");
    let (a, b) = (Mutex::named(&A, ()), Mutex::named(&B, ()));
    let held = a.lock();
    let both = std::sync::Barrier::new(2);
    thread::scope(|threads| {
        threads.spawn(|| {
            let _b = b.lock();
            both.wait();
            // Long enough that the other one looks, and sees it wait.
            assert!(a.try_lock_for(Duration::from_millis(200)).is_none());
        });
        both.wait();
        drop(b.lock());
        drop(held);
    });
    assert!(lockdep::findings().iter().all(|finding| finding.code != Code::Deadlock));
}
