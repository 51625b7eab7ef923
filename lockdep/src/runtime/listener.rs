//! Listeners: subscribers and callbacks, code of the program that is called in the middle of an acquisition.
//!
//! What a listener locks is not tracked. If that is a lock which its own thread has at that moment, the thread would wait for itself
//! for ever, because of the checker and unseen by it; so the listener is unwound instead, and what it was to hear of passes it by.

use super::instance;
use crate::sink;
use lockdep_rt::ClassWord;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::sync::Once;

thread_local! {
    /// Whether this thread is in a listener.
    static LISTENING: Cell<bool> = const { Cell::new(false) };
    /// The address of a lock that this thread has and that is not on its books yet; 0 for none.
    static ENTERED: Cell<usize> = const { Cell::new(0) };
}

/// What a listener is unwound with.
struct Stuck;

/// Calls a listener. Its own panics are passed on.
pub(crate) fn call<T: Default>(listener: impl FnOnce() -> T) -> T {
    let outer = LISTENING.replace(true);
    let heard = catch_unwind(AssertUnwindSafe(listener));
    LISTENING.set(outer);
    heard.unwrap_or_else(|panic| if panic.is::<Stuck>() { T::default() } else { resume_unwind(panic) })
}

/// A lock that was got without waiting and whose books are being done, until this is dropped.
#[derive(Debug)]
pub(crate) struct Entered(usize);

impl Entered {
    pub(crate) fn new(word: &ClassWord) -> Entered {
        Entered(ENTERED.replace(std::ptr::from_ref(word).addr()))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        ENTERED.set(self.0);
    }
}

/// Called before this thread waits for a lock: if that is one which it has itself, unwinds the listener that waits. What else can wait in the
/// middle of the checker's work cannot be unwound: an allocator, a signal handler, a panic hook.
///
/// # Aborts
/// In that case, as nothing would go on.
#[allow(clippy::print_stderr, reason = "the sinks allocate, which an allocator that waits does not survive")]
pub(super) fn refuse(word: &ClassWord, site: &'static Location<'static>) {
    static TOLD: Once = Once::new();
    if LISTENING.get() && has(word) {
        TOLD.call_once(|| {
            sink::complain(&[format!(
                "a subscriber or callback waits at {site} for a lock that its own thread has, so it misses what it was called \
                 for there; let it use a plain lock"
            )]);
        });
        resume_unwind(Box::new(Stuck));
    }
    if !LISTENING.get() && is_entered(word) {
        eprintln!(
            "lockdep: an allocator, signal handler or panic hook waits at {site} for a lock that its own thread has, for ever; \
             let it use a plain lock, or only try this one"
        );
        std::process::abort();
    }
}

fn is_entered(word: &ClassWord) -> bool {
    ENTERED.get() == std::ptr::from_ref(word).addr()
}

fn has(word: &ClassWord) -> bool {
    let bound = word.load();
    let is_it = |entry: &lockdep_rt::Entry| entry.is_lock() && instance(entry.word()) == instance(bound);
    let is_held = || lockdep_rt::current().is_some_and(|block| block.held().iter().any(is_it));
    is_entered(word) || word.is_bound() && is_held()
}
