//! `cargo lockdep` as a user runs it, on a project whose two processes each see one half of an inversion.

#![allow(clippy::print_stdout, reason = "a test that is skipped says so")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};

const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/projects/split");
const TARGET: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/split");

/// Runs are told apart by time and looked up as "the last one", so tests that make runs do not overlap.
static TURN: Mutex<()> = Mutex::new(());

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-lockdep"));
    command
        .arg("lockdep")
        .args(args)
        .current_dir(PROJECT)
        .env("CARGO_TARGET_DIR", TARGET)
        .env("CARGO_TERM_COLOR", "never");
    for variable in ["LOCKDEP", "LOCKDEP_DIR", "LOCKDEP_ORDER", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
        command.env_remove(variable);
    }
    command
}

/// What the command printed and ended with.
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run(args: &[&str]) -> Ended {
    let Output { status, stdout, stderr } = command(args).output().expect("the command starts");
    let text = |bytes| String::from_utf8(bytes).expect("the output is text");
    Ended { code: status.code(), out: text(stdout), err: text(stderr) }
}

/// The part of the output that is about locks: cargo's own comes before it.
fn verdict(ended: &Ended) -> String {
    let start = ["error[lockdep", "    Recorded"].iter().filter_map(|mark| ended.err.find(mark)).min();
    let text = start.map_or(ended.err.as_str(), |start| &ended.err[start..]);
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn assert_output(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots/cli");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn turn() -> std::sync::MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn two_processes_with_half_an_inversion_each_make_one() {
    let _turn = turn();
    let ended = run(&["test"]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert_output("test", &verdict(&ended));
    let report = run(&["report", "--message-format", "short"]);
    assert_eq!(report.code, Some(1));
    assert_output("report_short", &report.err);
    let id = report.err.split_once("[LD-").map(|(_, rest)| format!("LD-{}", &rest[..8])).expect("an id");
    let one = run(&["report", &id]);
    assert_eq!((one.code, one.err.matches("error[").count()), (Some(0), 1), "{}", one.err);
    assert_output("graph", &run(&["graph"]).out);
    assert_output("graph_dot", &run(&["graph", "--format", "dot"]).out);
    let unknown = run(&["report", "LD-00000000"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains(&id), "the known ids are told: {}", unknown.err);
    let json = run(&["check", "--message-format", "json"]);
    let reasons: Vec<_> = json.out.lines().map(|line| line.contains("\"reason\":\"lockdep-")).collect();
    assert_eq!((json.code, reasons), (Some(1), vec![true; 3]), "{}", json.out);
}

#[test]
fn one_test_alone_is_clean() {
    let _turn = turn();
    let ended = run(&["test", "--test", "castle"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_output("test_clean", &verdict(&ended));
}

#[test]
fn nextest_with_a_process_for_every_test_is_merged_the_same() {
    let _turn = turn();
    let installed = Command::new(env!("CARGO")).args(["nextest", "--version"]).output();
    if !installed.is_ok_and(|output| output.status.success()) {
        println!("skipped: cargo-nextest is not installed; `cargo install cargo-nextest --locked` does that");
        return;
    }
    let ended = run(&["test", "--runner", "nextest"]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.err.contains("error[lockdep::inversion]"), "{}", ended.err);
    assert!(ended.err.contains("in 2 processes"), "{}", ended.err);
}

#[test]
fn exit_codes_are_what_the_help_says() {
    let _turn = turn();
    let code = |args: &[&str]| run(args).code;
    assert_eq!(code(&["run", "--", "castle"]), Some(0));
    assert_eq!(code(&["run", "--", "castle", "fork"]), Some(1), "findings");
    assert_eq!(code(&["run", "--", "castle", "fork", "7"]), Some(1), "findings before the child's status");
    assert_eq!(code(&["run", "--", "castle", "7"]), Some(7), "the child's status");
    assert_eq!(code(&["run", "--", "0"]), Some(4), "nothing recorded");
    assert_eq!(code(&["run", "--", "7"]), Some(7), "the child's status before an empty log");
    assert_eq!(code(&["run", "--nonsense"]), Some(2));
    assert_eq!(code(&["check", "--order", "nonexistent.order"]), Some(2));
    assert_eq!(code(&["check", "--logs", "nonexistent"]), Some(2));
}

#[test]
fn a_process_that_aborts_loses_nothing() {
    let _turn = turn();
    let ended = run(&["run", "--", "castle", "fork", "abort"]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.err.contains("1 of 1 process did not end in good order"), "{}", ended.err);
    assert!(ended.err.contains("error[lockdep::inversion]"), "{}", ended.err);
}

#[test]
fn a_recorded_log_is_judged_again() {
    let _turn = turn();
    let folder = folder("replayed");
    let log = folder.join("castle.log");
    let header = r#"{"lockdep":"log v1","process":"p"}"#;
    let class = |id: u32, name: &str| {
        format!(r#"{{"t":"class","id":{id},"name":"{name}","origin":"key","kind":"mutex","site":null}}"#)
    };
    let chain = |held: u32, next: u32| {
        format!(
            r#"{{"t":"chain","thread":"t","held":[{{"class":{held},"inst":{held},"mode":"write","site":"a.rs:1:1"}}],"next":{{"class":{next},"inst":{next},"want":"write","manner":"block","site":"a.rs:2:1"}}}}"#
        )
    };
    let lines = [header.to_owned(), class(1, "Rook"), class(2, "Knight"), chain(1, 2)];
    std::fs::write(&log, lines.join("\n") + "\n").expect("it can be written");
    let file = log.display().to_string();
    assert_eq!(run(&["replay", &file]).code, Some(0));
    std::fs::write(&log, lines.join("\n") + "\n" + &chain(2, 1) + "\n").expect("it can be written");
    let ended = run(&["replay", &file]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.err.contains("0 passed, 1 failed"), "{}", ended.err);
    std::fs::write(&log, "{\"lockdep\": nonsense").expect("it can be written");
    assert_eq!(run(&["replay", &file]).code, Some(2));
}

/// A folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a folder can be made");
    path
}

#[test]
fn garbage_in_logs_is_told_and_the_rest_counts() {
    let folder = folder("garbage");
    let header = |process: &str| format!("{{\"lockdep\":\"log v1\",\"process\":\"{process}\"}}\n");
    let class = "{\"t\":\"class\",\"id\":0,\"name\":\"A\",\"origin\":\"key\",\"kind\":\"mutex\",\"site\":null}\n";
    let chain = "{\"t\":\"chain\",\"thread\":\"t\",\"held\":[],\"next\":{\"class\":0,\"inst\":1,\"want\":\"write\",\
                 \"manner\":\"block\",\"site\":\"a.rs:1:1\"}}\n";
    let files: [(&str, Vec<u8>); 5] = [
        ("a.jsonl", (header("a") + class + chain + "{\"t\":\"chai").into_bytes()),
        ("b.jsonl", b"\xff\xfe\x00garbage\n".to_vec()),
        ("c.jsonl", Vec::new()),
        ("d.jsonl", (header("d") + "{\"t\":\"weather\"}\n[]\n" + &"[".repeat(100_000)).into_bytes()),
        ("e.jsonl", b"{\"lockdep\":\"log v9\",\"process\":\"e\"}\n".to_vec()),
    ];
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes).expect("a file can be written");
    }
    let ended = run(&["check", "--logs", folder.to_str().expect("a path in UTF-8")]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    for name in ["a.jsonl:", "b.jsonl:", "c.jsonl:", "d.jsonl:", "e.jsonl:"] {
        assert!(ended.err.contains(name), "{name} is warned about: {}", ended.err);
    }
    assert!(ended.err.contains("1 lock class"), "{}", ended.err);
}

#[test]
fn a_malformed_order_file_is_located() {
    let order = folder("order").join("bad.order");
    std::fs::write(&order, "lockdep order v1\nA\n  B\nB\n  A\n\tC\n").expect("a file can be written");
    let ended = run(&["check", "--order", order.to_str().expect("a path in UTF-8")]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("bad.order:6:"), "{}", ended.err);
}

#[test]
fn a_finding_is_accepted_for_a_reason_and_until_a_day() {
    let _turn = turn();
    run(&["test", "--quiet"]);
    let report = run(&["report", "--message-format", "short"]);
    let ids: Vec<String> = report.err.split("[LD-").skip(1).map(|rest| format!("LD-{}", &rest[..8])).collect();
    let allow = |expires: &str| -> String {
        ids.iter().map(|id| format!("[[allow]]\nid = \"{id}\"\nreason = \"a test\"\n{expires}\n")).collect()
    };
    let file = folder("settings").join("lockdep.toml");
    let file_name = file.display().to_string();
    let check = |text: &str| {
        std::fs::write(&file, text).expect("the file is written");
        run(&["check", "--config", &file_name])
    };
    let accepted = check(&allow(""));
    assert_eq!((accepted.code, accepted.err.contains("error[")), (Some(0), false), "{}", accepted.err);
    assert!(accepted.err.contains("2 accepted"), "{}", accepted.err);
    let told = run(&["report", &ids[0], "--config", &file_name]).err;
    assert!(told.contains("accepts this: a test"), "{told}");
    let later = check(&allow("expires = 2020-02-29"));
    assert_eq!(later.code, Some(1), "{}", later.err);
    assert!(later.err.contains("accepted this until 2020-02-29: a test"), "{}", later.err);
    let other = check("[[allow]]\nid = \"LD-00000000\"\nreason = \"a test\"\n");
    assert_eq!(other.code, Some(1), "{}", other.err);
    assert!(other.err.contains("warning[lockdep::unmatched-allow]"), "{}", other.err);
    for (text, complaint) in [
        ("[[allow]]\nid = \"LD-00000000\"\nreason = \" \"\n", "without a reason"),
        ("[[allow]]\nid = \"LD-00000000\"\n", "missing field `reason`"),
        ("[[alow]]\n", "unknown field `alow`"),
        ("[[allow]]\nid = \"LD-00000000\"\nreason = \"r\"\nexpires = 12:00:00\n", "is no date"),
    ] {
        let ended = check(text);
        assert_eq!((ended.code, ended.err.contains(complaint)), (Some(2), true), "{}", ended.err);
    }
    let missing = run(&["check", "--config", "no such file"]);
    assert_eq!((missing.code, missing.err.contains("cannot be read")), (Some(2), true), "{}", missing.err);
}
