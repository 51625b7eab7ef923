//! Cycles that are guarded some of the time.
//!
//! **Theorem.** A cycle that is not excused has a choice of occurrences that no gate guards. If two of its occurrences, of
//! different edges, do share a gate, then somebody took that lock to keep the two sides apart, and somebody else forgot
//! it. Both are properties of sets of occurrences, so it does not matter which came first.
//!
//! **Hole.** The lock may be shared by accident; hence the grade is `Suspect`, beside the cycle's own finding.

use crate::class::{Labels, Node};
use crate::finding::{Code, Finding, Grade};
use crate::gates::Gates;
use crate::graph::{DependencyGraph, EdgeIx};
use crate::id;
use crate::rule::rule;
use rustc_hash::FxHashSet;

/// The finding that names the guard, if there is one to name.
#[must_use]
pub fn check(graph: &DependencyGraph, labels: &Labels, cycle: &[EdgeIx], found: &Finding) -> Option<Finding> {
    let concerns = found.grade != Grade::Excused && found.code == Code::Inversion;
    if !rule!("lost guards", concerns) {
        return None;
    }
    let guard = labels.node(guard_of(graph, labels, cycle)?);
    let holds = |label: &str| *label == guard;
    let without = found
        .cycle
        .iter()
        .map(|edge| &edge.witness)
        .find(|witness| !witness.also_held.iter().any(|held| holds(&held.label)))?;
    Some(Finding {
        code: Code::GuardLost,
        grade: Grade::Suspect,
        level: Grade::Suspect.default_level(),
        id: id::of_labels(Code::GuardLost, found.classes.iter().map(String::as_str).chain([guard.as_str()])),
        classes: found.classes.clone(),
        title: format!("`{guard}` guards the cycle of {} elsewhere, and is not held here", found.id),
        cycle: Vec::new(),
        witness: Some(without.clone()),
        notes: vec![format!("taking `{guard}` first here too, or one order everywhere, ends the cycle")],
    })
}

/// A lock outside of the cycle that two occurrences of different edges hold against each other, the first by label.
fn guard_of(graph: &DependencyGraph, labels: &Labels, cycle: &[EdgeIx]) -> Option<Node> {
    let nodes: FxHashSet<Node> = cycle.iter().map(|&edge| graph.node_at(graph.edge(edge).from)).collect();
    let on_cycle = |node: Node| nodes.contains(&node);
    let seen = |edge: &EdgeIx| graph.edge(*edge).evidence.occurrences();
    let (mut gates, mut guards) = (Gates::default(), Vec::new());
    for (place, edge) in cycle.iter().enumerate() {
        // Nearly always nothing is shared, and pairs need not be looked at.
        for right in seen(edge).iter().filter(|right| gates.against(right, on_cycle).next().is_some()) {
            let earlier = cycle[..place].iter().flat_map(seen);
            guards.extend(earlier.filter_map(|left| left.gate(right, on_cycle)));
        }
        seen(edge).iter().for_each(|left| gates.push(left, on_cycle));
    }
    guards.into_iter().min_by_key(|guard| labels.node(*guard))
}
