//! Runs a case through the validator and compares what comes of it with what must come.

use super::naive;
use super::parse::locate;
use super::{Case, ScenarioError};
use crate::event::Op;
use crate::finding::{Code, Finding, Grade};
use crate::log::merge;
use crate::validator::Validator;
use std::collections::BTreeSet;

/// What came of one case.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// The case.
    pub name: String,
    /// Everything found, surest first.
    pub findings: Vec<Finding>,
    /// How that differs from what must come; empty if it does not.
    pub mismatches: Vec<String>,
}

impl CaseResult {
    /// Whether the case came out as expected.
    #[must_use]
    pub fn pass(&self) -> bool {
        self.mismatches.is_empty()
    }

    /// The result as one line of JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let findings = self.findings.iter().map(|finding| {
            serde_json::json!({
                "code": finding.code.name(),
                "grade": finding.grade.name(),
                "id": finding.id,
                "classes": finding.classes,
            })
        });
        let findings: Vec<_> = findings.collect();
        serde_json::json!({ "case": self.name, "findings": findings, "pass": self.pass() }).to_string()
    }
}

/// What executes the steps of a case, or judges them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// The validator, judging as it goes.
    Validator,
    /// The validator's log, written, read back and merged, as if another process judged it.
    Log,
    /// The validator's log, judged by brute force.
    Naive,
}

impl Driver {
    /// The name in `not` lists and on command lines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Driver::Validator => "validator",
            Driver::Log => "log",
            Driver::Naive => "naive",
        }
    }
}

/// Runs a case. `text` is the file it came from, to locate errors in.
///
/// # Errors
/// When a step cannot be executed, with its place.
pub fn run(text: &str, case: &Case, driver: Driver) -> Result<CaseResult, ScenarioError> {
    let validator = executed(text, case)?;
    let findings = match driver {
        Driver::Validator => validator.findings(),
        Driver::Log => {
            let merged = merge([(case.name.as_str(), validator.log())]);
            merged.engine.findings(&merged.registry)
        }
        Driver::Naive => naive::judge(&validator.log()),
    };
    let mismatches = compare(case, &findings);
    Ok(CaseResult { name: case.name.clone(), findings, mismatches })
}

/// The validator that has executed a case. `text` is the file it came from, to locate errors in.
///
/// # Errors
/// As [`run`].
fn executed(text: &str, case: &Case) -> Result<Validator, ScenarioError> {
    let start = text.find(&format!("\"{}\"", case.name)).unwrap_or(0);
    let mut validator = Validator::new();
    for lock in &case.locks {
        validator.declare(&lock.id, lock.kind, &lock.class, lock.origin);
        if lock.novalidate {
            validator.novalidate(&lock.id);
        }
        if lock.ordered {
            validator.ordered(&lock.id);
        }
        lock.wait.into_iter().for_each(|wait| validator.wait_type(&lock.id, wait));
    }
    for (_, event) in &case.steps {
        if let Op::Enter(name) | Op::Mask(name) | Op::Unmask(name) = &event.op {
            validator.declare_context(name);
        }
    }
    for (number, (step, event)) in case.steps.iter().enumerate() {
        validator.apply(event).map_err(|error| {
            let message = format!("case `{}`, step {} `{step}`: {error}", case.name, number + 1);
            locate(text, start, step, &message)
        })?;
    }
    Ok(validator)
}

/// How findings differ from what must come, one line each.
///
/// The set semantics of the language: a listed code must come at exactly its grade; at Possible and Blocked nothing
/// else may come; Suspect and Excused findings that are not listed are no one's business.
#[must_use]
pub fn compare(case: &Case, findings: &[Finding]) -> Vec<String> {
    let at = |wanted: &[Grade]| -> BTreeSet<Code> {
        findings.iter().filter(|finding| wanted.contains(&finding.grade)).map(|finding| finding.code).collect()
    };
    let mut mismatches = Vec::new();
    let sure = at(&[Grade::Possible, Grade::Blocked]);
    let lists = [
        ("Possible", &case.expect, &sure),
        ("Suspect", &case.suspect, &at(&[Grade::Suspect])),
        ("Excused", &case.excused, &at(&[Grade::Excused])),
    ];
    for (grade, listed, found) in lists {
        for code in listed.iter().filter(|code| !found.contains(code)) {
            mismatches.push(format!("{code} did not come at grade {grade}"));
        }
    }
    for code in sure.iter().filter(|code| !case.expect.contains(code) && !case.also.contains(code)) {
        mismatches.push(format!("{code} came and was not expected"));
    }
    mismatches
}
