//! What is said to people beside findings: cargo's kind of lines, warnings and notes, and progress.

use clap::builder::styling::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::Cell;
use std::fmt::Display;
use std::io::Write;
use std::time::{Duration, Instant};

/// How much is said.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shell {
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
}

const GOOD: Style = AnsiColor::BrightGreen.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();

impl Shell {
    /// A step that was made, as in `     Removed 3 runs`.
    pub(crate) fn status(self, verb: &str, text: impl Display) {
        if !self.quiet {
            anstream::eprintln!("{GOOD}{verb:>12}{GOOD:#} {text}");
        }
    }

    /// A step that only those want to know who ask.
    pub(crate) fn detail(self, verb: &str, text: impl Display) {
        if self.verbose {
            self.status(verb, text);
        }
    }

    /// Something that is wrong and stops nothing. It is told even to those who want to hear little.
    pub(crate) fn warn(self, text: impl Display) {
        anstream::eprintln!("{WARNING}warning{WARNING:#}: {text}");
    }

    /// Something to know.
    pub(crate) fn note(self, text: impl Display) {
        if !self.quiet {
            anstream::eprintln!("{GOOD}note{GOOD:#}: {text}");
        }
    }

    /// Why the command ends.
    pub(crate) fn error(self, text: impl Display) {
        anstream::eprintln!("{ERROR}error{ERROR:#}: {text}");
    }
}

/// Prints what was asked for. A reader who has seen enough, as `head` has, is no error.
pub(crate) fn print(text: impl Display) {
    let _ = std::io::stdout().write_all(text.to_string().as_bytes());
}

/// The progress of a step over many bytes, shown on a terminal once the step has lasted for a second.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
    shown: Cell<bool>,
}

/// A step that is over by then needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);

impl Progress {
    /// A step that goes over bytes.
    pub(crate) fn new(shell: Shell, verb: &str) -> Progress {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) =
            ProgressStyle::with_template(&format!("{GOOD}{verb:>12}{GOOD:#} {{bytes}}, {{bytes_per_sec}}"))
        {
            bar.set_style(style);
        }
        Progress { bar, started: Instant::now(), shown: Cell::new(shell.quiet) }
    }

    /// So many more bytes are done.
    pub(crate) fn advance(&self, bytes: usize) {
        self.bar.inc(bytes as u64);
        if !self.shown.get() && self.started.elapsed() > PATIENCE {
            self.shown.set(true);
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
