//! The smallest set of edges whose removal ends every cycle of a run: where to start when there are many.
//!
//! **Theorem.** Every edge on a strong cycle has a cycle reported, so the edges of all reported cycles contain every
//! strong cycle. A set that leaves them without any cycle (a feedback arc set) therefore ends all of them.
//!
//! **Hole.** A cycle that is not strong is broken as well, so the set may be larger than it has to be. It is a smallest one in
//! components of up to [`EXACT`] classes (Held and Karp's recurrence over subsets; among equals it prefers edges that closed a
//! cycle, then those seen least often), and near that in larger ones (Eades, Lin and Smyth's heuristic, without the edges
//! that turn out to be needless).

use lockdep_core::finding::{Code, Finding, Grade};
use petgraph::algo::{greedy_feedback_arc_set, is_cyclic_directed, tarjan_scc};
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use petgraph::visit::EdgeRef;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Add;

/// The most classes of a component for which all orders are tried.
pub const EXACT: usize = 14;

/// A set of edges that has to go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    edges: BTreeSet<(String, String)>,
    cycles: usize,
}

/// What it costs to remove edges: how many, how many of them never closed a cycle, how often they were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Cost(u64, u64, u64);

impl Add for Cost {
    type Output = Cost;

    fn add(self, other: Cost) -> Cost {
        Cost(self.0 + other.0, self.1 + other.1, self.2.saturating_add(other.2))
    }
}

impl Cut {
    /// The cut of the inversions that are not excused.
    #[must_use]
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Cut {
        let counts = |finding: &&Finding| finding.code == Code::Inversion && finding.grade > Grade::Excused;
        let mut costs: BTreeMap<(&str, &str), Cost> = BTreeMap::new();
        let mut cycles = 0;
        for finding in findings.into_iter().filter(counts) {
            cycles += 1;
            for edge in &finding.cycle {
                let cost = costs.entry((&edge.from, &edge.to)).or_insert(Cost(1, 1, edge.count));
                cost.1 = cost.1.min(u64::from(!edge.closing));
            }
        }
        let labels: BTreeSet<&str> = costs.keys().flat_map(|&(from, to)| [from, to]).collect();
        let mut graph = StableDiGraph::<&str, Cost>::new();
        let nodes: BTreeMap<&str, NodeIndex> = labels.iter().map(|label| (*label, graph.add_node(label))).collect();
        for (&(from, to), &cost) in &costs {
            graph.add_edge(nodes[from], nodes[to], cost);
        }
        let mut edges = BTreeSet::new();
        for component in tarjan_scc(&graph) {
            let back = if component.len() <= EXACT { exact(&graph, component) } else { greedy(&graph, &component) };
            edges.extend(back.into_iter().map(|(from, to)| (graph[from].to_owned(), graph[to].to_owned())));
        }
        Cut { edges, cycles }
    }

    /// The edges, sorted by label.
    pub fn edges(&self) -> impl Iterator<Item = (&str, &str)> {
        self.edges.iter().map(|(from, to)| (from.as_str(), to.as_str()))
    }

    /// Whether this edge is one of them.
    #[must_use]
    pub fn contains(&self, from: &str, to: &str) -> bool {
        self.edges.contains(&(from.to_owned(), to.to_owned()))
    }

    /// How many edges have to go.
    #[must_use]
    pub fn len(&self) -> usize {
        self.edges.len()
    }

    /// Whether there is nothing to remove.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }

    /// How many cycles that ends.
    #[must_use]
    pub fn cycles(&self) -> usize {
        self.cycles
    }
}

/// The cheapest edges that point backwards in some order of the component. `best[set]` is the cost of the cheapest order
/// of `set`, and what comes last in it.
fn exact(graph: &StableDiGraph<&str, Cost>, mut component: Vec<NodeIndex>) -> Vec<(NodeIndex, NodeIndex)> {
    component.sort_unstable();
    let place = |node: NodeIndex| component.binary_search(&node).ok();
    let back = |last: usize, before: usize| {
        graph.edges(component[last]).filter(move |edge| {
            let to = place(edge.target());
            to == Some(last) || to.is_some_and(|to| before >> to & 1 == 1)
        })
    };
    let mut best = vec![(Cost::default(), usize::MAX); 1 << component.len()];
    for set in 1..best.len() {
        let choices = (0..component.len()).filter(|last| set >> last & 1 == 1).map(|last| {
            let before = set & !(1 << last);
            let cost = back(last, before).fold(best[before].0, |sum, edge| sum + *edge.weight());
            (cost, last)
        });
        best[set] = choices.min().expect("a set that is not empty has a member");
    }
    let (mut set, mut edges) = (best.len() - 1, Vec::new());
    while set != 0 {
        let last = best[set].1;
        set &= !(1 << last);
        edges.extend(back(last, set).map(|edge| (edge.source(), edge.target())));
    }
    edges
}

/// A small set of edges without which the component has no cycle, and of which none can stay.
fn greedy(graph: &StableDiGraph<&str, Cost>, component: &[NodeIndex]) -> Vec<(NodeIndex, NodeIndex)> {
    let inside: BTreeSet<NodeIndex> = component.iter().copied().collect();
    let mut rest = graph.filter_map(|index, label| inside.contains(&index).then_some(*label), |_, cost| Some(*cost));
    let mut removed: Vec<(Cost, NodeIndex, NodeIndex)> =
        greedy_feedback_arc_set(&rest).map(|edge| (*edge.weight(), edge.source(), edge.target())).collect();
    removed.sort_unstable();
    rest.retain_edges(|graph, edge| {
        let ends = graph.edge_endpoints(edge);
        !removed.iter().any(|&(_, from, to)| ends == Some((from, to)))
    });
    let mut needed = Vec::new();
    // The dearest first: what may stay, stays.
    for (cost, from, to) in removed.into_iter().rev() {
        let edge = rest.add_edge(from, to, cost);
        if is_cyclic_directed(&rest) {
            rest.remove_edge(edge);
            needed.push((from, to));
        }
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(usize, usize)]) -> (StableDiGraph<&'static str, Cost>, Vec<NodeIndex>) {
        let mut graph = StableDiGraph::new();
        let size = edges.iter().map(|(from, to)| from.max(to) + 1).max().unwrap_or(0);
        let nodes: Vec<NodeIndex> = (0..size).map(|_| graph.add_node("")).collect();
        for &(from, to) in edges {
            graph.add_edge(nodes[from], nodes[to], Cost(1, 1, 1));
        }
        (graph, nodes)
    }

    /// A generator for tests: splitmix64.
    fn random(seed: &mut u64) -> u64 {
        *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33
    }

    #[test]
    fn an_edge_that_two_cycles_share_is_the_one_to_go() {
        let (graph, nodes) = graph(&[(0, 1), (1, 2), (2, 0), (1, 3), (3, 0)]);
        assert_eq!(exact(&graph, nodes.clone()), [(nodes[0], nodes[1])]);
    }

    #[test]
    fn both_ways_leave_no_cycle_and_the_heuristic_is_no_better() {
        for seed in 0..300 {
            let mut state = seed;
            let size = 2 + random(&mut state) as usize % 6;
            let edges: BTreeSet<(usize, usize)> = (0..size * 2)
                .map(|_| (random(&mut state) as usize % size, random(&mut state) as usize % size))
                .collect();
            let (graph, nodes) = graph(&edges.into_iter().collect::<Vec<_>>());
            let (best, quick) = (exact(&graph, nodes.clone()), greedy(&graph, &nodes));
            assert!(best.len() <= quick.len(), "seed {seed}");
            for removed in [best, quick] {
                let mut rest = graph.clone();
                rest.retain_edges(|graph, edge| {
                    let ends = graph.edge_endpoints(edge).expect("it is there");
                    !removed.contains(&ends)
                });
                assert!(!is_cyclic_directed(&rest), "seed {seed}");
            }
        }
    }
}
