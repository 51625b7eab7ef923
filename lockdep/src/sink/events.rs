//! `tracing` events, one target per stage: `lockdep::class`, `lockdep::dependency` (debug), `lockdep::report` (by level)
//! and `lockdep::limit` (warn). Events, not spans: guards are dropped in any order and on any thread.

use crate::runtime::Work;
use lockdep_core::finding::{Code, Finding, Level};
use tracing::{Level as Severity, enabled, event};

/// Whether a subscriber wants to hear of new classes or dependencies.
pub(super) fn enabled() -> bool {
    enabled!(target: "lockdep::dependency", Severity::DEBUG) || enabled!(target: "lockdep::class", Severity::DEBUG)
}

/// Emits an event for everything that is new.
pub(super) fn emit(work: &Work) {
    for class in &work.classes {
        event!(target: "lockdep::class", Severity::DEBUG, class);
    }
    for (from, to) in &work.dependencies {
        event!(target: "lockdep::dependency", Severity::DEBUG, from, to);
    }
    work.findings.iter().for_each(report);
}

fn report(finding: &Finding) {
    let Finding { id, title, .. } = finding;
    let (code, grade) = (finding.code.name(), finding.grade.name());
    if finding.code == Code::Limit {
        event!(target: "lockdep::limit", Severity::WARN, id, "{title}");
        return;
    }
    match finding.level {
        Level::Deny => event!(target: "lockdep::report", Severity::ERROR, code, grade, id, "{title}"),
        Level::Warn => event!(target: "lockdep::report", Severity::WARN, code, grade, id, "{title}"),
        Level::Allow => event!(target: "lockdep::report", Severity::DEBUG, code, grade, id, "{title}"),
    }
}
