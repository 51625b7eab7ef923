//! What a project decides: settings, suppressions, baselines.

use crate::support::{Project, assert_output, copy, folder, split};

fn ids(project: &Project) -> Vec<String> {
    let report = project.run(&["report", "--message-format", "short"]);
    report.err.split("[LD-").skip(1).map(|rest| format!("LD-{}", &rest[..8])).collect()
}

#[test]
fn a_finding_is_accepted_for_a_reason_and_until_a_day() {
    let (project, _turn) = split();
    project.run(&["test", "--quiet"]);
    let ids = ids(&project);
    let allow = |expires: &str| -> String {
        ids.iter().map(|id| format!("[[allow]]\nid = \"{id}\"\nreason = \"a test\"\n{expires}\n")).collect()
    };
    let file = folder("settings").join("lockdep.toml");
    let file_name = file.display().to_string();
    let check = |text: &str| {
        std::fs::write(&file, text).expect("the file is written");
        project.run(&["check", "--config", &file_name])
    };
    let accepted = check(&allow(""));
    assert_eq!((accepted.code, accepted.err.contains("error[")), (Some(0), false), "{}", accepted.err);
    assert!(accepted.err.contains("2 accepted"), "{}", accepted.err);
    let told = project.run(&["report", &ids[0], "--config", &file_name]).err;
    assert!(told.contains("accepts this: a test"), "{told}");
    let later = check(&allow("expires = 2020-02-29"));
    assert_eq!(later.code, Some(0), "time alone fails nothing: {}", later.err);
    assert!(later.err.contains("warning[lockdep::inversion]"), "{}", later.err);
    // The note names the file, so where the line breaks depends on where the project lies.
    let words: Vec<&str> = later.err.split_whitespace().collect();
    assert!(words.join(" ").contains("accepted this until 2020-02-29: a test"), "{}", later.err);
    let other = check("[[allow]]\nid = \"LD-00000000\"\nreason = \"a test\"\n");
    assert_eq!(other.code, Some(1), "{}", other.err);
    assert!(other.err.contains("warning[lockdep::unmatched-allow]"), "{}", other.err);
    let missing = project.run(&["check", "--config", "no such file"]);
    assert_eq!((missing.code, missing.err.contains("cannot be read")), (Some(2), true), "{}", missing.err);
}

#[test]
fn everything_that_is_wrong_with_the_settings_has_a_place_and_a_guess() {
    let project = copy("split", "malformed");
    project.expect(&["run", "-q", "--", "castle"], 0);
    let text = "\
ordr = \"locks.order\"
baseline = 7

[levels]
inverson = \"deny\"
recursion = { suspct = \"warn\" }
suspect = \"forbid\"

[[allow]]
id = \"LD-00000000\"
reason = \" \"
expires = 12:00:00

[[allow]]
reson = \"x\"

[[alow]]
";
    project.write(".config/lockdep.toml", text);
    assert_output("settings_malformed", &project.expect(&["check"], 2).err);
    project.write(".config/lockdep.toml", "order = \n");
    let ended = project.expect(&["check"], 2);
    assert!(ended.err.contains(".config/lockdep.toml:1:"), "{}", ended.err);
}

#[test]
fn settings_stand_in_cargo_toml_too_and_the_file_has_the_last_word() {
    let project = copy("split", "two-places");
    project.write("other.order", "lockdep order v1\n\nKnight\n  Rook\n");
    let manifest = project.read("Cargo.toml").replace("[package.metadata.lockdep]\norder = \"locks.order\"\n", "");
    let with = |metadata: &str| project.write("Cargo.toml", &(manifest.clone() + metadata));
    with("[workspace.metadata.lockdep]\norder = \"other.order\"\nlevels.hierarchy = \"warn\"\n");
    let warned = project.expect(&["run", "-q", "--message-format=short", "--", "castle"], 0);
    assert!(warned.err.contains("warning[lockdep::hierarchy]"), "{}", warned.err);
    project.write(".config/lockdep.toml", "levels.hierarchy = \"deny\"\n");
    project.expect(&["check"], 1);
    project.write(".config/lockdep.toml", "order = \"locks.order\"\n");
    project.expect(&["check"], 0);
    with("[workspace.metadata.lockdep]\nordre = \"other.order\"\n");
    let unknown = project.expect(&["check"], 2);
    assert!(unknown.err.contains("unknown key `ordre`; did you mean `order`?"), "{}", unknown.err);
    assert!(unknown.err.contains("Cargo.toml:"), "{}", unknown.err);
    with("[package.metadata.lockdep]\nordr = \"other.order\"\n");
    assert!(project.expect(&["check"], 2).err.contains("did you mean `order`?"));
}

#[test]
fn init_writes_a_file_that_changes_nothing() {
    let project = copy("split", "begun");
    project.expect(&["init"], 0);
    project.expect(&["run", "-q", "--", "castle", "fork"], 1);
    let there = project.expect(&["init"], 2);
    assert!(there.err.contains("--force"), "{}", there.err);
    project.expect(&["init", "--force"], 0);
    let levels = project
        .read(".config/lockdep.toml")
        .replace("# [levels]", "[levels]")
        .replace("# possible = \"deny\"", "possible = \"warn\"");
    project.write(".config/lockdep.toml", &levels);
    project.expect(&["check"], 0);
}

#[test]
fn an_old_project_starts_with_what_it_has() {
    let project = copy("split", "adopted");
    project.write("locks.order", "lockdep order v1\n");
    project.expect(&["test", "-q"], 1);
    let missing = project.expect(&["baseline", "accept", "--check"], 1);
    assert!(
        missing.out.contains("new: ") && missing.err.contains("is not up to date"),
        "{}{}",
        missing.out,
        missing.err
    );
    let accepted = project.expect(&["baseline", "accept"], 0);
    assert!(accepted.err.contains("Accepted 1 finding in .config/lockdep.baseline"), "{}", accepted.err);
    assert_output("baseline", &project.read(".config/lockdep.baseline"));
    project.expect(&["baseline", "accept", "--check"], 0);
    let clean = project.expect(&["test", "-q", "--message-format", "short"], 0);
    assert!(!clean.err.contains("error[lockdep"), "{}", clean.err);
    assert!(project.expect(&["check"], 0).err.contains("1 accepted"));
    project.write("locks.order", "lockdep order v1\n\nRook\n  Knight\n");
    let new = project.expect(&["check", "--message-format", "short"], 1);
    assert!(new.err.contains("error[lockdep::hierarchy]") && !new.err.contains("inversion]"), "{}", new.err);
    project.write("locks.order", "lockdep order v1\n");
    project.expect(&["run", "-q", "--", "castle"], 0);
    let gone = project.expect(&["baseline", "accept", "--check"], 1);
    assert!(gone.out.starts_with("gone: LD-"), "{}", gone.out);
    project.expect(&["baseline", "accept"], 0);
    project.expect(&["test", "-q"], 1);
}

#[test]
fn a_finding_that_got_surer_than_the_baseline_has_it_is_new() {
    let project = copy("split", "surer");
    project.write("locks.order", "lockdep order v1\n");
    project.expect(&["run", "-q", "--", "castle", "fork"], 1);
    project.expect(&["baseline", "accept"], 0);
    let text = project.read(".config/lockdep.baseline").replace("Possible", "Suspect");
    project.write(".config/lockdep.baseline", &text);
    let ended = project.expect(&["check"], 1);
    assert!(ended.err.contains("accepts this as Suspect; it is Possible now"), "{}", ended.err);
    project.write(".config/lockdep.baseline", "nonsense\n");
    assert!(project.expect(&["check"], 2).err.contains("lockdep.baseline:1:1: expected"));
}
