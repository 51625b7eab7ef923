//! Other people's tests, unmodified: the same pass and fail with `cargo lockdep` as without, what was seen is counted, and the tree is
//! left as it was.
//!
//! It fetches crates and takes an hour, so it is asked for: `LOCKDEP_SUITES=1 cargo test -p cargo-lockdep --test suites -- --nocapture`, or
//! the name of a crate in the variable. Each crate prints a row of the table in `lockdep/cargo-lockdep/SUITES.md`.
#![allow(clippy::print_stdout, reason = "the table is what it is run for")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const CRATES: &str = include_str!("crates.toml");

/// One crate of the list.
struct Suite {
    name: String,
    version: String,
    args: Vec<String>,
}

fn suites() -> Vec<Suite> {
    let list: toml::Table = CRATES.parse().expect("the list is TOML");
    let text = |entry: &toml::Value, key: &str| entry[key].as_str().expect("it is a text").to_owned();
    let args = |entry: &toml::Value| {
        let args = entry.get("args").and_then(toml::Value::as_array).cloned().unwrap_or_default();
        args.iter().map(|arg| arg.as_str().expect("it is a text").to_owned()).collect()
    };
    let entries = list["crate"].as_array().expect("it is a list");
    let suite = |entry| Suite { name: text(entry, "name"), version: text(entry, "version"), args: args(entry) };
    entries.iter().map(suite).collect()
}

/// All files of a folder but what cargo builds.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fn visit(folder: &Path, root: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                visit(&path, root, found);
            } else {
                let name = path.strip_prefix(root).expect("it is below").to_path_buf();
                found.insert(name, fs::read(&path).expect("a readable file"));
            }
        }
    }
    let mut found = BTreeMap::new();
    visit(folder, folder, &mut found);
    found
}

impl Suite {
    /// A copy of the crate, as the registry has it.
    fn copy(&self, root: &Path, kind: &str) -> PathBuf {
        let fetch = root.join("fetch");
        fs::create_dir_all(fetch.join("src")).expect("it can be made");
        fs::write(fetch.join("src/lib.rs"), "").expect("it can be written");
        let manifest = format!(
            "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\n{} = \"={}\"\n",
            self.name, self.version
        );
        fs::write(fetch.join("Cargo.toml"), manifest).expect("it can be written");
        let output = Command::new(env!("CARGO")).args(["metadata", "--format-version=1"]).current_dir(&fetch).output();
        let output = output.expect("cargo starts");
        let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        let is_it = |package: &&serde_json::Value| package["name"] == *self.name && package["version"] == *self.version;
        let package = metadata["packages"].as_array().expect("packages").iter().find(is_it).expect("it was fetched");
        let original =
            Path::new(package["manifest_path"].as_str().expect("a path")).parent().expect("it is in a folder");
        let copy = root.join(kind);
        let _ = fs::remove_dir_all(&copy);
        for (file, bytes) in tree(original) {
            let path = copy.join(file);
            fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
            fs::write(path, bytes).expect("it can be written");
        }
        copy
    }

    /// Runs the tests in a copy, with a target folder beside it.
    fn run(&self, copy: &Path, program: &str, first: &[&str]) -> Outcome {
        let mut command = Command::new(program);
        command.args(first).args(["test", "--no-fail-fast"]).args(&self.args).current_dir(copy);
        command.env("CARGO_TARGET_DIR", copy.with_extension("target")).env("CARGO_TERM_COLOR", "never");
        for variable in ["LOCKDEP", "LOCKDEP_DIR", "LOCKDEP_ORDER", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
            command.env_remove(variable);
        }
        let output = command.output().expect("the command starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        Outcome::of(said)
    }
}

/// What came of a run.
struct Outcome {
    /// `12 passed; 0 failed; ...` of each target, in order.
    targets: Vec<String>,
    /// The tests that failed.
    failed: Vec<String>,
    /// The time that all tests took, in seconds.
    seconds: f64,
    said: String,
}

impl Outcome {
    fn of(said: String) -> Outcome {
        let mut outcome = Outcome { targets: Vec::new(), failed: Vec::new(), seconds: 0.0, said };
        for line in outcome.said.lines() {
            if let Some((totals, time)) =
                line.strip_prefix("test result: ").and_then(|line| line.split_once("; finished in "))
            {
                outcome.targets.push(totals.to_owned());
                outcome.seconds += time.trim_end_matches('s').parse::<f64>().unwrap_or_default();
            } else if let Some(test) = line.strip_prefix("test ").and_then(|line| line.strip_suffix(" ... FAILED")) {
                outcome.failed.push(test.to_owned());
            }
        }
        outcome.failed.sort();
        outcome
    }

    /// How many tests passed, failed and were ignored.
    fn totals(&self) -> [u32; 3] {
        ["passed", "failed", "ignored"].map(|what| {
            let count = |totals: &String| {
                let part = totals.split([';', '.']).map(str::trim).find_map(|part| part.strip_suffix(what))?;
                part.trim().parse::<u32>().ok()
            };
            self.targets.iter().filter_map(count).sum()
        })
    }

    /// The rest of a line of the summary.
    fn line(&self, verb: &str) -> &str {
        let start = format!("{verb:>12} ");
        self.said.lines().rev().find_map(|line| line.strip_prefix(&start)).unwrap_or("-")
    }
}

#[test]
fn the_tests_of_others_pass_and_fail_as_without_us() {
    let Ok(wanted) = std::env::var("LOCKDEP_SUITES") else {
        println!("skipped: it fetches crates and takes an hour; LOCKDEP_SUITES=1 runs it");
        return;
    };
    let mut table = String::new();
    let mut differences = Vec::new();
    for suite in suites().into_iter().filter(|suite| wanted == "1" || wanted == suite.name) {
        let name = format!("{} {}", suite.name, suite.version);
        let root =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("suites").join(format!("{}-{}", suite.name, suite.version));
        let (plain, checked) = (suite.copy(&root, "plain"), suite.copy(&root, "checked"));
        let base = suite.run(&plain, env!("CARGO"), &[]);
        let run = suite.run(&checked, env!("CARGO_BIN_EXE_cargo-lockdep"), &["lockdep"]);
        let [passed, failed, ignored] = run.totals();
        let row = format!(
            "| {name} | {passed}/{failed}/{ignored} | {} | {} | {} | {:.1} s | {:.1} s |",
            run.line("Recorded"),
            run.line("Observed"),
            run.line("Finished"),
            base.seconds,
            run.seconds
        );
        println!("{row}");
        let _ = writeln!(table, "{row}");
        if base.targets.is_empty() || (&base.targets, &base.failed) != (&run.targets, &run.failed) {
            let (was, is) = (base.targets.join("\n  "), run.targets.join("\n  "));
            let text = format!(
                "{name}:\n  {was}\n  {:?}\nwithout, and with\n  {is}\n  {:?}\n{}",
                base.failed, run.failed, run.said
            );
            differences.push(text);
        }
        // Cargo writes a lock file where there is none, with us or without.
        let without_lock = |mut files: BTreeMap<PathBuf, Vec<u8>>| {
            let lock = files.remove(Path::new("Cargo.lock"));
            (files, lock)
        };
        assert_eq!(without_lock(tree(&plain)), without_lock(tree(&checked)), "{name}: the tree is left as it was");
    }
    fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("suites.md"), table).expect("it can be written");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
