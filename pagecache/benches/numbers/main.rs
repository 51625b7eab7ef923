//! What the page cache costs, as tables to paste: `cargo bench -p pagecache --bench numbers`.
//!
//! What the checker costs is measured on whole programs: this one is built once more, with `--cfg lockdep`, and each workload is run by
//! turns in a process of each build; what counts is the median. How long a workload takes says little where the machine or its disk has
//! other things to do, so there is the processor time of the whole process as well, which has the making of the files in it. Everything else
//! is measured without the checker, but for bytes, which both have. The files are in `target/tmp`; where that is a file system in memory,
//! the rows with I/O are too hard on the checker.
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

/// What a process of its own measures, and how much processor time it took, in nanoseconds.
fn measured(program: &Path, what: &str) -> [f64; 2] {
    let before = processor_time();
    let output = Command::new(program).env(ONE, what).output().expect("it was built");
    let text = String::from_utf8_lossy(&output.stdout);
    let value = text.trim().parse();
    let value = value.unwrap_or_else(|_| panic!("{what}: {text}{}", String::from_utf8_lossy(&output.stderr)));
    [value, processor_time() - before]
}

/// The processor time of all processes that this one has waited for.
fn processor_time() -> f64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the place is ours and large enough.
    let outcome = unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr()) };
    assert_eq!(outcome, 0, "it is asked for what there is");
    // SAFETY: it was written, and is numbers, for which zeros are values.
    let usage = unsafe { usage.assume_init() };
    [usage.ru_utime, usage.ru_stime].map(|time| time.tv_sec as f64 * 1e9 + time.tv_usec as f64 * 1e3).iter().sum()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn checker(builds: &Builds) {
    println!("| whole programs, ms | bare | with the checker | more | processor, bare | with the checker | more |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (name, _) in workloads::ALL {
        let runs: Vec<_> =
            (0..RUNS).map(|_| [&builds.bare, &builds.instrumented].map(|one| measured(one, name))).collect();
        // How long it took, and how much processor time.
        let columns = [0, 1].map(|column| {
            let [bare, instrumented] = [0, 1].map(|build| median(runs.iter().map(|run| run[build][column]).collect()));
            let more = (instrumented / bare - 1.0) * 100.0;
            format!("{:.1} | {:.1} | {more:+.1} %", bare / 1e6, instrumented / 1e6)
        });
        println!("| {name} | {} |", columns.join(" | "));
    }
}

fn bytes(builds: &Builds) {
    println!("\n| bytes | bare | with the checker |");
    println!("| --- | ---: | ---: |");
    for (name, _) in memory::ALL {
        let [bare, instrumented] = [&builds.bare, &builds.instrumented].map(|one| measured(one, name)[0]);
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
