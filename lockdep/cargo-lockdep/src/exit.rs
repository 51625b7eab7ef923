//! Exit codes, which scripts may rely on.

use std::process::ExitCode;

/// How the command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Nothing to complain about.
    Clean = 0,
    /// Findings at level deny, or cases that did not come out as expected.
    Findings = 1,
    /// A wrong command line or a malformed file.
    Usage = 2,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
