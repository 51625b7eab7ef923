//! The segments of this process's threads: what a thread did before it started another is over when the other begins, and
//! what is over deadlocks with nothing. `lockdep-core` has the order.
//!
//! A thread of which nobody knows where it came from is in segment 0, and is ordered with nothing, until it starts another itself.

use super::arrive;
use super::shared::state;
use super::state::State;
use crate::block::{current, Block};

/// How many segments are told apart. A chain is told anew in each, so a process that starts threads all the time would never be
/// done; what comes later is in segment 0, which excuses nothing.
const SEGMENTS: u32 = 256;

/// The segment of the thread that the process began with: nothing comes before.
pub(super) fn root() {
    cut(|state, block| state.start_segment(block, 0, &[]));
}

/// This thread is about to start another. Returns the other's first segment, for [`begin`].
#[must_use]
pub fn forked() -> u32 {
    cut(|state, block| {
        let own = match block.segment() {
            0 => state.start_segment(block, 0, &[]),
            own => own,
        };
        let first = state.add_segment(0, &[own]);
        state.start_segment(block, state.home(block), &[own]);
        first
    })
}

/// This thread begins, in the segment that the one which started it has made.
pub fn begin(segment: u32) {
    cut(|state, block| {
        state.set_home(block, segment);
        block.set_segment(segment);
        segment
    });
}

/// This thread goes on after these segments: its own so far, and those in which the threads that it has joined have ended.
pub fn joined(last: &[u32]) {
    cut(|state, block| {
        let home = if block.segment() == 0 { 0 } else { state.home(block) };
        state.start_segment(block, home, last)
    });
}

/// The segment that this thread is in.
#[must_use]
pub fn current_segment() -> u32 {
    current().map_or(0, Block::segment)
}

fn cut(change: impl FnOnce(&mut State, &Block) -> u32) -> u32 {
    arrive();
    let Some(block) = current().filter(|block| block.begin()) else { return 0 };
    let segment = change(&mut state(), block);
    block.rest();
    segment
}

impl State {
    /// Moves a thread to a new segment after others; without a `home` it is the first of its thread.
    fn start_segment(&mut self, block: &Block, home: u32, after: &[u32]) -> u32 {
        let segment = self.add_segment(home, after);
        self.set_home(block, if home == 0 { segment } else { home });
        block.set_segment(segment);
        segment
    }

    /// A segment of the thread that began with `home`, or of one that begins with it.
    fn add_segment(&mut self, home: u32, after: &[u32]) -> u32 {
        if self.segments == SEGMENTS {
            return 0;
        }
        self.segments += 1;
        let segment = self.segments;
        self.tell_segment(segment, if home == 0 { segment } else { home }, after);
        segment
    }

    fn home(&self, block: &Block) -> u32 {
        self.threads.iter().find(|thread| std::ptr::eq(thread.block, block)).map_or(0, |thread| thread.home)
    }

    fn set_home(&mut self, block: &Block, home: u32) {
        let thread = self.threads.iter_mut().find(|thread| std::ptr::eq(thread.block, block));
        thread.into_iter().for_each(|thread| thread.home = home);
    }
}
