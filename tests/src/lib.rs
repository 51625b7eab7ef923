//! The scenario corpus as data.

pub mod kernel;
pub mod oracle;

use lockdep_core::scenario::{Case, parse::parse};
use std::path::PathBuf;

/// A scenario file: its name, its text and its cases.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// The file's name without its ending.
    pub name: String,
    /// The text, to locate errors in.
    pub text: String,
    /// The cases.
    pub cases: Vec<Case>,
}

/// Every file under `scenarios/`, by name.
///
/// # Panics
/// When a file cannot be read or is malformed; the message has the place.
#[must_use]
pub fn corpus() -> Vec<Corpus> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios"));
    let entries = std::fs::read_dir(&folder).expect("the corpus is beside this crate");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).expect("a readable file");
            let cases = parse(&text).unwrap_or_else(|error| panic!("{}:{error}", path.display()));
            Corpus { name, text, cases }
        })
        .collect()
}
