//! JUnit XML: every finding a test case, for dashboards that know no other format. What fails the run is a failure,
//! what is accepted or excused is skipped, a warning passes and has its report as output.

use crate::background::Background;
use crate::human::{self, Style};
use lockdep_core::finding::{Finding, Level};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// The whole run as one suite. It has no times and no identifiers, so that equal findings give equal bytes.
#[must_use]
pub fn render<'a>(findings: impl IntoIterator<Item = &'a Finding>, background: &mut Background) -> String {
    let mut suite = TestSuite::new("lockdep");
    for finding in findings {
        suite.add_test_case(case(finding, background));
    }
    if suite.test_cases.is_empty() {
        // Some readers take a report without cases for one that got lost.
        suite.add_test_case(TestCase::new("no findings", TestCaseStatus::success()));
    }
    let mut report = Report::new("lockdep");
    report.add_test_suite(suite);
    let mut xml = report.to_string().expect("XML is written to memory");
    xml.push('\n');
    xml
}

fn case(finding: &Finding, background: &mut Background) -> TestCase {
    let (named, _) = background.names.in_finding(finding);
    let report = human::render(finding, background, Style::plain());
    let accepted = background.accepted(finding).map(str::to_owned);
    let status = match (&accepted, finding.level) {
        (Some(reason), _) => skipped(reason),
        (None, Level::Allow) => skipped(finding.notes.first().map_or("excused", String::as_str)),
        (None, Level::Warn) => TestCaseStatus::success(),
        (None, Level::Deny) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(format!("lockdep::{}", finding.code)).set_message(&*named.title).set_description(&*report);
            status
        }
    };
    let is_failure = accepted.is_none() && finding.level == Level::Deny;
    let mut case = TestCase::new(format!("{} {}", finding.id, named.title), status);
    case.set_classname(format!("lockdep::{}", finding.code));
    if !is_failure {
        case.set_system_out(report);
    }
    case
}

fn skipped(reason: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(reason);
    status
}
