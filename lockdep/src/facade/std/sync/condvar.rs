//! [`Condvar`], for the facade's `Mutex`.

use super::{LockResult, MutexGuard, WaitTimeoutResult, poisoning};
use crate::facade::chosen::Hold;
use core::fmt;
use std::sync;
use std::time::Duration;

/// A condition variable with the interface of [`std::sync::Condvar`]. Waiting releases the mutex, and taking it again
/// afterwards is checked like any other acquisition: locks held across the wait come before it.
///
/// ```
/// use lockdep::std::sync::{Arc, Condvar, Mutex};
///
/// let ready = Arc::new((Mutex::new(false), Condvar::new()));
/// let setter = Arc::clone(&ready);
/// let thread = std::thread::spawn(move || {
///     *setter.0.lock().unwrap() = true;
///     setter.1.notify_one();
/// });
/// drop(ready.1.wait_while(ready.0.lock().unwrap(), |ready| !*ready).unwrap());
/// thread.join().unwrap();
/// ```
#[derive(Default)]
pub struct Condvar(sync::Condvar);

impl Condvar {
    /// Creates a new condition variable, ready to be waited on and notified.
    #[inline]
    #[must_use]
    pub const fn new() -> Condvar {
        Condvar(sync::Condvar::new())
    }

    /// Waits until this condition variable is notified.
    ///
    /// # Errors
    /// The guard, if the mutex is poisoned.
    ///
    /// # Panics
    /// If the condition variable is used with more than one mutex; if it makes a finding that is to be denied, and the policy is
    /// to panic.
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let MutexGuard { hold, inner } = guard;
        let away = hold.away();
        let result = self.0.wait(inner);
        again(result, away.back())
    }

    /// Waits while `condition` is true.
    ///
    /// # Errors
    /// As [`Condvar::wait`].
    ///
    /// # Panics
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_while<'a, T, F: FnMut(&mut T) -> bool>(
        &self,
        guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> LockResult<MutexGuard<'a, T>> {
        let MutexGuard { hold, inner } = guard;
        let away = hold.away();
        let result = self.0.wait_while(inner, |data| away.meanwhile(|| condition(data)));
        again(result, away.back())
    }

    /// Waits until this condition variable is notified, at most `ms` milliseconds.
    ///
    /// # Errors
    /// As [`Condvar::wait`].
    ///
    /// # Panics
    /// As [`Condvar::wait`].
    #[track_caller]
    #[deprecated(note = "replaced by `wait_timeout`, as in std")]
    pub fn wait_timeout_ms<'a, T>(&self, guard: MutexGuard<'a, T>, ms: u32) -> LockResult<(MutexGuard<'a, T>, bool)> {
        let result = self.wait_timeout(guard, Duration::from_millis(u64::from(ms)));
        poisoning::map(result, |(guard, waited)| (guard, !waited.timed_out()))
    }

    /// Waits until this condition variable is notified, at most `dur`.
    ///
    /// # Errors
    /// As [`Condvar::wait`].
    ///
    /// # Panics
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        dur: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let MutexGuard { hold, inner } = guard;
        let away = hold.away();
        let result = self.0.wait_timeout(inner, dur);
        again_timed(result, away.back())
    }

    /// Waits while `condition` is true, at most `dur`.
    ///
    /// # Errors
    /// As [`Condvar::wait`].
    ///
    /// # Panics
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_timeout_while<'a, T, F: FnMut(&mut T) -> bool>(
        &self,
        guard: MutexGuard<'a, T>,
        dur: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let MutexGuard { hold, inner } = guard;
        let away = hold.away();
        let result = self.0.wait_timeout_while(inner, dur, |data| away.meanwhile(|| condition(data)));
        again_timed(result, away.back())
    }

    /// Wakes up one thread that waits on this condition variable.
    #[inline]
    pub fn notify_one(&self) {
        self.0.notify_one();
    }

    /// Wakes up all threads that wait on this condition variable.
    #[inline]
    pub fn notify_all(&self) {
        self.0.notify_all();
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The guard after a wait.
fn again<'a, T>(result: LockResult<sync::MutexGuard<'a, T>>, hold: Hold) -> LockResult<MutexGuard<'a, T>> {
    poisoning::map(result, |inner| MutexGuard { hold, inner })
}

/// The guard after a wait with a time limit, and how the wait ended.
fn again_timed<'a, T>(
    result: LockResult<(sync::MutexGuard<'a, T>, WaitTimeoutResult)>,
    hold: Hold,
) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
    poisoning::map(result, |(inner, waited)| (MutexGuard { hold, inner }, waited))
}
