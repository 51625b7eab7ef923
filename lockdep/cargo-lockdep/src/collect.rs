//! From log files to one engine.

use crate::exit::{Exit, Failure};
use lockdep_core::log::{Merged, merge};
use std::path::{Path, PathBuf};

/// Reads all logs in the folders and files, and merges them.
pub(crate) fn collect(paths: &[PathBuf]) -> Result<Merged, Failure> {
    let mut files = Vec::new();
    for path in paths {
        find(path, &mut files)?;
    }
    files.sort();
    files.dedup();
    let mut logs = Vec::new();
    for file in files {
        let bytes = std::fs::read(&file).map_err(|error| unreadable(&file, &error))?;
        logs.push((file.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
    }
    let merged = merge(logs);
    merged.warnings.iter().for_each(|warning| anstream::eprintln!("warning: {warning}"));
    if merged.registry.is_empty() {
        return Err(Failure { message: nothing(paths), exit: Exit::NothingRecorded });
    }
    if merged.complete < merged.processes {
        let (cut, all) = (merged.processes - merged.complete, merged.processes);
        let those = if cut == 1 {
            "process did not end in good order; what it"
        } else {
            "processes did not end in good order; what they"
        };
        anstream::eprintln!("note: {cut} of {all} {those} saw until then counts");
    }
    Ok(merged)
}

fn find(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path).map_err(|error| unreadable(path, &error))? {
        let path = entry.map_err(|error| unreadable(path, &error))?.path();
        if path.extension().is_some_and(|ending| ending == "jsonl") {
            files.push(path);
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("{} cannot be read: {error}", path.display()))
}

fn nothing(paths: &[PathBuf]) -> String {
    let paths = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
    format!(
        "nothing was recorded in {paths}: no instrumented lock was used. Does the code that ran use \
         `lockdep::parking_lot`? Are `target.*.rustflags` configured, which hide `--cfg lockdep` in release builds?"
    )
}
