//! Reading what was recorded: which logs, how they are judged, and how that is told.

use crate::settings::levels::What;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// How what was seen is judged and told.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Judge {
    /// The documented hierarchy; otherwise the one that `metadata.lockdep.order` of the packages or the settings name,
    /// or `locks.order` beside the workspace's Cargo.toml.
    #[arg(long, value_name = "FILE")]
    pub(crate) order: Option<PathBuf>,
    /// The settings; otherwise `.config/lockdep.toml` of the workspace and its `[workspace.metadata.lockdep]`.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Let these findings fail the run: a code (`inversion`) or a grade (`suspect`).
    #[arg(short = 'D', long, value_name = "CODE|GRADE")]
    pub(crate) deny: Vec<What>,
    /// Print these findings, and let the run pass.
    #[arg(short = 'W', long, value_name = "CODE|GRADE")]
    pub(crate) warn: Vec<What>,
    /// Record these findings only.
    #[arg(short = 'A', long, value_name = "CODE|GRADE")]
    pub(crate) allow: Vec<What>,
    /// How findings are printed: human and short to standard error, the others to standard output. What tests print goes there
    /// too, so sarif and junit are best had from `cargo lockdep report` afterwards.
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub(crate) message_format: Format,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With their source, as rustc prints its own.
    #[default]
    Human,
    /// One line each.
    Short,
    /// One JSON object per line, by a published schema.
    Json,
    /// Annotations of GitHub Actions.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for dashboards.
    Junit,
}

/// Which logs are read.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Recorded {
    /// Logs, folders with logs, or runs by name; all of them are merged. The last run if none is given.
    #[arg(value_name = "LOG|FOLDER|RUN")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) project: Project,
}

/// Whose runs and settings count.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Project {
    /// Path to Cargo.toml of the workspace whose runs and settings count.
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) judge: Judge,
    #[command(flatten)]
    pub(crate) recorded: Recorded,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// A finding, as in LD-7F3K2QX8; and logs, folders with logs, or runs by name, which are merged. All findings of the
    /// last run if nothing is given.
    #[arg(value_name = "ID|LOG|FOLDER|RUN")]
    pub(crate) what: Vec<PathBuf>,
    /// Also print what was excused, allowed or accepted.
    #[arg(long)]
    pub(crate) excused: bool,
    /// Draw the graph that they are in instead: html is a page with all findings and their witnesses.
    #[arg(long, value_enum, value_name = "NOTATION")]
    pub(crate) format: Option<Notation>,
    #[command(flatten)]
    pub(crate) destination: Destination,
    #[command(flatten)]
    pub(crate) judge: Judge,
    #[command(flatten)]
    pub(crate) project: Project,
}

#[derive(Debug, Args)]
pub(crate) struct Graph {
    /// How the graph is printed: text, or html with --open.
    #[arg(long, value_enum, value_name = "NOTATION")]
    pub(crate) format: Option<Notation>,
    #[command(flatten)]
    pub(crate) destination: Destination,
    /// Leave out dependencies that others imply.
    #[arg(long)]
    pub(crate) reduce: bool,
    /// Only classes whose labels start with this.
    #[arg(long, value_name = "PREFIX")]
    pub(crate) only: Vec<String>,
    #[command(flatten)]
    pub(crate) recorded: Recorded,
}

/// How a graph is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Notation {
    /// `lockdep graph v1`, for snapshots.
    Text,
    /// Graphviz.
    Dot,
    /// A flow chart for Markdown.
    Mermaid,
    /// A picture.
    Svg,
    /// A page with search, filters, cycles, the documented order, and the witnesses of every edge with their code. It is one
    /// file that loads nothing.
    Html,
}

/// Where a graph goes.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Destination {
    /// Write the graph to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Open it with what the system opens such files with; without --output it is written below the target folder.
    #[arg(long)]
    pub(crate) open: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The old side: a log, a folder with logs, a run by name, or a graph text (also as an insta snapshot). The run before
    /// the last if none is given.
    pub(crate) old: Option<PathBuf>,
    /// The new side, likewise. The last run if none is given.
    pub(crate) new: Option<PathBuf>,
    /// For CI: only what the new side has beyond the old one, and exit with 1 if there is anything.
    #[arg(long)]
    pub(crate) subset: bool,
    /// Exit with 1 if the sides differ.
    #[arg(long)]
    pub(crate) exit_code: bool,
    #[command(flatten)]
    pub(crate) project: Project,
}

#[derive(Debug, Args)]
pub(crate) struct Order {
    /// The order file; otherwise that of the project, or a new `locks.order` beside the workspace's Cargo.toml.
    #[arg(long, value_name = "FILE")]
    pub(crate) order: Option<PathBuf>,
    /// The settings; otherwise those of the workspace.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Write nothing; exit with 1 if something was observed that the file does not say.
    #[arg(long)]
    pub(crate) check: bool,
    /// Write nothing; print what was observed in the notation of the kernel's comments.
    #[arg(long, conflicts_with = "check")]
    pub(crate) kernel_comment: bool,
    #[command(flatten)]
    pub(crate) recorded: Recorded,
}
