//! [`Condvar`], for the facade's `Mutex`.

use super::MutexGuard;
use crate::facade::chosen::{Caller, RawCondvar};
use core::fmt;
use core::ops::Deref;
use std::time::{Duration, Instant};

pub use ::lock_api::WaitTimeoutResult;

type Inner = lock_api::Condvar<RawCondvar>;

/// A condition variable with the interface of `parking_lot::Condvar`. Waiting releases the mutex, and taking it again
/// afterwards is checked like any other acquisition, at the place of the wait: locks held across it come before the mutex.
///
/// ```
/// use lockdep::parking_lot::{Condvar, Mutex};
///
/// let (ready, changed) = (Mutex::new(false), Condvar::new());
/// std::thread::scope(|threads| {
///     threads.spawn(|| {
///         *ready.lock() = true;
///         changed.notify_one();
///     });
///     changed.wait_while(&mut ready.lock(), |ready| !*ready);
/// });
/// ```
#[derive(Default)]
#[repr(transparent)]
pub struct Condvar(Inner);

impl Condvar {
    /// Creates a new condition variable, ready to be waited on and notified.
    #[inline]
    #[must_use]
    pub const fn new() -> Condvar {
        Condvar(lock_api::Condvar::new())
    }

    /// The raw condition variable.
    #[inline]
    pub fn raw(&self) -> &RawCondvar {
        self.0.raw()
    }

    /// Wakes up one waiting thread, and returns whether there was one.
    #[inline]
    pub fn notify_one(&self) -> bool {
        self.0.notify_one()
    }

    /// Wakes up all waiting threads, and returns how many there were.
    #[inline]
    pub fn notify_all(&self) -> usize {
        self.0.notify_all()
    }

    /// Waits until this condition variable is notified.
    ///
    /// # Panics
    /// If another thread waits with another mutex; if it makes a finding that is to be denied, and the policy is to panic.
    #[inline]
    #[track_caller]
    pub fn wait<T: ?Sized>(&self, mutex_guard: &mut MutexGuard<'_, T>) {
        let _caller = Caller::here();
        self.0.wait(mutex_guard);
    }

    /// Waits while `condition` is true.
    ///
    /// # Panics
    /// As [`Condvar::wait`].
    #[inline]
    #[track_caller]
    pub fn wait_while<T, F>(&self, mutex_guard: &mut MutexGuard<'_, T>, condition: F)
    where
        T: ?Sized,
        F: FnMut(&mut T) -> bool,
    {
        let _caller = Caller::here();
        self.0.wait_while(mutex_guard, condition);
    }

    /// Waits until this condition variable is notified, at most until a deadline.
    ///
    /// # Panics
    /// As [`Condvar::wait`].
    #[inline]
    #[track_caller]
    pub fn wait_until<T: ?Sized>(&self, mutex_guard: &mut MutexGuard<'_, T>, timeout: Instant) -> WaitTimeoutResult {
        let _caller = Caller::here();
        self.0.wait_until(mutex_guard, timeout)
    }

    /// Waits until this condition variable is notified, at most for some time.
    ///
    /// # Panics
    /// As [`Condvar::wait`].
    #[inline]
    #[track_caller]
    pub fn wait_for<T: ?Sized>(&self, mutex_guard: &mut MutexGuard<'_, T>, timeout: Duration) -> WaitTimeoutResult {
        let _caller = Caller::here();
        self.0.wait_for(mutex_guard, timeout)
    }

    /// Waits while `condition` is true, at most until a deadline.
    ///
    /// # Panics
    /// As [`Condvar::wait`].
    #[inline]
    #[track_caller]
    pub fn wait_while_until<T, F>(
        &self,
        mutex_guard: &mut MutexGuard<'_, T>,
        condition: F,
        timeout: Instant,
    ) -> WaitTimeoutResult
    where
        T: ?Sized,
        F: FnMut(&mut T) -> bool,
    {
        let _caller = Caller::here();
        self.0.wait_while_until(mutex_guard, condition, timeout)
    }

    /// Waits while `condition` is true, at most for some time.
    ///
    /// # Panics
    /// As [`Condvar::wait`].
    #[inline]
    #[track_caller]
    pub fn wait_while_for<T: ?Sized, F>(
        &self,
        mutex_guard: &mut MutexGuard<'_, T>,
        condition: F,
        timeout: Duration,
    ) -> WaitTimeoutResult
    where
        F: FnMut(&mut T) -> bool,
    {
        let _caller = Caller::here();
        self.0.wait_while_for(mutex_guard, condition, timeout)
    }
}

/// Code that is generic over `lock_api` accepts the facade's condition variable by reference.
impl Deref for Condvar {
    type Target = Inner;

    #[inline]
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
