//! `cargo lockdep`: runs instrumented programs and tests, merges what their processes saw, and judges it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a command line is for")]

mod cli;
mod exit;
mod shell;

mod foreign;
mod shim;
mod wrapper;

mod environment;

mod cargo;
mod portable;

mod collect;
mod settings;

mod baseline;

mod verdict;

mod draw;
mod tell;
mod watch;

mod cmd;

use clap::Parser;
use cli::{Color, Command, Runner};
use exit::{Exit, Failure};
use lockdep_core::variables;
use shell::Shell;
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(command) = wrapper::command() {
        return command.map_or_else(|failure| tell(&failure), become_tool);
    }
    let cli::Cargo::Lockdep(cli) = cli::Cargo::parse();
    match cli.output.color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    }
    .write_global();
    let shell = Shell { quiet: cli.output.quiet, verbose: cli.output.verbose > 0 };
    for told in variables::misspelt(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())) {
        shell.warn(told);
    }
    // The panic's own message has been printed when this returns.
    let exit = match std::panic::catch_unwind(|| execute(&cli.command, shell)) {
        Ok(Ok(exit)) => exit,
        Ok(Err(failure)) => return tell(&failure),
        Err(_) => Exit::Internal,
    };
    exit.into()
}

fn tell(failure: &Failure) -> ExitCode {
    Shell::default().error(&failure.message);
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

fn execute(command: &Command, shell: Shell) -> Result<Exit, Failure> {
    match command {
        Command::Test(args) => cmd::run::test(args, Runner::Cargo, shell),
        Command::Nextest(args) => cmd::run::test(args, Runner::Nextest, shell),
        Command::Run(args) => cmd::run::run(args, shell),
        Command::Env(args) => cmd::run::env(args),
        Command::Check(args) => cmd::read::check(args, shell),
        Command::Report(args) => cmd::read::report(args, shell),
        Command::Graph(args) => cmd::read::graph(args, shell),
        Command::Diff(args) => cmd::diff::diff(args, shell),
        Command::Order(args) => cmd::order::order(args, shell),
        Command::Baseline(args) => cmd::baseline::baseline(args, shell),
        Command::Explain(args) => cmd::explain::explain(args),
        Command::Replay(args) => Ok(cmd::replay::run(args, shell)),
        Command::Init(args) => cmd::project::init(args, shell),
        Command::Clean(args) => cmd::project::clean(args, shell),
        Command::Completions(args) => Ok(cmd::project::completions(args)),
    }
}
