//! Small cases in many interleavings. The program is run rather than called: a schedule that fails ends its process, and is repeated in
//! another.

use std::process::Command;

/// Case and re-check: without the one, the other fails.
const RE_CHECKS: &str = include_str!("../re-checks.txt");
const WITHOUT_LOCK: &str = "read-beside-punch-without-invalidate-lock";

struct Outcome {
    held: bool,
    /// What it says of the case.
    text: String,
    /// The schedule that failed.
    schedule: String,
}

fn run(args: &[&str]) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pagecache-schedules"));
    let output = command.args(args).env("RUST_BACKTRACE", "0").output().expect("it was built");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let schedule = errors.split("failing schedule:").nth(1).and_then(|rest| rest.split('"').nth(1)).unwrap_or_default();
    Outcome {
        held: output.status.success(),
        text: String::from_utf8_lossy(&output.stdout).into_owned(),
        schedule: schedule.split_whitespace().collect(),
    }
}

/// It fails, for a reason, in a schedule in which it fails for this reason again.
fn fails_and_is_repeated(args: &[&str]) {
    let found = run(args);
    assert!(!found.held && !found.schedule.is_empty(), "{args:?}: {}", found.text);
    let again = run(&[args, &["--replay", &found.schedule]].concat());
    assert!(!again.held, "{args:?} with {}", found.schedule);
    assert_eq!(again.text, found.text, "{args:?} with {}", found.schedule);
}

#[test]
fn every_case_holds_in_all_schedules_that_are_tried() {
    let cases = run(&[]).text;
    for case in cases.lines().filter(|case| *case != WITHOUT_LOCK) {
        let outcome = run(&[case]);
        assert!(outcome.held, "{}\nrepeat it with: {case} --replay {}", outcome.text, outcome.schedule);
    }
}

#[test]
fn a_re_check_that_is_off_is_missed_in_a_schedule_that_can_be_repeated() {
    for (case, recheck) in RE_CHECKS.lines().map(|line| line.split_once(" | ").expect("a case and a re-check")) {
        fails_and_is_repeated(&[case, "--without", recheck]);
    }
}

#[test]
fn the_race_that_invalidate_lock_closes_is_found_without_it() {
    fails_and_is_repeated(&[WITHOUT_LOCK]);
}

#[test]
fn a_case_that_is_not_there_is_refused() {
    assert!(!run(&["no-such-case"]).held);
}
