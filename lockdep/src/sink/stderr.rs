//! Standard error.

/// Prints a text and a newline. Inside a test that captures its output it goes where the test's own output goes.
#[allow(clippy::print_stderr, reason = "printing is what this sink is for")]
pub(super) fn print(text: &str) {
    eprintln!("{text}");
}
