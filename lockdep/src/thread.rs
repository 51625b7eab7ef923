//! `std::thread::{spawn, scope}` for threads whose beginning and end the checker knows.
//!
//! - The new thread is in the [scope](crate::testing) of the thread that starts it.
//! - What came before a spawn, or is over by a join, cannot be part of a deadlock with what comes after: such cycles are
//!   excused. The first 1024 stretches of threads that spawns and joins make in a scope,
//!   or outside of any, are told apart; later ones excuse nothing.
//! - A join waits: joining a thread under a lock that the thread takes is an inversion, reported in runs where nothing hangs.
//!
//! ```
//! use lockdep::parking_lot::Mutex;
//! use std::sync::Arc;
//!
//! let jobs = Arc::new(Mutex::new(vec![1, 2, 3]));
//! let worker = lockdep::thread::spawn({
//!     let jobs = Arc::clone(&jobs);
//!     move || jobs.lock().pop()
//! });
//! # while jobs.lock().len() == 3 {}
//! let held = jobs.lock();
//! worker.join().expect("it does not panic"); // reported: the worker could still be waiting for `jobs`
//! # if cfg!(debug_assertions) {
//! assert_eq!(lockdep::findings().len(), 1);
//! # }
//! ```

use crate::facade::chosen::{End, Start};
use std::sync::Arc;
use std::thread;

/// As [`std::thread::JoinHandle`].
#[derive(Debug)]
pub struct JoinHandle<T> {
    inner: thread::JoinHandle<T>,
    end: Arc<End>,
}

/// As [`std::thread::ScopedJoinHandle`].
#[derive(Debug)]
pub struct ScopedJoinHandle<'scope, T> {
    inner: thread::ScopedJoinHandle<'scope, T>,
    end: Arc<End>,
}

macro_rules! handles {
    ($($Handle:ty,)*) => { $(
        impl<T> $Handle {
            /// Waits for the thread to end.
            ///
            /// # Errors
            /// The panic of the thread, if it panicked.
            ///
            /// # Panics
            /// If it makes a finding that is to be denied, and the policy is to panic.
            #[track_caller]
            pub fn join(self) -> thread::Result<T> {
                self.end.wait(|| self.inner.join())
            }

            /// The thread.
            #[must_use]
            pub fn thread(&self) -> &thread::Thread {
                self.inner.thread()
            }

            /// Whether the thread has run to its end.
            #[must_use]
            pub fn is_finished(&self) -> bool {
                self.inner.is_finished()
            }
        }
    )* };
}

handles! {
    JoinHandle<T>,
    ScopedJoinHandle<'_, T>,
}

/// As [`std::thread::spawn`].
///
/// ```
/// let answer = lockdep::thread::spawn(|| 42).join().expect("it does not panic");
/// assert_eq!(answer, 42);
/// ```
#[track_caller]
pub fn spawn<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let end = End::new();
    let start = Start::new(vec![Arc::clone(&end)]);
    JoinHandle { inner: thread::spawn(move || start.run(f)), end }
}

/// As [`std::thread::Scope`]. Threads of the scope that start others take a clone with them.
#[derive(Clone, Debug)]
pub struct Scope<'scope, 'env: 'scope> {
    inner: &'scope thread::Scope<'scope, 'env>,
    end: Arc<End>,
}

/// As [`std::thread::scope`]. Its end waits for all threads of the scope.
///
/// ```
/// let numbers = [1, 2, 3];
/// let sum = lockdep::thread::scope(|scope| scope.spawn(|| numbers.iter().sum::<i32>()).join().unwrap());
/// assert_eq!(sum, 6);
/// ```
///
/// # Panics
/// As [`std::thread::scope`], and as [`JoinHandle::join`] once all threads have ended.
#[track_caller]
pub fn scope<'env, F, T>(f: F) -> T
where
    F: for<'scope> FnOnce(Scope<'scope, 'env>) -> T,
{
    let end = End::new();
    let result = thread::scope(|inner| f(Scope { inner, end: Arc::clone(&end) }));
    end.wait(|| ());
    result
}

impl<'scope> Scope<'scope, '_> {
    /// As [`std::thread::Scope::spawn`].
    #[track_caller]
    pub fn spawn<F, T>(&self, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let end = End::new();
        let start = Start::new(vec![Arc::clone(&self.end), Arc::clone(&end)]);
        ScopedJoinHandle { inner: self.inner.spawn(move || start.run(f)), end }
    }
}
