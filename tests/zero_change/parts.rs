//! Processes of several parts, each of which may have a copy of the runtime: they have one state.

use super::{command, lockdep, said};
use std::process::Command;

/// Runs the program that loads a plugin and does with it what it is told to.
fn program(how: &str, flags: &[&str]) -> (Option<i32>, String) {
    let mut args = vec!["run", "-p", "program"];
    args.extend(flags);
    args.extend(["--", how]);
    said(&mut lockdep("parts", &args))
}

/// What is found is one inversion, in this many processes.
fn finds_it(how: &str, flags: &[&str], severity: &str, processes: &str) {
    let (code, said) = program(how, flags);
    let expected = if severity == "error" { 1 } else { 0 };
    assert_eq!(code, Some(expected), "{how}: {said}");
    assert_eq!(said.matches(&format!("{severity}[lockdep::inversion]")).count(), 1, "{how}: {said}");
    assert_eq!(said.matches("[lockdep::").count(), 1, "{how}: {said}");
    assert!(said.contains(&format!("in {processes}\n")) && !said.contains("Apart"), "{how}: {said}");
}

#[test]
fn orders_across_a_program_and_its_plugin_are_found() {
    finds_it("both orders", &[], "error", "1 process");
    finds_it("the other first", &[], "error", "1 process");
}

#[test]
fn one_order_across_them_is_one_dependency_and_clean() {
    let (code, said) = program("one order", &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Recorded 2 acquisitions in 1 process\n"), "{said}");
    assert!(said.contains("2 lock classes (2 locks), 1 dependency, 1 chain\n"), "{said}");
}

#[test]
fn parts_that_are_optimised_as_a_whole_and_abort_find_each_other() {
    finds_it("both orders", &["--profile", "whole"], "error", "1 process");
}

#[test]
fn a_plugin_is_unloaded_as_without_us_and_what_it_did_stays_known() {
    // Its lock is another one the second time, so this is a doubt.
    finds_it("unloaded", &[], "warning", "1 process");
    finds_it("in a thread", &[], "error", "1 process");
}

#[test]
fn all_parts_may_hear_of_a_fork() {
    finds_it("fork", &[], "error", "2 processes");
}

#[test]
fn parts_that_cannot_find_each_other_are_told_about() {
    let (code, said) = program("apart", &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Recorded 2 acquisitions in 2 processes"), "{said}");
    assert!(said.contains("Apart 1 process counted more than once"), "{said}");
    assert!(said.contains("2 lock classes (2 locks), 0 dependencies"), "{said}");
}

/// With everything linked dynamically that can be.
fn dynamic(mut command: Command) -> (Option<i32>, String) {
    said(command.env("RUSTFLAGS", "-C prefer-dynamic"))
}

#[test]
fn a_program_of_dynamic_libraries_is_linked_as_without_us_and_checked() {
    let (code, plain) = dynamic({
        let mut command = command(env!("CARGO"), "parts");
        command.args(["run", "-p", "dynamic"]);
        command
    });
    assert_eq!(code, Some(0), "{plain}");
    let (code, said) = dynamic(lockdep("parts", &["run", "-p", "dynamic", "--", "both orders"]));
    assert_eq!(said.matches("[lockdep::").count(), 0, "what a thread that is joined did is over: {said}");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(" 2 dependencies,") && said.contains("Finished 1 excused"), "{said}");
    assert!(said.contains("in 1 process\n"), "{said}");
    let (code, said) = dynamic(lockdep("parts", &["test", "-p", "dynamic"]));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("2 lock classes (2 locks), 1 dependency"), "{said}");
}
