//! Recorded runs: a folder of logs each, below the target folder, told apart by project and sorted by time.

use super::Workspace;
use crate::exit::Failure;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fs, io};

impl Workspace {
    /// The folder of everything that is ours.
    pub(super) fn own_target(&self) -> PathBuf {
        self.target.join("lockdep")
    }

    /// The folder of this project's runs. A target folder may be shared by many projects, whose runs must not mix.
    fn runs(&self) -> PathBuf {
        let name = self.root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut hash = std::hash::DefaultHasher::new();
        self.root.hash(&mut hash);
        self.own_target().join("runs").join(format!("{name}-{:08x}", hash.finish() as u32))
    }

    /// Where a drawing goes that was given no file.
    pub(crate) fn drawing(&self, extension: &str) -> PathBuf {
        self.own_target().join(format!("report.{extension}"))
    }

    /// A folder for the logs of a run that starts now.
    pub(crate) fn new_run(&self) -> Result<PathBuf, Failure> {
        let millis = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis());
        let folder = self.runs().join(format!("{millis:015}-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, "made", &error))?;
        Ok(folder)
    }

    /// All recorded runs, the oldest first.
    pub(crate) fn all_runs(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.runs()).into_iter().flatten().flatten();
        let mut runs: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        runs.sort();
        runs
    }

    /// The run that started last, or so many before it.
    pub(crate) fn run_before_last(&self, before: usize) -> Result<PathBuf, Failure> {
        let mut runs = self.all_runs();
        let kept = runs.len();
        runs.pop()
            .and_then(|last| if before == 0 { Some(last) } else { runs.into_iter().nth_back(before - 1) })
            .ok_or_else(|| match kept {
                0 => Failure::usage("no run is recorded here; start with `cargo lockdep test`, or name logs"),
                _ => Failure::usage("only one run is recorded here; run again, or name what it is compared with"),
            })
    }

    /// The file or folder that is meant: a path, or the name of a run.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        let run = self.runs().join(path);
        if !path.exists() && run.is_dir() { run } else { path.to_owned() }
    }

    /// What was named, or the last run.
    pub(crate) fn logs(&self, named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
        match named {
            [] => Ok(vec![self.run_before_last(0)?]),
            named => Ok(named.iter().map(|path| self.resolve(path)).collect()),
        }
    }

    /// Removes all runs but the newest; returns how many. With `None` the instrumented builds go too.
    pub(crate) fn clean(&self, keep: Option<usize>) -> Result<usize, Failure> {
        let mut runs = self.all_runs();
        runs.truncate(runs.len().saturating_sub(keep.unwrap_or(0)));
        for run in &runs {
            fs::remove_dir_all(run).map_err(|error| Failure::file(run, "removed", &error))?;
        }
        if keep.is_none() {
            let own = self.own_target();
            match fs::remove_dir_all(&own) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Failure::file(&own, "removed", &error));
                }
                _ => {}
            }
        }
        Ok(runs.len())
    }
}
