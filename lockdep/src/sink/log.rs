//! The log of this process: `lockdep log v1`, appended fact by fact, so that an abort loses nothing.
//!
//! The file is opened at the first fact. A forked child notices that it is not the process that opened the file, and
//! opens its own.

use crate::config;
use crate::runtime::inherited;
use lockdep_core::finding::Finding;
use lockdep_core::log::{self, Header, Record};
use std::env;
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An open log.
pub(crate) struct LogFile {
    pid: u32,
    path: PathBuf,
    /// `None` if it could not be opened; that was told then.
    file: Option<File>,
    /// Set when a write failed and that was told. Pairs with nothing: it only keeps the message from repeating.
    failed: AtomicBool,
}

/// The log of the process that last asked. Held to look at it or to open it, never while facts are written.
static LOG: Mutex<Option<Arc<LogFile>>> = Mutex::new(None);

/// The log, for as long as nobody may look at it.
pub(crate) type LogGuard = MutexGuard<'static, Option<Arc<LogFile>>>;

/// Keeps others from looking at the log.
pub(crate) fn lock_log() -> LogGuard {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this process writes a log.
pub(crate) fn is_recording() -> bool {
    config::get().dir.is_some()
}

/// Writes facts, each with one write.
pub(super) fn record(records: &[Record]) {
    if records.is_empty() {
        return;
    }
    let Some(dir) = &config::get().dir else { return };
    let log = current(dir);
    records.iter().for_each(|record| log.write(&log::line(record)));
}

/// Tells whoever follows the log that this process found something.
pub(super) fn hint(finding: &Finding) {
    let Finding { id, code, grade, .. } = finding;
    record(&[Record::Finding { id: id.clone(), code: *code, grade: *grade }]);
}

/// Tells if the log was deleted while it was written.
pub(crate) fn check_log() {
    let log = lock_log().clone();
    if let Some(log) = log.filter(|log| log.file.is_some() && !log.path.exists()) {
        let path = log.path.display();
        super::complain(&[format!("the log {path} was deleted while the program ran; what it told is lost")]);
    }
}

/// The log of this process, opened now if there is none yet.
fn current(dir: &Path) -> Arc<LogFile> {
    let pid = process::id();
    let mut slot = lock_log();
    if let Some(log) = slot.as_ref().filter(|log| log.pid == pid) {
        return Arc::clone(log);
    }
    let is_child = slot.is_some();
    let log = Arc::new(LogFile::open(dir, pid));
    *slot = Some(Arc::clone(&log));
    drop(slot);
    if is_child {
        inherited().iter().for_each(|record| log.write(&log::line(record)));
    }
    log
}

impl LogFile {
    fn open(dir: &Path, pid: u32) -> LogFile {
        // The hasher's keys are random, which tells apart two processes that got one number.
        let process = format!("{pid}-{:016x}", RandomState::new().hash_one(pid));
        let exe = env::current_exe().unwrap_or_default();
        let name = exe.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let path = dir.join(format!("{name}-{process}.jsonl"));
        let test = env::var("NEXTEST_TEST_NAME").unwrap_or_default();
        let header = log::header(&Header { process, pid, exe: exe.display().to_string(), test, execution: 0 });
        let file = fs::create_dir_all(dir).and_then(|()| {
            let mut file = File::options().create_new(true).append(true).open(&path)?;
            file.write_all(header.as_bytes())?;
            Ok(file)
        });
        let log = LogFile { pid, path, file: None, failed: AtomicBool::new(false) };
        match file {
            Ok(file) => LogFile { file: Some(file), ..log },
            Err(error) => {
                log.complain(&error);
                log
            }
        }
    }

    /// Appends one line. What cannot be written is told once; the findings of this process are not affected.
    fn write(&self, line: &str) {
        let Some(mut file) = self.file.as_ref() else { return };
        // What failed may have been written in part; it must not take the next line with it.
        let written = match self.failed.load(Relaxed) {
            false => file.write_all(line.as_bytes()),
            true => file.write_all(format!("\n{line}").as_bytes()),
        };
        written.unwrap_or_else(|error| self.complain(&error));
    }

    fn complain(&self, error: &io::Error) {
        if !self.failed.swap(true, Relaxed) {
            let path = self.path.display();
            super::complain(&[format!("the log {path} is incomplete: {error}; check LOCKDEP_DIR and its free space")]);
        }
    }
}
