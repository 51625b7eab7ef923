//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What cargo calls: `cargo-lockdep lockdep ...`.
#[derive(Debug, Parser)]
#[command(name = "cargo", bin_name = "cargo")]
pub(crate) enum Cargo {
    /// Finds lock-order inversions in runs where nothing hangs.
    Lockdep(Lockdep),
}

#[derive(Debug, Args)]
#[command(version, after_help = EXIT_CODES)]
pub(crate) struct Lockdep {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, env = "CARGO_TERM_COLOR")]
    pub(crate) color: Color,
}

const EXIT_CODES: &str = "\
Exit codes: 0 clean; 1 findings that fail the run; 2 wrong usage or a malformed file; 4 nothing was recorded;
70 internal error; otherwise the code of the program or the tests that were run.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the tests instrumented, merges the logs of all their processes, and judges what was seen.
    Test(Test),
    /// Runs a program instrumented, and judges what was seen.
    Run(Run),
    /// Judges the last run again, or logs from elsewhere, against a documented hierarchy.
    Check(Check),
    /// Prints the lock graph of the last run.
    Graph(Graph),
    /// Prints the findings of the last run, or one of them.
    Report(Report),
    /// Runs scenario files and compares what is found with what they expect.
    ///
    /// Prints one JSON object per case. Exits with 0 if every case came out as expected, 1 if not, 2 if a file is
    /// malformed.
    Replay(Replay),
}

/// Flags that are cargo's, and handed on to it.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Cargo options")]
pub(crate) struct Build {
    /// Package to build.
    #[arg(short, long, value_name = "SPEC")]
    pub(crate) package: Vec<String>,
    /// Build a binary.
    #[arg(long, value_name = "NAME")]
    pub(crate) bin: Vec<String>,
    /// Build an example.
    #[arg(long, value_name = "NAME")]
    pub(crate) example: Vec<String>,
    /// Features to activate.
    #[arg(short = 'F', long)]
    pub(crate) features: Vec<String>,
    /// Activate all features.
    #[arg(long)]
    pub(crate) all_features: bool,
    /// Do not activate the default features.
    #[arg(long)]
    pub(crate) no_default_features: bool,
    /// Path to Cargo.toml.
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
    /// Target triple.
    #[arg(long, value_name = "TRIPLE")]
    pub(crate) target: Option<String>,
    /// Build with optimisations.
    #[arg(short, long)]
    pub(crate) release: bool,
    /// Build profile.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Number of parallel jobs.
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<String>,
    /// Assert that Cargo.lock does not change.
    #[arg(long)]
    pub(crate) locked: bool,
    /// Do not use the network.
    #[arg(long)]
    pub(crate) offline: bool,
    /// As --locked and --offline.
    #[arg(long)]
    pub(crate) frozen: bool,
    /// Print less of what cargo does.
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Only tests whose names contain this.
    pub(crate) name: Option<String>,
    /// What runs the tests.
    #[arg(long, value_enum, default_value_t = Runner::Cargo)]
    pub(crate) runner: Runner,
    #[command(flatten)]
    pub(crate) judge: Judge,
    #[command(flatten)]
    pub(crate) build: Build,
    /// Test all packages of the workspace.
    #[arg(long, help_heading = "Cargo options")]
    pub(crate) workspace: bool,
    /// Leave a package out.
    #[arg(long, value_name = "SPEC", help_heading = "Cargo options")]
    pub(crate) exclude: Vec<String>,
    /// Test the library only.
    #[arg(long, help_heading = "Cargo options")]
    pub(crate) lib: bool,
    /// Test an integration test.
    #[arg(long, value_name = "NAME", help_heading = "Cargo options")]
    pub(crate) test: Vec<String>,
    /// Test all integration tests.
    #[arg(long, help_heading = "Cargo options")]
    pub(crate) tests: bool,
    /// Test all targets.
    #[arg(long, help_heading = "Cargo options")]
    pub(crate) all_targets: bool,
    /// Run all tests, whatever fails.
    #[arg(long, help_heading = "Cargo options")]
    pub(crate) no_fail_fast: bool,
    /// Arguments for the test binaries, or for nextest.
    #[arg(last = true)]
    pub(crate) args: Vec<String>,
}

/// What runs tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Runner {
    /// `cargo test`: one process per test binary.
    Cargo,
    /// `cargo nextest run`: one process per test.
    Nextest,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) judge: Judge,
    #[command(flatten)]
    pub(crate) build: Build,
    /// Arguments for the program.
    #[arg(last = true)]
    pub(crate) args: Vec<String>,
}

/// How what was seen is judged and told.
#[derive(Clone, Debug, Args)]
pub(crate) struct Judge {
    /// The documented hierarchy; otherwise the one that `metadata.lockdep.order` of the packages names, if any.
    #[arg(long, value_name = "FILE")]
    pub(crate) order: Option<PathBuf>,
    /// Which findings the project accepts; otherwise `.config/lockdep.toml` of the workspace, if there is one.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How findings are printed: human and short to standard error, json to standard output.
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub(crate) message_format: Format,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With their source, as rustc prints its own.
    Human,
    /// One line each.
    Short,
    /// One JSON object per line.
    Json,
}

/// Where the logs are.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Logs {
    /// Folders with logs, or logs, instead of the last run. All of them are merged.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub(crate) logs: Vec<PathBuf>,
    /// Path to Cargo.toml, to find the last run.
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) judge: Judge,
    #[command(flatten)]
    pub(crate) logs: Logs,
}

#[derive(Debug, Args)]
pub(crate) struct Graph {
    /// How the graph is printed.
    #[arg(long, value_enum, default_value_t = Notation::Text)]
    pub(crate) format: Notation,
    /// Leave out dependencies that others imply.
    #[arg(long)]
    pub(crate) reduce: bool,
    /// Only classes whose labels start with this.
    #[arg(long, value_name = "PREFIX")]
    pub(crate) only: Vec<String>,
    #[command(flatten)]
    pub(crate) logs: Logs,
}

/// How a graph is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Notation {
    /// `lockdep graph v1`, for snapshots.
    Text,
    /// Graphviz.
    Dot,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The finding, as in LD-7F3K2QX8.
    pub(crate) id: Option<String>,
    /// Also print what was weighed and excused.
    #[arg(long)]
    pub(crate) excused: bool,
    #[command(flatten)]
    pub(crate) judge: Judge,
    #[command(flatten)]
    pub(crate) logs: Logs,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Scenario files, TOML or JSON; recorded logs.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// What executes the steps.
    #[arg(long, value_enum, default_value_t = Driver::Validator)]
    pub(crate) driver: Driver,
    /// Runs only the cases with this name.
    #[arg(long)]
    pub(crate) case: Option<String>,
}

/// What can execute a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Driver {
    /// The pure validator, on imagined locks.
    Validator,
    /// The validator's log, read back and merged.
    Log,
    /// The validator's log, judged by brute force.
    Naive,
    /// The runtime, on real threads.
    Live,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// If the output is a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
