//! The ends of threads, as something to wait for.
//!
//! A thread has the pseudo-lock of its own end from start to end, in a mode that keeps nobody else out; whoever joins it waits for
//! that. So a join under a lock that the joined thread needs is a cycle like any other.

use super::{TrackedHold, TrackedMap};
use crate::runtime;
use crate::testing::stay_of;
use core::panic::Location;
use lockdep_core::class::LockKind;
use lockdep_core::mode::Want;
use std::sync::{Arc, Mutex, PoisonError};

/// The end of one thread, or of all threads of a scope.
#[derive(Debug)]
pub struct End {
    map: TrackedMap,
    /// The segments in which they ended.
    last: Mutex<Vec<u32>>,
}

/// What a new thread takes with it.
#[derive(Debug)]
pub struct Start {
    scope: u32,
    segment: u32,
    ends: Vec<Arc<End>>,
}

impl End {
    /// The end of threads that are started here.
    #[track_caller]
    pub fn new() -> Arc<End> {
        Arc::new(End { map: TrackedMap::at(Location::caller()), last: Mutex::default() })
    }

    /// Waits, by `join`, for the threads to end.
    ///
    /// # Panics
    /// If it makes a finding that is to be denied, and the policy is to panic; `join` was not called then.
    #[track_caller]
    pub fn wait<T>(&self, join: impl FnOnce() -> T) -> T {
        self.bind();
        let result = self.map.wait_beside(join);
        let last = std::mem::take(&mut *self.last.lock().unwrap_or_else(PoisonError::into_inner));
        runtime::joined(&last);
        result
    }

    fn bind(&self) {
        self.map.bind(LockKind::Thread, || "thread");
    }

    #[track_caller]
    fn hold(&self) -> TrackedHold {
        self.bind();
        self.map.acquire(Want::RecursiveRead, true)
    }
}

impl Start {
    /// A thread that the caller is about to start, in its scope and after all it has done so far.
    #[must_use]
    pub fn new(ends: Vec<Arc<End>>) -> Start {
        Start { scope: runtime::current_scope(), segment: runtime::forked(), ends }
    }

    /// Runs the thread.
    #[track_caller]
    pub fn run<T>(self, f: impl FnOnce() -> T) -> T {
        runtime::begin(self.segment);
        let _stay = (self.scope != 0).then(|| stay_of(self.scope));
        let _holds: Vec<TrackedHold> = self.ends.iter().map(|end| end.hold()).collect();
        let _told = Told(&self.ends);
        f()
    }
}

/// Tells the ends of a thread in which segment it ended, also when it panics.
struct Told<'a>(&'a [Arc<End>]);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        let segment = runtime::current_segment();
        for end in self.0 {
            end.last.lock().unwrap_or_else(PoisonError::into_inner).push(segment);
        }
    }
}
