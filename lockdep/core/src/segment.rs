//! Segments: the stretches into which spawning and joining cut the threads of a process, and the order among them.
//!
//! A thread starts a new segment whenever it spawns or joins another, so that everything in one segment came before,
//! after or beside everything in another. What came before cannot overlap, and so two sides of a cycle that are ordered
//! cannot wait for each other. The order of one thread's own steps says nothing, because the next run of the same
//! code may be another thread's; nor does that of different processes or tests.
//!
//! Facts are joined by union, so logs may tell them in any order and any number of times.

use crate::rule::rule;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};

/// When an occurrence happened, as far as that can matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phase {
    /// The process.
    pub process: u32,
    /// The test, by the engine's numbering.
    pub test: u32,
    /// The segment; 0 is one of which nothing is known.
    pub segment: u32,
}

/// One segment of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its number in its process, from 1.
    pub id: u32,
    /// The first segment of its thread.
    pub thread: u32,
    /// The segments that ended right before it: the thread's own last one, the spawning or the joined thread's.
    pub after: Vec<u32>,
}

#[derive(Clone, Debug, Default)]
struct Place {
    thread: u32,
    after: BTreeSet<u32>,
}

/// The order of the segments of all processes.
#[derive(Clone, Debug, Default)]
pub struct SegmentOrder {
    places: FxHashMap<(u32, u32), Place>,
}

impl SegmentOrder {
    /// Takes in a segment of a process.
    pub fn add(&mut self, process: u32, segment: &Segment) {
        let place = self.places.entry((process, segment.id)).or_default();
        place.thread = segment.thread;
        place.after.extend(&segment.after);
    }

    /// The segments of a process, by number.
    pub fn of(&self, process: u32) -> impl Iterator<Item = Segment> + use<> {
        let of_process = self.places.iter().filter(|((of, _), _)| *of == process);
        let segments = of_process.map(|(&(_, id), place)| (id, place.clone())).collect::<BTreeMap<_, _>>();
        segments.into_iter().map(|(id, place)| Segment {
            id,
            thread: place.thread,
            after: place.after.into_iter().collect(),
        })
    }

    /// Whether one of the two was over before the other began, on another thread.
    #[must_use]
    pub fn ordered(&self, one: Phase, other: Phase) -> bool {
        let alike = (one.process, one.test) == (other.process, other.test);
        if !alike || one.segment == other.segment {
            return false;
        }
        let thread = |phase: Phase| self.places.get(&(phase.process, phase.segment)).map(|place| place.thread);
        let (Some(mine), Some(theirs)) = (thread(one), thread(other)) else { return false };
        let is_own = rule!("one thread is in no order with itself", mine == theirs);
        !is_own && (self.precedes(one, other) || self.precedes(other, one))
    }

    /// Walks back from the later one.
    fn precedes(&self, earlier: Phase, later: Phase) -> bool {
        let mut seen = FxHashSet::default();
        let mut open = vec![later.segment];
        while let Some(segment) = open.pop() {
            if segment == earlier.segment {
                return true;
            }
            if seen.insert(segment)
                && let Some(place) = self.places.get(&(later.process, segment))
            {
                open.extend(&place.after);
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN: u32 = 1;

    /// main spawns one, joins it, spawns two: segments 1 to 4 are main's, 5 is the first thread, 6 the second.
    fn order() -> SegmentOrder {
        let segments =
            [(1, 1, vec![]), (2, 1, vec![1]), (3, 1, vec![2, 5]), (4, 1, vec![3]), (5, 5, vec![1]), (6, 6, vec![3])];
        let mut order = SegmentOrder::default();
        for (id, thread, after) in segments.into_iter().rev() {
            order.add(MAIN, &Segment { id, thread, after });
        }
        order
    }

    fn phase(segment: u32) -> Phase {
        Phase { process: MAIN, test: 0, segment }
    }

    #[test]
    fn spawn_and_join_order_threads() {
        let order = order();
        for (one, other, ordered) in [(1, 5, true), (2, 5, false), (3, 5, true), (5, 6, true), (4, 6, false)] {
            assert_eq!(order.ordered(phase(one), phase(other)), ordered, "{one} and {other}");
            assert_eq!(order.ordered(phase(other), phase(one)), ordered, "{other} and {one}");
        }
    }

    #[test]
    fn one_thread_is_not_ordered_by_its_own_steps() {
        assert!(!order().ordered(phase(1), phase(4)));
    }

    #[test]
    fn nothing_is_ordered_across_processes_and_tests_or_when_nothing_is_known() {
        let order = order();
        assert!(!order.ordered(phase(1), Phase { process: 2, ..phase(5) }));
        assert!(!order.ordered(phase(1), Phase { test: 1, ..phase(5) }));
        assert!(!order.ordered(phase(0), phase(5)));
    }
}
