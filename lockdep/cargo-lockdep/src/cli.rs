//! The command line.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// What cargo calls: `cargo-lockdep lockdep ...`.
#[derive(Debug, Parser)]
#[command(name = "cargo", bin_name = "cargo")]
pub(crate) enum Cargo {
    /// Finds lock-order inversions in runs where nothing hangs.
    Lockdep(Lockdep),
}

#[derive(Debug, Args)]
#[command(version)]
pub(crate) struct Lockdep {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs scenario files and compares what is found with what they expect.
    ///
    /// Prints one JSON object per case. Exits with 0 if every case came out as expected, 1 if not, 2 if a file is
    /// malformed.
    Replay(Replay),
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Scenario files, TOML or JSON.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Driver {
    /// The pure validator, on imagined locks.
    Validator,
}

impl Driver {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Driver::Validator => "validator",
        }
    }
}
