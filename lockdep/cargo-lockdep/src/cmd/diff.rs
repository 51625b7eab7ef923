//! `cargo lockdep diff`: what one run or graph has that another has not.

use crate::cargo::Workspace;
use crate::cli::Diff;
use crate::collect::{collect, is_log};
use crate::exit::{Exit, Failure};
use crate::shell::{self, Shell};
use lockdep_core::finding::{Finding, Grade};
use lockdep_core::snapshot::{GraphDiff, GraphText};
use std::fmt::Write;
use std::path::Path;

/// A run, or a graph that somebody kept.
struct Side {
    graph: GraphText,
    /// Everything found, excused or not; a graph text does not say.
    findings: Option<Vec<Finding>>,
}

/// Compares.
pub(crate) fn diff(args: &Diff, shell: Shell) -> Result<Exit, Failure> {
    let workspace = match (&args.old, &args.new) {
        (Some(_), Some(_)) => Workspace::find_or_bare(args.project.manifest_path.as_deref())?,
        _ => Workspace::find(args.project.manifest_path.as_deref())?,
    };
    let new = args.new.as_ref().map_or_else(|| workspace.run_before_last(0), |path| Ok(workspace.resolve(path)))?;
    let old = match &args.old {
        Some(path) => workspace.resolve(path),
        None => workspace.run_before_last(1)?,
    };
    let (old, new) = (side(&old, shell)?, side(&new, shell)?);
    let mut diff = old.graph.diff(&new.graph);
    if args.subset {
        let GraphDiff { new_classes, new_edges, new_cycles, .. } = diff;
        diff = GraphDiff { new_classes, new_edges, new_cycles, ..GraphDiff::default() };
    }
    let lost = lost_gates(&old, &new);
    shell::print(format!("{diff}{lost}"));
    let is_new = diff.has_new() || !lost.is_empty();
    if diff.is_empty() && lost.is_empty() {
        shell.status("Finished", if args.subset { "nothing is new" } else { "no difference" });
    }
    Ok(Exit::unless(!(args.subset && is_new || args.exit_code && (is_new || !diff.is_empty()))))
}

fn side(path: &Path, shell: Shell) -> Result<Side, Failure> {
    let unreadable = |error: std::io::Error| Failure::file(path, "read", &error);
    if path.is_dir() || is_log(path).map_err(unreadable)? {
        let merged = collect(&[path.to_owned()], shell)?;
        let findings = Some(merged.engine.findings(&merged.registry));
        return Ok(Side { graph: merged.engine.graph(&merged.registry), findings });
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let graph = GraphText::parse(&text).map_err(|error| {
        Failure::usage(format!("{}:{}: {}; expected a log or a graph text", path.display(), error.line, error.message))
    })?;
    Ok(Side { graph, findings: None })
}

/// The cycles that were excused on the old side and are not on the new one, with what excused them. Where a side is a graph
/// text they show as new cycles only.
fn lost_gates(old: &Side, new: &Side) -> String {
    let (Some(old), Some(new)) = (&old.findings, &new.findings) else { return String::new() };
    let mut text = String::new();
    for was in old.iter().filter(|finding| finding.grade == Grade::Excused) {
        let now = new.iter().find(|finding| finding.id == was.id && finding.grade > Grade::Excused);
        if let Some(now) = now {
            let _ = writeln!(text, "! {} was excused and is {} now: {}", was.id, now.grade.name(), was.title);
            // What decides a verdict is noted first.
            if let Some(reason) = was.notes.first() {
                let _ = writeln!(text, "!   it was excused because {reason}");
            }
        }
    }
    text
}
