//! Forks: a child has the memory of all threads, and of the threads the one that forked.
//!
//! A mutex that another thread held would stay locked in the child for ever, so the forking thread holds all of the checker's
//! while the child comes into being. Locks of the program have the same fate, and there they stay on the books: `held()` shows
//! in the child which thread of the parent had them.

use super::{State, hang, key, process, stack, state};
use crate::sink;
use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::sync::MutexGuard;
use std::sync::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

/// All that another thread might be changing. None is taken under another, except that a name's memory may come from an
/// allocator whose lock asks for the state.
struct Still {
    _names: key::Guard,
    state: MutexGuard<'static, State>,
    _log: sink::LogGuard,
    _stacks: stack::Guard,
}

thread_local! {
    /// From before a fork of this thread until after it. Without `Drop`, so that it can be used while other
    /// thread-locals are being destroyed.
    static STILL: Cell<Option<ManuallyDrop<Still>>> = const { Cell::new(None) };
}

/// The process in which a thread is registering the functions below, [`REGISTERED`] once that is done. Not a `Once`: a thread that knows
/// nothing of the checker may fork meanwhile, and in its child the one that registers does not exist.
static REGISTERING: AtomicU32 = AtomicU32::new(0);
const REGISTERED: u32 = u32::MAX;

/// Sees to it that children can use the checker. Nobody has taken a mutex of the checker before.
pub(super) fn watch() {
    let this = std::process::id();
    loop {
        // Pairs with the release below: who is not the one that registers finds it done.
        let found = REGISTERING.load(Acquire);
        if found == REGISTERED {
            return;
        }
        if found != this && REGISTERING.compare_exchange(found, this, Relaxed, Relaxed).is_ok() {
            break;
        }
        std::thread::yield_now();
    }
    // SAFETY: the functions have the right type, live as long as the process, and unwind as little as `fork` allows. If there
    // is no room for them, children of a process with other threads may hang.
    unsafe { libc::pthread_atfork(Some(before), Some(after), Some(in_child)) };
    REGISTERING.store(REGISTERED, Release);
}

extern "C" fn before() {
    let still = Still { _names: key::lock(), state: state(), _log: sink::lock_log(), _stacks: stack::lock() };
    STILL.set(Some(ManuallyDrop::new(still)));
}

extern "C" fn after() {
    drop(STILL.take().map(ManuallyDrop::into_inner));
}

extern "C" fn in_child() {
    let Some(mut still) = STILL.take().map(ManuallyDrop::into_inner) else { return };
    still.state.forked();
    process::forked();
    hang::forked();
}
