//! Standard error.

use std::fmt;

/// Prints a text and a newline. Inside a test that captures its output it goes where the test's own output goes.
#[allow(clippy::print_stderr, reason = "printing is what this sink is for")]
pub(super) fn print(text: &str) {
    eprint!("{}", Lossy(format!("{text}\n")));
}

/// A text of which nobody learns that it could not be written: `eprint!` panics if standard error is a pipe without a reader or
/// a full disk, and the thread that made a finding must go on.
struct Lossy(String);

impl fmt::Display for Lossy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let _ = f.write_str(&self.0);
        Ok(())
    }
}
