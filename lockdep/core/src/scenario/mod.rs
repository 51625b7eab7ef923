//! `lockdep scenarios v1`: programs with their expected findings, as data.
//!
//! A scenario says which locks exist, what logical threads do with them in one total order, and which findings must
//! come of it. One corpus, many drivers; this crate brings the pure one ([`run`]).

pub mod naive;
pub mod parse;
pub mod run;

use crate::class::{LockKind, Origin, WaitType};
use crate::event::Event;
use crate::finding::Code;
use std::fmt;

/// A lock as a case declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockDecl {
    /// The id that steps use.
    pub id: String,
    /// What kind of lock.
    pub kind: LockKind,
    /// Its class.
    pub class: String,
    /// Whether the class is keyed or a birth site.
    pub origin: Origin,
    /// Whether its orders are not checked.
    pub novalidate: bool,
    /// Whether locks of its class may nest in ascending order of their ids.
    pub ordered: bool,
    /// Its wait type.
    pub wait: Option<WaitType>,
}

/// One program and what must come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Unique in its file.
    pub name: String,
    /// The locks.
    pub locks: Vec<LockDecl>,
    /// The steps in their total order, each with the text it was written as.
    pub steps: Vec<(String, Event)>,
    /// Codes that must come at grade Possible or Blocked.
    pub expect: Vec<Code>,
    /// Codes that may come as well.
    pub also: Vec<Code>,
    /// Codes that must come at grade Suspect.
    pub suspect: Vec<Code>,
    /// Codes that must come at grade Excused.
    pub excused: Vec<Code>,
    /// Drivers that cannot run the case.
    pub not: Vec<String>,
}

/// Why a scenario file cannot be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong and what was expected.
    pub message: String,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ScenarioError {}
