//! Running something instrumented: what is built, with which of cargo's flags, and what is run.

use super::Judge;
use clap::Args;
use std::path::PathBuf;

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
}

#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Only tests whose names contain this.
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) judge: Judge,
    /// Exit by what was found, whatever became of the tests.
    #[arg(long)]
    pub(crate) ignore_run_fail: bool,
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
    /// Test all binaries.
    #[arg(long, help_heading = "Cargo options")]
    pub(crate) bins: bool,
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
    /// Arguments for the test binaries, or with `nextest` for it.
    #[arg(last = true)]
    pub(crate) args: Vec<String>,
}

/// What runs tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Exit by what was found, whatever became of the program.
    #[arg(long)]
    pub(crate) ignore_run_fail: bool,
    #[command(flatten)]
    pub(crate) build: Build,
    /// Arguments for the program.
    #[arg(last = true)]
    pub(crate) args: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Env {
    /// Path to Cargo.toml.
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
}
