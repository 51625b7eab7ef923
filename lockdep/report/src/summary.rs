//! What a run amounts to, in the style of cargo's own lines.

use annotate_snippets::renderer::{DEFAULT_ERROR_STYLE, DEFAULT_NOTE_STYLE, DEFAULT_WARNING_STYLE};
use std::fmt::Write;

/// The figures of a run, after all its logs have been merged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Processes that wrote a log.
    pub processes: usize,
    /// Processes that wrote several logs, because libraries in them had states of their own.
    pub apart: usize,
    /// Acquisitions they made; those of processes that were killed are not known.
    pub acquisitions: u64,
    /// Lock classes.
    pub classes: usize,
    /// Lock objects.
    pub instances: u64,
    /// Observed orders between two classes.
    pub dependencies: usize,
    /// Different chains of locks.
    pub chains: u64,
    /// Classes that their keys leave out of the graph, by name.
    pub unchecked: Vec<String>,
    /// Crates whose locks were not seen, and why.
    pub untracked: Vec<String>,
    /// The documented hierarchy, if the run was checked against one.
    pub hierarchy: Option<HierarchyVerdict>,
    /// Findings that fail the run.
    pub denied: usize,
    /// Findings that are printed.
    pub warned: usize,
    /// Findings that were weighed and excused.
    pub allowed: usize,
    /// Findings that the project accepts.
    pub accepted: usize,
}

/// How the observed orders compare with the documented ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HierarchyVerdict {
    /// The order file.
    pub file: String,
    /// Observed orders.
    pub observed: usize,
    /// How many of them it declares.
    pub declared: usize,
    /// How many it forbids.
    pub contradictions: usize,
    /// How many it should have declared, if it is closed; how many it says nothing about, if not.
    pub undeclared: usize,
}

/// Renders the lines, with a newline at the end.
#[must_use]
pub fn render(summary: &Summary, color: bool) -> String {
    let mut text = String::new();
    let good = DEFAULT_NOTE_STYLE;
    let mut line = |style: anstyle::Style, verb: &str, rest: &str| {
        let _ = match color {
            true => writeln!(text, "{style}{verb:>12}{style:#} {rest}"),
            false => writeln!(text, "{verb:>12} {rest}"),
        };
    };
    let processes = count(summary.processes as u64, "process", "processes");
    line(good, "Recorded", &format!("{} in {processes}", count(summary.acquisitions, "acquisition", "acquisitions")));
    line(
        good,
        "Observed",
        &format!(
            "{} ({}), {}, {}",
            count(summary.classes as u64, "lock class", "lock classes"),
            count(summary.instances, "lock", "locks"),
            count(summary.dependencies as u64, "dependency", "dependencies"),
            count(summary.chains, "chain", "chains"),
        ),
    );
    if !summary.unchecked.is_empty() {
        let classes = count(summary.unchecked.len() as u64, "class", "classes");
        line(
            DEFAULT_WARNING_STYLE,
            "Unchecked",
            &format!("{classes} marked `novalidate`: {}", summary.unchecked.join(", ")),
        );
    }
    for untracked in &summary.untracked {
        line(DEFAULT_WARNING_STYLE, "Untracked", &format!("locks of {untracked}"));
    }
    if summary.apart > 0 {
        let processes = count(summary.apart as u64, "process", "processes");
        let what = "counted more than once: libraries had states of their own, and orders across them are not known";
        line(DEFAULT_WARNING_STYLE, "Apart", &format!("{processes} {what}"));
    }
    if let Some(verdict) = &summary.hierarchy {
        let style = if verdict.contradictions > 0 { DEFAULT_ERROR_STYLE } else { good };
        line(style, "Hierarchy", &hierarchy(verdict));
    }
    let style = match (summary.denied, summary.warned) {
        (0, 0) => good,
        (0, _) => DEFAULT_WARNING_STYLE,
        _ => DEFAULT_ERROR_STYLE,
    };
    line(style, "Finished", &findings(summary));
    text
}

fn hierarchy(verdict: &HierarchyVerdict) -> String {
    let HierarchyVerdict { file, observed, declared, contradictions, undeclared } = verdict;
    let mut text = match declared == observed {
        true => format!("{file} declares all {observed} observed dependencies"),
        false => format!("{file} declares {declared} of {observed} observed dependencies"),
    };
    if *contradictions > 0 {
        let _ = write!(text, "; {} it", count(*contradictions as u64, "contradicts", "contradict"));
    }
    if *undeclared > 0 {
        let _ = write!(text, "; {undeclared} not declared");
    }
    text
}

fn findings(summary: &Summary) -> String {
    let counted = [
        (summary.denied, "error", "errors"),
        (summary.warned, "warning", "warnings"),
        (summary.allowed, "excused", "excused"),
        (summary.accepted, "accepted", "accepted"),
    ];
    let words = counted.iter().filter(|(number, ..)| *number > 0);
    let words: Vec<String> = words.map(|&(number, one, many)| count(number as u64, one, many)).collect();
    if words.is_empty() { "no findings".to_owned() } else { words.join(", ") }
}

/// `1 lock`, `1,234 locks`
fn count(number: u64, one: &str, many: &str) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {}", if number == 1 { one } else { many })
}
