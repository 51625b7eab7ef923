//! `hierarchy` and `undeclared`: an observed order against the documented one.
//!
//! **Theorem.** If every observed dependency is declared, and the declaration has no cycle, then the observed graph has
//! none. A dependency that the declaration forbids is therefore reported even while no opposite order was seen.
//!
//! **Hole.** An open hierarchy says nothing about pairs that it does not mention; a closed one reports them as
//! `undeclared`. Locks that the file never names are reported by neither: they are not its subject.

use crate::class::{ClassRegistry, Labels};
use crate::engine::Engine;
use crate::finding::{Code, Finding, Grade};
use crate::graph::Dependency;
use crate::hierarchy::{Hierarchy, Rule, Verdict};
use crate::{id, render};

/// What the hierarchy says against one dependency.
#[must_use]
pub fn check(
    hierarchy: &Hierarchy,
    engine: &Engine,
    registry: &ClassRegistry,
    labels: &Labels,
    edge: &Dependency,
) -> Option<Finding> {
    let graph = engine.dependencies();
    let (from, to) = (labels.node(graph.node_at(edge.from)), labels.node(graph.node_at(edge.to)));
    let is_runner = |index| registry.is_runner(graph.node_at(index).class);
    if registry.is_context(graph.node_at(edge.to).class) {
        // What can be interrupted is no order that anybody chose.
        return None;
    }
    let seen = edge.evidence.occurrences();
    let objection = seen.iter().find_map(|seen| match hierarchy.check(&from, &to, seen.next.want) {
        Verdict::Contradicts { line, rule } => Some((seen, Some((line, rule)))),
        _ => None,
    });
    let (seen, against) = match objection {
        Some(objection) => objection,
        None if hierarchy.is_closed() && !is_runner(edge.from) && !is_runner(edge.to) => {
            let seen = &seen[0];
            match hierarchy.check(&from, &to, seen.next.want) {
                Verdict::Undeclared => (seen, None),
                _ => return None,
            }
        }
        None => return None,
    };
    let (code, title, note) = match against {
        Some((line, rule)) => (
            Code::Hierarchy,
            format!("taking `{to}` while holding `{from}` contradicts the documented hierarchy"),
            format!("line {line} of the order file {}", says(rule)),
        ),
        None => (
            Code::Undeclared,
            format!("taking `{to}` while holding `{from}` is not in the documented hierarchy"),
            "the hierarchy is closed: every order has to be declared".to_owned(),
        ),
    };
    Some(Finding {
        code,
        grade: Grade::Possible,
        level: Grade::Possible.default_level(),
        id: id::of_labels(code, [from.as_str(), to.as_str()]),
        classes: vec![from, to],
        title,
        cycle: Vec::new(),
        witness: Some(render::witness(engine, registry, labels, seen)),
        notes: vec![note],
    })
}

/// How a line of the order file speaks against an order, to be read after "line N of the order file".
fn says(rule: Rule) -> &'static str {
    match rule {
        Rule::Order => "declares the opposite order",
        Rule::Leaf => "says that nothing is taken under it",
        Rule::Apart => "says that the two are never held together",
        Rule::Read => "allows it only in shared mode",
    }
}
