//! Reading logs, runs and graphs.

use crate::support::{assert_output, copy, elsewhere, log, split};

#[test]
fn any_number_of_logs_and_folders_is_merged() {
    let project = elsewhere("merged");
    project.write("one.log", &log::of("p", &["Rook", "Knight"], &[(&[1], 2)]));
    project.write("more/deep/two.jsonl", &log::of("q", &["Rook", "Knight"], &[(&[2], 1)]));
    project.expect(&["check", "one.log"], 0);
    project.expect(&["check", "more"], 0);
    let both = project.expect(&["check", "one.log", "more", "--message-format", "short"], 1);
    assert!(both.err.contains("error[lockdep::inversion]") && both.err.contains("in 2 processes"), "{}", both.err);
    let id = both.err.split_once("[LD-").map(|(_, rest)| format!("LD-{}", &rest[..8])).expect("an id");
    let one = project.expect(&["report", "one.log", &id.to_lowercase(), "more"], 0);
    assert!(one.err.contains(&id), "{}", one.err);
    assert!(project.expect(&["graph", "one.log"], 0).out.contains("Rook -> Knight: EN"));
    let last = project.expect(&["check"], 2);
    assert!(last.err.contains("Cargo.toml"), "a last run is a project's: {}", last.err);
}

#[test]
fn a_recorded_log_is_judged_again() {
    let project = elsewhere("replayed");
    project.write("castle.log", &log::of("p", &["Rook", "Knight"], &[(&[1], 2)]));
    project.expect(&["replay", "castle.log"], 0);
    project.write("castle.log", &log::of("p", &["Rook", "Knight"], &[(&[1], 2), (&[2], 1)]));
    let ended = project.expect(&["replay", "castle.log"], 1);
    assert!(ended.err.contains("0 passed, 1 failed"), "{}", ended.err);
    project.write("castle.log", "{\"lockdep\": nonsense");
    project.expect(&["replay", "castle.log"], 2);
}

#[test]
fn runs_are_compared_with_each_other_and_with_what_was_kept() {
    let project = copy("split", "compared");
    let only = project.expect(&["diff"], 2);
    assert!(only.err.contains("no run is recorded"), "{}", only.err);
    project.expect(&["run", "-q", "--", "castle"], 0);
    assert!(project.expect(&["diff"], 2).err.contains("only one run"));
    project.write("graph.snap", &format!("---\nsource: x.rs\n---\n{}", project.expect(&["graph"], 0).out));
    project.expect(&["run", "-q", "--", "castle", "fork"], 1);
    let diff = project.expect(&["diff"], 0);
    assert_output("diff", &diff.out);
    assert_eq!(project.expect(&["diff", "graph.snap"], 0).out, diff.out);
    project.expect(&["diff", "--subset"], 1);
    project.expect(&["diff", "--exit-code"], 1);
    project.expect(&["run", "-q", "--", "castle"], 0);
    let lost = project.expect(&["diff", "--subset"], 0);
    assert!(lost.err.contains("nothing is new") && lost.out.is_empty(), "{}{}", lost.out, lost.err);
    assert!(project.expect(&["diff", "--exit-code"], 1).out.contains("- Knight -> Rook: EN"));
    let same = project.expect(&["diff", "graph.snap", "--exit-code"], 0);
    assert!(same.err.contains("no difference"), "{}", same.err);
}

#[test]
fn a_gate_that_is_lost_is_told_with_what_it_excused() {
    let project = elsewhere("gates");
    let classes = ["Game", "Rook", "Knight"];
    project.write("old.log", &log::of("p", &classes, &[(&[1, 2], 3), (&[1, 3], 2)]));
    project.write("new.log", &log::of("p", &classes, &[(&[1, 2], 3), (&[3], 2)]));
    let diff = project.expect(&["diff", "old.log", "new.log", "--subset"], 1);
    assert_output("diff_lost_gate", &diff.out);
    project.expect(&["diff", "new.log", "old.log", "--subset"], 1);
    project.expect(&["diff", "old.log", "old.log", "--subset"], 0);
}

#[test]
fn what_is_no_graph_is_located() {
    let project = elsewhere("no-graph");
    project.write("a.log", &log::of("p", &["Rook"], &[(&[], 1)]));
    project.write("a.snap", "---\nsource: x.rs\n---\nlockdep graph v1\n\nclass Rook: pawn\n");
    let ended = project.expect(&["diff", "a.log", "a.snap"], 2);
    assert!(ended.err.contains("a.snap:6: `pawn` is not a kind of lock"), "{}", ended.err);
    project.expect(&["diff", "a.log", "nonexistent"], 2);
}

#[test]
fn runs_are_removed_but_for_those_that_are_kept() {
    let project = copy("split", "cleaned");
    for _ in 0..3 {
        project.expect(&["run", "-q", "--", "castle"], 0);
    }
    assert!(project.expect(&["clean", "--keep", "1"], 0).err.contains("Removed 2 runs"));
    project.expect(&["check"], 0);
    project.expect(&["clean", "--keep", "0"], 0);
    assert!(project.expect(&["check"], 2).err.contains("no run is recorded here"));
}

#[test]
fn levels_follow_the_command_line() {
    let (project, _turn) = split();
    project.expect(&["run", "-q", "--", "castle", "fork"], 1);
    project.expect(&["check", "-W", "inversion", "-A", "lockdep::hierarchy"], 0);
    let warned = project.expect(&["check", "-W", "possible", "--message-format", "short"], 0);
    assert!(warned.err.contains("warning[lockdep::inversion]") && warned.err.contains("2 warnings"), "{}", warned.err);
    let twice = project.expect(&["check", "-W", "inversion", "-A", "inversion"], 2);
    assert!(twice.err.contains("two levels"), "{}", twice.err);
    let unknown = project.expect(&["check", "-D", "inversoin"], 2);
    assert!(unknown.err.contains("did you mean `inversion`?"), "{}", unknown.err);
}

#[test]
fn every_code_is_explained() {
    let project = elsewhere("explained");
    let list = project.expect(&["explain"], 0).out;
    assert_output("explain", &list);
    let parts = ["## Wrong", "## Right", "## What is proved, and what is not", "## How to fix it", "## In the kernel"];
    for code in list.lines().filter_map(|line| line.split_whitespace().next()) {
        let page = project.expect(&["explain", code], 0).out;
        assert!(page.starts_with(&format!("# {code}\n")), "{page}");
        let at: Vec<_> = parts.iter().map(|part| page.find(part)).collect();
        assert!(at.is_sorted() && at.iter().all(Option::is_some), "{code}: {at:?}");
        assert!(page.lines().all(|line| line != "#" && !line.contains("assert_eq!(codes")), "{code}: {page}");
    }
    assert_output("explain_inversion", &project.expect(&["explain", "lockdep::inversion"], 0).out);
    let unknown = project.expect(&["explain", "inverson"], 2);
    assert!(unknown.err.contains("did you mean `inversion`?"), "{}", unknown.err);
}

#[test]
fn shells_complete() {
    let project = elsewhere("completed");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = project.expect(&["completions", shell], 0).out;
        assert!(script.contains("cargo-lockdep") && script.contains("baseline"), "{shell}");
    }
    project.expect(&["completions", "tcsh"], 2);
}
