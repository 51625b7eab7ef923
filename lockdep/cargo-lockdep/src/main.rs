//! `cargo lockdep`: checks lock orders.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a command line is for")]

mod cli;
mod cmd;
mod exit;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli::Cargo::Lockdep(cli) = cli::Cargo::parse();
    match cli.command {
        cli::Command::Replay(args) => cmd::replay::run(&args).into(),
    }
}
