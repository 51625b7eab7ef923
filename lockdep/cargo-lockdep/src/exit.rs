//! Exit codes, which scripts may rely on.

use std::process::ExitCode;

/// The codes, as `--help` lists them.
pub(crate) const HELP: &str = "\
Exit codes: 0 clean; 1 findings that fail the run, or a --check that does not hold; 2 wrong usage or a malformed file;
4 nothing was recorded; 70 internal error; otherwise the code of the tests or the program that failed, whatever was found.";

/// How the command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing to complain about.
    Clean,
    /// Findings at level deny, cases that did not come out as expected, or a file that is not up to date.
    Findings,
    /// A wrong command line or a malformed file.
    Usage,
    /// No log was written: nothing was instrumented, or nothing ran.
    NothingRecorded,
    /// A bug of this program.
    Internal,
    /// What the program or the tests that were run ended with.
    Child(u8),
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::NothingRecorded => 4,
            Exit::Internal => 70,
            Exit::Child(code) => code,
        }
    }

    /// Fails if something does not hold.
    pub(crate) fn unless(holds: bool) -> Exit {
        if holds { Exit::Clean } else { Exit::Findings }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// Why a command cannot do its work: what to print, and how to end.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) exit: Exit,
}

impl Failure {
    /// The user can do something about it.
    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), exit: Exit::Usage }
    }

    /// A file or folder that cannot be dealt with: what was tried, and what the system says.
    pub(crate) fn file(path: &std::path::Path, cannot: &str, error: &std::io::Error) -> Failure {
        Failure::usage(format!("{} cannot be {cannot}: {error}", path.display()))
    }
}
