//! Crates from the registry, unmodified: their own tests pass and fail as without us.
//!
//! Downloads and builds, and takes minutes: `cargo test -p cargo-lockdep --test registry -- --ignored --nocapture` prints the table of
//! `lockdep/cargo-lockdep/ZERO_CHANGE.md`. `CRATES=flume,r2d2` runs only those. Once everything is built, the suites are run again for
//! their times, without us and with us in turn, `ROUNDS` times (one if it is not set); the shortest count.

#![allow(clippy::print_stdout, reason = "the table is what it is for")]

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

#[derive(Deserialize)]
struct Crates {
    #[serde(rename = "crate")]
    crates: Vec<Crate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Crate {
    name: String,
    version: String,
    #[serde(default)]
    flags: Vec<String>,
    /// Tests that come out differently, with the reason.
    #[serde(default)]
    differs: BTreeMap<String, String>,
    /// Whether crates that its tests need depend on the published one, in place of which they get this one. That is said to cargo in a
    /// configuration outside of its folder.
    #[serde(default)]
    replaces_itself: bool,
}

/// One run of a crate's tests.
struct Ran {
    /// How many tests of each name came out how.
    results: BTreeMap<(String, String), usize>,
    said: String,
    seconds: f64,
}

impl Crate {
    fn folder(&self, kind: &str) -> PathBuf {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/registry");
        workspace.join(kind).join(format!("{}-{}", self.name, self.version))
    }

    /// Downloads the crate as cargo does, and unpacks it anew.
    fn unpack(&self) -> PathBuf {
        let fetch = self.folder("fetch");
        std::fs::create_dir_all(fetch.join("src")).expect("a folder can be made");
        let manifest = format!(
            "[package]\nname = \"fetch\"\n[workspace]\n[dependencies]\n{} = \"={}\"\n",
            self.name, self.version
        );
        std::fs::write(fetch.join("Cargo.toml"), manifest).expect("it can be written");
        std::fs::write(fetch.join("src/lib.rs"), "").expect("it can be written");
        run(Command::new(env!("CARGO")).args(["fetch", "--quiet"]).current_dir(&fetch));
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.unwrap_or_else(|| std::env::home_dir().expect("there is a home").join(".cargo"));
        let package = format!("{}-{}.crate", self.name, self.version);
        let caches = std::fs::read_dir(home.join("registry/cache")).expect("cargo has a cache");
        let archive = caches.flatten().map(|cache| cache.path().join(&package)).find(|path| path.is_file());
        let folder = self.folder("src");
        let _ = std::fs::remove_dir_all(&folder);
        let parent = folder.parent().expect("it has one");
        std::fs::create_dir_all(parent).expect("a folder can be made");
        let archive = archive.expect("cargo has downloaded it");
        run(Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(parent));
        folder
    }

    /// Says to cargo what is not in the crate itself.
    fn configure(&self) {
        let folder = self.folder("src");
        let config = folder.parent().expect("it has one").join(".cargo");
        let _ = std::fs::remove_dir_all(&config);
        if self.replaces_itself {
            std::fs::create_dir_all(&config).expect("a folder can be made");
            // Its lock file, which no user of it sees, would go on with the published one.
            let _ = std::fs::remove_file(folder.join("Cargo.lock"));
            // As cargo names the package where it is, or there would be two of them.
            let folder = folder.canonicalize().expect("it was unpacked");
            let patch = format!("[patch.crates-io]\n{} = {{ path = {folder:?} }}\n", self.name);
            std::fs::write(config.join("config.toml"), patch).expect("it can be written");
        }
    }

    /// The seconds that its tests take without us and with us, in turn.
    fn times(&self, rounds: usize) -> (f64, f64) {
        let shortest = |so_far: f64, ran: Ran| so_far.min(ran.seconds);
        (0..rounds).fold((f64::INFINITY, f64::INFINITY), |(plain, checked), _| {
            (shortest(plain, self.test(&mut cargo())), shortest(checked, self.test(&mut lockdep())))
        })
    }

    fn test(&self, command: &mut Command) -> Ran {
        let begin = Instant::now();
        command.arg("test").arg("--no-fail-fast").args(&self.flags).env("CARGO_TERM_COLOR", "never");
        command.current_dir(self.folder("src")).env("CARGO_TARGET_DIR", self.folder("target"));
        for variable in ["LOCKDEP", "LOCKDEP_DIR", "RUSTFLAGS", "RUSTC_WRAPPER"] {
            command.env_remove(variable);
        }
        let Output { stdout, stderr, .. } = command.output().expect("it can be started");
        let seconds = begin.elapsed().as_secs_f64();
        let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        let mut results = BTreeMap::new();
        for line in out.lines().filter_map(|line| line.strip_prefix("test ")) {
            if let Some((name, result)) = line.split_once(" ... ") {
                *results.entry((name.to_owned(), result.to_owned())).or_default() += 1;
            }
        }
        Ran { results, said: format!("{out}{err}"), seconds }
    }

    /// The tests that came out differently and should not have.
    fn differences(&self, plain: &Ran, checked: &Ran) -> Vec<String> {
        let names = plain.results.iter().filter(|(test, n)| checked.results.get(*test) != Some(*n));
        let more = checked.results.iter().filter(|(test, n)| plain.results.get(*test) != Some(*n));
        let mut names: Vec<String> = names.chain(more).map(|((name, _), _)| name.clone()).collect();
        names.dedup();
        names.retain(|name| !self.differs.contains_key(name));
        names
    }
}

fn cargo() -> Command {
    Command::new(env!("CARGO"))
}

fn lockdep() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-lockdep"));
    command.arg("lockdep");
    command
}

fn run(command: &mut Command) {
    let status = command.status().expect("it can be started");
    assert!(status.success(), "{command:?}");
}

impl Ran {
    fn count(&self, result: &str) -> usize {
        self.results.iter().filter(|((_, how), _)| how.starts_with(result)).map(|(_, n)| n).sum()
    }

    /// The rest of the summary's line that begins so; cargo has lines like it, before.
    fn line(&self, verb: &str) -> &str {
        self.said.lines().rev().find_map(|line| line.trim_start().strip_prefix(verb)).unwrap_or("nothing").trim()
    }
}

/// A checksum of every file.
fn contents(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("it is a folder") {
        let path = entry.expect("it can be read").path();
        match path.is_dir() {
            true => contents(&path, found),
            false => drop(found.insert(path.clone(), std::fs::read(path).expect("it is a file"))),
        }
    }
}

#[test]
#[ignore = "downloads crates and runs their tests, which takes minutes"]
fn crates_pass_and_fail_as_without_us() {
    let text = include_str!("crates.toml");
    let mut crates = toml::from_str::<Crates>(text).expect("the list is well-formed").crates;
    if let Ok(chosen) = std::env::var("CRATES") {
        crates.retain(|one| chosen.split(',').any(|name| name == one.name));
    }
    let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    let mut wrong = Vec::new();
    println!("| crate | tests: ok, failed, ignored | seen | found | plain, checked |\n| --- | --- | --- | --- | --- |");
    for one in crates {
        let folder = one.unpack();
        one.configure();
        let mut plain = one.test(&mut cargo());
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        contents(&folder, &mut before);
        let mut checked = one.test(&mut lockdep());
        contents(&folder, &mut after);
        // Some tests depend on how busy the machine is: what differs has to do so twice.
        if !one.differences(&plain, &checked).is_empty() {
            plain = one.test(&mut cargo());
            checked = one.test(&mut lockdep());
        }
        let (plain_seconds, checked_seconds) = one.times(rounds);
        println!(
            "| {} {} `{}` | {}, {}, {} | {}; {} | {} | {plain_seconds:.1} s, {checked_seconds:.1} s: {:.2}x |",
            one.name,
            one.version,
            one.flags.join(" "),
            checked.count("ok"),
            checked.count("FAILED"),
            checked.count("ignored"),
            checked.line("Recorded"),
            checked.line("Observed"),
            checked.line("Finished"),
            checked_seconds / plain_seconds,
        );
        let differences = one.differences(&plain, &checked);
        if plain.results.is_empty() || !differences.is_empty() || before != after {
            wrong.push(format!("{}: {differences:?}, tree kept: {}\n{}", one.name, before == after, checked.said));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
