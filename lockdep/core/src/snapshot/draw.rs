//! From an engine to its graph in words.

use super::GraphText;
use crate::class::{ClassRegistry, Node};
use crate::engine::Engine;
use crate::finding::Grade;
use crate::graph::Dependency;
use crate::mode::DepKind;
use rustc_hash::FxHashSet;

impl GraphText {
    /// The graph of an engine. A thread for which nobody waits with a lock held is no part of any order that matters, and
    /// is left out. So is what a context may interrupt, which is everything where it is not kept out.
    #[must_use]
    pub fn of(engine: &Engine, registry: &ClassRegistry) -> GraphText {
        let (graph, labels) = (engine.dependencies(), registry.labels());
        let waited: FxHashSet<Node> = graph.edges().iter().map(|edge| graph.node_at(edge.to)).collect();
        let shown = |node: &Node| waited.contains(node) || !registry.is_thread(node.class);
        let mut text = GraphText::default();
        for node in graph.nodes().iter().filter(|node| shown(node)) {
            text.classes.insert(labels.node(*node), registry.get(node.class).spec.kind);
        }
        let interrupts = |node: Node| registry.is_context(node.class);
        let drawn = |edge: &&Dependency| shown(&graph.node_at(edge.from)) && !interrupts(graph.node_at(edge.to));
        for edge in graph.edges().iter().filter(drawn) {
            let ends = (labels.node(graph.node_at(edge.from)), labels.node(graph.node_at(edge.to)));
            let kinds = edge.evidence.pairs().iter().map(|(held, want)| DepKind::of(held, want));
            text.edges.entry(ends).or_default().extend(kinds);
        }
        for finding in engine.findings(registry) {
            if !finding.cycle.is_empty() && finding.grade > Grade::Excused {
                let edges = finding.cycle.into_iter().map(|edge| (edge.from, edge.kind, edge.to)).collect();
                text.cycles.insert(finding.id, edges);
            }
        }
        text
    }
}
