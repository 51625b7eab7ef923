//! Every method of the locks that returns an `Arc` guard.

use super::pl;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(2);

/// A deadline that has not passed.
fn soon() -> Instant {
    Instant::now() + SHORT
}

#[test]
fn arc_guards_keep_their_lock_alive() {
    let m = Arc::new(pl::Mutex::new(1));
    let guard: pl::ArcMutexGuard<pl::RawMutex, i32> = m.lock_arc();
    assert_eq!(Arc::strong_count(&m), 2);
    assert!(m.try_lock_arc().is_none() && m.try_lock_arc_for(SHORT).is_none());
    assert!(m.try_lock_arc_until(soon()).is_none());
    drop(m);
    assert_eq!(*guard, 1);
    let unsized_data: Arc<pl::FairMutex<[u8]>> = Arc::new(pl::FairMutex::new([1, 2]));
    assert_eq!(unsized_data.lock_arc().len(), 2);
    assert_eq!(unsized_data.try_lock_arc().unwrap().len(), 2);
    assert_eq!(Arc::strong_count(&unsized_data), 1);

    let l = Arc::new(pl::RwLock::new(1));
    let read: pl::ArcRwLockReadGuard<pl::RawRwLock, i32> = l.read_arc();
    assert!(l.try_write_arc().is_none() && l.try_write_arc_for(SHORT).is_none());
    assert!(l.try_write_arc_until(soon()).is_none() && l.try_read_arc().is_some());
    assert!(l.try_read_arc_for(SHORT).is_some() && l.try_read_arc_until(soon()).is_some());
    drop(read);
    let mut write: pl::ArcRwLockWriteGuard<pl::RawRwLock, i32> = l.write_arc();
    *write = 2;
    drop(write);
    let upgradable: pl::ArcRwLockUpgradableReadGuard<_, _> = l.upgradable_read_arc();
    assert!(l.try_upgradable_read_arc().is_none() && l.try_upgradable_read_arc_for(SHORT).is_none());
    assert!(l.try_upgradable_read_arc_until(soon()).is_none());
    drop(pl::ArcRwLockUpgradableReadGuard::upgrade(upgradable));
    // SAFETY: each acquisition is the raw one just made, and is released once.
    unsafe {
        use pl::lock_api::{RawRwLock as _, RawRwLockUpgrade as _};
        let token = l.raw().lock_shared();
        drop(l.make_arc_read_guard_unchecked(token));
        let token = l.raw().lock_exclusive();
        drop(l.make_arc_write_guard_unchecked(token));
        let token = l.raw().lock_upgradable();
        drop(l.make_upgradable_arc_guard_unchecked(token));
    }
    assert_eq!(Arc::strong_count(&l), 1);
    assert_eq!(Arc::try_unwrap(l).unwrap().into_inner(), 2);

    let m = Arc::new(pl::ReentrantMutex::new(1));
    let outer = m.lock_arc();
    assert_eq!(*m.try_lock_arc().unwrap() + *outer, 2);
    assert!(m.try_lock_arc_for(SHORT).is_some() && m.try_lock_arc_until(soon()).is_some());
    // SAFETY: the level was locked by this thread and is released once.
    unsafe {
        std::mem::forget(m.lock());
        drop(m.make_arc_guard_unchecked());
    }
    drop(outer);
    assert_eq!(Arc::strong_count(&m), 1);
}
