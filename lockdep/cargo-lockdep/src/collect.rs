//! From log files to one engine. Logs are streamed, so their size is bounded by the disk and not by memory.

use crate::exit::{Exit, Failure};
use crate::portable::Names;
use crate::shell::{Progress, Shell};
use lockdep_core::log::{LogSource, Merged, Record, merge};
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// The ending of the files that processes write.
const ENDING: &str = "jsonl";

/// How much is read at once.
const PIECE: usize = 64 * 1024;

/// Reads all logs in the folders, to any depth, and the files that are named, merges them, and tells what was wrong with them.
pub(crate) fn collect(paths: &[PathBuf], shell: Shell) -> Result<Merged, Failure> {
    let merged = read(paths, shell)?;
    merged.warnings.iter().for_each(|warning| shell.warn(warning));
    if merged.registry.is_empty() {
        return Err(Failure { message: nothing(paths, &merged), exit: Exit::NothingRecorded });
    }
    if merged.complete < merged.processes {
        let (cut, all) = (merged.processes - merged.complete, merged.processes);
        let (those, they) = if cut == 1 { ("process", "it") } else { ("processes", "they") };
        shell.note(format!("{cut} of {all} {those} did not end in good order; what {they} saw until then counts"));
    }
    Ok(merged)
}

/// Reads and merges logs, as far as they have got.
pub(crate) fn read(paths: &[PathBuf], shell: Shell) -> Result<Merged, Failure> {
    let mut files = Vec::new();
    for path in paths {
        let about = fs::metadata(path).map_err(|error| Failure::file(path, "read", &error))?;
        if about.is_dir() {
            find(path, &mut files, shell)?;
        } else if about.is_file() {
            File::open(path).map_err(|error| Failure::file(path, "read", &error))?;
            files.push((path.clone(), about.len()));
        } else {
            let path = path.display();
            return Err(Failure::usage(format!("{path} is no file; logs are read more than once, so write it to one")));
        }
    }
    files.sort();
    files.dedup();
    let bytes: u64 = files.iter().map(|(_, bytes)| bytes).sum();
    shell.detail("Reading", format!("{} logs, {bytes} bytes", files.len()));
    let progress = Progress::new(shell, "Merging");
    let names = Names::default();
    Ok(merge(files.iter().map(|(path, _)| Log { path, names: &names, progress: &progress })))
}

/// Whether a file begins as logs do.
pub(crate) fn is_log(path: &Path) -> std::io::Result<bool> {
    const START: &[u8] = b"{\"lockdep\"";
    let mut start = Vec::new();
    File::open(path)?.take(START.len() as u64).read_to_end(&mut start)?;
    Ok(start == START)
}

/// A log in a file.
struct Log<'a> {
    path: &'a Path,
    names: &'a Names,
    progress: &'a Progress,
}

impl LogSource for Log<'_> {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn pieces(&self, take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<(), String> {
        let told = |error: std::io::Error| format!("cannot be read: {error}");
        let mut file = File::open(self.path).map_err(told)?;
        let mut piece = vec![0; PIECE];
        loop {
            let read = match file.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(told(error)),
            };
            if take(&piece[..read]).is_break() {
                return Ok(());
            }
            self.progress.advance(read);
        }
    }

    fn understood(&self, record: Record) -> Record {
        self.names.make_portable(record)
    }
}

/// The logs in a folder and the folders in it. Links to folders are not followed, so this ends.
fn find(folder: &Path, files: &mut Vec<(PathBuf, u64)>, shell: Shell) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).map_err(|error| Failure::file(folder, "read", &error))? {
        let entry = entry.map_err(|error| Failure::file(folder, "read", &error))?;
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            find(&path, files, shell)?;
        } else if path.extension().is_some_and(|ending| ending == ENDING) {
            match fs::metadata(&path) {
                Ok(about) if about.is_file() => files.push((path, about.len())),
                Ok(_) => shell.warn(format!("{}: does not count, because it is no file", path.display())),
                Err(error) => shell.warn(format!("{}: does not count: {error}", path.display())),
            }
        }
    }
    Ok(())
}

fn nothing(paths: &[PathBuf], merged: &Merged) -> String {
    let paths = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
    let Merged { processes, acquisitions, .. } = merged;
    format!(
        "nothing was recorded in {paths} ({processes} logs, {acquisitions} acquisitions, 0 locks): no lock that is checked was \
         used. Did the code that ran take any, and did any run? `cargo lockdep -v` tells how cargo was called. In a project that depends on `lockdep`, only locks of `lockdep::parking_lot` and its \
         kin are checked, and `target.*.rustflags` hide `--cfg lockdep` in release builds"
    )
}
