//! The segments of this process's threads: [`lockdep_core::segment`] says what they are for.
//!
//! A thread of which nobody knows where it came from is in segment 0, and is ordered with nothing.

use super::state::{State, Work};
use super::{Busy, state};
use lockdep_core::log::Record;
use lockdep_core::segment::Segment;
use lockdep_rt::Block;

/// How many segments of one scope are told apart. A chain is judged anew in each, so a process that starts threads all the time
/// would never be done; what comes later is in segment 0, which excuses nothing.
const SEGMENTS: u32 = 1024;

/// Starts a segment of this thread that follows on nothing.
pub(crate) fn root() {
    cut(|state, block, work| state.start_segment(block, None, Vec::new(), work));
}

/// Starts a new segment of this thread, because it starts another. Returns the other's first.
pub(crate) fn forked() -> u32 {
    cut(|state, block, work| {
        let own = match block.segment() {
            0 => state.start_segment(block, None, Vec::new(), work),
            own => own,
        };
        let child = state.add_segment(block, None, vec![own], work);
        let home = state.home(block);
        state.start_segment(block, Some(home), vec![own], work);
        child
    })
}

/// This thread begins, in the segment that the one which started it has made.
pub(crate) fn begin(segment: u32) {
    cut(|state, block, _| {
        state.set_home(block, segment);
        block.set_segment(segment);
    });
}

/// Starts a new segment of this thread, after those in which joined threads have ended.
pub(crate) fn joined(last: &[u32]) {
    cut(|state, block, work| {
        let home = (block.segment() != 0).then(|| state.home(block));
        let after = last.iter().copied().chain([block.segment()]).filter(|&segment| segment != 0);
        state.start_segment(block, home, after.collect(), work);
    });
}

/// The segment that this thread is in.
pub(crate) fn current() -> u32 {
    lockdep_rt::current().map_or(0, Block::segment)
}

fn cut<T: Default>(change: impl FnOnce(&mut State, &Block, &mut Work) -> T) -> T {
    let Some(busy) = Busy::start() else { return T::default() };
    let mut work = Work::new();
    let result = change(&mut state(), busy.0, &mut work);
    busy.note(&work);
    result
}

impl State {
    /// Moves a thread to a new segment; without a `home` it is the first of its thread.
    fn start_segment(&mut self, block: &Block, home: Option<u32>, after: Vec<u32>, work: &mut Work) -> u32 {
        let segment = self.add_segment(block, home, after, work);
        self.set_home(block, home.unwrap_or(segment));
        block.set_segment(segment);
        segment
    }

    fn add_segment(&mut self, block: &Block, home: Option<u32>, after: Vec<u32>, work: &mut Work) -> u32 {
        let scope = self.scopes.get_mut(&block.scope());
        let counted = scope.map_or(&mut self.unscoped_segments, |scope| &mut scope.segments);
        if *counted == SEGMENTS {
            return 0;
        }
        *counted += 1;
        self.segments_made += 1;
        let segment = Segment { id: self.segments_made, thread: home.unwrap_or(self.segments_made), after };
        self.registry.segments_mut().add(1, &segment);
        let id = segment.id;
        work.records.push(Record::Segment(segment));
        id
    }

    /// The first segment of a thread.
    fn home(&self, block: &Block) -> u32 {
        self.thread(block).map_or(0, |thread| thread.home)
    }

    fn set_home(&mut self, block: &Block, home: u32) {
        self.thread_mut(block).home = home;
    }
}
