//! Annotations of GitHub Actions: a workflow command for every finding, at the site that completed it.

use crate::background::Background;
use crate::short::place;
use crate::words::{advice, clean, observed};
use lockdep_core::finding::{Finding, Level};
use std::fmt::Write;

/// One command per finding, on a line of its own. What fails the run comes first, because GitHub shows only the first ten of
/// a step.
#[must_use]
pub fn render<'a>(findings: impl IntoIterator<Item = &'a Finding>, background: &Background) -> String {
    let mut findings: Vec<&Finding> = findings.into_iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    findings.into_iter().map(|finding| annotation(finding, background)).collect()
}

fn annotation(finding: &Finding, background: &Background) -> String {
    let (named, _) = background.names.in_finding(finding);
    let command = match finding.level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Allow => "notice",
    };
    let mut properties = String::new();
    if let Some(site) = place(finding) {
        let (line, column) = (site.line, site.column);
        let _ = write!(properties, "file={},line={line},col={column},", property(&site.file));
    }
    let title = property(&format!("lockdep::{} {}", finding.code, finding.id));
    let mut message = clean(&named.title);
    for line in observed(&named).into_iter().chain(named.notes.iter().map(|note| clean(note))) {
        let _ = write!(message, "\n{line}");
    }
    let _ = write!(message, "\nhelp: {}\n{}", advice(&named), clean(&background.replay(finding)));
    format!("::{command} {properties}title={title}::{}\n", data(&message))
}

/// What follows the last `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands between commas before it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_property_is_escaped() {
        assert_eq!(property("50%, a:b\n"), "50%25%2C a%3Ab%0A");
        assert_eq!(data("50%, a:b\r\n"), "50%25, a:b%0D%0A");
    }
}
