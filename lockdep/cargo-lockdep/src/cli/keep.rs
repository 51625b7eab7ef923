//! Everything else: what a project keeps, what is explained, what is thrown away.

use super::read::{Judge, Recorded};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Baseline {
    #[command(subcommand)]
    pub(crate) action: Action,
}

/// What is done with the baseline.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Writes the findings of a run to the baseline: they are told as accepted from now on, and fail nothing.
    Accept(Accept),
}

#[derive(Debug, Args)]
pub(crate) struct Accept {
    /// Write nothing; exit with 1 if a finding is not in the baseline, or if the baseline has one that is gone.
    #[arg(long)]
    pub(crate) check: bool,
    #[command(flatten)]
    pub(crate) judge: Judge,
    #[command(flatten)]
    pub(crate) recorded: Recorded,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A code, as in `error[lockdep::inversion]`. All codes in one line each if none is given.
    pub(crate) code: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Replace the file if there is one.
    #[arg(long)]
    pub(crate) force: bool,
    /// Path to Cargo.toml.
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Clean {
    /// Keep this many runs, the newest, and the instrumented builds.
    #[arg(long, value_name = "RUNS")]
    pub(crate) keep: Option<usize>,
    /// Path to Cargo.toml.
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
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
