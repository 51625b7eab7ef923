//! What a merged run amounts to: findings, the hierarchy's verdict, and how they are told.

use crate::cli::Format;
use crate::exit::{Exit, Failure};
use crate::settings::Settings;
use lockdep_core::finding::{Finding, Grade, Level};
use lockdep_core::hierarchy::{Hierarchy, Verdict};
use lockdep_core::log::Merged;
use lockdep_core::snapshot::GraphDetail;
use lockdep_report::background::Background;
use lockdep_report::human::{self, Style};
use lockdep_report::names::Names;
use lockdep_report::source::Sources;
use lockdep_report::summary::{self, HierarchyVerdict, Summary};
use lockdep_report::{json, short};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

/// A run, judged.
#[derive(Debug)]
pub(crate) struct Judged {
    /// Everything found, surest first.
    pub(crate) findings: Vec<Finding>,
    /// The ids of those that the project accepts.
    accepted: BTreeSet<String>,
    /// The graph with its evidence.
    pub(crate) detail: GraphDetail,
    /// The figures.
    pub(crate) summary: Summary,
}

/// Reads an order file; every error in it is told with its place.
pub(crate) fn read_order(file: &Path) -> Result<Hierarchy, Failure> {
    let name = file.display();
    let text =
        std::fs::read_to_string(file).map_err(|error| Failure::usage(format!("{name} cannot be read: {error}")))?;
    Hierarchy::parse(&text).map_err(|errors| {
        let mut message = String::from("the order file is malformed");
        for error in errors {
            let _ = write!(message, "\n  {name}:{error}");
            if let Some(help) = &error.help {
                let _ = write!(message, "\n    help: {help}");
            }
        }
        Failure::usage(message)
    })
}

/// Judges all evidence, against a hierarchy if there is one, and as the project has decided.
pub(crate) fn judge(merged: &mut Merged, order: Option<(String, Hierarchy)>, settings: &Settings) -> Judged {
    let file = order.map(|(file, hierarchy)| {
        merged.engine.set_hierarchy(hierarchy);
        file
    });
    let detail = GraphDetail::of(&merged.engine, &merged.registry);
    let mut unchecked: Vec<String> = merged
        .registry
        .iter()
        .filter(|(_, class)| class.novalidate)
        .map(|(_, class)| class.spec.name.to_string())
        .collect();
    unchecked.sort_unstable();
    let mut summary = Summary {
        hierarchy: file.map(|file| compare(&detail, file)),
        processes: merged.processes,
        acquisitions: merged.acquisitions,
        classes: detail.graph.classes.len(),
        instances: merged.registry.iter().map(|(_, class)| class.instances).sum(),
        dependencies: detail.graph.edges.len(),
        unchecked,
        chains: merged.chains,
        ..Summary::default()
    };
    let mut findings = merged.engine.findings(&merged.registry);
    findings.extend(settings.unmatched(&findings));
    let accepts = |finding: &mut Finding| settings.accepts(finding).map(|_| finding.id.clone());
    let accepted: BTreeSet<String> = findings.iter_mut().filter_map(accepts).collect();
    for finding in &findings {
        match finding.level {
            _ if accepted.contains(&finding.id) => summary.accepted += 1,
            Level::Deny => summary.denied += 1,
            Level::Warn => summary.warned += 1,
            Level::Allow => summary.allowed += 1,
        }
    }
    Judged { findings, accepted, detail, summary }
}

fn compare(detail: &GraphDetail, file: String) -> HierarchyVerdict {
    let mut verdict = HierarchyVerdict { file, ..HierarchyVerdict::default() };
    for said in detail.edges.values().filter_map(|edge| edge.verdict) {
        verdict.observed += 1;
        match said {
            Verdict::Contradicts { .. } => verdict.contradictions += 1,
            Verdict::Declared => verdict.declared += 1,
            Verdict::Undeclared | Verdict::Unknown => verdict.undeclared += 1,
        }
    }
    verdict
}

impl Judged {
    /// How the command ends, whatever the child did.
    pub(crate) fn exit(&self) -> Exit {
        if self.summary.denied > 0 { Exit::Findings } else { Exit::Clean }
    }

    /// What reports say beyond their findings.
    pub(crate) fn background(&self, mut sources: Sources) -> Background {
        let names = Names::recover(&self.detail, &mut sources);
        Background::new(sources).with_names(names).with_findings(&self.findings)
    }

    /// Prints the findings at warn and above (excused and accepted ones too if `excused`), surest last, where the eye is. People
    /// are shown one cycle for every edge that closes some, and told how many others it closes.
    pub(crate) fn print(&self, background: &mut Background, format: Format, excused: bool) {
        let is_told = |finding: &Finding| finding.grade > Grade::Excused && !self.accepted.contains(&finding.id);
        let wanted = |finding: &&Finding| excused || is_told(finding);
        let findings: Vec<&Finding> = self.findings.iter().filter(wanted).collect();
        if format != Format::Human {
            findings.iter().rev().for_each(|finding| print_finding(finding, background, format));
            return;
        }
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
            print_finding(finding, background, format);
            if let (Some((from, to)), false) = (closing(finding), others.is_empty()) {
                let style = note_style();
                anstream::eprintln!(
                    "{style}note{style:#}: `{}` -> `{}` closes {} more: {}; \
                     `cargo lockdep report ID` shows one\n",
                    background.names().of(from),
                    background.names().of(to),
                    if others.len() == 1 { "one cycle".to_owned() } else { format!("{} cycles", others.len()) },
                    others.join(", ")
                );
            }
        }
    }

    /// Prints the figures.
    pub(crate) fn print_summary(&self, format: Format) {
        match format {
            Format::Human | Format::Short => anstream::eprint!("{}", summary::render(&self.summary, true)),
            Format::Json => println!("{}", json::summary(&self.summary)),
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

fn note_style() -> clap::builder::styling::Style {
    clap::builder::styling::AnsiColor::BrightGreen.on_default().bold()
}

/// Prints one finding. Colours are always rendered, and taken out again where they are not wanted.
pub(crate) fn print_finding(finding: &Finding, background: &mut Background, format: Format) {
    match format {
        Format::Human => {
            let style = Style { color: true, ..Style::plain() };
            anstream::eprintln!("{}\n", human::render(finding, background, style));
        }
        Format::Short => anstream::eprintln!("{}", short::render(finding, background)),
        Format::Json => println!("{}", json::finding(finding, background)),
    }
}
