//! A stored run in every format, without running again.

use crate::support::{assert_output, elsewhere, ended, log};

/// Two orders of two locks, and a third below them.
fn castle() -> String {
    log::of("p", &["Rook", "Knight", "Pawn"], &[(&[1], 2), (&[2], 1), (&[1, 2], 3)])
}

#[test]
fn findings_are_told_in_every_format() {
    let project = elsewhere("formats");
    project.write("castle.log", &castle());
    let told = |format: &str| project.expect(&["report", "castle.log", "--message-format", format], 1).out;
    assert!(told("github").starts_with("::error file=a.rs,line=2,col=1,title=lockdep%3A%3Ainversion LD-"));
    let sarif: serde_json::Value = serde_json::from_str(&told("sarif")).expect("one document");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "inversion");
    assert!(told("junit").contains("<testsuites name=\"lockdep\" tests=\"1\" skipped=\"0\" failures=\"1\""));
    assert_eq!(told("json").lines().count(), 2, "a finding and the summary");
    let id = sarif["runs"][0]["results"][0]["partialFingerprints"]["lockdepId/v1"].as_str().expect("an id").to_owned();
    let one = project.expect(&["report", "castle.log", &id, "--message-format", "junit"], 0);
    assert!(one.out.contains(&id), "{}", one.out);
}

#[test]
fn what_is_accepted_is_in_documents_for_machines_and_fails_nothing() {
    let project = elsewhere("accepted");
    project.write("castle.log", &castle());
    let short = project.expect(&["report", "castle.log", "--message-format", "short"], 1).err;
    let id = short.split_once("[LD-").map(|(_, rest)| format!("LD-{}", &rest[..8])).expect("an id");
    project.write("accept.toml", &format!("[[allow]]\nid = \"{id}\"\nreason = \"one thread only\"\n"));
    let told = |format: &str| {
        project.expect(&["report", "castle.log", "--config", "accept.toml", "--message-format", format], 0).out
    };
    let sarif: serde_json::Value = serde_json::from_str(&told("sarif")).expect("one document");
    let why = sarif["runs"][0]["results"][0]["suppressions"][0]["justification"].as_str().unwrap_or_default();
    assert!(why.contains("one thread only"), "{sarif:#}");
    assert!(told("junit").contains("skipped=\"1\" failures=\"0\""));
    assert_eq!(told("github"), "");
}

#[test]
fn graphs_are_drawn_in_every_notation() {
    let project = elsewhere("notations");
    project.write("castle.log", &castle());
    let drawn = |format: &str| project.expect(&["graph", "castle.log", "--format", format], 0).out;
    assert_output("graph_mermaid", &drawn("mermaid"));
    assert!(drawn("svg").starts_with("<svg "));
    assert!(drawn("html").starts_with("<!doctype html>"));
    let part = project.expect(&["graph", "castle.log", "--format", "html", "--only", "Pawn"], 0).out;
    assert!(!part.contains("\"label\":\"Rook\""), "only what was asked for");
    let report = project.expect(&["report", "castle.log", "--format", "html", "-o", "out/report.html"], 0);
    assert!(report.err.contains("Wrote out/report.html"), "{}", report.err);
    assert_eq!(project.read("out/report.html"), drawn("html"));
}

/// The desktop's opener is ours here; it tells through a pipe what it was asked for, since nobody waits for it.
#[cfg(target_os = "linux")]
#[test]
fn a_page_is_written_and_shown_in_one_step() {
    use std::os::unix::fs::PermissionsExt;

    let project = elsewhere("opened");
    project.write("castle.log", &castle());
    project.write("bin/xdg-open", "#!/bin/sh\necho \"$1\" > asked\n");
    let program = project.folder.join("bin/xdg-open");
    std::fs::set_permissions(program, PermissionsExt::from_mode(0o755)).expect("the file is ours");
    let pipe = std::process::Command::new("mkfifo").arg(project.folder.join("asked")).status();
    assert!(pipe.expect("coreutils").success());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let ours = std::env::split_paths("bin").chain(std::env::split_paths(&path));
    let mut command = project.command(&["graph", "castle.log", "--open", "-o", "page.html"]);
    let shown = ended(command.env("PATH", std::env::join_paths(ours).expect("a path")).output().expect("it starts"));
    assert_eq!(shown.code, Some(0), "{}", shown.err);
    assert_eq!(project.read("asked"), "page.html\n");
    assert!(project.read("page.html").starts_with("<!doctype html>"));
}
