//! The page cache's own workload as a program: `cargo lockdep run -p pagecache --example workload -- --inversion`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a program is for")]

use pagecache::workload::{Options, run};
use std::process::ExitCode;

const USAGE: &str = "usage: workload [--threads N] [--operations N] [--seed N] [--inversion]";

fn parse(args: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options { threads: 4, operations: 5000, seed: 1, inversion: false };
    let mut args = args.peekable();
    while let Some(arg) = args.next() {
        let place = match arg.as_str() {
            "--inversion" => {
                options.inversion = true;
                continue;
            }
            "--threads" => &mut options.threads,
            "--operations" => &mut options.operations,
            "--seed" => &mut options.seed,
            _ => return Err(format!("`{arg}` is not known")),
        };
        let value = args.next().ok_or_else(|| format!("{arg} needs a number"))?;
        *place = value.parse().map_err(|_| format!("{arg}: `{value}` is no number"))?;
    }
    Ok(options)
}

fn main() -> ExitCode {
    match parse(std::env::args().skip(1)) {
        Ok(options) => {
            let tally = run(options);
            let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
            println!(
                "{:.1} MiB read and right, {:.1} MiB written, {} truncations and holes, device full {} times",
                mib(tally.read),
                mib(tally.written),
                tally.invalidations,
                tally.full
            );
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}
