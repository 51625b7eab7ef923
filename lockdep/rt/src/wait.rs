//! What a thread waits for, published on contended paths only.

use crate::entry::How;
use std::panic::Location;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{fence, AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize};

/// The wait of one thread. Only its owner writes it.
#[derive(Debug, Default)]
pub struct Wait {
    word: AtomicUsize,
    how: AtomicU32,
    site: AtomicPtr<Location<'static>>,
    gives_up: AtomicBool,
    count: AtomicU64,
}

/// A wait as another thread sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waited {
    /// The lock's bound word.
    pub word: usize,
    /// How the lock is wanted.
    pub how: How,
    /// Where.
    pub site: &'static Location<'static>,
    /// Whether it ends after some time, with the lock or without.
    pub gives_up: bool,
    /// The number of the wait: equal numbers of one thread are one wait.
    pub count: u64,
}

impl Wait {
    /// The thread is about to wait for a lock. Of several threads that publish and then look at each other's waits, the
    /// last sees all.
    pub fn start(&self, word: usize, how: How, site: &'static Location<'static>, gives_up: bool) {
        self.count.fetch_add(1, Relaxed);
        self.how.store(how.0, Relaxed);
        self.gives_up.store(gives_up, Relaxed);
        self.site.store(std::ptr::from_ref(site).cast_mut(), Relaxed);
        // Pairs with the acquire in `get`: who sees the wait sees what the thread held then.
        self.word.store(word, Release);
        // Pairs with the same fence of every other thread: no two publish and both miss the other.
        fence(SeqCst);
    }

    /// The thread waits no longer.
    pub fn end(&self) {
        self.word.store(0, Release);
    }

    /// The wait, if there is one now.
    #[must_use]
    pub fn get(&self) -> Option<Waited> {
        let count = self.count.load(Acquire);
        // Pairs with the release in `start`.
        let word = self.word.load(Acquire);
        let how = How(self.how.load(Relaxed));
        // SAFETY: null, or what `start` made from a `&'static Location`.
        let site = unsafe { self.site.load(Relaxed).cast_const().as_ref() }?;
        // A new wait may have begun in between; whoever wants to be sure asks again and compares.
        let gives_up = self.gives_up.load(Relaxed);
        (word != 0).then_some(Waited { word, how, site, gives_up, count })
    }
}
