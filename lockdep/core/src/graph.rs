//! The dependency graph: nodes are classes with their subclasses, edges carry their evidence.
//!
//! Every edge that was ever observed stays, closing edges included: the graph is an artefact, and the reports
//! need all of it. Whether an edge lies on a cycle at all is known from [`Order`] without a search.

use crate::class::{ClassId, ClassRegistry, Node};
use crate::evidence::{Evidence, Occurrence};
use crate::order::{Inserted, Order};
use rustc_hash::FxHashMap;

/// Index of a node in its graph.
pub type NodeIx = u32;
/// Index of an edge in its graph.
pub type EdgeIx = u32;

/// One dependency: `to` was wanted while `from` was held.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// The held node.
    pub from: NodeIx,
    /// The wanted node.
    pub to: NodeIx,
    /// How often it was recorded; the cold path only, so a lower bound of how often it happened.
    pub count: u64,
    /// Whether the two were ever neighbours on a held stack; pictures leave the others out.
    pub adjacent: bool,
    /// What was seen.
    pub evidence: Evidence,
}

/// What recording one occurrence did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The edge.
    pub edge: EdgeIx,
    /// Whether it was not there before.
    pub new: bool,
    /// Whether its evidence changed.
    pub changed: bool,
    /// Whether it can be gone along in a way that was not seen before, so that there may be strong cycles which were none.
    pub stronger: bool,
    /// Whether it lies on a cycle, strong or not.
    pub cyclic: bool,
}

/// The dependency graph of one scope.
#[derive(Clone, Debug, Default)]
pub struct DependencyGraph {
    nodes: Vec<Node>,
    index: FxHashMap<Node, NodeIx>,
    edges: Vec<Dependency>,
    by_ends: FxHashMap<(NodeIx, NodeIx), EdgeIx>,
    after: Vec<Vec<EdgeIx>>,
    order: Order,
}

impl DependencyGraph {
    /// The index of a node, added now if it is new.
    pub fn node(&mut self, node: Node) -> NodeIx {
        if let Some(&index) = self.index.get(&node) {
            return index;
        }
        let index = self.nodes.len() as NodeIx;
        self.index.insert(node, index);
        self.nodes.push(node);
        self.after.push(Vec::new());
        self.order.add_node();
        index
    }

    /// The index of a node that may be unknown.
    #[must_use]
    pub fn find(&self, node: Node) -> Option<NodeIx> {
        self.index.get(&node).copied()
    }

    /// The node at an index.
    #[must_use]
    pub fn node_at(&self, index: NodeIx) -> Node {
        self.nodes[index as usize]
    }

    /// All nodes in order of first use.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// All edges in order of first use.
    #[must_use]
    pub fn edges(&self) -> &[Dependency] {
        &self.edges
    }

    /// The edge at an index.
    #[must_use]
    pub fn edge(&self, edge: EdgeIx) -> &Dependency {
        &self.edges[edge as usize]
    }

    /// The edge between two nodes, if it was seen.
    #[must_use]
    pub fn edge_between(&self, from: NodeIx, to: NodeIx) -> Option<EdgeIx> {
        self.by_ends.get(&(from, to)).copied()
    }

    /// The edges that leave a node.
    #[must_use]
    pub fn after(&self, node: NodeIx) -> &[EdgeIx] {
        &self.after[node as usize]
    }

    /// Records one occurrence of `from -> to`.
    pub fn record(&mut self, occurrence: Occurrence, adjacent: bool, registry: &ClassRegistry) -> Recorded {
        let from = self.node(occurrence.held.node);
        let to = self.node(occurrence.next.node);
        let edge = match self.by_ends.get(&(from, to)) {
            Some(&edge) => edge,
            None => self.add_edge(from, to),
        };
        let dependency = &mut self.edges[edge as usize];
        dependency.count += 1;
        dependency.adjacent |= adjacent;
        let pairs = dependency.evidence.pairs();
        let changed = dependency.evidence.join(occurrence, registry);
        let (new, stronger) = (dependency.count == 1, dependency.evidence.pairs() != pairs);
        Recorded { edge, new, changed, stronger, cyclic: self.same_component(from, to) }
    }

    fn add_edge(&mut self, from: NodeIx, to: NodeIx) -> EdgeIx {
        let edge = self.edges.len() as EdgeIx;
        self.edges.push(Dependency { from, to, count: 0, adjacent: false, evidence: Evidence::default() });
        self.by_ends.insert((from, to), edge);
        self.after[from as usize].push(edge);
        let inserted = self.order.insert(from, to);
        debug_assert_eq!(inserted == Inserted::Cyclic, self.same_component(from, to));
        edge
    }

    /// Whether two nodes reach each other.
    #[must_use]
    pub fn same_component(&self, a: NodeIx, b: NodeIx) -> bool {
        self.order.component(a) == self.order.component(b)
    }

    /// All edges whose ends reach each other, component by component.
    pub fn cyclic_edges(&self) -> impl Iterator<Item = EdgeIx> + '_ {
        self.order.cyclic_components().flat_map(move |component| {
            self.order.members(component).flat_map(move |node| {
                let inside = move |&edge: &EdgeIx| self.same_component(node, self.edge(edge).to);
                self.after(node).iter().copied().filter(inside)
            })
        })
    }

    /// The edges that leave `node` and stay in its component.
    pub fn cyclic_edges_after(&self, node: NodeIx) -> impl Iterator<Item = EdgeIx> + '_ {
        self.after(node).iter().copied().filter(move |&edge| self.same_component(node, self.edge(edge).to))
    }

    /// The same graph without a class, and the new indices of the edges that are left.
    #[must_use]
    pub fn without(&self, class: ClassId) -> (DependencyGraph, FxHashMap<EdgeIx, EdgeIx>) {
        let (mut graph, mut kept) = (DependencyGraph::default(), FxHashMap::default());
        for &node in self.nodes.iter().filter(|node| node.class != class) {
            graph.node(node);
        }
        for (old, edge) in (0..).zip(&self.edges) {
            let (from, to) = (self.node_at(edge.from), self.node_at(edge.to));
            if let (Some(from), Some(to)) = (graph.find(from), graph.find(to)) {
                let new = graph.add_edge(from, to);
                graph.edges[new as usize] = Dependency { from, to, ..edge.clone() };
                kept.insert(old, new);
            }
        }
        (graph, kept)
    }

    /// The same graph, the successors of every node in the order of this label.
    #[must_use]
    pub fn sorted_by(&self, label: impl Fn(Node) -> String) -> DependencyGraph {
        let mut sorted = self.clone();
        for edges in sorted.after.iter_mut().filter(|edges| edges.len() > 1) {
            edges.sort_by_cached_key(|&edge| label(self.node_at(self.edge(edge).to)));
        }
        sorted
    }
}
