//! The beginning of recording, the end of the process or of a library in it, and the process's children.

use super::image::{Image, Module};
use super::shared::{attach, give_back_state, shared, state};
use super::{log, sentinel, sys};
use crate::blocks::blocks;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU32, AtomicU8, AtomicUsize};

const UNDECIDED: u8 = 0;
const STARTING: u8 = 1;
const RECORDING: u8 = 2;
/// Recording, and this code may be unloaded before the process ends.
const VISITING: u8 = 3;
const OFF: u8 = 4;

static PHASE: AtomicU8 = AtomicU8::new(UNDECIDED);

/// Whether this process records; decided at its first lock.
pub(super) fn is_recording() -> bool {
    loop {
        // Pairs with the release below: who sees that recording has started sees the state.
        match PHASE.load(Acquire) {
            RECORDING | VISITING => return true,
            OFF => return false,
            STARTING => sys::pause(),
            _ => {
                if PHASE.compare_exchange(UNDECIDED, STARTING, Relaxed, Relaxed).is_ok() {
                    PHASE.store(if log::is_wanted() { start() } else { OFF }, Release);
                }
            }
        }
    }
}

/// Whether this code may be unloaded before the process ends: nothing may then be left with the process that calls it.
pub(super) fn is_visiting() -> bool {
    PHASE.load(Relaxed) == VISITING
}

fn start() -> u8 {
    attach();
    let image = Image::look();
    state().image.update(image);
    // What is hooked by a library is unhooked when it is unloaded.
    sys::hook(at_end, before_fork, after_fork, in_child);
    if Module::own().stays {
        sentinel::prepare();
        RECORDING
    } else {
        VISITING
    }
}

/// The process ends, or the library that this is in is unloaded.
extern "C" fn at_end() {
    if is_visiting() {
        let Module { start, end, .. } = Module::own();
        for entry in blocks().flat_map(|block| block.held()) {
            entry.forget_site_in(start..end);
        }
    }
    // The last one tells of the end; it may be wrong about that, and another copy comes and tells it again.
    if shared().copies.fetch_sub(1, Relaxed) == 1 {
        state().end();
    }
}

/// A fork, of which every copy of this runtime is told. The first to hear of it takes the state and the last gives it back, so that
/// nothing is in the middle of a change while the process is copied.
pub(super) struct Forks {
    /// The thread that forks; it alone writes both, and while it does so it has the state.
    thread: AtomicUsize,
    told: AtomicU32,
}

impl Forks {
    pub(super) const fn new() -> Forks {
        Forks { thread: AtomicUsize::new(0), told: AtomicU32::new(0) }
    }
}

extern "C" fn before_fork() {
    let forks = &shared().forks;
    let (thread, _) = sys::thread();
    if forks.thread.load(Relaxed) != thread {
        let mut state = state();
        state.threads.iter_mut().for_each(super::thread::Thread::before_fork);
        std::mem::forget(state);
        forks.thread.store(thread, Relaxed);
    }
    forks.told.fetch_add(1, Relaxed);
}

/// Returns whether this is the last to be told.
fn forked() -> bool {
    let forks = &shared().forks;
    let is_last = forks.told.fetch_sub(1, Relaxed) == 1;
    if is_last {
        forks.thread.store(0, Relaxed);
        // SAFETY: `before_fork` has forgotten it, on this thread.
        unsafe { give_back_state() };
    }
    is_last
}

extern "C" fn after_fork() {
    forked();
}

extern "C" fn in_child() {
    if forked() {
        let mut state = state();
        state.log.leave();
        state.inherited += state.acquisitions();
        state.threads.iter_mut().for_each(super::thread::Thread::in_child);
    }
}
