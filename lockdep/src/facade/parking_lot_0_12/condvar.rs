//! [`Condvar`], for the facade's `Mutex`.

use super::MutexGuard;
use crate::facade::chosen::parking_lot_0_12::park;
use core::fmt;
use std::time::{Duration, Instant};

/// Whether a wait ended because its time was over.
#[derive(Debug, PartialEq, Eq, Copy, Clone)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// Whether it did.
    #[inline]
    #[must_use]
    pub fn timed_out(self) -> bool {
        self.0
    }
}

/// A condition variable with the interface of `parking_lot::Condvar`. Waiting releases the mutex, and taking it again
/// afterwards is checked like any other acquisition: locks held across the wait come before it.
#[derive(Default)]
pub struct Condvar(::parking_lot_0_12::Condvar);

impl Condvar {
    /// Creates a new condition variable, ready to be waited on and notified.
    #[inline]
    #[must_use]
    pub const fn new() -> Condvar {
        Condvar(::parking_lot_0_12::Condvar::new())
    }

    /// Wakes up one thread that waits on this condition variable. Returns whether there was one.
    #[inline]
    pub fn notify_one(&self) -> bool {
        self.0.notify_one()
    }

    /// Wakes up all threads that wait on this condition variable. Returns how many there were.
    #[inline]
    pub fn notify_all(&self) -> usize {
        self.0.notify_all()
    }

    /// Waits until this condition variable is notified.
    ///
    /// # Panics
    /// If another mutex is waited with at the same time; if it makes a finding that is to be denied, and the policy is to panic.
    #[track_caller]
    pub fn wait<T: ?Sized>(&self, mutex_guard: &mut MutexGuard<'_, T>) {
        park(&self.0, mutex_guard, None);
    }

    /// Waits until this condition variable is notified, or a deadline is reached.
    ///
    /// # Panics
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_until<T: ?Sized>(&self, mutex_guard: &mut MutexGuard<'_, T>, timeout: Instant) -> WaitTimeoutResult {
        WaitTimeoutResult(park(&self.0, mutex_guard, Some(timeout)))
    }

    /// Waits until this condition variable is notified, or a timeout is reached.
    ///
    /// # Panics
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_for<T: ?Sized>(&self, mutex_guard: &mut MutexGuard<'_, T>, timeout: Duration) -> WaitTimeoutResult {
        WaitTimeoutResult(park(&self.0, mutex_guard, Instant::now().checked_add(timeout)))
    }

    /// Waits while `condition` is true.
    ///
    /// # Panics
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_while<T: ?Sized, F>(&self, mutex_guard: &mut MutexGuard<'_, T>, condition: F)
    where
        F: FnMut(&mut T) -> bool,
    {
        self.wait_while_at_most(mutex_guard, condition, None);
    }

    /// Waits while `condition` is true, or until a deadline is reached.
    ///
    /// # Panics
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_while_until<T: ?Sized, F>(
        &self,
        mutex_guard: &mut MutexGuard<'_, T>,
        condition: F,
        timeout: Instant,
    ) -> WaitTimeoutResult
    where
        F: FnMut(&mut T) -> bool,
    {
        self.wait_while_at_most(mutex_guard, condition, Some(timeout))
    }

    /// Waits while `condition` is true, or until a timeout is reached.
    ///
    /// # Panics
    /// As [`Condvar::wait`].
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
        self.wait_while_at_most(mutex_guard, condition, Instant::now().checked_add(timeout))
    }

    #[track_caller]
    fn wait_while_at_most<T: ?Sized>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        mut condition: impl FnMut(&mut T) -> bool,
        deadline: Option<Instant>,
    ) -> WaitTimeoutResult {
        let mut result = WaitTimeoutResult(false);
        while !result.timed_out() && condition(guard) {
            result = WaitTimeoutResult(park(&self.0, guard, deadline));
        }
        result
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
