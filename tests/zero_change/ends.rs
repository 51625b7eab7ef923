//! Processes that end in every way: what they saw until then is known.

use super::{lockdep, said};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// Runs the program that ends as it is told to.
fn ends(how: &str, flags: &[&str]) -> String {
    let mut args = vec!["run", "--ignore-run-fail", "--bin", "ends"];
    args.extend(flags);
    args.extend(["--", how]);
    let (code, said) = said(&mut lockdep("torture", &args));
    let expected = if ["one order", "spawned", "left and gone", "kept"].contains(&how) { 0 } else { 1 };
    assert_eq!(code, Some(expected), "{how}: {said}");
    said
}

#[test]
fn one_order_alone_is_clean() {
    assert!(ends("one order", &[]).contains("no findings"));
}

#[test]
fn what_was_over_when_a_thread_began_is_excused() {
    assert!(ends("spawned", &[]).contains("1 excused"));
}

#[test]
fn a_static_that_a_thread_leaves_held_is_found() {
    let said = ends("left", &[]);
    assert!(said.contains("error[lockdep::held-at-exit]: `unnamed` ended while it held `u32`"), "{said}");
    assert_eq!(said.matches("error[lockdep::").count(), 1, "{said}");
}

#[test]
fn a_lock_that_is_gone_with_its_thread_or_released_by_its_locals_is_clean() {
    for how in ["left and gone", "kept"] {
        assert!(ends(how, &[]).contains("no findings"), "{how}");
    }
}

#[test]
fn nothing_is_lost_by_a_process_that_ends_in_another_way() {
    for how in ["return", "abort", "kill", "_exit", "locals"] {
        let said = ends(how, &[]);
        assert_eq!(said.matches("error[lockdep::inversion]").count(), 1, "{how}: {said}");
        assert!(said.contains("in 1 process"), "{how}: {said}");
    }
}

#[test]
fn the_halves_of_a_child_and_of_a_replaced_program_are_put_together() {
    for how in ["fork", "exec"] {
        let said = ends(how, &[]);
        assert_eq!(said.matches("error[lockdep::inversion]").count(), 1, "{how}: {said}");
        assert!(said.contains("in 2 processes"), "{how}: {said}");
    }
}

#[test]
fn a_program_that_is_optimised_as_a_whole_is_checked() {
    assert!(ends("return", &["--profile", "whole"]).contains("error[lockdep::inversion]"));
}

#[test]
fn a_program_for_a_named_target_is_checked() {
    let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    assert!(ends("return", &["--target", &host]).contains("error[lockdep::inversion]"));
}

/// A program that hangs is told about while it does.
fn hangs(how: &str, title: &str) {
    let mut command = lockdep("torture", &["run", "--bin", "ends", "--", how]);
    let mut child =
        command.process_group(0).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the command starts");
    let lines = BufReader::new(child.stderr.take().expect("it is piped")).lines().map_while(Result::ok);
    let told = lines.into_iter().find(|line| line.contains("error[lockdep::"));
    assert!(told.is_some_and(|line| line.contains(title)));
    // It hangs still, and would for ever.
    let group = format!("-{}", child.id());
    Command::new("kill").args(["-9", "--", &group]).status().expect("there is `kill`");
    child.wait().expect("it was killed");
}

#[test]
fn two_threads_that_hang_are_told_about() {
    hangs("hang", "error[lockdep::inversion]");
}

#[test]
fn a_thread_that_waits_for_itself_is_told_about() {
    hangs("self", "error[lockdep::self-deadlock]");
}
