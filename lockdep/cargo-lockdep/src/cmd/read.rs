//! `cargo lockdep check`, `report` and `graph`: what was recorded, judged and shown again.

use crate::cargo::Workspace;
use crate::cli::{Check, Destination, Graph, Judge, Notation, Recorded, Report};
use crate::collect::collect;
use crate::draw::{deliver, draw, notation};
use crate::exit::{Exit, Failure};
use crate::shell::Shell;
use crate::tell::print_finding;
use crate::verdict::{self, Decisions, Judged};
use lockdep_core::log::Merged;
use lockdep_core::snapshot::GraphText;
use lockdep_report::background::Background;
use lockdep_report::source::Sources;
use std::path::{Path, PathBuf};

/// The workspace that the logs that were named, or its last run, are read in.
pub(crate) fn workspace(recorded: &Recorded) -> Result<Workspace, Failure> {
    let manifest_path = recorded.project.manifest_path.as_deref();
    // Logs from elsewhere can be read anywhere; a last run is a workspace's.
    match recorded.paths.is_empty() {
        true => Workspace::find(manifest_path),
        false => Workspace::find_or_bare(manifest_path),
    }
}

/// What is in those logs.
pub(crate) fn merged(workspace: &Workspace, recorded: &Recorded, shell: Shell) -> Result<Merged, Failure> {
    collect(&workspace.logs(&recorded.paths)?, shell)
}

/// What was recorded, judged, and the sources to show it with.
pub(crate) fn judged(judge: &Judge, recorded: &Recorded, shell: Shell) -> Result<(Judged, Workspace), Failure> {
    let workspace = workspace(recorded)?;
    let decisions = Decisions::read(&workspace, judge, &[])?;
    let judged = verdict::judge(&mut merged(&workspace, recorded, shell)?, &decisions);
    Ok((judged, workspace))
}

/// What reports of a verdict say beyond its findings, among that how to see one again.
fn background(judged: &Judged, workspace: &Workspace, recorded: &Recorded) -> Background {
    let paths = recorded.paths.iter().map(|path| format!(" {}", path.display())).collect::<String>();
    judged.background(sources(workspace)).with_replay(&format!("cargo lockdep report{paths}"))
}

/// The sources of a workspace.
pub(crate) fn sources(workspace: &Workspace) -> Sources {
    workspace.source_roots().into_iter().fold(Sources::none(), Sources::with_root)
}

/// Judges recorded logs.
pub(crate) fn check(args: &Check, shell: Shell) -> Result<Exit, Failure> {
    let (judged, workspace) = judged(&args.judge, &args.recorded, shell)?;
    judged.tell(&mut background(&judged, &workspace, &args.recorded), args.judge.message_format, false, shell);
    Ok(judged.exit())
}

/// Prints the graph of recorded logs.
pub(crate) fn graph(args: &Graph, shell: Shell) -> Result<Exit, Failure> {
    let (judged, workspace) = judged(&Judge::default(), &args.recorded, shell)?;
    let mut graph = judged.detail.graph.clone();
    if !args.only.is_empty() {
        graph = graph.filter(&args.only);
    }
    if args.reduce {
        graph = graph.reduce();
    }
    let notation = notation(args.format, &args.destination).unwrap_or(Notation::Text);
    let mut background = background(&judged, &workspace, &args.recorded);
    drawn(&graph, notation, &judged, &mut background, &workspace, &args.destination, shell)
}

fn drawn(
    graph: &GraphText,
    notation: Notation,
    judged: &Judged,
    background: &mut Background,
    workspace: &Workspace,
    destination: &Destination,
    shell: Shell,
) -> Result<Exit, Failure> {
    let title = workspace.root.file_name().map_or_else(|| "lockdep".into(), |name| name.to_string_lossy().into_owned());
    let text = draw(graph, notation, judged, background, &title);
    deliver(&text, notation, destination, workspace, shell)?;
    Ok(Exit::Clean)
}

/// Prints recorded findings.
pub(crate) fn report(args: &Report, shell: Shell) -> Result<Exit, Failure> {
    let is_id = |what: &&PathBuf| id(what).is_some() && !what.exists();
    let (ids, paths): (Vec<&PathBuf>, Vec<&PathBuf>) = args.what.iter().partition(is_id);
    let recorded = Recorded { paths: paths.into_iter().cloned().collect(), project: args.project.clone() };
    let (judged, workspace) = judged(&args.judge, &recorded, shell)?;
    let (mut background, format) = (background(&judged, &workspace, &recorded), args.judge.message_format);
    if let Some(notation) = notation(args.format, &args.destination) {
        let graph = &judged.detail.graph;
        return drawn(graph, notation, &judged, &mut background, &workspace, &args.destination, shell);
    }
    if ids.is_empty() {
        judged.tell(&mut background, format, args.excused, shell);
        return Ok(judged.exit());
    }
    for id in ids.into_iter().filter_map(|what| id(what)) {
        match judged.findings.iter().find(|finding| finding.id.eq_ignore_ascii_case(id)) {
            Some(finding) => print_finding(finding, &mut background, format),
            None => {
                let known: Vec<&str> = judged.findings.iter().map(|finding| finding.id.as_str()).collect();
                let known = if known.is_empty() { "there are none".to_owned() } else { known.join(", ") };
                return Err(Failure::usage(format!("no finding of this run has the id `{id}`; known ids: {known}")));
            }
        }
    }
    Ok(Exit::Clean)
}

/// The id that an argument is, if it looks like one.
fn id(what: &Path) -> Option<&str> {
    what.to_str().filter(|text| text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("LD-")))
}
