//! Strong cycles through one edge: the shortest one, and the alternatives.
//!
//! **Theorem** (kernel, `lockdep-design.rst`): a closed path of dependencies can deadlock exactly if it is *strong*: at
//! every class on it, the way the class is waited for is blocked by the way the next thread holds it.
//!
//! Whether a path can be extended depends on how its last class is wanted, so the search runs on the *product* of
//! classes and arrival strengths. The kernel marks classes alone as visited, before it tests the strength, and
//! thereby misses a cycle whose class was first reached weakly; the product search does not.
//!
//! **Hole**: an exhaustive enumeration of cycles is exponential. [`cycles_through`] returns the shortest strong
//! cycle always, and alternatives until a budget ends; whether it ended is said in [`Cycles::complete`].

use crate::evidence::PairSet;
use crate::graph::{DependencyGraph, EdgeIx, NodeIx};
use crate::mode::{Blocked, Mode, Want};
use crate::rule::rule;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// How many partial paths an enumeration of alternatives may extend.
pub const PATH_BUDGET: usize = 4096;

/// How a class was arrived at; all that matters of a [`Want`] for what may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Arrival {
    Exclusive,
    Reader,
    Recursive,
    Upgrade,
}

impl Arrival {
    fn of(want: Want) -> Arrival {
        match want {
            Want::Write | Want::Upgradable => Arrival::Exclusive,
            Want::Read => Arrival::Reader,
            Want::RecursiveRead => Arrival::Recursive,
            Want::Upgrade => Arrival::Upgrade,
        }
    }

    /// Whether a holder in this mode blocks someone who arrived so, a queued writer taken for granted.
    fn blocked_by(self, held: Mode) -> bool {
        let want = match self {
            Arrival::Exclusive => Want::Write,
            Arrival::Reader => Want::Read,
            Arrival::Recursive => Want::RecursiveRead,
            Arrival::Upgrade => Want::Upgrade,
        };
        want.blocked_by(held) != Blocked::No || !rule!("strong paths", true)
    }

    /// The ways in which an edge can be left for its target, given how its source was arrived at.
    fn step(self, pairs: PairSet) -> impl Iterator<Item = Arrival> {
        let reachable = move |arrival: &Arrival| {
            pairs.iter().any(|(held, want)| self.blocked_by(held) && Arrival::of(want) == *arrival)
        };
        [Arrival::Exclusive, Arrival::Reader, Arrival::Recursive, Arrival::Upgrade].into_iter().filter(reachable)
    }
}

/// What a search found: cycles as edge lists that begin with the edge asked for.
#[derive(Clone, Debug, Default)]
pub struct Cycles {
    /// The strong cycles, shortest first.
    pub found: Vec<Vec<EdgeIx>>,
    /// Whether there are no others.
    pub complete: bool,
}

/// The shortest strong cycle through `edge`, if there is one.
#[must_use]
pub fn shortest_cycle_through(graph: &DependencyGraph, edge: EdgeIx) -> Option<Vec<EdgeIx>> {
    let pairs = graph.edge(edge).evidence.pairs();
    let mut starts: Vec<(Mode, Arrival)> = pairs.iter().map(|(held, want)| (held, Arrival::of(want))).collect();
    starts.dedup();
    starts.into_iter().filter_map(|(held, arrival)| shortest_from(graph, edge, held, arrival)).min_by_key(Vec::len)
}

/// Breadth-first over (class, arrival), from the target of `edge` back to its source.
fn shortest_from(graph: &DependencyGraph, edge: EdgeIx, held: Mode, arrival: Arrival) -> Option<Vec<EdgeIx>> {
    type State = (NodeIx, Arrival);
    let (home, start) = (graph.edge(edge).from, (graph.edge(edge).to, arrival));
    let mut came_by: FxHashMap<State, Option<(State, EdgeIx)>> = FxHashMap::from_iter([(start, None)]);
    let mut todo = VecDeque::from([start]);
    while let Some(state @ (node, arrival)) = todo.pop_front() {
        for next_edge in graph.cyclic_edges_after(node) {
            let dependency = graph.edge(next_edge);
            for next_arrival in arrival.step(dependency.evidence.pairs()) {
                let next = (dependency.to, next_arrival);
                if dependency.to == home && next_arrival.blocked_by(held) {
                    let mut path = vec![next_edge];
                    let mut at = state;
                    while let Some((before, by)) = came_by[&at] {
                        path.push(by);
                        at = before;
                    }
                    path.push(edge);
                    path.reverse();
                    return Some(path);
                }
                let is_known = match rule!("a class that was reached weakly is reached again strongly", true) {
                    true => came_by.contains_key(&next),
                    false => came_by.keys().any(|(node, _)| *node == next.0),
                };
                if dependency.to != home && !is_known {
                    came_by.insert(next, Some((state, next_edge)));
                    todo.push_back(next);
                }
            }
        }
    }
    None
}

/// Strong cycles through `edge`, shortest first, each class at most once, until the budget ends.
#[must_use]
pub fn cycles_through(graph: &DependencyGraph, edge: EdgeIx) -> Cycles {
    let home = graph.edge(edge).from;
    let mut cycles = Cycles { found: Vec::new(), complete: true };
    let mut budget = PATH_BUDGET;
    let mut todo = VecDeque::from([vec![edge]]);
    while let Some(path) = todo.pop_front() {
        let last = graph.edge(*path.last().expect("a path has an edge")).to;
        for next_edge in graph.cyclic_edges_after(last) {
            let to = graph.edge(next_edge).to;
            let mut longer = path.clone();
            longer.push(next_edge);
            if to == home {
                if realisation(graph, &longer).is_some() {
                    cycles.found.push(longer);
                }
            } else if path.iter().all(|&before| graph.edge(before).to != to) {
                if budget == 0 {
                    cycles.complete = false;
                    return cycles;
                }
                budget -= 1;
                todo.push_back(longer);
            }
        }
    }
    cycles
}

/// One (held, want) pair per edge such that the closed path is strong, the smallest in dictionary order; `None` if
/// it is not strong.
#[must_use]
pub fn realisation(graph: &DependencyGraph, cycle: &[EdgeIx]) -> Option<Vec<(Mode, Want)>> {
    fn extend(graph: &DependencyGraph, cycle: &[EdgeIx], chosen: &mut Vec<(Mode, Want)>) -> bool {
        let Some(&edge) = cycle.get(chosen.len()) else {
            let (first, last) = (chosen[0], chosen[chosen.len() - 1]);
            return last.1.blocked_by(first.0) != Blocked::No;
        };
        for pair in graph.edge(edge).evidence.pairs().iter() {
            if chosen.last().is_none_or(|before| before.1.blocked_by(pair.0) != Blocked::No) {
                chosen.push(pair);
                if extend(graph, cycle, chosen) {
                    return true;
                }
                chosen.pop();
            }
        }
        false
    }
    let mut chosen = Vec::new();
    extend(graph, cycle, &mut chosen).then_some(chosen)
}
