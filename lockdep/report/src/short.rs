//! One line per finding, for editors and for `grep`.

use crate::background::Background;
use crate::words::{clean, severity};
use lockdep_core::class::Site;
use lockdep_core::finding::Finding;

/// `path:line:col: error[lockdep::inversion]: title [LD-7F3K2QX8]`; without a place if the finding has none.
#[must_use]
pub fn render(finding: &Finding, background: &Background) -> String {
    let severity = severity(finding.level);
    let (finding, _) = background.names.in_finding(finding);
    let text = format!("{severity}[lockdep::{}]: {} [{}]", finding.code, clean(&finding.title), finding.id);
    match place(&finding) {
        Some(site) => format!("{site}: {text}"),
        None => text,
    }
}

/// The site that completed the problem.
pub(crate) fn place(finding: &Finding) -> Option<&Site> {
    let closing = finding.cycle.iter().find(|edge| edge.closing).or(finding.cycle.first());
    closing.map(|edge| &edge.witness).or(finding.witness.as_ref()).map(|witness| &witness.site)
}
