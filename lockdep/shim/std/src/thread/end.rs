//! The ends of threads, as something to wait for.
//!
//! A thread has the pseudo-lock of its own end from start to end, in a mode that keeps nobody else out; whoever joins it waits for
//! that. So a join under a lock that the joined thread needs is a cycle like any other.

use crate::books::Held;
use ::std::panic::Location;
use ::std::sync::{Arc, Mutex, PoisonError};
use lockdep_rt::foreign::{self, Kind, Wanted};
use lockdep_rt::{ClassWord, How};

/// The end of one thread, or of all threads of a scope.
pub(super) struct End {
    word: ClassWord,
    site: &'static Location<'static>,
    /// The segments in which they ended.
    last: Mutex<Vec<u32>>,
}

const JOINED: Wanted = Wanted { kind: Kind::Thread, how: How::WRITE, limit_ms: 0, name: || "thread" };

impl End {
    /// The end of threads that are started here.
    #[track_caller]
    pub(super) fn new() -> Arc<End> {
        let site = Location::caller();
        Arc::new(End { word: ClassWord::birth(site), site, last: Mutex::default() })
    }

    /// It is about to be waited for.
    #[track_caller]
    pub(super) fn wait(&self) {
        foreign::waits(&self.word, &JOINED, Location::caller());
    }

    /// The same, where that is said with the start.
    pub(super) fn wait_here(&self) {
        foreign::waits(&self.word, &JOINED, self.site);
    }

    /// The wait is over: what the threads did comes before what this one does next.
    pub(super) fn waited(&self) {
        let mut before = ::std::mem::take(&mut *self.last.lock().unwrap_or_else(PoisonError::into_inner));
        before.push(foreign::current_segment());
        foreign::joined(&before);
    }

    fn hold(&self) -> Held<'_> {
        foreign::arrive();
        let alive = Wanted { how: How::RECURSIVE_READ.tried(), ..JOINED };
        Held { word: &self.word, token: foreign::entered(&self.word, &alive, self.site) }
    }
}

/// The function of a new thread, after all that this thread has done; the ends are the thread's.
pub(super) fn after<F, T, const N: usize>(ends: [Arc<End>; N], f: F) -> impl FnOnce() -> T
where
    F: FnOnce() -> T,
{
    let segment = foreign::forked();
    move || {
        foreign::begin(segment);
        let _holds = ends.each_ref().map(|end| end.hold());
        let _told = Told(&ends);
        f()
    }
}

/// Tells the ends of a thread in which segment it ended, also when it panics.
struct Told<'a>(&'a [Arc<End>]);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        let segment = foreign::current_segment();
        for end in self.0 {
            end.last.lock().unwrap_or_else(PoisonError::into_inner).push(segment);
        }
    }
}
