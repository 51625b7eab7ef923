//! `cargo lockdep replay`: scenario files through a driver, and recorded logs through the engine.
//!
//! A log is one case, named after its file. It fails if anything is found in it that fails a run.

use crate::cli::{Driver, Replay};
use crate::collect::{collect, is_log};
use crate::exit::Exit;
use crate::shell::Shell;
use lockdep_core::finding::Level;
use lockdep_core::scenario::run::CaseResult;
use lockdep_core::scenario::{Case, ScenarioError, parse::parse, run};
use std::path::Path;

/// How many cases came out as expected, how many did not, and how many this driver cannot run.
#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
}

/// Runs every file, whatever became of the ones before it.
pub(crate) fn run(args: &Replay, shell: Shell) -> Exit {
    let mut tally = Tally::default();
    let mut malformed = false;
    for file in &args.files {
        if let Err(message) = replay(file, args, &mut tally, shell) {
            shell.error(message);
            malformed = true;
        }
    }
    if let (Some(name), 0, false) = (&args.case, tally.passed + tally.failed + tally.skipped, malformed) {
        shell.error(format!("no case is named `{name}`"));
        return Exit::Usage;
    }
    let skipped = if tally.skipped > 0 { format!(", {} skipped", tally.skipped) } else { String::new() };
    eprintln!("{} passed, {} failed{skipped}", tally.passed, tally.failed);
    match (malformed, tally.failed) {
        (true, _) => Exit::Usage,
        (false, 0) => Exit::Clean,
        (false, _) => Exit::Findings,
    }
}

fn replay(file: &Path, args: &Replay, tally: &mut Tally, shell: Shell) -> Result<(), String> {
    let unreadable = |error: std::io::Error| format!("{}: {error}", file.display());
    if is_log(file).map_err(unreadable)? {
        let result = rejudged(file, shell)?;
        tell(file, &result, tally);
        return Ok(());
    }
    let text = std::fs::read_to_string(file).map_err(unreadable)?;
    let located = |error: ScenarioError| format!("{}:{error}", file.display());
    for case in parse(&text).map_err(located)? {
        if args.case.as_ref().is_some_and(|name| *name != case.name) {
            continue;
        }
        if case.not.iter().any(|driver| driver == name(args.driver)) {
            tally.skipped += 1;
            continue;
        }
        let result = drive(&text, &case, args.driver).map_err(|error| format!("{}:{error}", file.display()))?;
        tell(file, &result, tally);
    }
    Ok(())
}

/// A driver's name in `not` lists.
fn name(driver: Driver) -> &'static str {
    match driver {
        Driver::Validator => run::Driver::Validator.name(),
        Driver::Log => run::Driver::Log.name(),
        Driver::Naive => run::Driver::Naive.name(),
        Driver::Live => "live",
    }
}

fn drive(text: &str, case: &Case, driver: Driver) -> Result<CaseResult, String> {
    let driver = match driver {
        Driver::Validator => run::Driver::Validator,
        Driver::Log => run::Driver::Log,
        Driver::Naive => run::Driver::Naive,
        Driver::Live => {
            let told = |error| format!(" case `{}`: {error}", case.name);
            let findings = lockdep::scenario::run(case).map_err(told)?;
            let mismatches = run::compare(case, &findings);
            return Ok(CaseResult { name: case.name.clone(), findings, mismatches });
        }
    };
    run::run(text, case, driver).map_err(|error| error.to_string())
}

/// Judges a recorded log again.
fn rejudged(file: &Path, shell: Shell) -> Result<CaseResult, String> {
    let merged = collect(&[file.to_owned()], shell).map_err(|failure| failure.message)?;
    let findings = merged.engine.findings(&merged.registry);
    let denied = findings.iter().filter(|finding| finding.level == Level::Deny);
    let mismatches = denied.map(|finding| format!("{}: {} ({})", finding.id, finding.title, finding.code)).collect();
    Ok(CaseResult { name: file.display().to_string(), findings, mismatches })
}

fn tell(file: &Path, result: &CaseResult, tally: &mut Tally) {
    println!("{}", result.to_json());
    for mismatch in &result.mismatches {
        eprintln!("{}: case `{}`: {mismatch}", file.display(), result.name);
    }
    match result.pass() {
        true => tally.passed += 1,
        false => tally.failed += 1,
    }
}
