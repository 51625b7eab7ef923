//! Among other tools: nextest, wrappers of rustc, shells.

use super::{TARGET, command, lockdep, said};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

#[test]
fn nextest_runs_unmodified_projects() {
    let installed = Command::new(env!("CARGO")).args(["nextest", "--version"]).output();
    if !installed.is_ok_and(|output| output.status.success()) {
        println!("skipped: cargo-nextest is not installed; `cargo install cargo-nextest --locked` does that");
        return;
    }
    let (code, said) = said(&mut lockdep("unaware", &["nextest"]));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("error[lockdep::inversion]") && said.contains("in 2 processes"), "{said}");
}

#[test]
fn a_wrapper_that_is_configured_is_called_in_between() {
    let folder = format!("{TARGET}/wrapped");
    let (wrapper, calls) = (format!("{folder}/wrapper.sh"), format!("{folder}/calls"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("it can be made");
    fs::write(&wrapper, format!("#!/bin/sh\necho \"$@\" >> {calls}\nexec \"$@\"\n")).expect("it can be written");
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let mut command = lockdep("unaware", &["test", "payments_are_taken"]);
    let (code, said) = said(command.env("CARGO_TARGET_DIR", &folder).env("RUSTC_WRAPPER", &wrapper));
    assert_eq!(code, Some(0), "{said}");
    let calls = fs::read_to_string(calls).expect("it was called");
    assert!(calls.lines().any(|call| call.contains("--crate-name unaware") && call.contains("std=")), "{calls}");
}

#[test]
fn a_wrapper_of_the_workspaces_crates_is_called_in_between_and_questions_are_passed_on() {
    let folder = format!("{TARGET}/workspace_wrapped");
    let (wrapper, calls) = (format!("{folder}/wrapper.sh"), format!("{folder}/calls"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("it can be made");
    fs::write(&wrapper, format!("#!/bin/sh\necho \"$@\" >> {calls}\nexec \"$@\"\n")).expect("it can be written");
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let mut command = lockdep("unaware", &["test"]);
    let (code, said) = said(command.env("CARGO_TARGET_DIR", &folder).env("RUSTC_WORKSPACE_WRAPPER", &wrapper));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("LD-394A4V4E"), "{said}");
    let calls = fs::read_to_string(calls).expect("it was called");
    let is_question = |call: &&str| call.contains("--print") || call.contains("-vV");
    assert!(calls.lines().any(|call| call.contains("--crate-name unaware") && call.contains("std=")), "{calls}");
    assert!(calls.lines().filter(is_question).all(|call| !call.contains("std=")), "{calls}");
}

#[test]
fn this_binary_answers_for_rustc_and_reads_arguments_from_files() {
    let folder = format!("{TARGET}/arguments");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("it can be made");
    let (code, script) = said(&mut lockdep("unaware", &["env"]));
    assert_eq!(code, Some(0), "{script}");
    let shell = |line: &str| said(command("sh", "unaware").args(["-c", &format!("{script}\n{line}")]));
    let this = env!("CARGO_BIN_EXE_cargo-lockdep");
    for question in ["-vV", "--print cfg", "- --crate-name ___ --print file-names --crate-type bin < /dev/null"] {
        assert_eq!(shell(&format!("{this} rustc {question}")), shell(&format!("rustc {question}")), "{question}");
    }
    let arguments = format!("--crate-name\nlocks\n--edition=2021\n--out-dir\n{folder}\n{folder}/locks.rs\n");
    fs::write(format!("{folder}/arguments"), arguments).expect("it can be written");
    let program = "fn main() { println!(\"{}\", size_of::<std::sync::Mutex<usize>>()) }";
    fs::write(format!("{folder}/locks.rs"), program).expect("it can be written");
    let build = format!("{this} rustc @{folder}/arguments && {folder}/locks");
    let plain = format!("rustc @{folder}/arguments && {folder}/locks");
    let size = |said: (Option<i32>, String)| said.1.trim().parse::<usize>().ok();
    assert_eq!(size(shell(&build)), size(shell(&plain)).map(|plain| plain + size_of::<usize>()));
}

#[test]
fn a_shell_is_given_what_makes_cargo_instrument() {
    let (code, script) = said(&mut lockdep("unaware", &["env"]));
    assert_eq!(code, Some(0), "{script}");
    let run = format!("{script}\n{} test --quiet payments_are_taken", env!("CARGO"));
    let (code, run) = said(command("sh", "unaware").args(["-c", &run]));
    assert_eq!(code, Some(0), "{run}");
    let logs = script.lines().find_map(|line| line.strip_prefix("export LOCKDEP_DIR='")?.strip_suffix('\''));
    let (code, judged) = said(&mut lockdep("unaware", &["check", logs.expect("it is set")]));
    assert_eq!(code, Some(0), "{judged}");
    assert!(judged.contains("2 lock classes"), "{judged}");
}

#[test]
fn cross_is_refused() {
    let folder = format!("{TARGET}/cross");
    fs::create_dir_all(&folder).expect("it can be made");
    // By its name, as `cross` calls itself cargo.
    let cross = format!("{folder}/cross");
    fs::write(&cross, format!("#!/bin/sh\nexec {} \"$@\"\n", env!("CARGO"))).expect("it can be written");
    fs::set_permissions(&cross, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let (code, said) = said(lockdep("unaware", &["test"]).env("CARGO", cross));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("container"), "{said}");
}
