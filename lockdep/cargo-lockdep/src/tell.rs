//! How a verdict is told.

use crate::cli::Format;
use crate::shell::{self, Shell};
use crate::verdict::Judged;
use lockdep_core::finding::Finding;
use lockdep_report::background::Background;
use lockdep_report::human::{self, Style};
use lockdep_report::{github, json, junit, sarif, short, summary};
use terminal_size::terminal_size_of;

/// Columns where there is no terminal, as for rustc.
const WIDTH: usize = 140;

impl Judged {
    /// Prints the findings at warn and above (all others too if `all`), surest last, where the eye is, and the figures. People
    /// are shown one cycle for every edge that closes some, and told how many others it closes.
    pub(crate) fn tell(&self, background: &mut Background, format: Format, all: bool, shell: Shell) {
        // A document for machines says itself what was accepted.
        let is_document = matches!(format, Format::Sarif | Format::Junit);
        let is_wanted =
            |finding: &Finding| self.is_told(finding) || is_document && self.accepted.contains_key(&finding.id);
        let findings: Vec<&Finding> = self.findings.iter().filter(|finding| all || is_wanted(finding)).collect();
        match format {
            Format::Human => print_grouped(findings, background, shell),
            Format::Short | Format::Json => {
                findings.iter().rev().for_each(|finding| print_finding(finding, background, format));
            }
            Format::Github => shell::print(github::render(findings, background)),
            Format::Sarif => shell::print(sarif::render(findings, background)),
            Format::Junit => shell::print(junit::render(findings, background)),
        }
        match format {
            Format::Json => shell::print(format!("{}\n", json::summary(&self.summary, background))),
            _ if shell.quiet => {}
            _ => anstream::eprint!("{}", summary::render(&self.summary, true)),
        }
    }
}

fn print_grouped(findings: Vec<&Finding>, background: &mut Background, shell: Shell) {
    let mut groups: Vec<(&Finding, Vec<&str>)> = Vec::new();
    for finding in shortest_first(findings) {
        let same = |group: &&mut (&Finding, Vec<&str>)| {
            group.0.grade == finding.grade && closing(finding).is_some() && closing(group.0) == closing(finding)
        };
        match groups.iter_mut().find(same) {
            Some((_, others)) => others.push(&finding.id),
            None => groups.push((finding, Vec::new())),
        }
    }
    for (finding, others) in groups.iter().rev() {
        print_finding(finding, background, Format::Human);
        if let (Some((from, to)), false) = (closing(finding), others.is_empty()) {
            let cycles = if others.len() == 1 { "one cycle".to_owned() } else { format!("{} cycles", others.len()) };
            shell.note(format!(
                "`{}` -> `{}` closes {cycles} more: {}; `cargo lockdep report ID` shows one\n",
                background.names().of(from),
                background.names().of(to),
                others.join(", ")
            ));
        }
    }
}

/// Surest first, and among equals short cycles first, which are easier to understand.
fn shortest_first(mut findings: Vec<&Finding>) -> Vec<&Finding> {
    findings.sort_by(|a, b| (b.grade, a.code, a.cycle.len()).cmp(&(a.grade, b.code, b.cycle.len())));
    findings
}

/// The ends of the edge that closes the cycle.
fn closing(finding: &Finding) -> Option<(&str, &str)> {
    finding.cycle.iter().find(|edge| edge.closing).map(|edge| (edge.from.as_str(), edge.to.as_str()))
}

/// Prints one finding. Colours are always rendered, and taken out again where they are not wanted.
pub(crate) fn print_finding(finding: &Finding, background: &mut Background, format: Format) {
    match format {
        Format::Human => {
            let width = terminal_size_of(std::io::stderr()).map_or(WIDTH, |(width, _)| usize::from(width.0));
            let style = Style { color: true, width, ..Style::plain() };
            anstream::eprintln!("{}\n", human::render(finding, background, style));
        }
        Format::Short => anstream::eprintln!("{}", short::render(finding, background)),
        Format::Json => shell::print(format!("{}\n", json::finding(finding, background))),
        Format::Github => shell::print(github::render([finding], background)),
        Format::Sarif => shell::print(sarif::render([finding], background)),
        Format::Junit => shell::print(junit::render([finding], background)),
    }
}
