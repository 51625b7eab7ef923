//! Which cycles of a graph are worth telling, and how many searches for them that may take.
//!
//! **Theorem.** Every edge that lies on a strong cycle is told with a shortest one. If that one is not `Possible`, others through
//! the edge are looked for, because an excuse for one cycle excuses no other: a shortest of each grade above is told too.
//!
//! **Hole.** That search ends with [`PATH_BUDGET`](crate::search::PATH_BUDGET), and all of a survey with [`WORK_BUDGET`].
//! Searches that were cut short are counted, and the count is told.

use crate::class::{ClassRegistry, Labels, Node};
use crate::finding::Grade;
use crate::graph::{DependencyGraph, EdgeIx};
use crate::judge::{Judgement, judge, may_become};
use crate::rule::rule;
use crate::search::{alternatives_through, shortest_cycle_through};
use rustc_hash::FxHashMap;
use std::cell::Cell;
use std::ops::ControlFlow;

/// How many edges all paths together may have that one survey extends in search of alternatives.
pub const WORK_BUDGET: usize = 1 << 23;

/// What is surveyed.
#[derive(Clone, Copy, Debug)]
pub struct Surveyed<'a> {
    /// The graph.
    pub graph: &'a DependencyGraph,
    /// Its classes.
    pub registry: &'a ClassRegistry,
    /// What they are called.
    pub labels: &'a Labels,
}

/// What has been found out about a graph's cycles: each is judged once, however many of its edges lead to it.
#[derive(Clone, Debug)]
pub struct Survey {
    known: FxHashMap<Vec<EdgeIx>, Known>,
    work: usize,
    cut_short: usize,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    grade: Grade,
    is_told: bool,
}

/// A cycle, from the node whose label comes first, with its verdict.
pub type Judged = (Vec<EdgeIx>, Judgement);

impl Default for Survey {
    fn default() -> Survey {
        Survey { known: FxHashMap::default(), work: WORK_BUDGET, cut_short: 0 }
    }
}

impl Survey {
    /// How many searches were cut short, if any was.
    #[must_use]
    pub fn cut_short(&self) -> Option<usize> {
        Some(self.cut_short).filter(|&count| count > 0)
    }

    /// Forgets what was judged, because there is more evidence now. What was spent stays spent.
    pub fn begin_anew(&mut self) {
        self.known.clear();
    }

    /// The cycles through an edge that are worth telling, but for those that were told already.
    pub fn through(&mut self, of: &Surveyed<'_>, edge: EdgeIx) -> Vec<Judged> {
        let graph = of.graph;
        let Some(shortest) = shortest_cycle_through(graph, edge) else {
            return Vec::new();
        };
        let goes_one_way = |edge: &EdgeIx| graph.cyclic_edges_after(graph.edge(*edge).to).nth(1).is_none();
        let is_alone = shortest.iter().all(goes_one_way);
        let (mut told, mut best) = (Vec::new(), None);
        self.weigh(of, shortest, &mut best, &mut told);
        if best == Some(Grade::Possible) || is_alone || !rule!("an excused cycle does not end the search", true) {
            return told;
        }
        let (mut work, component) = (self.work, graph.edge(edge).from);
        let may_meet = |node: Node| graph.find(node).is_some_and(|node| graph.same_component(node, component));
        let aim = Cell::new(above(best));
        let admits = |path: &[EdgeIx], next: EdgeIx| may_become(aim.get(), graph, of.registry, path, next, may_meet);
        let is_complete = alternatives_through(graph, edge, &mut work, admits, |cycle| {
            self.weigh(of, cycle, &mut best, &mut told);
            aim.set(above(best));
            if best < Some(Grade::Possible) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        self.work = work;
        self.cut_short += usize::from(!is_complete);
        told
    }

    /// Judges a cycle, and tells it if it is surer than the best so far.
    fn weigh(&mut self, of: &Surveyed<'_>, mut cycle: Vec<EdgeIx>, best: &mut Option<Grade>, told: &mut Vec<Judged>) {
        let label = |edge: EdgeIx| of.labels.node(of.graph.node_at(of.graph.edge(edge).from));
        let first = (0..cycle.len()).min_by_key(|&place| label(cycle[place])).unwrap_or(0);
        cycle.rotate_left(first);
        let known = self.known.get(&cycle).copied();
        if known.is_some_and(|known| known.is_told || Some(known.grade) <= *best) {
            *best = (*best).max(known.map(|known| known.grade));
            return;
        }
        let judgement = judge(of.graph, of.registry, of.labels, &cycle);
        let (grade, is_told) = (judgement.grade, Some(judgement.grade) > *best);
        self.known.insert(cycle.clone(), Known { grade, is_told });
        if is_told {
            *best = Some(grade);
            told.push((cycle, judgement));
        }
    }
}

/// The grade that is looked for after the best so far.
fn above(best: Option<Grade>) -> Grade {
    if best >= Some(Grade::Suspect) { Grade::Possible } else { Grade::Suspect }
}
