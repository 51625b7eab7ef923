//! Errors of order files, located so that a renderer can underline them.

use std::fmt;
use std::ops::Range;

/// One error in an order file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderError {
    /// The name of the text, when several are read together.
    pub origin: Option<String>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The bytes of the text that are wrong.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(f, "{origin}:")?;
        }
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for OrderError {}

/// A place in one of the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) origin: u32,
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// An error before the names of the texts are filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) spot: Spot,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Fault {
    pub(super) fn new(spot: &Spot, message: impl Into<String>) -> Fault {
        Fault { spot: *spot, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Fault {
        self.help = Some(help.into());
        self
    }

    pub(super) fn locate(self, origins: &[String]) -> OrderError {
        OrderError {
            origin: origins.get(self.spot.origin as usize).cloned(),
            line: self.spot.line,
            column: self.spot.column,
            span: self.spot.start..self.spot.end,
            message: self.message,
            help: self.help,
        }
    }
}
