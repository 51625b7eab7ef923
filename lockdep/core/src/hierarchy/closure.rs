//! The transitive closure of the declared pairs, and the cycles that prevent one.

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// One bit per pair of classes: thousands of classes fit in a few megabytes, and a query is one load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Closure {
    words: usize,
    bits: Vec<u64>,
}

impl Closure {
    /// The closure of an acyclic relation over `0..classes`.
    pub(super) fn new(classes: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Closure {
        let words = classes.div_ceil(64);
        let mut closure = Closure { words, bits: vec![0; words * classes] };
        let mut children: Vec<Vec<u32>> = vec![Vec::new(); classes];
        for (from, to) in pairs.clone() {
            children[from as usize].push(to);
        }
        let mut graph: DiGraphMap<u32, ()> = DiGraphMap::from_edges(pairs.map(|(from, to)| (from, to, ())));
        for class in 0..classes {
            graph.add_node(class as u32);
        }
        // Components come out children first, so a child's row is complete when its parent reads it.
        for component in tarjan_scc(&graph) {
            for node in component {
                for &child in &children[node as usize] {
                    closure.absorb(node, child);
                }
            }
        }
        closure
    }

    /// Whether the pair is in the closure.
    pub(super) fn has(&self, from: u32, to: u32) -> bool {
        self.bits[from as usize * self.words + to as usize / 64] >> (to % 64) & 1 == 1
    }

    fn absorb(&mut self, node: u32, child: u32) {
        let (node, child) = (node as usize * self.words, child as usize);
        for word in 0..self.words {
            self.bits[node + word] |= self.bits[child * self.words + word];
        }
        self.bits[node + child / 64] |= 1 << (child % 64);
    }
}

/// Cycles of a relation, enough of them that it becomes acyclic when the edge with the highest rank of each goes. Every
/// cycle is as short as one through its first node can be. The rank says how late an edge was declared.
pub(super) fn cycles<R: Ord + Copy>(pairs: &BTreeMap<(u32, u32), R>) -> Vec<Vec<(u32, u32)>> {
    let mut left: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    let mut graph: DiGraphMap<u32, ()> = DiGraphMap::new();
    for &(from, to) in pairs.keys() {
        left.entry(from).or_default().insert(to);
        graph.add_edge(from, to, ());
    }
    let mut found = Vec::new();
    for mut component in tarjan_scc(&graph) {
        component.sort_unstable();
        let within: BTreeSet<u32> = component.iter().copied().collect();
        for &node in &component {
            while let Some(cycle) = shortest(&left, &within, node) {
                let last = cycle.iter().copied().max_by_key(|pair| pairs[pair]);
                if let Some((from, to)) = last {
                    left.entry(from).or_default().remove(&to);
                }
                found.push(cycle);
            }
        }
    }
    found
}

/// A shortest cycle through one node that stays within one component.
fn shortest(edges: &BTreeMap<u32, BTreeSet<u32>>, within: &BTreeSet<u32>, node: u32) -> Option<Vec<(u32, u32)>> {
    let mut came: BTreeMap<u32, u32> = BTreeMap::new();
    let mut queue = VecDeque::from([node]);
    while let Some(at) = queue.pop_front() {
        for &next in edges.get(&at).into_iter().flatten().filter(|next| within.contains(next)) {
            if next == node {
                let mut cycle = vec![(at, node)];
                while cycle[cycle.len() - 1].0 != node {
                    let to = cycle[cycle.len() - 1].0;
                    cycle.push((came[&to], to));
                }
                cycle.reverse();
                return Some(cycle);
            }
            if let std::collections::btree_map::Entry::Vacant(entry) = came.entry(next) {
                entry.insert(at);
                queue.push_back(next);
            }
        }
    }
    None
}
