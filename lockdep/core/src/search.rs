//! Strong cycles through one edge: the shortest one, and the alternatives.
//!
//! **Theorem** (kernel, `lockdep-design.rst`): a closed path of dependencies can deadlock exactly if it is *strong*: at
//! every class on it, the way the class is waited for is blocked by the way the next thread holds it.
//!
//! Whether a path can be extended depends on how its last class is wanted, so the search runs on the *product* of
//! classes and arrival strengths. The kernel marks classes alone as visited, before it tests the strength, and
//! thereby misses a cycle whose class was first reached weakly; the product search does not.
//!
//! **Hole**: an exhaustive enumeration of cycles is exponential. [`shortest_cycle_through`] always has its answer;
//! [`alternatives_through`] looks until its budget ends, and says so.

use crate::evidence::PairSet;
use crate::graph::{Dependency, DependencyGraph, EdgeIx, NodeIx};
use crate::mode::{Blocked, Mode, Want};
use crate::rule::rule;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::ops::ControlFlow;

/// How many paths are extended in search of alternatives to one cycle.
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
        let open = pairs.iter().filter(move |(held, _)| self.blocked_by(*held));
        let reached = open.fold(0u8, |reached, (_, want)| reached | 1 << Arrival::of(want) as u8);
        [Arrival::Exclusive, Arrival::Reader, Arrival::Recursive, Arrival::Upgrade]
            .into_iter()
            .filter(move |arrival| reached & 1 << *arrival as u8 != 0)
    }
}

/// The shortest strong cycle through `edge`, if there is one. It begins with the edge.
#[must_use]
pub fn shortest_cycle_through(graph: &DependencyGraph, edge: EdgeIx) -> Option<Vec<EdgeIx>> {
    let Dependency { from, to, .. } = *graph.edge(edge);
    // Nothing is shorter than two opposite orders, and there is one such pair at most.
    if let Some(back) = graph.edge_between(to, from)
        && realisation(graph, &[edge, back]).is_some()
    {
        return Some(vec![edge, back]);
    }
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

/// Looks for strong cycles through `edge`, shortest first, each class at most once. A path is extended by the edges that
/// `admits` it; each cycle is `told`, until that ends the search. Every path costs its length of the `budget`. Returns whether
/// there are no others.
pub fn alternatives_through(
    graph: &DependencyGraph,
    edge: EdgeIx,
    budget: &mut usize,
    mut admits: impl FnMut(&[EdgeIx], EdgeIx) -> bool,
    mut told: impl FnMut(Vec<EdgeIx>) -> ControlFlow<()>,
) -> bool {
    let home = graph.edge(edge).from;
    // Paths share their beginnings: each is its last edge, and the place of the path before.
    let mut paths: Vec<(usize, EdgeIx)> = vec![(0, edge)];
    let (mut path, mut at) = (Vec::new(), 0);
    while at < paths.len() {
        path.clear();
        let mut place = at;
        path.push(paths[place].1);
        while place != 0 {
            place = paths[place].0;
            path.push(paths[place].1);
        }
        path.reverse();
        for next in graph.cyclic_edges_after(graph.edge(paths[at].1).to) {
            let to = graph.edge(next).to;
            if to != home && path.iter().any(|&before| graph.edge(before).to == to) {
                continue;
            }
            if *budget < path.len() || paths.len() > PATH_BUDGET {
                return false;
            }
            *budget -= path.len();
            if !admits(&path, next) {
                continue;
            }
            if to != home {
                paths.push((at, next));
                continue;
            }
            let cycle = [&path[..], &[next]].concat();
            if realisation(graph, &cycle).is_some() && told(cycle).is_break() {
                return true;
            }
        }
        at += 1;
    }
    true
}

/// One (held, want) pair per edge such that the closed path is strong, the smallest in dictionary order; `None` if
/// it is not strong.
#[must_use]
pub fn realisation(graph: &DependencyGraph, cycle: &[EdgeIx]) -> Option<Vec<(Mode, Want)>> {
    let pairs = |edge: &EdgeIx| graph.edge(*edge).evidence.pairs();
    let (first, others) = cycle.split_first()?;
    pairs(first).iter().find_map(|start| {
        // Backwards: the pairs of each edge from which the rest can be gone to the end, where the first hold blocks.
        let mut open: Vec<PairSet> = Vec::with_capacity(others.len());
        for edge in others.iter().rev() {
            let goes_on = |(_, want): &(Mode, Want)| match open.last() {
                Some(after) => after.iter().any(|(held, _)| want.blocked_by(held) != Blocked::No),
                None => want.blocked_by(start.0) != Blocked::No,
            };
            open.push(pairs(edge).iter().filter(goes_on).collect());
        }
        let mut chosen = vec![start];
        for pairs in open.iter().rev() {
            let (_, want) = chosen[chosen.len() - 1];
            chosen.push(pairs.iter().find(|(held, _)| want.blocked_by(*held) != Blocked::No)?);
        }
        let (_, last) = chosen[chosen.len() - 1];
        (last.blocked_by(start.0) != Blocked::No).then_some(chosen)
    })
}
