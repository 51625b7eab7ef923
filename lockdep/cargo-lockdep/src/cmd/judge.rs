//! `cargo lockdep check`, `graph` and `report`: what was recorded, judged and shown again.

use crate::cargo::Workspace;
use crate::cli::{Check, Graph, Judge, Logs, Notation, Report};
use crate::collect::collect;
use crate::exit::{Exit, Failure};
use crate::settings::Settings;
use crate::verdict::{self, Judged, print_finding};
use lockdep_core::hierarchy::Hierarchy;
use lockdep_core::log::Merged;
use lockdep_report::background::Background;
use lockdep_report::source::Sources;

/// The hierarchy to check against, with the name it is told by.
pub(crate) fn order_of(
    workspace: &Workspace,
    judge: &Judge,
    packages: &[String],
) -> Result<Option<(String, Hierarchy)>, Failure> {
    let file = match &judge.order {
        Some(file) => Some(file.clone()),
        None => workspace.order_file(packages)?,
    };
    let Some(file) = file else { return Ok(None) };
    let name = file.strip_prefix(&workspace.root).unwrap_or(&file).display().to_string();
    Ok(Some((name, verdict::read_order(&file)?)))
}

fn merged(workspace: &Workspace, logs: &Logs) -> Result<Merged, Failure> {
    if logs.logs.is_empty() { collect(&[workspace.last_run()?]) } else { collect(&logs.logs) }
}

fn judged(judge: &Judge, logs: &Logs) -> Result<(Judged, Background), Failure> {
    let workspace = Workspace::find(logs.manifest_path.as_deref())?;
    let order = order_of(&workspace, judge, &[])?;
    let settings = Settings::read(&workspace.root, judge.config.as_deref())?;
    let judged = verdict::judge(&mut merged(&workspace, logs)?, order, &settings);
    let sources = workspace.source_roots().into_iter().fold(Sources::none(), Sources::with_root);
    let background = judged.background(sources);
    Ok((judged, background))
}

/// Judges recorded logs.
pub(crate) fn check(args: &Check) -> Result<Exit, Failure> {
    let (judged, mut background) = judged(&args.judge, &args.logs)?;
    judged.print(&mut background, args.judge.message_format, false);
    judged.print_summary(args.judge.message_format);
    Ok(judged.exit())
}

/// Prints the graph of recorded logs.
pub(crate) fn graph(args: &Graph) -> Result<Exit, Failure> {
    let workspace = Workspace::find(args.logs.manifest_path.as_deref())?;
    let merged = merged(&workspace, &args.logs)?;
    let mut graph = merged.engine.graph(&merged.registry);
    if !args.only.is_empty() {
        graph = graph.filter(&args.only.iter().map(String::as_str).collect::<Vec<_>>());
    }
    if args.reduce {
        graph = graph.reduce();
    }
    match args.format {
        Notation::Text => print!("{graph}"),
        Notation::Dot => print!("{}", graph.to_dot()),
    }
    Ok(Exit::Clean)
}

/// Prints recorded findings.
pub(crate) fn report(args: &Report) -> Result<Exit, Failure> {
    let (judged, mut background) = judged(&args.judge, &args.logs)?;
    let format = args.judge.message_format;
    let Some(id) = &args.id else {
        judged.print(&mut background, format, args.excused);
        judged.print_summary(format);
        return Ok(judged.exit());
    };
    match judged.findings.iter().find(|finding| finding.id.eq_ignore_ascii_case(id)) {
        Some(finding) => {
            print_finding(finding, &mut background, format);
            Ok(Exit::Clean)
        }
        None => {
            let known: Vec<&str> = judged.findings.iter().map(|finding| finding.id.as_str()).collect();
            let known = if known.is_empty() { "there are none".to_owned() } else { known.join(", ") };
            Err(Failure::usage(format!("no finding of this run has the id `{id}`; known ids: {known}")))
        }
    }
}
