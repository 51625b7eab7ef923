//! The book and the README: every command in them is run, and what they show is what is printed.

use crate::support::{Project, copy, split, verdict};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The blocks of a chapter in one of these languages.
fn blocks(text: &str, languages: &[&str]) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(language), None) if languages.contains(&language) => open = Some(String::new()),
            (Some(_), None) => open = None,
            (None, Some(block)) => *block += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    blocks
}

/// The commands of a chapter that are ours, or run something of the project's; whatever is installed is not.
fn commands(text: &str) -> Vec<String> {
    let lines = blocks(text, &["sh", "yaml"]).concat();
    let starts = ["- run: ", "- "];
    let bare = |line: &str| starts.iter().find_map(|start| line.strip_prefix(start)).unwrap_or(line).to_owned();
    let is_ours = |line: &String| line.contains("cargo lockdep ") || line.starts_with("LOCKDEP=");
    lines.lines().map(|line| bare(line.trim())).filter(is_ours).collect()
}

/// A shell in the project, in which `cargo lockdep` is this build of it.
fn shell(project: &Project, line: &str) -> Command {
    let this = project.command(&[]);
    let mut command = Command::new("sh");
    let ours = line.replace("cargo lockdep", &format!("\"{}\" lockdep", this.get_program().display()));
    command.arg("-c").arg(ours).current_dir(&project.folder).stdin(Stdio::null());
    for (name, value) in this.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

#[cfg(unix)]
#[test]
fn every_command_of_the_book_works() {
    let has_nextest = Command::new(env!("CARGO")).args(["nextest", "--version"]).output();
    let has_nextest = has_nextest.is_ok_and(|output| output.status.success());
    let mut run = 0;
    for chapter in ["start", "order", "snapshots", "ci", "reports"] {
        let text =
            fs::read_to_string(Path::new(ROOT).join(format!("lockdep/src/docs/{chapter}.md"))).expect("a chapter");
        let project = copy("jobserver", &format!("book-{chapter}"));
        // Chapters speak of runs that were made, and of a document that is there.
        if chapter != "start" {
            project.expect(&["test", "-q", "-p", "store"], 0);
            project.expect(&["test", "-q"], 0);
            project.expect(&["order"], 0);
            project.expect(&["baseline", "accept"], 0);
        }
        for line in commands(&text) {
            if line.contains("nextest") && !has_nextest {
                println!(
                    "skipped: {line}: cargo-nextest is not installed; `cargo install cargo-nextest --locked` does that"
                );
                continue;
            }
            let output = shell(&project, &line).output().expect("a shell starts");
            let (printed, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success(), "{chapter}: {line}\n{printed}{said}");
            run += 1;
        }
    }
    assert!(run > 25, "the book has commands: {run}");
}

#[test]
fn the_readme_and_the_book_show_what_is_printed() {
    let (project, _turn) = split();
    let printed = verdict(&project.expect(&["test"], 1));
    for file in ["README.md", "lockdep/src/docs/reports.md"] {
        let text = fs::read_to_string(Path::new(ROOT).join(file)).expect("it is there");
        let shown = blocks(&text, &["text"]).into_iter().find(|block| block.starts_with("error[")).expect("a report");
        assert!(printed.contains(shown.trim_end()), "{file} shows\n{shown}\nand what is printed is\n{printed}");
    }
}
