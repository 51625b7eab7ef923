//! What the page cache costs, as tables to paste: `cargo bench -p pagecache --bench numbers`.
//!
//! What the checker costs is measured on whole programs: this one is built once more, with `--cfg lockdep`, and each workload is run by
//! turns in a process of each build; what counts is the median. Everything else is measured without the checker, but for bytes, which
//! both have. The files are in `target/tmp`; where that is a file system in memory, the rows with I/O are too hard on the checker.
#![allow(clippy::print_stdout, reason = "printing tables is what it is for")]

mod memory;
mod reclaim;
mod scaling;
mod workloads;

use std::path::{Path, PathBuf};
use std::process::Command;

/// Which measurement a process is started for.
const ONE: &str = "PAGECACHE_NUMBERS";
/// How often each workload is run in each build.
const RUNS: usize = 9;

/// What is measured, and how.
type Measure = (&'static str, fn() -> f64);

/// Where this program is, and where it is in the other build.
struct Builds {
    bare: PathBuf,
    instrumented: PathBuf,
}

/// Builds this program with the checker.
fn build() -> Builds {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("instrumented");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["bench", "--no-run", "--package", "pagecache", "--bench", "numbers", "--message-format", "json"]);
    cargo.arg("--target-dir").arg(target).env("RUSTFLAGS", "--cfg lockdep");
    let output = cargo.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let after = messages.rsplit_once("\"executable\":\"").expect("a program was built").1;
    let instrumented = after.split('"').next().expect("a path").into();
    Builds { bare: std::env::current_exe().expect("it runs"), instrumented }
}

/// What a process of its own measures.
fn measured(program: &Path, what: &str) -> f64 {
    let output = Command::new(program).env(ONE, what).output().expect("it was built");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().unwrap_or_else(|_| panic!("{what}: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn checker(builds: &Builds) {
    println!("| whole programs | bare | with the checker | more |");
    println!("| --- | ---: | ---: | ---: |");
    for (name, _) in workloads::ALL {
        let runs = (0..RUNS).map(|_| (measured(&builds.bare, name), measured(&builds.instrumented, name)));
        let (bare, instrumented): (Vec<f64>, Vec<f64>) = runs.unzip();
        let (bare, instrumented) = (median(bare), median(instrumented));
        let more = (instrumented / bare - 1.0) * 100.0;
        println!("| {name} | {:.1} ms | {:.1} ms | {more:+.1} % |", bare / 1e6, instrumented / 1e6);
    }
}

fn bytes(builds: &Builds) {
    println!("\n| bytes | bare | with the checker |");
    println!("| --- | ---: | ---: |");
    for (name, _) in memory::ALL {
        let [bare, instrumented] = [&builds.bare, &builds.instrumented].map(|program| measured(program, name));
        println!("| {name} | {bare:.0} | {instrumented:.0} |");
    }
}

fn main() {
    if let Ok(what) = std::env::var(ONE) {
        let all = workloads::ALL.iter().chain(memory::ALL);
        let (_, measure) = all.into_iter().find(|(name, _)| *name == what).expect("there is such a measurement");
        return println!("{}", measure());
    }
    let builds = build();
    checker(&builds);
    bytes(&builds);
    scaling::print();
    reclaim::print();
}
