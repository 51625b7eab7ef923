//! What the checker costs in bytes.

use std::mem::size_of;

/// What the checker adds to a lock, and to a guard.
const ADDED: usize =
    if cfg!(lockdep_off) || !(cfg!(lockdep) || cfg!(debug_assertions)) { 0 } else { size_of::<usize>() };

macro_rules! added {
    ($by:expr, $($Type:ident($($arg:tt)*)),* $(,)?) => { $(
        assert_eq!(
            size_of::<lockdep::parking_lot::$Type<$($arg)*>>(),
            size_of::<parking_lot::$Type<$($arg)*>>() + $by,
            stringify!($Type)
        );
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
