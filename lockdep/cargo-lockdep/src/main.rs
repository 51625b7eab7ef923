//! `cargo lockdep`: runs instrumented programs and tests, merges what their processes saw, and judges it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a command line is for")]

mod cli;
mod exit;

mod cargo;
mod collect;
mod settings;
mod verdict;

mod cmd;

use clap::Parser;
use cli::{Color, Command};
use exit::Exit;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli::Cargo::Lockdep(cli) = cli::Cargo::parse();
    match cli.color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    }
    .write_global();
    let run = || match &cli.command {
        Command::Test(args) => cmd::run::test(args),
        Command::Run(args) => cmd::run::run(args),
        Command::Check(args) => cmd::judge::check(args),
        Command::Graph(args) => cmd::judge::graph(args),
        Command::Report(args) => cmd::judge::report(args),
        Command::Replay(args) => Ok(cmd::replay::run(args)),
    };
    // The panic's own message has been printed when this returns.
    let exit = match std::panic::catch_unwind(run) {
        Ok(Ok(exit)) => exit,
        Ok(Err(failure)) => {
            let style = clap::builder::styling::AnsiColor::Red.on_default().bold();
            anstream::eprintln!("{style}error{style:#}: {}", failure.message);
            failure.exit
        }
        Err(_) => Exit::Internal,
    };
    exit.into()
}
