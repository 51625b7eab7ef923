//! The end of a thread, after its thread-locals were destroyed: what they still held is released by then.

use super::{sys, thread};
use std::ffi::c_void;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The key whose value, in a thread that is watched, is how many more rounds of destructors there are to be; 0 before there is
/// one. Keys come after the thread-locals of C++ and Rust where the system knows those, and in any order where they are keys
/// themselves; a value that is set again comes after all others.
///
/// Relaxed: it is set before recording starts, which [`process`](super::process) orders.
static KEY: AtomicU64 = AtomicU64::new(0);
const IS_SET: u64 = 1 << 32;

/// Before the first thread is watched. Without a key none is.
pub(super) fn prepare() {
    sys::key(ended).into_iter().for_each(|key| KEY.store(u64::from(key) | IS_SET, Relaxed));
}

/// Sees to it that [`thread::ended`] is called at the end of this thread. False if that cannot be.
pub(super) fn watch() -> bool {
    set(2)
}

fn set(rounds: usize) -> bool {
    let key = KEY.load(Relaxed);
    key & IS_SET != 0 && sys::set(key as u32, rounds)
}

extern "C" fn ended(rounds: *mut c_void) {
    let rounds = rounds as usize;
    if rounds <= 1 || !set(rounds - 1) {
        thread::ended();
    }
}
