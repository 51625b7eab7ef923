//! The beginning of recording, the end of the process, and its children.

use super::image::Image;
use super::{log, sentinel, sys, STATE};
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

const UNDECIDED: u8 = 0;
const STARTING: u8 = 1;
const RECORDING: u8 = 2;
const OFF: u8 = 3;

static PHASE: AtomicU8 = AtomicU8::new(UNDECIDED);

/// Whether this process records; decided at its first lock.
pub(super) fn is_recording() -> bool {
    loop {
        // Pairs with the release in `start`: who sees that recording has started sees the image.
        match PHASE.load(Acquire) {
            RECORDING => return true,
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

fn start() -> u8 {
    let mut image = Image::new();
    image.look();
    STATE.take().image = image;
    sentinel::prepare();
    sys::hook(at_exit, before_fork, after_fork, in_child);
    RECORDING
}

extern "C" fn at_exit() {
    STATE.take().end();
}

/// Nothing is in the middle of a change while the process is copied.
extern "C" fn before_fork() {
    std::mem::forget(STATE.take());
}

extern "C" fn after_fork() {
    // SAFETY: `before_fork` has forgotten it, on this thread.
    unsafe { STATE.give_back() };
}

extern "C" fn in_child() {
    after_fork();
    let mut state = STATE.take();
    state.log.leave();
    state.inherited += state.acquisitions();
}
