//! Where the checker says that a lock was taken: at the call in the program, whichever call it was.
#![cfg(debug_assertions)]

use lockdep::parking_lot as pl;
use lockdep::std::sync as sy;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(1);

/// Takes each lock, and says of which ones the place is not known to be this file.
macro_rules! elsewhere {
    ($($name:literal: $guard:expr;)*) => {{
        let mut elsewhere = Vec::new();
        $(
            let guard = $guard;
            let thread = std::thread::current();
            let held = lockdep::held().into_iter().find(|held| Some(&*held.thread) == thread.name());
            let site = held.map(|held| held.locks[0].site.clone());
            if site.as_ref().is_none_or(|site| &*site.file != file!()) {
                elsewhere.push(format!("{}: {site:?}", $name));
            }
            drop(guard);
        )*
        elsewhere
    }};
}

#[test]
fn every_acquisition_is_known_by_its_call() {
    let (mutex, fair, reentrant) = (pl::Mutex::new(0), pl::FairMutex::new(0), pl::ReentrantMutex::new(0));
    let (rwlock, recursive) = (pl::RwLock::new(0), pl::RecursiveRwLock::new(0));
    let soon = || Instant::now() + SOON;
    let elsewhere = elsewhere! {
        "lock": mutex.lock();
        "lock_nested": mutex.lock_nested(1);
        "try_lock": mutex.try_lock();
        "try_lock_for": mutex.try_lock_for(SOON);
        "try_lock_until": mutex.try_lock_until(soon());
        "fair lock": fair.lock();
        "fair try_lock": fair.try_lock();
        "reentrant lock": reentrant.lock();
        "reentrant try_lock": reentrant.try_lock();
        "reentrant try_lock_for": reentrant.try_lock_for(SOON);
        "reentrant try_lock_until": reentrant.try_lock_until(soon());
        "read": rwlock.read();
        "try_read": rwlock.try_read();
        "try_read_for": rwlock.try_read_for(SOON);
        "try_read_until": rwlock.try_read_until(soon());
        "write": rwlock.write();
        "try_write": rwlock.try_write();
        "try_write_for": rwlock.try_write_for(SOON);
        "try_write_until": rwlock.try_write_until(soon());
        "upgradable_read": rwlock.upgradable_read();
        "try_upgradable_read": rwlock.try_upgradable_read();
        "try_upgradable_read_for": rwlock.try_upgradable_read_for(SOON);
        "try_upgradable_read_until": rwlock.try_upgradable_read_until(soon());
        "recursive read": recursive.read();
        "recursive try_read": recursive.try_read();
    };
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
}

#[test]
fn a_mutex_is_taken_again_where_the_wait_is() {
    let (mutex, changed) = (pl::Mutex::new(()), pl::Condvar::new());
    let mut guard = mutex.lock();
    let now = Duration::ZERO;
    type Wait<'a> = &'a dyn Fn(&mut pl::MutexGuard<'_, ()>) -> pl::WaitTimeoutResult;
    let waits: [(u32, Wait<'_>); 4] = [
        (line!(), &|guard| changed.wait_for(guard, now)),
        (line!(), &|guard| changed.wait_until(guard, Instant::now())),
        (line!(), &|guard| changed.wait_while_for(guard, |()| true, now)),
        (line!(), &|guard| changed.wait_while_until(guard, |()| true, Instant::now())),
    ];
    for (line, wait) in waits {
        assert!(wait(&mut guard).timed_out());
        let thread = std::thread::current();
        let held = lockdep::held().into_iter().find(|held| Some(&*held.thread) == thread.name());
        let site = held.map(|held| held.locks[0].site.clone());
        assert!(site.as_ref().is_some_and(|site| (&*site.file, site.line) == (file!(), line)), "{line}: {site:?}");
    }
}

#[test]
fn so_are_those_of_std() {
    let (mutex, rwlock) = (sy::Mutex::new(0), sy::RwLock::new(0));
    let elsewhere = elsewhere! {
        "lock": mutex.lock().unwrap();
        "try_lock": mutex.try_lock().unwrap();
        "read": rwlock.read().unwrap();
        "try_read": rwlock.try_read().unwrap();
        "write": rwlock.write().unwrap();
        "try_write": rwlock.try_write().unwrap();
    };
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
}

#[test]
#[cfg(feature = "arc_lock")]
fn so_are_those_through_an_arc() {
    use std::sync::Arc;
    let (mutex, reentrant) = (Arc::new(pl::Mutex::new(0)), Arc::new(pl::ReentrantMutex::new(0)));
    let rwlock = Arc::new(pl::RwLock::new(0));
    let elsewhere = elsewhere! {
        "lock_arc": mutex.lock_arc();
        "try_lock_arc": mutex.try_lock_arc();
        "try_lock_arc_for": mutex.try_lock_arc_for(SOON);
        "reentrant lock_arc": reentrant.lock_arc();
        "reentrant try_lock_arc": reentrant.try_lock_arc();
        "reentrant try_lock_arc_for": reentrant.try_lock_arc_for(SOON);
        "read_arc": rwlock.read_arc();
        "try_read_arc": rwlock.try_read_arc();
        "try_read_arc_for": rwlock.try_read_arc_for(SOON);
        "write_arc": rwlock.write_arc();
        "try_write_arc": rwlock.try_write_arc();
        "upgradable_read_arc": rwlock.upgradable_read_arc();
        "try_upgradable_read_arc": rwlock.try_upgradable_read_arc();
    };
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
}

#[test]
#[cfg(feature = "parking_lot_0_12")]
fn so_are_those_of_parking_lot_0_12() {
    use lockdep::parking_lot_0_12 as old;
    let (mutex, rwlock, reentrant) = (old::Mutex::new(0), old::RwLock::new(0), old::ReentrantMutex::new(0));
    let soon = || Instant::now() + SOON;
    let elsewhere = elsewhere! {
        "lock": mutex.lock();
        "lock_nested": mutex.lock_nested(1);
        "try_lock": mutex.try_lock();
        "try_lock_for": mutex.try_lock_for(SOON);
        "try_lock_until": mutex.try_lock_until(soon());
        "read": rwlock.read();
        "read_nested": rwlock.read_nested(1);
        "try_read": rwlock.try_read();
        "try_read_for": rwlock.try_read_for(SOON);
        "try_read_until": rwlock.try_read_until(soon());
        "write": rwlock.write();
        "try_write": rwlock.try_write();
        "try_write_for": rwlock.try_write_for(SOON);
        "try_write_until": rwlock.try_write_until(soon());
        "read_recursive": rwlock.read_recursive();
        "try_read_recursive": rwlock.try_read_recursive();
        "try_read_recursive_for": rwlock.try_read_recursive_for(SOON);
        "reentrant lock": reentrant.lock();
        "reentrant try_lock": reentrant.try_lock();
        "upgradable_read": rwlock.upgradable_read();
        "try_upgradable_read": rwlock.try_upgradable_read();
        "try_upgradable_read_for": rwlock.try_upgradable_read_for(SOON);
    };
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
}

#[test]
#[cfg(feature = "spin")]
fn so_are_those_of_spin() {
    use lockdep::spin as sp;
    let (mutex, rwlock) = (sp::Mutex::new(0), sp::RwLock::new(0));
    let elsewhere = elsewhere! {
        "lock": mutex.lock();
        "try_lock": mutex.try_lock();
        "read": rwlock.read();
        "try_read": rwlock.try_read();
        "write": rwlock.write();
        "try_write": rwlock.try_write();
        "upgradable_read": rwlock.upgradable_read();
        "try_upgradable_read": rwlock.try_upgradable_read();
    };
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
}
