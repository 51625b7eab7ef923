//! The page cache's `sync` module over [shuttle](https://docs.rs/shuttle): every step that threads can see of each other is a choice of
//! its scheduler.
//!
//! **Theorem.** A schedule that it chose is repeated by its text, because nothing else decides what a thread does. **Hole.** Memory is
//! sequentially consistent here, whatever orderings the atomics have: an acquire that should be there and is not goes unnoticed.

use lock_api::GuardNoSend;
use lockdep::LockClassKey;
use shuttle::future::batch_semaphore::{BatchSemaphore, Fairness};
use std::fmt;
use std::ops::Deref;

pub(crate) use shuttle::hint::spin_loop;
pub(crate) use shuttle::sync::mpsc;
pub(crate) use shuttle::{thread, thread_local};

pub(crate) mod atomic {
    pub(crate) use shuttle::sync::atomic::{AtomicBool, AtomicIsize, AtomicU8, AtomicU32, AtomicU64, AtomicUsize};
}

/// Whether there is a checker to tell things to.
pub(crate) const ENABLED: bool = false;

/// A raw mutex: one permit.
pub(crate) struct RawMutex(BatchSemaphore);

// SAFETY: who has the only permit is alone.
unsafe impl lock_api::RawMutex for RawMutex {
    type Guard = GuardNoSend;

    #[allow(clippy::declare_interior_mutable_const, reason = "lock_api wants a constant to start from")]
    const INIT: RawMutex = RawMutex(BatchSemaphore::const_new(1, Fairness::Unfair));

    fn lock(&self) -> GuardNoSend {
        self.0.acquire_blocking(1).expect("nobody closes it");
        GuardNoSend::new()
    }

    fn try_lock(&self) -> Option<GuardNoSend> {
        self.0.try_acquire(1).ok().map(|()| GuardNoSend::new())
    }

    unsafe fn unlock(&self, _: GuardNoSend) {
        self.0.release(1);
    }

    fn is_locked(&self) -> bool {
        self.0.available_permits() == 0
    }
}

/// A raw read-write lock: a permit for each reader, all of them for a writer. Readers wait behind a writer who waits, as those of
/// parking_lot do.
pub(crate) struct RawRwLock(BatchSemaphore);

const READERS: usize = 64;

// SAFETY: who has all permits is alone, and who has one keeps writers out.
unsafe impl lock_api::RawRwLock for RawRwLock {
    type SharedGuard = GuardNoSend;
    type ExclusiveGuard = GuardNoSend;

    #[allow(clippy::declare_interior_mutable_const, reason = "lock_api wants a constant to start from")]
    const INIT: RawRwLock = RawRwLock(BatchSemaphore::const_new(READERS, Fairness::StrictlyFair));

    fn lock_shared(&self) -> GuardNoSend {
        self.0.acquire_blocking(1).expect("nobody closes it");
        GuardNoSend::new()
    }

    fn try_lock_shared(&self) -> Option<GuardNoSend> {
        self.0.try_acquire(1).ok().map(|()| GuardNoSend::new())
    }

    unsafe fn unlock_shared(&self, _: GuardNoSend) {
        self.0.release(1);
    }

    fn lock_exclusive(&self) -> GuardNoSend {
        self.0.acquire_blocking(READERS).expect("nobody closes it");
        GuardNoSend::new()
    }

    fn try_lock_exclusive(&self) -> Option<GuardNoSend> {
        self.0.try_acquire(READERS).ok().map(|()| GuardNoSend::new())
    }

    unsafe fn unlock_exclusive(&self, _: GuardNoSend) {
        self.0.release(READERS);
    }

    fn is_locked(&self) -> bool {
        self.0.available_permits() < READERS
    }

    fn is_locked_exclusive(&self) -> bool {
        self.0.available_permits() == 0
    }
}

pub(crate) type MutexGuard<'a, T> = lock_api::MutexGuard<'a, RawMutex, T>;
pub(crate) type RwLockReadGuard<'a, T> = lock_api::RwLockReadGuard<'a, RawRwLock, T>;
pub(crate) type RwLockWriteGuard<'a, T> = lock_api::RwLockWriteGuard<'a, RawRwLock, T>;

/// A mutex with the name that the checker would know it by.
#[derive(Debug)]
pub(crate) struct Mutex<T>(plain::Mutex<T>);

/// A read-write lock with the name that the checker would know it by.
pub(crate) struct RwLock<T>(plain::RwLock<T>);

impl<T> Mutex<T> {
    pub(crate) const fn named(_: &'static LockClassKey, value: T) -> Mutex<T> {
        Mutex(plain::Mutex::new(value))
    }

    pub(crate) fn lock_nested(&self, _: u32) -> MutexGuard<'_, T> {
        self.0.lock()
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

impl<T> RwLock<T> {
    pub(crate) const fn named(_: &'static LockClassKey, value: T) -> RwLock<T> {
        RwLock(plain::RwLock::new(value))
    }

    pub(crate) fn set_class(&self, _: &'static LockClassKey) {}

    pub(crate) fn write_nested(&self, _: u32) -> RwLockWriteGuard<'_, T> {
        self.0.write()
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

impl<T> Deref for Mutex<T> {
    type Target = plain::Mutex<T>;

    fn deref(&self) -> &plain::Mutex<T> {
        &self.0
    }
}

impl<T> Deref for RwLock<T> {
    type Target = plain::RwLock<T>;

    fn deref(&self) -> &plain::RwLock<T> {
        &self.0
    }
}

impl<T> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RwLock")
    }
}

/// Whether somebody has the lock, which is all that can be known of it without the checker.
macro_rules! assert_held {
    ($lock:expr) => {
        assert!($lock.is_locked())
    };
    ($lock:expr, exclusively) => {
        assert!($lock.is_locked_exclusive())
    };
}
pub(crate) use assert_held;

pub(crate) mod plain {
    use super::{MutexGuard, RawMutex, RawRwLock};
    pub(crate) use super::{RwLockReadGuard, RwLockWriteGuard};
    use std::sync::PoisonError;
    use std::time::Duration;

    pub(crate) type Mutex<T> = lock_api::Mutex<RawMutex, T>;
    pub(crate) type RwLock<T> = lock_api::RwLock<RawRwLock, T>;

    /// What came of a wait that had a limit.
    pub(crate) struct NotTimedOut;

    impl NotTimedOut {
        pub(crate) fn timed_out(&self) -> bool {
            false
        }
    }

    /// Waiting for others to notify, counted.
    #[derive(Debug)]
    pub(crate) struct Condvar {
        notified: shuttle::sync::Mutex<u64>,
        condvar: shuttle::sync::Condvar,
    }

    impl Condvar {
        pub(crate) const fn new() -> Condvar {
            Condvar { notified: shuttle::sync::Mutex::new(0), condvar: shuttle::sync::Condvar::new() }
        }

        pub(crate) fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
            let mut notified = self.notified.lock().unwrap_or_else(PoisonError::into_inner);
            let before = *notified;
            MutexGuard::unlocked(guard, || {
                while *notified == before {
                    notified = self.condvar.wait(notified).unwrap_or_else(PoisonError::into_inner);
                }
                drop(notified);
            });
        }

        /// Time does not go by here.
        pub(crate) fn wait_for<T>(&self, guard: &mut MutexGuard<'_, T>, _: Duration) -> NotTimedOut {
            self.wait(guard);
            NotTimedOut
        }

        pub(crate) fn notify_all(&self) {
            *self.notified.lock().unwrap_or_else(PoisonError::into_inner) += 1;
            self.condvar.notify_all();
        }
    }
}

/// The books of a pseudo-lock, which nobody keeps here.
#[derive(Debug)]
pub(crate) struct LockMap;

/// An entry in them.
#[derive(Debug)]
pub(crate) struct Held;

impl LockMap {
    pub(crate) const fn new(_: &'static LockClassKey) -> LockMap {
        LockMap
    }

    pub(crate) fn renew(&self, _: &'static LockClassKey) {}

    pub(crate) fn acquire(&self) -> Held {
        Held
    }

    pub(crate) fn acquire_shared(&self) -> Held {
        Held
    }

    pub(crate) fn try_acquire(&self) -> Held {
        Held
    }

    pub(crate) fn try_acquire_shared(&self) -> Held {
        Held
    }

    pub(crate) fn might_acquire(&self) {}
}

/// Interrupting code, which the scheduler knows nothing of.
#[derive(Debug)]
pub struct Context;

/// Nobody is kept out.
#[derive(Debug)]
pub(crate) struct Masked;

impl Context {
    pub(crate) const fn new(_: &'static str) -> Context {
        Context
    }

    pub(crate) fn declare(&self) {}

    pub(crate) fn enter(&self) -> Masked {
        Masked
    }

    pub(crate) fn mask(&self) -> Masked {
        Masked
    }
}
