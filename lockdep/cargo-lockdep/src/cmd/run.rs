//! `cargo lockdep test`, `nextest` and `run`.

use crate::cargo::Workspace;
use crate::cli::{Judge, Run, Runner, Test};
use crate::cmd::read::sources;
use crate::collect::collect;
use crate::exit::{Exit, Failure};
use crate::shell::Shell;
use crate::verdict::{self, Decisions};
use std::path::PathBuf;
use std::process::{Command, ExitStatus};

/// Runs the tests instrumented.
pub(crate) fn test(args: &Test, runner: Runner, shell: Shell) -> Result<Exit, Failure> {
    let workspace = Workspace::find(args.build.manifest_path.as_deref())?;
    let decisions = Decisions::read(&workspace, &args.judge, &args.build.package)?;
    let run = workspace.new_run()?;
    let command = workspace.test(args, runner, &run, shell)?;
    let child = supervise(&workspace, command, run, &args.judge, &decisions, shell)?;
    Ok(child.exit(args.ignore_run_fail))
}

/// Runs a program instrumented.
pub(crate) fn run(args: &Run, shell: Shell) -> Result<Exit, Failure> {
    let workspace = Workspace::find(args.build.manifest_path.as_deref())?;
    let decisions = Decisions::read(&workspace, &args.judge, &args.build.package)?;
    let run = workspace.new_run()?;
    let command = workspace.run(args, &run, shell)?;
    let child = supervise(&workspace, command, run, &args.judge, &decisions, shell)?;
    Ok(child.exit(args.ignore_run_fail))
}

/// What became of a run.
struct Ended {
    child: Exit,
    verdict: Exit,
}

impl Ended {
    /// The child's failure tells more than ours: whoever sees it reads on.
    fn exit(&self, ignore_child: bool) -> Exit {
        match self.child {
            Exit::Clean => self.verdict,
            _ if ignore_child => self.verdict,
            failed => failed,
        }
    }
}

/// Waits for cargo, then judges what its processes left in `run`.
fn supervise(
    workspace: &Workspace,
    mut command: Command,
    run: PathBuf,
    judge: &Judge,
    decisions: &Decisions,
    shell: Shell,
) -> Result<Ended, Failure> {
    shell.detail("Running", format!("{command:?}"));
    let status = command.status().map_err(|error| Failure::usage(format!("cargo cannot be started: {error}")))?;
    let child = child_exit(status);
    shell.detail("Recorded", run.display());
    let mut merged = match collect(&[run], shell) {
        // Whoever sees what failed needs no advice on instrumentation.
        Err(Failure { exit: Exit::NothingRecorded, .. }) if child != Exit::Clean => {
            return Ok(Ended { child, verdict: Exit::NothingRecorded });
        }
        other => other?,
    };
    let judged = verdict::judge(&mut merged, decisions);
    if !shell.quiet {
        anstream::eprintln!();
    }
    judged.tell(&mut judged.background(sources(workspace)), judge.message_format, false, shell);
    Ok(Ended { child, verdict: judged.exit() })
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
