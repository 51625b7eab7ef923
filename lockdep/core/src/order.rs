//! The accelerator: a topological order of the components of the graph, so that most new edges need no search.
//!
//! Every component (a set of nodes that reach each other) has its place in a line, and every edge between two of them leads
//! forwards in it. A new edge that does so too cannot close a cycle. One that does not is searched for from both ends at once,
//! forwards from where it leads and backwards from where it comes from, always on from the first that was reached forwards and from
//! the last that was reached backwards, one edge each, until those two have passed each other. Then all that was reached and is on
//! the wrong side moves to where they met, and what lies on a cycle becomes one component. This is the two-way compatible search of
//! Haeupler, Kavitha, Mathew, Sen and Tarjan, "Incremental Cycle Detection, Topological Ordering, and Strong Component Maintenance"
//! (TALG 2012): all insertions together go along O(m^3/2) edges, so no input is quadratic. A node that has edges on one side only
//! moves past the other end at once, and a cycle is found among what was reached anyway.
//!
//! Levels with ties, which need less of a search (Bender, Fineman, Gilbert and Tarjan, TALG 2015), were measured beside it, in the
//! bench `growth`. They rise one at a time and take along all that follows: where edges are short and come in no order, one insertion
//! in a hundred raises 56 components or more over 144 edges, and 554 over 1,325 if they are very short. Here one in a hundred goes
//! along 25 edges each way and moves 16 components (21 and 14). What is bad for this search is good for levels: long paths that have to
//! pass each other. Each such edge costs the length of a path, in any order without ties, about 25 ns a node. The mean is highest
//! where all of the edges that there may be are such, on paths of 129 nodes (bench); the 99th percentile where they are one in a
//! hundred, on 46 paths of 2,173 nodes: 54 us.
//!
//! Invariant O1: for an edge `a -> b` between different components, `label(a) < label(b)`.
//! Invariant O2: such an edge is among the forward arcs of `a` and the backward arcs of `b`.

mod arcs;
mod cycle;
mod line;

use arcs::{Arcs, Pool};
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::RangeInclusive;

/// Stands for who comes before the first and after the last.
const NOBODY: u32 = u32::MAX;

/// What an inserted edge did to the components.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// Its ends lie in different components still: no cycle goes through it.
    Acyclic,
    /// Its ends lie in one component: a cycle goes through it, strong or not.
    Cyclic,
}

/// A node, and if it stands for its component, that one's place and arcs. All that a search asks about it is in one line of the cache.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Vertex {
    label: u64,
    component: u32,
    /// What the search with the number in the upper bits has found out about it.
    mark: u32,
    before: u32,
    after: u32,
    arcs: [Arcs; 2],
}

/// How many bits of a mark say what was found out.
const MARK_BITS: u32 = 3;
/// Set in marks of what lies on the cycle that was found.
const ON_CYCLE: u32 = 4;

/// A direction of search. Its bit is set in the marks of what was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Forward = 1,
    Backward = 2,
}
use Way::{Backward, Forward};

impl Way {
    fn index(self) -> usize {
        self as usize - 1
    }

    fn opposite(self) -> Way {
        match self {
            Forward => Backward,
            Backward => Forward,
        }
    }
}

/// A component whose arcs were not all gone along yet. The greatest is the next to go on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Live {
    /// The label; for a search forwards its complement, because that goes on from the first.
    key: u64,
    vertex: u32,
    next: u32,
}

/// How far a search in one direction has come; the memory is used again.
#[derive(Clone, Debug, Default)]
struct Front {
    /// All that was reached, by label.
    reached: Vec<(u64, u32)>,
    live: BinaryHeap<Live>,
}

/// The components of a growing directed graph, in a topological order.
#[derive(Clone, Debug)]
pub struct Order {
    vertices: Vec<Vertex>,
    pool: Pool,
    /// The nodes of components with more than one, but for the one that stands for all.
    members: BTreeMap<u32, Vec<u32>>,
    first: u32,
    last: u32,
    /// How many searches there were. Edges that need one do not fit into memory as often as this fits into a mark.
    round: u32,
    fronts: [Front; 2],
    /// What moves, in its new order.
    moved: Vec<u32>,
    #[cfg(test)]
    steps: usize,
}

impl Default for Order {
    fn default() -> Order {
        Order {
            vertices: Vec::new(),
            pool: Pool::default(),
            members: BTreeMap::new(),
            first: NOBODY,
            last: NOBODY,
            round: 0,
            fronts: [Front::default(), Front::default()],
            moved: Vec::new(),
            #[cfg(test)]
            steps: 0,
        }
    }
}

impl Order {
    /// Makes room for a node; nodes are numbered from 0.
    pub fn add_node(&mut self) {
        let node = self.vertices.len() as u32;
        let arcs = [Arcs::default(); 2];
        self.vertices.push(Vertex { label: 0, component: node, mark: 0, before: NOBODY, after: NOBODY, arcs });
        self.place(self.last, &[node]);
    }

    /// The representative of a node's component.
    #[must_use]
    pub fn component(&self, node: u32) -> u32 {
        self.vertices[node as usize].component
    }

    /// Inserts a new edge between two nodes.
    pub fn insert(&mut self, from: u32, to: u32) -> Inserted {
        let (v, w) = (self.component(from), self.component(to));
        if v == w {
            return Inserted::Cyclic;
        }
        if self.label(v) > self.label(w) && !self.is_moved_alone(v, w) {
            let met = self.search(v, w);
            self.rearrange(v, met);
            if met {
                return Inserted::Cyclic;
            }
        }
        self.vertices[v as usize].arcs[Forward.index()].push(&mut self.pool, w);
        self.vertices[w as usize].arcs[Backward.index()].push(&mut self.pool, v);
        Inserted::Acyclic
    }

    fn label(&self, vertex: u32) -> u64 {
        self.vertices[vertex as usize].label
    }

    fn arcs(&self, vertex: u32, way: Way) -> &[u32] {
        self.vertices[vertex as usize].arcs[way.index()].ends(&self.pool)
    }

    /// Whether one of these could be moved past the other because nothing leads to `v`, or nothing on from `w`.
    fn is_moved_alone(&mut self, v: u32, w: u32) -> bool {
        if self.arcs(v, Backward).is_empty() {
            self.unlink(v);
            self.place(self.before(w), &[v]);
        } else if self.arcs(w, Forward).is_empty() {
            self.unlink(w);
            self.place(v, &[w]);
        } else {
            return false;
        }
        true
    }

    /// Whether any of these bits is set in the mark of this search.
    fn is_marked(&self, vertex: u32, bits: u32) -> bool {
        let mark = self.vertices[vertex as usize].mark;
        mark >> MARK_BITS == self.round && mark & bits != 0
    }

    /// Searches forwards from `w` and backwards from `v`, which stands after it. Returns whether the two searches met.
    fn search(&mut self, v: u32, w: u32) -> bool {
        self.round += 1;
        for front in &mut self.fronts {
            front.reached.clear();
            front.live.clear();
        }
        let region = self.label(w)..=self.label(v);
        self.reach(Forward, w, &region);
        self.reach(Backward, v, &region);
        let mut met = false;
        while let (Some(&u), Some(&z)) = (self.fronts[0].live.peek(), self.fronts[1].live.peek()) {
            if !u.key >= z.key {
                break;
            }
            met |= self.step(Forward, u, &region);
            met |= self.step(Backward, z, &region);
        }
        met
    }

    /// Goes along the next arc of the component that is first in its front. Returns whether the opposite search was there.
    fn step(&mut self, way: Way, Live { vertex, next, .. }: Live, region: &RangeInclusive<u64>) -> bool {
        #[cfg(test)]
        {
            self.steps += 1;
        }
        let arcs = self.arcs(vertex, way);
        let is_last = next as usize + 1 == arcs.len();
        let end = self.component(arcs[next as usize]);
        let is_loop = end == vertex;
        let live = &mut self.fronts[way.index()].live;
        if is_last {
            live.pop();
        } else if let Some(mut top) = live.peek_mut().filter(|_| !is_loop) {
            top.next += 1;
        }
        if is_loop {
            // What a merge has left behind is met once.
            self.vertices[vertex as usize].arcs[way.index()].remove(&mut self.pool, next as usize);
        }
        !is_loop && self.reach(way, end, region)
    }

    /// Notes that a search has come to a component. Returns whether the opposite one was there.
    fn reach(&mut self, way: Way, vertex: u32, region: &RangeInclusive<u64>) -> bool {
        let found = &mut self.vertices[vertex as usize];
        if found.mark >> MARK_BITS != self.round {
            found.mark = self.round << MARK_BITS;
        }
        let (label, met) = (found.label, found.mark & way.opposite() as u32 != 0);
        if found.mark & way as u32 == 0 && region.contains(&label) {
            found.mark |= way as u32;
            let front = &mut self.fronts[way.index()];
            front.reached.push((label, vertex));
            if !found.arcs[way.index()].ends(&self.pool).is_empty() {
                let key = if way == Forward { !label } else { label };
                front.live.push(Live { key, vertex, next: 0 });
            }
        }
        met
    }

    /// Puts what was reached into its new order after a search for an edge that comes from `v`.
    ///
    /// The searches ended at the first component `t` whose forward arcs were not all gone along, or at `v` if there is none before it.
    /// What was reached forwards and stands before `t` has to come after what was reached backwards and stands after `t`; and all the
    /// arcs of both were gone along, so nothing else is concerned. A cycle consists of some of both, and perhaps `t`.
    fn rearrange(&mut self, v: u32, is_cycle: bool) {
        let first = self.fronts[0].live.peek().map(|live| (!live.key, live.vertex));
        let t = first.map_or((self.label(v), v), |first| first.min((self.label(v), v)));
        let [mut before, mut after] = [0, 1].map(|way| std::mem::take(&mut self.fronts[way].reached));
        before.retain(|reached| reached.0 < t.0);
        after.retain(|reached| reached.0 > t.0);
        before.sort_unstable();
        after.sort_unstable();
        before.iter().chain(&after).for_each(|&(_, vertex)| self.unlink(vertex));
        let mut place = if t.1 == v { v } else { self.before(t.1) };
        let mut whole = None;
        if is_cycle {
            let cycle = self.cycle(&before, &after, t.1);
            if self.is_marked(t.1, ON_CYCLE) {
                self.unlink(t.1);
                place = self.before(t.1);
            }
            before.retain(|&(_, vertex)| !self.is_marked(vertex, ON_CYCLE));
            after.retain(|&(_, vertex)| !self.is_marked(vertex, ON_CYCLE));
            whole = Some(self.merge(&cycle));
        }
        let mut moved = std::mem::take(&mut self.moved);
        moved.clear();
        moved.extend(after.iter().map(|reached| reached.1));
        moved.extend(whole);
        moved.extend(before.iter().map(|reached| reached.1));
        self.place(place, &moved);
        self.moved = moved;
        (self.fronts[0].reached, self.fronts[1].reached) = (before, after);
    }

    /// Panics unless O1 and O2 hold for these edges and the line is in order; for tests.
    #[cfg(test)]
    pub(crate) fn check_invariants(&self, edges: &[(u32, u32)]) {
        self.check_line();
        for &(from, to) in edges {
            let (a, b) = (self.component(from), self.component(to));
            if a != b {
                let leads = |one, way, other| self.arcs(one, way).iter().any(|&end| self.component(end) == other);
                assert!(self.label(a) < self.label(b), "O1: {from} -> {to}");
                assert!(leads(a, Forward, b) && leads(b, Backward, a), "O2: {from} -> {to}");
            }
        }
    }
}

#[cfg(test)]
mod tests;
