//! JSON lines, as cargo prints them: one object per line, told apart by `reason`.
//!
//! The lines follow a published schema, [`SCHEMA`]. Within a version no field goes away or changes its type or meaning; new
//! fields, reasons and codes may come, and readers ignore what they do not know. What is text for people may change.

use crate::background::Background;
use crate::human::{self, Style};
use crate::summary::Summary;
use crate::words::severity;
use lockdep_core::class::Site;
use lockdep_core::finding::{CycleEdge, Finding, HeldLabel, Witness};
use lockdep_core::mode::Manner;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The schema of a line, draft 2020-12.
pub const SCHEMA: &str = include_str!("../schema/lockdep-messages-v1.schema.json");

/// The version of the lines.
const VERSION: u32 = 1;

/// One finding: `"reason": "lockdep-finding"`, with the human report in `rendered`.
#[must_use]
pub fn finding(finding: &Finding, background: &mut Background) -> String {
    let (_, names) = background.names.in_finding(finding);
    let names: BTreeMap<&str, &str> = names.into_iter().collect();
    json!({
        "reason": "lockdep-finding",
        "version": VERSION,
        "code": finding.code.name(),
        "grade": finding.grade.name(),
        "level": severity(finding.level),
        "id": finding.id,
        "title": finding.title,
        "classes": finding.classes,
        "cycle": finding.cycle.iter().map(edge).collect::<Vec<_>>(),
        "witness": finding.witness.as_ref().map(witness),
        "notes": finding.notes,
        "names": names,
        "accepted": background.accepted(finding),
        "rendered": human::render(finding, background, Style::plain()),
    })
    .to_string()
}

/// The end of a run: `"reason": "lockdep-summary"`.
#[must_use]
pub fn summary(summary: &Summary, background: &Background) -> String {
    let cut = background.cut().edges().map(|(from, to)| json!({ "from": from, "to": to }));
    let hierarchy = summary.hierarchy.as_ref().map(|verdict| {
        json!({
            "file": verdict.file,
            "observed": verdict.observed,
            "declared": verdict.declared,
            "contradictions": verdict.contradictions,
            "undeclared": verdict.undeclared,
        })
    });
    json!({
        "reason": "lockdep-summary",
        "version": VERSION,
        "processes": summary.processes,
        "acquisitions": summary.acquisitions,
        "classes": summary.classes,
        "instances": summary.instances,
        "dependencies": summary.dependencies,
        "chains": summary.chains,
        "unchecked": summary.unchecked,
        "untracked": summary.untracked,
        "apart": summary.apart,
        "hierarchy": hierarchy,
        "denied": summary.denied,
        "warned": summary.warned,
        "allowed": summary.allowed,
        "accepted": summary.accepted,
        "cut": cut.collect::<Vec<_>>(),
    })
    .to_string()
}

fn edge(edge: &CycleEdge) -> Value {
    json!({
        "from": edge.from,
        "to": edge.to,
        "kind": edge.kind.to_string(),
        "closing": edge.closing,
        "count": edge.count,
        "witness": witness(&edge.witness),
    })
}

fn witness(witness: &Witness) -> Value {
    let limit = match witness.manner {
        Manner::Timed(limit) => Some(limit),
        Manner::Block | Manner::Try => None,
    };
    json!({
        "thread": &*witness.thread,
        "test": &*witness.test,
        "held": witness.held.as_ref().map(held),
        "wanted": witness.wanted,
        "want": witness.want.name(),
        "limit_ms": limit,
        "site": site(&witness.site),
        "also_held": witness.also_held.iter().map(held).collect::<Vec<_>>(),
    })
}

fn held(held: &HeldLabel) -> Value {
    json!({ "label": held.label, "mode": held.mode.name(), "site": site(&held.site) })
}

fn site(site: &Site) -> Value {
    json!({ "file": &*site.file, "line": site.line, "column": site.column })
}
