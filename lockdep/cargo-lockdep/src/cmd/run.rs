//! `cargo lockdep test` and `cargo lockdep run`.

use crate::cargo::Workspace;
use crate::cli::{Judge, Run, Test};
use crate::cmd::judge::order_of;
use crate::collect::collect;
use crate::exit::{Exit, Failure};
use crate::settings::Settings;
use crate::verdict;
use lockdep_report::source::Sources;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};

/// Runs the tests instrumented.
pub(crate) fn test(args: &Test) -> Result<Exit, Failure> {
    let workspace = Workspace::find(args.build.manifest_path.as_deref())?;
    let run = workspace.new_run()?;
    let command = workspace.test(args, &run)?;
    supervise(&workspace, command, run, &args.judge, &args.build.package)
}

/// Runs a program instrumented.
pub(crate) fn run(args: &Run) -> Result<Exit, Failure> {
    let workspace = Workspace::find(args.build.manifest_path.as_deref())?;
    let run = workspace.new_run()?;
    let command = workspace.run(args, &run)?;
    supervise(&workspace, command, run, &args.judge, &args.build.package)
}

/// Waits for cargo, then judges what its processes left in `run`. A finding decides the exit code before a failure of
/// the child does, and the child's failure before an empty log.
fn supervise(
    workspace: &Workspace,
    mut command: Command,
    run: PathBuf,
    judge: &Judge,
    packages: &[String],
) -> Result<Exit, Failure> {
    let order = order_of(workspace, judge, packages)?;
    let settings = Settings::read(&workspace.root, judge.config.as_deref())?;
    let status = command.status().map_err(|error| Failure::usage(format!("cargo cannot be started: {error}")))?;
    let child = child_exit(status);
    let mut merged = match collect(&[run]) {
        Err(Failure { exit: Exit::NothingRecorded, .. }) if child != Exit::Clean => return Ok(child),
        other => other?,
    };
    let judged = verdict::judge(&mut merged, order, &settings);
    let sources = workspace.source_roots().into_iter().fold(Sources::none(), Sources::with_root);
    anstream::eprintln!();
    judged.print(&mut judged.background(sources), judge.message_format, false);
    judged.print_summary(judge.message_format);
    Ok(if judged.exit() == Exit::Clean { child } else { judged.exit() })
}

/// What a child ended with; one that a signal ended gets the shell's 128 + signal.
fn child_exit(status: ExitStatus) -> Exit {
    if status.success() {
        return Exit::Clean;
    }
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Exit::Child(u8::try_from(128 + signal).unwrap_or(u8::MAX));
    }
    let code = status.code().and_then(|code| u8::try_from(code & 0xff).ok()).filter(|code| *code != 0);
    Exit::Child(code.unwrap_or(u8::MAX))
}
