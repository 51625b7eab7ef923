//! The log of this process: one file, one write for every fact, so that a process that dies has told all it knew.
//!
//! Its name is made of the process and the time it started, and of a number that tells apart what shares both: programs that
//! replaced each other by `exec`, and copies of this runtime that found no state to share.

use super::line::Line;
use super::shared::execution;
use super::sys;
use std::ffi::CStr;

const PATH: usize = 4096;

/// Where facts go.
pub(super) struct Log {
    /// With a zero at its end; empty before the first fact.
    path: [u8; PATH],
    is_open: bool,
    /// Set when something could not be written, and that was told.
    failed: bool,
}

/// Whether this process writes a log: if it was asked to, and is no build script.
pub(super) fn is_wanted() -> bool {
    let is_set = |name: &CStr| sys::variable(name).is_some_and(|value| !value.is_empty());
    let is_off = sys::variable(c"LOCKDEP").is_some_and(|value| value == c"off");
    let builds = is_set(c"OUT_DIR") && is_set(c"NUM_JOBS") && is_set(c"RUSTC");
    is_set(c"LOCKDEP_DIR") && !is_off && !builds
}

impl Log {
    pub(super) const fn new() -> Log {
        Log { path: [0; PATH], is_open: false, failed: false }
    }

    /// Whether facts were written to it.
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// A forked child has a log of its own, once it has something to tell.
    pub(super) fn leave(&mut self) {
        self.is_open = false;
    }

    /// Makes the file, with its first line, if there is none yet. Returns whether it did so.
    pub(super) fn open(&mut self, line: &mut Line) -> bool {
        if self.is_open || self.failed {
            return false;
        }
        let process = sys::process();
        let started = started();
        for copy in 0..100 {
            self.set_path(process, started, copy, line);
            if sys::create(self.path()) {
                self.is_open = true;
                header(process, started, copy, line);
                self.write(line);
                return true;
            }
        }
        self.failed = true;
        sys::complain("lockdep: no log can be made in LOCKDEP_DIR; check the folder and its free space\n");
        false
    }

    /// Appends one line. If that fails it is told, and nothing is written from then on.
    pub(super) fn write(&mut self, line: &mut Line) {
        line.raw("\n");
        if !self.failed && !sys::append(self.path(), line.bytes()) {
            self.failed = true;
            sys::complain("lockdep: the log in LOCKDEP_DIR is incomplete; check the folder and its free space\n");
        }
    }

    fn path(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.path).unwrap_or(c"")
    }

    fn set_path(&mut self, process: u32, started: u64, copy: u64, line: &mut Line) {
        let folder = sys::variable(c"LOCKDEP_DIR").unwrap_or(c".");
        let line = line.begin().all(folder.to_bytes()).raw("/");
        line.number(process.into()).raw("-").number(started);
        if copy > 0 {
            line.raw("-").number(copy);
        }
        line.raw(".jsonl\0");
        let len = line.bytes().len().min(PATH);
        self.path[..len].copy_from_slice(&line.bytes()[..len]);
    }
}

fn header(process: u32, started: u64, copy: u64, line: &mut Line) {
    let mut exe = [0; PATH];
    let exe = sys::link(c"/proc/self/exe", &mut exe);
    let test = sys::variable(c"NEXTEST_TEST_NAME").unwrap_or(c"");
    line.begin().raw("{\"lockdep\":\"log v1\",\"process\":\"").number(process.into()).raw("-").number(started);
    line.raw("-").number(copy).raw("\",\"pid\":").number(process.into()).raw(",\"exe\":\"").text(exe);
    line.raw("\",\"test\":\"").text(test.to_bytes()).raw("\",\"execution\":").number(execution()).raw("}");
}

/// When the process started, in ticks since the system did: the 22nd field, the second of which is a name in parentheses.
fn started() -> u64 {
    let mut stat = [0; 1024];
    let stat = sys::read_file(c"/proc/self/stat", &mut stat);
    let after = stat.iter().rposition(|byte| *byte == b')').map_or(0, |end| end + 1);
    let field = stat[after..].split(|byte| *byte == b' ').nth(20).unwrap_or_default();
    field.iter().fold(0, |number, digit| number * 10 + u64::from(digit.wrapping_sub(b'0')))
}
