//! What a known acquisition and its release execute, counted by valgrind: ranges, because compilers differ.
//!
//! `tests/projects/off` has a program that does one thing so many times; twice, and the difference is what one time costs. To see
//! the figures: `cargo test -p lockdep --test instructions -- --nocapture`.
#![cfg(all(target_arch = "x86_64", target_os = "linux"))]
#![allow(clippy::print_stdout, reason = "the figures are for people")]

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program with lockdep's locks on or off.
fn built(flag: &str, folder: &str) -> PathBuf {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/projects/off");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(project).args(["build", "--quiet", "--release", "--locked", "--bin", "count"]);
    cargo.env("CARGO_TARGET_DIR", &target).env("RUSTFLAGS", flag).env_remove("CARGO_ENCODED_RUSTFLAGS");
    let output = cargo.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    target.join("release/count")
}

/// How many instructions the whole program executes.
fn executed(program: &Path, arguments: &[&str], times: u64) -> u64 {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program).args(arguments);
    let output = valgrind.arg(times.to_string()).env_remove("LOCKDEP").output().expect("valgrind runs");
    let told = String::from_utf8_lossy(&output.stderr);
    let count =
        told.lines().find_map(|line| line.split("Collected : ").nth(1)).and_then(|count| count.trim().parse().ok());
    count.unwrap_or_else(|| panic!("valgrind counts: {told}"))
}

/// What doing it once more costs, once everything is known.
fn once(program: &Path, arguments: &[&str]) -> f64 {
    const MORE: u64 = 1000;
    let (few, many) = (executed(program, arguments, 100), executed(program, arguments, 100 + MORE));
    (many - few) as f64 / MORE as f64
}

fn has_valgrind() -> bool {
    Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// What an acquisition and its release execute beyond parking_lot's, by how many locks are held inside each other.
const ADDED: [(&str, usize, RangeInclusive<f64>); 9] = [
    ("lock", 1, 45.0..=75.0),
    ("lock", 2, 45.0..=75.0),
    ("lock", 4, 45.0..=75.0),
    ("lock", 8, 45.0..=75.0),
    ("lock", 16, 45.0..=75.0),
    ("read", 1, 45.0..=75.0),
    ("read", 16, 45.0..=75.0),
    ("write", 1, 40.0..=70.0),
    ("write", 16, 40.0..=70.0),
];

#[test]
fn a_lock_costs_the_same_few_instructions_at_every_depth_whatever_else_is_in_use_and_none_when_off() {
    if !has_valgrind() {
        println!("skipped: there is no valgrind here; `apt-get install valgrind`");
        return;
    }
    let (on, off) = (built("--cfg lockdep", "on"), built("--cfg lockdep_off", "off"));
    let per_lock = |program: &Path, locks: &str, what: &str, depth: usize| {
        once(program, &[locks, what, &depth.to_string()]) / depth as f64
    };
    let mut wrong = Vec::new();
    for (what, depth, expected) in ADDED {
        let [bare, checked] = ["bare", "lockdep"].map(|locks| per_lock(&on, locks, what, depth));
        let added = checked - bare;
        println!("{what}, {depth} nested: {bare:.1} instructions a lock, and {added:.1} more under lockdep");
        if !expected.contains(&added) {
            wrong.push(format!("{what}, {depth} nested: {added:.1} more is not in {expected:?}"));
        }
    }
    let [alone, beside] = ["lockdep", "beside"].map(|locks| per_lock(&on, locks, "lock", 4));
    println!("4 nested, beside a class with a declared order: {:.1} more than without", beside - alone);
    if (beside - alone).abs() > 0.5 {
        wrong.push(format!("a declared order costs others: {beside:.1}, and {alone:.1} without"));
    }
    for (what, depth) in [("lock", 4), ("read", 4), ("write", 4)] {
        let [bare, checked] = ["bare", "lockdep"].map(|locks| per_lock(&off, locks, what, depth));
        println!("{what}, {depth} nested, off: {:.1} more", checked - bare);
        // The loop around the locks is compiled twice, and may be an instruction longer; `off` compares the locks themselves.
        if (checked - bare).abs() > 1.5 {
            wrong.push(format!("{what}, {depth} nested, off: {checked:.1}, and {bare:.1} bare"));
        }
    }
    for depth in [2, 4, 8] {
        println!("{depth} of one class by rank: {:.1} instructions a lock", per_lock(&on, "ranked", "-", depth));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
