//! The command line.

mod build;
mod keep;
mod read;

pub(crate) use build::{Build, Env, Run, Runner, Test};
pub(crate) use keep::{Accept, Action, Baseline, Clean, Completions, Driver, Explain, Init, Replay};
pub(crate) use read::{Check, Destination, Diff, Format, Graph, Judge, Notation, Order, Recorded, Report};

use crate::exit;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

/// What cargo calls: `cargo-lockdep lockdep ...`.
#[derive(Debug, Parser)]
#[command(name = "cargo", bin_name = "cargo")]
pub(crate) enum Cargo {
    /// Finds lock-order inversions in runs where nothing hangs.
    Lockdep(Lockdep),
}

#[derive(Debug, Args)]
#[command(version, after_help = exit::HELP)]
pub(crate) struct Lockdep {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// How much is said, and how.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Output {
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, env = "CARGO_TERM_COLOR")]
    pub(crate) color: Color,
    /// Say what is run and read.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Print findings only; cargo is quiet too.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the tests instrumented, merges the logs of all their processes, and judges what was seen.
    Test(Test),
    /// As `test`, by cargo-nextest: one process per test.
    Nextest(Test),
    /// Runs a program instrumented, and judges what was seen.
    Run(Run),
    /// Prints the variables that make another tool (coverage, mutation, an editor) build and run instrumented.
    ///
    /// `eval "$(cargo lockdep env)"` sets them in a shell; what ran under them is judged by `cargo lockdep check`.
    Env(Env),
    /// Judges the last run again, or logs from elsewhere, against a documented hierarchy.
    Check(Check),
    /// Prints the findings of a run, or one of them, in any format, without running anything again.
    Report(Report),
    /// Prints the lock graph of a run.
    Graph(Graph),
    /// Compares two runs or graphs: new and lost dependencies, new cycles, lost gates.
    Diff(Diff),
    /// Writes the documented hierarchy from what was observed, or adds to it what it does not say.
    Order(Order),
    /// Accepts the findings of today, so that only new ones fail.
    Baseline(Baseline),
    /// Explains a code: the wrong program, the right one, what is proved, how to fix it.
    Explain(Explain),
    /// Runs scenario files and compares what is found with what they expect; judges recorded logs.
    ///
    /// Prints one JSON object per case. Exits with 0 if every case came out as expected, 1 if not, 2 if a file is
    /// malformed.
    Replay(Replay),
    /// Writes `.config/lockdep.toml`, with every key and its default.
    Init(Init),
    /// Removes recorded runs and instrumented builds.
    Clean(Clean),
    /// Prints a completion script for a shell.
    Completions(Completions),
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
