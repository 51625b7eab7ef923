//! A graph with all that is known of it: where its classes come from, who was seen to make its edges, and what the
//! documented hierarchy says of them. What pictures and pages are made of; the text v1 is a part of it.

use super::GraphText;
use crate::class::{ClassRegistry, Labels, LockKind, Node, Origin, Site};
use crate::engine::Engine;
use crate::finding::Witness;
use crate::graph::Dependency;
use crate::hierarchy::{Hierarchy, Verdict};
use crate::render;
use std::collections::BTreeMap;

/// A lock graph in words, with its evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GraphDetail {
    /// The graph itself.
    pub graph: GraphText,
    /// What is known of its classes; fewer than the graph has if it was read from a text.
    pub classes: BTreeMap<String, ClassDetail>,
    /// What is known of its edges; fewer than the graph has if it was read from a text.
    pub edges: BTreeMap<(String, String), EdgeDetail>,
    /// Parent-child pairs that the hierarchy declares and nobody was seen to use, sorted.
    pub never_seen: Vec<(String, String)>,
}

/// What is known of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassDetail {
    /// The key's name, or the protected type of a birth-site class.
    pub name: String,
    /// Where the class comes from.
    pub origin: Origin,
    /// What kind of lock it is.
    pub kind: LockKind,
    /// The birth site, or the definition of the key.
    pub site: Option<Site>,
    /// How many locks were seen, over all processes.
    pub instances: u64,
}

/// What is known of an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeDetail {
    /// How often it was recorded; a lower bound of how often it happened.
    pub count: u64,
    /// Whether the two were ever neighbours on a held stack.
    pub adjacent: bool,
    /// What the hierarchy says, if there is one: the worst over all modes that were seen.
    pub verdict: Option<Verdict>,
    /// Who was seen to make it, sorted; as many as the evidence keeps.
    pub witnesses: Vec<Witness>,
}

impl From<GraphText> for GraphDetail {
    fn from(graph: GraphText) -> GraphDetail {
        GraphDetail { graph, ..GraphDetail::default() }
    }
}

impl GraphDetail {
    /// What is known of a part of the graph. Of what the hierarchy declares, that is what lies within it.
    #[must_use]
    pub fn part(&self, graph: &GraphText) -> GraphDetail {
        let mut part = GraphDetail { graph: graph.clone(), ..self.clone() };
        part.classes.retain(|label, _| graph.classes.contains_key(label));
        part.edges.retain(|ends, _| graph.edges.contains_key(ends));
        if *graph != self.graph {
            let known = |label: &String| graph.classes.contains_key(label);
            part.never_seen.retain(|(from, to)| known(from) && known(to));
        }
        part
    }

    /// The graph of an engine, compared with the engine's hierarchy if it has one.
    #[must_use]
    pub fn of(engine: &Engine, registry: &ClassRegistry) -> GraphDetail {
        let (graph, labels) = (GraphText::of(engine, registry), registry.labels());
        let mut detail = GraphDetail::default();
        let dependencies = engine.dependencies();
        for node in dependencies.nodes() {
            let label = labels.node(*node);
            if graph.classes.contains_key(&label) {
                detail.classes.insert(label, class(registry, *node));
            }
        }
        for dependency in dependencies.edges() {
            let ends = [dependency.from, dependency.to].map(|end| labels.node(dependencies.node_at(end)));
            let ends = ends.into();
            if graph.edges.contains_key(&ends) {
                let edge = edge(engine, registry, &labels, dependency, &ends);
                detail.edges.insert(ends, edge);
            }
        }
        detail.never_seen = engine.hierarchy().map_or_else(Vec::new, |hierarchy| never_seen(hierarchy, &graph));
        detail.graph = graph;
        detail
    }
}

fn class(registry: &ClassRegistry, node: Node) -> ClassDetail {
    let class = registry.get(node.class);
    ClassDetail {
        name: class.spec.name.to_string(),
        origin: class.spec.origin,
        kind: class.spec.kind,
        site: class.spec.site.clone(),
        instances: class.instances,
    }
}

fn edge(
    engine: &Engine,
    registry: &ClassRegistry,
    labels: &Labels,
    dependency: &Dependency,
    (from, to): &(String, String),
) -> EdgeDetail {
    let is_runner = |end| registry.is_runner(engine.dependencies().node_at(end).class);
    let ordered = !is_runner(dependency.from) && !is_runner(dependency.to);
    let worst = |hierarchy: &Hierarchy| {
        let said = dependency.evidence.pairs().iter().map(|(_, want)| hierarchy.check(from, to, want));
        said.max_by_key(|verdict| match verdict {
            Verdict::Declared => 0,
            Verdict::Unknown => 1,
            Verdict::Undeclared => 2,
            Verdict::Contradicts { .. } => 3,
        })
    };
    let mut witnesses: Vec<Witness> =
        dependency.evidence.occurrences().iter().map(|seen| render::witness(engine, registry, labels, seen)).collect();
    witnesses.sort();
    witnesses.dedup();
    EdgeDetail {
        count: dependency.count,
        adjacent: dependency.adjacent,
        verdict: engine.hierarchy().filter(|_| ordered).and_then(worst),
        witnesses,
    }
}

fn never_seen(hierarchy: &Hierarchy, graph: &GraphText) -> Vec<(String, String)> {
    let seen = |from: &str, to: &str| {
        let stands_for = |label: &str, name: &str| hierarchy.canonical(label) == Some(name);
        graph.edges.keys().any(|(held, wanted)| stands_for(held, from) && stands_for(wanted, to))
    };
    let pairs = hierarchy.pairs().into_iter().filter(|(from, to)| !seen(from, to));
    pairs.map(|(from, to)| (from.to_owned(), to.to_owned())).collect()
}
