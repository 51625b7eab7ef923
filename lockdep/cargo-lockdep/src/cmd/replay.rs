//! `cargo lockdep replay`: scenario files through a driver.

use crate::cli::Replay;
use crate::exit::Exit;
use lockdep_core::scenario::{ScenarioError, parse::parse, run};
use std::path::Path;

/// How many cases came out as expected, how many did not, and how many this driver cannot run.
#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
}

/// Runs every file, whatever became of the ones before it.
pub(crate) fn run(args: &Replay) -> Exit {
    let mut tally = Tally::default();
    let mut malformed = false;
    for file in &args.files {
        if let Err(message) = replay(file, args, &mut tally) {
            eprintln!("error: {message}");
            malformed = true;
        }
    }
    if let (Some(name), 0, false) = (&args.case, tally.passed + tally.failed + tally.skipped, malformed) {
        eprintln!("error: no case is named `{name}`");
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

fn replay(file: &Path, args: &Replay, tally: &mut Tally) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let located = |error: ScenarioError| format!("{}:{error}", file.display());
    for case in parse(&text).map_err(located)? {
        if args.case.as_ref().is_some_and(|name| *name != case.name) {
            continue;
        }
        if case.not.iter().any(|driver| driver == run::Driver::from(args.driver).name()) {
            tally.skipped += 1;
            continue;
        }
        let result = run::run(&text, &case, args.driver.into()).map_err(located)?;
        println!("{}", result.to_json());
        for mismatch in &result.mismatches {
            eprintln!("{}: case `{}`: {mismatch}", file.display(), case.name);
        }
        match result.pass() {
            true => tally.passed += 1,
            false => tally.failed += 1,
        }
    }
    Ok(())
}
