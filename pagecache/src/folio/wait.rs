//! Waiting for a bit of a folio to clear: few queues for all folios, as the kernel's `folio_wait_table`.
//!
//! The queues are not instrumented: the pseudo-locks in the folio are what stand for the waits.

use super::arena::Frame;
use super::{LOCKED, LockedFolio, WAITERS};
use crate::sync::plain::{Condvar, Mutex};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

struct Queue {
    mutex: Mutex<()>,
    condvar: Condvar,
}

static QUEUES: [Queue; 64] = [const { Queue { mutex: Mutex::new(()), condvar: Condvar::new() } }; 64];

impl Frame {
    fn queue(&self) -> &'static Queue {
        &QUEUES[self.number() as usize % QUEUES.len()]
    }

    /// Waits for the lock bit and takes it, unless `give_up` says to stop.
    ///
    /// # Errors
    /// Those of `give_up`.
    #[cold]
    pub(super) fn wait_to_lock<E>(&self, give_up: impl Fn() -> Result<(), E>) -> Result<(), E> {
        self.wait_until(LOCKED, || self.folio.state.fetch_or(LOCKED, Acquire) & LOCKED == 0, give_up)
    }

    /// Waits until a bit is clear, unless `give_up` says to stop.
    ///
    /// # Errors
    /// Those of `give_up`.
    pub(super) fn wait_for<E>(&self, bit: u32, give_up: impl Fn() -> Result<(), E>) -> Result<(), E> {
        let is_clear = || self.folio.state.load(Acquire) & bit == 0;
        if is_clear() { Ok(()) } else { self.wait_until(bit, is_clear, give_up) }
    }

    /// The queue's mutex is held from announcing the wait until it has begun, and whoever clears a bit, or gives a reason to stop, takes
    /// it before waking, so no wake-up is lost.
    fn wait_until<E>(&self, bit: u32, done: impl Fn() -> bool, give_up: impl Fn() -> Result<(), E>) -> Result<(), E> {
        let queue = self.queue();
        let mut queued = queue.mutex.lock();
        while !done() {
            give_up()?;
            // Whoever has cleared the bit before it could see that somebody waits will wake nobody.
            let is_clear = self.folio.state.fetch_or(WAITERS, Relaxed) & bit == 0;
            if !recheck!("a wait begins only while the bit is set", is_clear) {
                queue.condvar.wait(&mut queued);
            }
        }
        Ok(())
    }

    /// Clears a bit, and wakes those who wait for it and for others, who look again.
    pub(super) fn clear_and_wake(&self, bit: u32) {
        // Pairs with the acquires of whoever waits: they see what was done before.
        let before = self.folio.state.fetch_and(!(bit | WAITERS), Release);
        if before & WAITERS != 0 {
            let queue = self.queue();
            drop(queue.mutex.lock());
            queue.condvar.notify_all();
        }
    }
}

/// Makes everybody who waits look again whether to go on.
pub(crate) fn wake_all() {
    for queue in &QUEUES {
        drop(queue.mutex.lock());
        queue.condvar.notify_all();
    }
}

impl Drop for LockedFolio {
    fn drop(&mut self) {
        self.held = None;
        if !self.handed_over {
            self.folio.0.clear_and_wake(LOCKED);
        }
    }
}
