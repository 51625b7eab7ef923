//! `cargo lockdep`: runs instrumented programs and tests, merges what their processes saw, and judges it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a command line is for")]

mod cli;
mod exit;

mod shim;
mod wrapper;

mod environment;

mod cargo;
mod collect;
mod settings;
mod verdict;

mod cmd;

use clap::Parser;
use cli::{Color, Command};
use exit::{Exit, Failure};
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(command) = wrapper::command() {
        return command.map_or_else(|failure| tell(&failure), become_tool);
    }
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
        Ok(Err(failure)) => return tell(&failure),
        Err(_) => Exit::Internal,
    };
    exit.into()
}

fn tell(failure: &Failure) -> ExitCode {
    let style = clap::builder::styling::AnsiColor::Red.on_default().bold();
    anstream::eprintln!("{style}error{style:#}: {}", failure.message);
    failure.exit.into()
}

/// Goes on as the tool that this process wraps.
fn become_tool(mut tool: std::process::Command) -> ExitCode {
    #[cfg(unix)]
    let error = std::os::unix::process::CommandExt::exec(&mut tool);
    #[cfg(not(unix))]
    let error = match tool.status() {
        Ok(status) => return if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE },
        Err(error) => error,
    };
    tell(&Failure::usage(format!("{} cannot be started: {error}", tool.get_program().display())))
}
