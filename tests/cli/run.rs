//! Running something instrumented, and how the command ends.

use crate::support::{assert_output, copy, ended, split, verdict};
use std::process::Command;

#[test]
fn two_processes_with_half_an_inversion_each_make_one() {
    let (project, _turn) = split();
    let ended = project.expect(&["test"], 1);
    assert_output("test", &verdict(&ended));
    let report = project.expect(&["report", "--message-format", "short"], 1);
    assert_output("report_short", &report.err);
    let id = report.err.split_once("[LD-").map(|(_, rest)| format!("LD-{}", &rest[..8])).expect("an id");
    let one = project.expect(&["report", &id], 0);
    assert_eq!(one.err.matches("error[").count(), 1, "{}", one.err);
    assert_output("graph", &project.expect(&["graph"], 0).out);
    assert_output("graph_dot", &project.expect(&["graph", "--format", "dot"], 0).out);
    let unknown = project.expect(&["report", "LD-00000000"], 2);
    assert!(unknown.err.contains(&id), "the known ids are told: {}", unknown.err);
    let json = project.expect(&["check", "--message-format", "json"], 1);
    let reasons: Vec<_> = json.out.lines().map(|line| line.contains("\"reason\":\"lockdep-")).collect();
    assert_eq!(reasons, [true; 3], "{}", json.out);
}

#[test]
fn one_test_alone_is_clean() {
    let (project, _turn) = split();
    assert_output("test_clean", &verdict(&project.expect(&["test", "--test", "castle"], 0)));
}

#[test]
fn nextest_with_a_process_for_every_test_is_merged_the_same() {
    let (project, _turn) = split();
    let installed = Command::new(env!("CARGO")).args(["nextest", "--version"]).output();
    if !installed.is_ok_and(|output| output.status.success()) {
        println!("skipped: cargo-nextest is not installed; `cargo install cargo-nextest --locked` does that");
        return;
    }
    let ended = project.expect(&["nextest"], 1);
    assert!(ended.err.contains("error[lockdep::inversion]"), "{}", ended.err);
    assert!(ended.err.contains("in 2 processes"), "{}", ended.err);
    let quiet = project.expect(&["nextest", "-q", "castles"], 0);
    assert!(!quiet.err.contains("Recorded"), "{}", quiet.err);
}

#[test]
fn exit_codes_are_what_the_help_says() {
    let (project, _turn) = split();
    project.expect(&["run", "--", "castle"], 0);
    project.expect(&["run", "--", "castle", "fork"], 1);
    let both = project.expect(&["run", "--", "castle", "fork", "7"], 7);
    assert!(both.err.contains("error[lockdep::inversion]"), "findings are told whatever the child did: {}", both.err);
    project.expect(&["run", "--ignore-run-fail", "--", "castle", "fork", "7"], 1);
    project.expect(&["run", "--ignore-run-fail", "--", "castle", "7"], 0);
    project.expect(&["run", "--", "castle", "7"], 7);
    project.expect(&["run", "--", "0"], 4);
    project.expect(&["run", "--", "7"], 7);
    project.expect(&["run", "--ignore-run-fail", "--", "7"], 4);
    project.expect(&["run", "--nonsense"], 2);
    project.expect(&["check", "--order", "nonexistent.order"], 2);
    project.expect(&["check", "nonexistent"], 2);
    project.expect(&["--help"], 0);
}

#[test]
fn failing_tests_decide_the_code_and_hide_no_finding() {
    let project = copy("split", "failing");
    project.write("tests/a.rs", "#[test]\nfn fails() {\n    panic!();\n}\n");
    let stopped = project.expect(&["test"], 101);
    assert!(!stopped.err.contains("error[lockdep::"), "cargo stops at the first failure: {}", stopped.err);
    let all = project.expect(&["test", "--no-fail-fast"], 101);
    assert!(all.err.contains("error[lockdep::inversion]"), "{}", all.err);
    project.expect(&["test", "--no-fail-fast", "--ignore-run-fail"], 1);
}

#[test]
fn a_process_that_aborts_loses_nothing() {
    let (project, _turn) = split();
    let ended = project.expect(&["run", "--ignore-run-fail", "--", "castle", "fork", "abort"], 1);
    assert!(ended.err.contains("1 of 1 process did not end in good order"), "{}", ended.err);
    assert!(ended.err.contains("error[lockdep::inversion]"), "{}", ended.err);
}

#[cfg(unix)]
#[test]
fn a_program_that_hangs_is_interrupted_and_what_it_saw_is_told() {
    use std::io::{BufRead, BufReader};
    use std::os::unix::process::CommandExt;
    use std::process::Stdio;
    let (project, _turn) = split();
    let mut command = project.command(&["run", "--", "castle", "fork", "hang"]);
    let mut child = command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut said = BufReader::new(child.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
    assert!(said.any(|line| line == "hanging"));
    // As a terminal does: everyone in the group is interrupted.
    let group = format!("-{}", child.id());
    assert!(Command::new("kill").args(["-INT", "--", &group]).status().expect("kill starts").success());
    let ended = ended(child.wait_with_output().expect("it ends"));
    assert_eq!(ended.code, Some(130), "{}", ended.err);
    assert!(ended.err.contains("error[lockdep::inversion]"), "{}", ended.err);
}

#[test]
fn everyday_builds_do_where_they_check_locks_and_others_get_flags_and_a_folder() {
    let (project, _turn) = split();
    let said = |args: &[&str]| project.expect(args, 0).err;
    let plain = said(&["run", "-v", "--", "castle"]);
    assert!(!plain.contains("--cfg") && !plain.contains("/lockdep\" "), "{plain}");
    let mut off = project.command(&["run", "-v", "--", "castle"]);
    let off = off.env("CARGO_PROFILE_DEV_DEBUG_ASSERTIONS", "false").output().expect("the command starts");
    let off = String::from_utf8(off.stderr).expect("text");
    assert!(off.contains("--cfg") && off.contains("CARGO_TARGET_DIR=") && off.contains("1 dependency"), "{off}");
}

#[test]
fn quiet_is_quiet_and_verbose_says_what_is_run() {
    let (project, _turn) = split();
    assert_eq!(project.expect(&["run", "-q", "--", "castle"], 0).err, "");
    let verbose = project.expect(&["run", "-v", "--", "castle"], 0).err;
    for word in ["Running", "Recorded", "Reading"] {
        assert!(verbose.contains(word), "{word}: {verbose}");
    }
    project.expect(&["check", "-q", "-v"], 2);
}

/// A cargo that notes how it is called, and builds nothing.
#[cfg(unix)]
#[test]
fn the_cargo_that_was_started_is_called_with_the_flags_that_are_its_own() {
    use std::os::unix::fs::PermissionsExt;
    let project = copy("split", "called");
    let cargo = env!("CARGO");
    let script =
        format!("#!/bin/sh\ncase $1 in metadata) exec \"{cargo}\" \"$@\";; *) echo \"$@\" >> calls;; esac\nexit 3\n");
    project.write("cargo.sh", &script);
    let path = project.folder.join("cargo.sh");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    let calls: [&[&str]; 4] = [
        &["test", "-p", "split", "--no-fail-fast", "--lib", "-F", "x", "-j2", "--locked", "name", "--", "--nocapture"],
        &["nextest", "-q", "-j2", "--workspace", "--exclude", "x", "--", "--retries", "1"],
        &["run", "--release", "--example", "x", "--", "a", "-b"],
        &["run", "--profile", "bench", "--target", "t", "--offline"],
    ];
    for args in calls {
        let mut command = project.command(args);
        assert_eq!(command.env("CARGO", &path).status().expect("the command starts").code(), Some(3));
    }
    assert_output("cargo_calls", &project.read("calls"));
}
