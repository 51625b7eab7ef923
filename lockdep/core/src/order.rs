//! The accelerator: topological levels on the condensation of the graph, so that most new edges need no search.
//!
//! Every component (a set of nodes that reach each other) has a level, and levels never fall along an edge. A new
//! edge that climbs cannot close a cycle. One that does not is searched for with bounded effort, backwards inside
//! its level and forwards while levels have to be raised: the two-way algorithm of Bender, Fineman, Gilbert and
//! Tarjan, "A New Approach to Incremental Cycle Detection and Related Problems" (TALG 2015), section 2, which has
//! no quadratic input; insertion in reverse order costs O(1) an edge. Closing edges are not refused: they merge the
//! components on the cycle into one.
//!
//! Invariant O1: for an edge `a -> b` between different components, `level(a) <= level(b)`.
//! Invariant O2: `same_level[b]` holds every component `a != b` with such an edge and `level(a) == level(b)`.

use rustc_hash::{FxHashMap, FxHashSet};

/// By how much less is searched backwards than the square root of the edges, which the bound on the whole asks for. It is a
/// constant, so the bound stays; lock graphs have few long paths, and levels are cheaper than searches there (bench `growth`).
const STINT: usize = 64;

/// What an inserted edge did to the components.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// Its ends lie in different components still: no cycle goes through it.
    Acyclic,
    /// Its ends lie in one component: a cycle goes through it, strong or not.
    Cyclic,
}

/// Levels and components of a growing directed graph.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// The representative of each node's component.
    component: Vec<u32>,
    level: Vec<u32>,
    members: Vec<Vec<u32>>,
    out: Vec<Vec<u32>>,
    same_level: Vec<Vec<u32>>,
    marks: Vec<u32>,
    round: u32,
    arcs: usize,
}

impl Order {
    /// Makes room for a node; nodes are numbered from 0.
    pub fn add_node(&mut self) {
        let node = self.component.len() as u32;
        self.component.push(node);
        self.level.push(0);
        self.members.push(Vec::new());
        self.out.push(Vec::new());
        self.same_level.push(Vec::new());
        self.marks.push(0);
    }

    /// The representative of a node's component.
    #[must_use]
    pub fn component(&self, node: u32) -> u32 {
        self.component[node as usize]
    }

    /// The nodes of the component with this representative.
    pub fn members(&self, component: u32) -> impl Iterator<Item = u32> + '_ {
        std::iter::once(component).chain(self.members[component as usize].iter().copied())
    }

    /// The components with more than one node, by their representatives.
    pub fn cyclic_components(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.component.len() as u32)
            .filter(|&node| self.component[node as usize] == node && !self.members[node as usize].is_empty())
    }

    /// Inserts a new edge between two nodes.
    pub fn insert(&mut self, from: u32, to: u32) -> Inserted {
        self.out[from as usize].push(to);
        self.arcs += 1;
        let (v, w) = (self.component(from), self.component(to));
        if v == w {
            return Inserted::Cyclic;
        }
        let (low, high) = (self.level[w as usize], self.level[v as usize]);
        if high < low {
            return Inserted::Acyclic;
        }
        let complete = self.search_backward(v);
        if self.is_marked(w) {
            self.merge(v, w);
            return Inserted::Cyclic;
        }
        if complete && low == high {
            self.same_level[w as usize].push(v);
            return Inserted::Acyclic;
        }
        let cyclic = if complete {
            self.raise(w, high, vec![v])
        } else {
            self.start_marking();
            self.mark(v);
            self.raise(w, high + 1, Vec::new())
        };
        if cyclic {
            self.merge(v, w);
            return Inserted::Cyclic;
        }
        Inserted::Acyclic
    }

    fn start_marking(&mut self) {
        self.round += 1;
    }

    /// Marks a component. Returns whether it was not marked before.
    fn mark(&mut self, component: u32) -> bool {
        std::mem::replace(&mut self.marks[component as usize], self.round) != self.round
    }

    fn is_marked(&self, component: u32) -> bool {
        self.marks[component as usize] == self.round
    }

    /// Marks the ancestors of `v` on its level. Returns whether those were all, or too many to go on.
    fn search_backward(&mut self, v: u32) -> bool {
        let mut budget = self.arcs.isqrt() / STINT + 8;
        let level = self.level[v as usize];
        self.start_marking();
        self.mark(v);
        let mut todo = vec![v];
        while let Some(node) = todo.pop() {
            for index in 0..self.same_level[node as usize].len() {
                let before = self.component(self.same_level[node as usize][index]);
                if self.level[before as usize] != level || before == node {
                    continue;
                }
                if budget == 0 {
                    return false;
                }
                budget -= 1;
                if self.mark(before) {
                    todo.push(before);
                }
            }
        }
        true
    }

    /// Lifts `start` to `level` and everything after it as far as O1 asks. Returns whether that reached anything marked.
    fn raise(&mut self, start: u32, level: u32, same_level: Vec<u32>) -> bool {
        let mut reached = false;
        self.level[start as usize] = level;
        self.same_level[start as usize] = same_level;
        let (mut todo, mut after) = (vec![start], Vec::new());
        while let Some(x) = todo.pop() {
            after.clear();
            after.extend(self.successors(x));
            for &y in &after {
                reached |= self.is_marked(y);
                if self.level[y as usize] == self.level[x as usize] {
                    self.same_level[y as usize].push(x);
                } else if self.level[y as usize] < self.level[x as usize] {
                    self.level[y as usize] = self.level[x as usize];
                    self.same_level[y as usize].clear();
                    self.same_level[y as usize].push(x);
                    todo.push(y);
                }
            }
        }
        reached
    }

    /// The components after a component, with repetitions.
    fn successors(&self, component: u32) -> impl Iterator<Item = u32> + '_ {
        self.members(component)
            .flat_map(|node| self.out[node as usize].iter().map(|&to| self.component(to)))
            .filter(move |&to| to != component)
    }

    /// Merges every component on a path from `w` to `v` into one, after an edge from `v` to `w` closed a cycle. The largest stands
    /// for all, so that a node changes its representative a logarithmic number of times.
    fn merge(&mut self, v: u32, w: u32) {
        let on_cycle = self.between(w, v);
        let level = on_cycle.iter().map(|&node| self.level[node as usize]).max().unwrap_or(0);
        let whole = on_cycle.iter().copied().max_by_key(|&node| self.members[node as usize].len()).unwrap_or(v);
        let mut before = Vec::new();
        for &node in &on_cycle {
            if self.level[node as usize] == level {
                before.append(&mut self.same_level[node as usize]);
            }
            if node != whole {
                let inner = std::mem::take(&mut self.members[node as usize]);
                for member in std::iter::once(node).chain(inner) {
                    self.component[member as usize] = whole;
                    self.members[whole as usize].push(member);
                }
            }
        }
        before.retain(|&node| self.component(node) != whole);
        self.raise(whole, level, before);
    }

    /// The components on paths from `start` to `end`, both included. By O1 none lies above the end's level.
    fn between(&self, start: u32, end: u32) -> Vec<u32> {
        let limit = self.level[end as usize];
        let mut forward = FxHashSet::from_iter([start]);
        let mut todo = vec![start];
        let mut reversed: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        while let Some(x) = todo.pop() {
            for y in self.successors(x) {
                if self.level[y as usize] > limit {
                    continue;
                }
                reversed.entry(y).or_default().push(x);
                if forward.insert(y) {
                    todo.push(y);
                }
            }
        }
        let mut backward = FxHashSet::from_iter([end, start]);
        let mut todo = vec![end];
        while let Some(y) = todo.pop() {
            for &x in reversed.get(&y).map_or(&[][..], Vec::as_slice) {
                if backward.insert(x) {
                    todo.push(x);
                }
            }
        }
        backward.into_iter().collect()
    }

    /// Panics unless O1 and O2 hold; for tests.
    #[cfg(test)]
    pub(crate) fn check_invariants(&self) {
        for from in 0..self.out.len() as u32 {
            for &to in &self.out[from as usize] {
                let (a, b) = (self.component(from), self.component(to));
                if a == b {
                    continue;
                }
                assert!(self.level[a as usize] <= self.level[b as usize], "O1: {from} -> {to}");
                let listed = self.same_level[b as usize].iter().any(|&x| self.component(x) == a);
                assert!(self.level[a as usize] != self.level[b as usize] || listed, "O2: {from} -> {to}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn order(nodes: u32) -> Order {
        let mut order = Order::default();
        (0..nodes).for_each(|_| order.add_node());
        order
    }

    /// The slow twin: transitive closure by search.
    fn reaches(edges: &[(u32, u32)], from: u32, to: u32) -> bool {
        let (mut seen, mut todo) = (vec![from], vec![from]);
        while let Some(x) = todo.pop() {
            for &(a, b) in edges {
                if a == x && !seen.contains(&b) {
                    seen.push(b);
                    todo.push(b);
                }
            }
        }
        seen.contains(&to)
    }

    proptest! {
        #[test]
        fn components_are_those_of_the_naive_twin(edges in prop::collection::vec((0u32..12, 0u32..12), 0..60)) {
            let mut order = order(12);
            let mut so_far = Vec::new();
            for (from, to) in edges {
                if from == to || so_far.contains(&(from, to)) {
                    continue;
                }
                so_far.push((from, to));
                let cyclic = order.insert(from, to) == Inserted::Cyclic;
                prop_assert_eq!(cyclic, reaches(&so_far, to, from), "edge {}->{} of {:?}", from, to, so_far);
                order.check_invariants();
                for a in 0..12 {
                    for b in 0..12 {
                        let together = reaches(&so_far, a, b) && reaches(&so_far, b, a);
                        prop_assert_eq!(order.component(a) == order.component(b), together);
                    }
                }
            }
        }
    }

    #[test]
    fn a_chain_inserted_in_reverse_is_not_quadratic() {
        let nodes = 20_000;
        let mut order = order(nodes);
        for from in (0..nodes - 1).rev() {
            assert_eq!(order.insert(from, from + 1), Inserted::Acyclic);
        }
        assert!(order.level.iter().all(|&level| level <= 400), "levels stay near the square root of the edges");
    }
}
