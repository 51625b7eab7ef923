//! What a merged run amounts to: findings, as the project wants them judged, and the hierarchy's verdict.

use crate::baseline::Baseline;
use crate::cargo::Workspace;
use crate::cli::Judge;
use crate::exit::{Exit, Failure};
use crate::settings::Settings;
use lockdep_core::finding::{Finding, Level};
use lockdep_core::hierarchy::{Hierarchy, Verdict};
use lockdep_core::log::Merged;
use lockdep_core::snapshot::GraphDetail;
use lockdep_report::background::Background;
use lockdep_report::names::Names;
use lockdep_report::source::Sources;
use lockdep_report::summary::{HierarchyVerdict, Summary};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// What findings are judged by.
#[derive(Debug)]
pub(crate) struct Decisions {
    /// The documented hierarchy, with the name it is told by.
    order: Option<(String, Hierarchy)>,
    settings: Settings,
    pub(crate) baseline: Baseline,
}

impl Decisions {
    /// Reads what the workspace and the command line say about the selected packages.
    pub(crate) fn read(workspace: &Workspace, judge: &Judge, packages: &[String]) -> Result<Decisions, Failure> {
        let settings = Settings::of(workspace, judge)?;
        let file = match &judge.order {
            Some(file) => Some(file.clone()),
            None => workspace.order_file(packages, settings.order.as_deref())?,
        };
        let order = match file {
            Some(file) => Some((workspace.relative(&file).display().to_string(), read_order(&file)?.1)),
            None => None,
        };
        let baseline = settings.baseline_file(workspace);
        let baseline = Baseline::read(&baseline, workspace.relative(&baseline))?;
        Ok(Decisions { order, settings, baseline })
    }
}

/// A run, judged.
#[derive(Debug)]
pub(crate) struct Judged {
    /// Everything found, surest first.
    pub(crate) findings: Vec<Finding>,
    /// The ids of those that the project accepts, and why.
    pub(crate) accepted: BTreeMap<String, String>,
    /// The graph with its evidence.
    pub(crate) detail: GraphDetail,
    /// The figures.
    pub(crate) summary: Summary,
}

/// Reads an order file and its text; every error in it is told with its place.
pub(crate) fn read_order(file: &Path) -> Result<(String, Hierarchy), Failure> {
    let name = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| Failure::file(file, "read", &error))?;
    match Hierarchy::parse(&text) {
        Ok(hierarchy) => Ok((text, hierarchy)),
        Err(errors) => {
            let mut message = String::from("the order file is malformed");
            for error in errors {
                let _ = write!(message, "\n  {name}:{error}");
                if let Some(help) = &error.help {
                    let _ = write!(message, "\n    help: {help}");
                }
            }
            Err(Failure::usage(message))
        }
    }
}

/// Judges all evidence, against a hierarchy if there is one, and as the project has decided.
pub(crate) fn judge(merged: &mut Merged, decisions: &Decisions) -> Judged {
    let Decisions { order, settings, baseline } = decisions;
    if let Some((_, hierarchy)) = order {
        merged.engine.set_hierarchy(hierarchy.clone());
    }
    let detail = GraphDetail::of(&merged.engine, &merged.registry);
    let mut summary = figures(merged, &detail);
    summary.hierarchy = order.as_ref().map(|(file, _)| compare(&detail, file.clone()));
    let mut findings = merged.engine.findings(&merged.registry);
    findings.extend(settings.unmatched(&findings));
    let mut accepted = BTreeMap::new();
    for finding in &mut findings {
        let is_accepted = settings.apply(finding) || (finding.level > Level::Allow && baseline.apply(finding));
        match finding.level {
            _ if is_accepted => {
                summary.accepted += 1;
                // Whoever accepts a finding has noted so last.
                accepted.insert(finding.id.clone(), finding.notes.last().cloned().unwrap_or_default());
            }
            Level::Deny => summary.denied += 1,
            Level::Warn => summary.warned += 1,
            Level::Allow => summary.allowed += 1,
        }
    }
    Judged { findings, accepted, detail, summary }
}

/// The figures of a run, its findings aside.
fn figures(merged: &Merged, detail: &GraphDetail) -> Summary {
    let classes = || merged.registry.iter().map(|(_, class)| class);
    let unchecked = classes().filter(|class| class.novalidate).map(|class| class.spec.name.to_string());
    let mut unchecked: Vec<String> = unchecked.collect();
    unchecked.sort_unstable();
    Summary {
        processes: merged.processes,
        apart: merged.apart,
        acquisitions: merged.acquisitions,
        classes: detail.graph.classes.len(),
        instances: classes().fold(0, |all, class| all.saturating_add(class.instances)),
        dependencies: detail.graph.edges.len(),
        unchecked,
        chains: merged.chains,
        ..Summary::default()
    }
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
        Exit::unless(self.summary.denied == 0)
    }

    /// Whether a finding is printed without being asked for.
    pub(crate) fn is_told(&self, finding: &Finding) -> bool {
        finding.level > Level::Allow && !self.accepted.contains_key(&finding.id)
    }

    /// The findings that fail the run, unless the project accepts them.
    pub(crate) fn denied(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.level == Level::Deny && !self.accepted.contains_key(&finding.id))
    }

    /// What reports say beyond their findings.
    pub(crate) fn background(&self, mut sources: Sources) -> Background {
        let names = Names::recover(&self.detail, &mut sources);
        let background = Background::new(sources).with_names(names).with_findings(&self.findings);
        self.accepted.iter().fold(background, |background, (id, why)| background.with_accepted(id, why))
    }
}
