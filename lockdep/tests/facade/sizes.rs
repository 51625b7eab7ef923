//! What the checker costs in bytes.

use lockdep::parking_lot as checked;
use parking_lot as plain;
use std::mem::size_of;

/// What the checker adds to a lock, and to a guard.
const ADDED: usize =
    if cfg!(lockdep_off) || !(cfg!(lockdep) || cfg!(debug_assertions)) { 0 } else { size_of::<usize>() };

macro_rules! added {
    ($by:expr, $($Type:ident($($arg:tt)*)),* $(,)?) => { $(
        assert_eq!(size_of::<checked::$Type<$($arg)*>>(), size_of::<plain::$Type<$($arg)*>>() + $by, stringify!($Type));
    )* };
}

#[test]
fn a_lock_grows_by_one_word_if_checked_and_not_at_all_otherwise() {
    added!(ADDED, Mutex(u64), FairMutex(u64), RwLock(u64), RecursiveRwLock(u64));
}

#[test]
fn a_guard_grows_by_one_word_if_checked_and_not_at_all_otherwise() {
    added!(ADDED, MutexGuard('static, u64), MappedMutexGuard('static, u64), FairMutexGuard('static, u64));
    added!(ADDED, RwLockReadGuard('static, u64), RwLockWriteGuard('static, u64));
    added!(ADDED, RwLockUpgradableReadGuard('static, u64), RecursiveRwLockReadGuard('static, u64));
    added!(0, ReentrantMutexGuard('static, u64));
}

#[test]
fn a_reentrant_mutex_also_keeps_its_guards_token() {
    added!(2 * ADDED, ReentrantMutex(u64));
}

#[test]
fn the_locks_of_std_and_their_guards_grow_by_one_word_if_checked_and_not_at_all_otherwise() {
    use lockdep::std::sync as checked;
    use std::sync as plain;
    added!(ADDED, Mutex(u64), RwLock(u64), OnceLock(u64), LazyLock(u64), Barrier());
    added!(ADDED, MutexGuard('static, u64), RwLockReadGuard('static, u64), RwLockWriteGuard('static, u64));
    added!(0, Condvar());
}

#[test]
fn a_once_of_std_keeps_its_alignment() {
    assert_eq!(
        size_of::<lockdep::std::sync::Once>(),
        if ADDED == 0 { size_of::<std::sync::Once>() } else { 2 * ADDED }
    );
}

#[cfg(feature = "parking_lot_0_12")]
#[test]
fn the_locks_of_parking_lot_0_12_grow_by_one_word_and_their_guards_not_at_all() {
    use lockdep::parking_lot_0_12 as checked;
    use parking_lot_0_12 as plain;
    added!(ADDED, Mutex(u64), FairMutex(u64), RwLock(u64), ReentrantMutex(u64));
    added!(0, MutexGuard('static, u64), RwLockReadGuard('static, u64), RwLockWriteGuard('static, u64), Condvar());
}

#[cfg(feature = "spin")]
#[test]
fn the_locks_of_spin_grow_by_one_word_and_their_guards_not_at_all() {
    use lockdep::spin as checked;
    use spin::lock_api as plain;
    added!(ADDED, Mutex(u64), RwLock(u64));
    added!(0, MutexGuard('static, u64), RwLockReadGuard('static, u64), RwLockWriteGuard('static, u64));
}
