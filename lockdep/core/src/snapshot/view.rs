//! Views of a graph: parts of it, for people and for petgraph.

use super::GraphText;
use crate::mode::DepKind;
use petgraph::algo::tred::{dag_to_toposorted_adjacency_list, dag_transitive_reduction_closure};
use petgraph::algo::{condensation, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{IntoNeighbors, NodeIndexable};
use std::collections::{BTreeMap, BTreeSet};

impl GraphText {
    /// The graph for petgraph's algorithms: nodes in the order of their labels, edges in the order of their ends.
    #[must_use]
    pub fn to_petgraph(&self) -> DiGraph<String, Vec<DepKind>> {
        let mut graph = DiGraph::with_capacity(self.classes.len(), self.edges.len());
        let mut nodes: BTreeMap<&str, NodeIndex> = BTreeMap::new();
        let ends = self.edges.keys().flat_map(|(from, to)| [from, to]);
        let labels: BTreeSet<&String> = self.classes.keys().chain(ends).collect();
        for label in labels {
            nodes.insert(label, graph.add_node(label.clone()));
        }
        for ((from, to), kinds) in &self.edges {
            graph.add_edge(nodes[from.as_str()], nodes[to.as_str()], kinds.iter().copied().collect());
        }
        graph
    }

    /// The graph without the edges that others imply, for people to read. Edges within a strongly connected
    /// component all stay, because there it is not said which of them implies which.
    ///
    /// The result is no basis for checks: nesting is not transitive once readers are involved.
    #[must_use]
    pub fn reduce(&self) -> GraphText {
        let graph = self.to_petgraph();
        let components = condensation(graph.map(|node, _| node, |_, _| ()), true);
        let mut component: BTreeMap<&str, NodeIndex> = BTreeMap::new();
        for index in components.node_indices() {
            for &node in &components[index] {
                component.insert(&graph[node], index);
            }
        }
        let Ok(order) = toposort(&components, None) else { return self.clone() };
        let (list, rank) = dag_to_toposorted_adjacency_list::<_, u32>(&components, &order);
        let (reduction, _) = dag_transitive_reduction_closure(&list);
        let kept = |from: &str, to: &str| {
            let (from, to) = (component[from], component[to]);
            let rank = |node: NodeIndex| rank[components.to_index(node)];
            from == to || reduction.neighbors(rank(from)).any(|next| next == rank(to))
        };
        let edges = self.edges.iter().filter(|((from, to), _)| kept(from, to));
        GraphText {
            classes: self.classes.clone(),
            edges: edges.map(|(ends, kinds)| (ends.clone(), kinds.clone())).collect(),
            cycles: self.cycles.clone(),
        }
    }

    /// The part of the graph whose labels start with one of the prefixes: edges with both ends in it, and cycles
    /// that stay within it.
    #[must_use]
    pub fn filter<P: AsRef<str>>(&self, prefixes: &[P]) -> GraphText {
        let wanted = |label: &str| prefixes.iter().any(|prefix| label.starts_with(prefix.as_ref()));
        let mut part = self.clone();
        part.classes.retain(|label, _| wanted(label));
        part.edges.retain(|(from, to), _| wanted(from) && wanted(to));
        part.cycles.retain(|_, edges| edges.iter().all(|(from, _, to)| wanted(from) && wanted(to)));
        part
    }
}
