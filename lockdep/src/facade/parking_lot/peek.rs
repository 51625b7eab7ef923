//! Looking at protected data for `Debug`, without a trace in the lock graph.
//!
//! Printing a lock is not a use of it that says anything about the program's lock order, and it happens in log lines
//! and panic messages, where a new edge would be a surprise. So the plain lock underneath is tried, and never waited for.

use core::fmt;
use lock_api::{RawMutex, RawRwLock};

/// Releases the plain mutex when the look is over, also if printing the data panics.
struct Exclusive<'a, R: RawMutex> {
    raw: &'a R,
    guard: Option<R::Guard>,
}

impl<R: RawMutex> Drop for Exclusive<'_, R> {
    fn drop(&mut self) {
        if let Some(guard) = self.guard.take() {
            // SAFETY: `guard` is an acquisition of `raw` by this thread, and is released once.
            unsafe { self.raw.unlock(guard) };
        }
    }
}

/// Releases the plain reader-writer lock when the look is over, also if printing the data panics.
struct Shared<'a, R: RawRwLock> {
    raw: &'a R,
    guard: Option<R::SharedGuard>,
}

impl<R: RawRwLock> Drop for Shared<'_, R> {
    fn drop(&mut self) {
        if let Some(guard) = self.guard.take() {
            // SAFETY: `guard` is a shared acquisition of `raw` by this thread, and is released once.
            unsafe { self.raw.unlock_shared(guard) };
        }
    }
}

/// Prints a mutex as `lock_api` does.
///
/// # Safety
///
/// `raw` must be the lock that protects the data at `data`.
pub(super) unsafe fn debug_mutex<R: RawMutex, T: fmt::Debug + ?Sized>(
    raw: &R,
    data: *const T,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let held = Exclusive { raw, guard: raw.try_lock() };
    // SAFETY: the caller says that `raw` protects the data, and `held` keeps it locked until the end of this function.
    let data = held.guard.as_ref().map(|_| unsafe { &*data });
    debug_data("Mutex", data, f)
}

/// Prints a reader-writer lock as `lock_api` does.
///
/// # Safety
///
/// `raw` must be the lock that protects the data at `data`.
pub(super) unsafe fn debug_rwlock<R: RawRwLock, T: fmt::Debug + ?Sized>(
    raw: &R,
    data: *const T,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let held = Shared { raw, guard: raw.try_lock_shared() };
    // SAFETY: the caller says that `raw` protects the data, and `held` keeps writers out until the end of this function.
    let data = held.guard.as_ref().map(|_| unsafe { &*data });
    debug_data("RwLock", data, f)
}

/// The text of `lock_api`'s `Debug`: the data, or that somebody has it.
fn debug_data<T: fmt::Debug + ?Sized>(name: &str, data: Option<&T>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match data {
        Some(data) => f.debug_struct(name).field("data", &data).finish(),
        None => f.debug_struct(name).field("data", &format_args!("<locked>")).finish(),
    }
}
