//! `cargo lockdep test`, `nextest` and `run`.

use crate::cargo::Workspace;
use crate::cli::{Env, Format, Judge, Run, Runner, Test};
use crate::cmd::read::sources;
use crate::collect::{self, collect};
use crate::exit::{Exit, Failure};
use crate::shell::{self, Shell};
use crate::tell::print_finding;
use crate::verdict::{self, Decisions};
use crate::watch;
use crate::{foreign, wrapper};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
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

/// Prints what other tools have to be given to build and run instrumented, as a shell takes it.
pub(crate) fn env(args: &Env) -> Result<Exit, Failure> {
    let workspace = Workspace::find(args.manifest_path.as_deref())?;
    for (name, value) in workspace.environment(&[], &workspace.new_run()?)? {
        shell::print(format!("export {name}='{}'\n", value.to_string_lossy().replace('\'', r"'\''")));
    }
    Ok(Exit::Clean)
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
    let shims =
        command.get_envs().find(|(name, _)| *name == wrapper::SHIMS).and_then(|(_, value)| value).map(PathBuf::from);
    // Whoever interrupts a program that hangs wants to know what it saw: the signal ends the child, and this goes on.
    if let Err(error) = ctrlc::set_handler(|| {}) {
        shell.detail("Interrupts", format!("end this command too: {error}"));
    }
    let no_cargo = |error| Failure::usage(format!("cargo cannot be started: {error}"));
    let mut told = BTreeSet::new();
    let so_far = || tell(workspace, &run, judge, decisions, &mut told);
    let status = command.spawn().and_then(|child| watch::wait(child, &run, so_far)).map_err(no_cargo)?;
    let child = child_exit(status);
    shell.detail("Recorded", run.display());
    let mut merged = match collect(std::slice::from_ref(&run), shell) {
        // Whoever sees what failed needs no advice on instrumentation.
        Err(Failure { exit: Exit::NothingRecorded, .. }) if child != Exit::Clean => {
            return Ok(Ended { child, verdict: Exit::NothingRecorded });
        }
        other => other?,
    };
    let mut judged = verdict::judge(&mut merged, decisions);
    judged.summary.untracked = shims.map(|shims| foreign::untracked(&shims)).unwrap_or_default();
    if !shell.quiet {
        anstream::eprintln!();
    }
    judged.tell(&mut judged.background(sources(workspace)), judge.message_format, false, shell);
    Ok(Ended { child, verdict: judged.exit() })
}

/// Tells, while the child runs, what is certainly wrong with what it has done, each once.
fn tell(workspace: &Workspace, run: &Path, judge: &Judge, decisions: &Decisions, told: &mut BTreeSet<String>) {
    // For machines every finding is told once, at the end. What cannot be read now is told then too.
    let shell = Shell { quiet: true, verbose: false };
    let Ok(mut merged) = collect::read(&[run.to_owned()], shell) else { return };
    let judged = verdict::judge(&mut merged, decisions);
    let mut background = judged.background(sources(workspace));
    for finding in judged.denied().filter(|_| judge.message_format != Format::Json) {
        if told.insert(finding.id.clone()) {
            anstream::eprintln!();
            Shell::default().note("nothing new for a while; found until now:");
            print_finding(finding, &mut background, judge.message_format);
        }
    }
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
