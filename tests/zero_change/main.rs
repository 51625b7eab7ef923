//! Projects that changed nothing, or nothing but a `use` line: their planted mistakes are found from tests that pass.

#![allow(clippy::print_stdout, reason = "a test that is skipped says so")]

mod ends;
mod lock_api;
mod names;
mod newer;
mod parts;
mod tools;
mod torture;
mod waits;

use std::path::PathBuf;
use std::process::{Command, Output};

const PROJECTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/projects");
const TARGET: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/zero_change");

/// A command in a project, with nothing of the environment that could change what it does.
fn command(program: &str, project: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(PathBuf::from(PROJECTS).join(project)).env("CARGO_TARGET_DIR", format!("{TARGET}/{project}"));
    for variable in ["LOCKDEP", "LOCKDEP_DIR", "LOCKDEP_ORDER", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER"]
    {
        command.env_remove(variable);
    }
    command.env("CARGO_TERM_COLOR", "never");
    command
}

/// What a command ended with and said.
fn said(command: &mut Command) -> (Option<i32>, String) {
    let Output { status, stderr, stdout } = command.output().expect("the command starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (status.code(), text(&stdout) + &text(&stderr))
}

/// `cargo lockdep` in a project.
fn lockdep(project: &str, args: &[&str]) -> Command {
    let mut command = command(env!("CARGO_BIN_EXE_cargo-lockdep"), project);
    command.arg("lockdep").args(args);
    command
}

#[test]
fn the_bank_is_told_about_its_inversion() {
    let (code, said) =
        said(command(env!("CARGO"), "bank").args(["test", "--quiet", "--test", "bank", "--", "--nocapture"]));
    assert_eq!(code, Some(0), "the bank's own test passes: {said}");
    let title =
        "error[lockdep::inversion]: taking `bank::Ledger (src/lib.rs)` while holding `bank::AuditLog (src/lib.rs)`";
    assert!(said.contains(title), "{said}");
    assert_eq!(said.matches("error[lockdep::").count(), 1, "once: {said}");
}

#[test]
fn a_project_that_knows_nothing_of_us_is_told_about_its_inversion() {
    let (code, said) = said(&mut lockdep("unaware", &["test"]));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("test result: ok. 2 passed"), "its own tests pass: {said}");
    assert!(said.contains("error[lockdep::inversion]") && said.contains("LD-394A4V4E, Possible"), "{said}");
    assert_eq!(said.matches("error[lockdep::").count(), 1, "once: {said}");
}

#[test]
fn one_side_of_it_alone_is_clean() {
    let (code, said) = said(&mut lockdep("unaware", &["test", "payments_are_taken"]));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("2 lock classes (2 locks), 1 dependency"), "{said}");
}

#[test]
fn a_run_that_takes_no_lock_is_no_success() {
    let (code, said) = said(&mut lockdep("unaware", &["test", "no test has this name"]));
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("0 logs, 0 acquisitions, 0 locks"), "{said}");
    assert!(said.contains("`cargo lockdep -v` tells how cargo was called"), "{said}");
}

#[test]
fn a_setting_that_is_misspelt_is_told_with_what_was_meant() {
    let mut command = lockdep("unaware", &["test", "payments_are_taken"]);
    let (code, told) = said(command.env("LOCKDEP_STACK", "1").env("LOCKDEP_DIR_OF_ANOTHER", "x"));
    assert_eq!(code, Some(0), "{told}");
    let lines = |told: &str| told.lines().filter(|line| line.contains("is no setting")).count();
    assert!(told.contains("warning: LOCKDEP_STACK is no setting; did you mean LOCKDEP_STACKS?"), "{told}");
    assert_eq!(lines(&told), 2, "each once: {told}");
    let (_, told) = said(lockdep("unaware", &["test", "payments_are_taken"]).env("LOCKDEP_STACKS", "1"));
    assert_eq!(lines(&told), 0, "{told}");
}
