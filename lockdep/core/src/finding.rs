//! Findings: what the checks say, as plain data that any renderer can print without the engine at hand.
//!
//! Which grade a code comes at:
//!
//! | code | `Possible` | `Suspect` | `Excused` |
//! | --- | --- | --- | --- |
//! | `inversion`, `context` | a strong cycle; its locks match one by one, or all its classes are named by keys | only classes match and one is a birth site; the writer that must queue was never seen; a guard may have left its thread; a message is waited for, which another may send; more evidence than is weighed | every choice of occurrences is guarded, kept apart by spawn and join, waits for less than a second, or needs a writer that cannot queue |
//! | `self-deadlock` | the same lock again, in a way that the hold blocks | it takes a queued writer, and none was seen; the guard may have left | waits for less than a second |
//! | `recursion` | another lock of a class that is named by a key | of a birth site; no writer was seen; the guard may have left | waits for less than a second |
//! | `wrong-nest` | against the declared order of the class, or under a nest lock that is not held | no writer was seen; the guard may have left | waits for less than a second |
//! | `hierarchy` | an order contradicts the document | | |
//! | `undeclared` | the document is closed and does not mention the order | | |
//! | `wait-type`, `bad-release`, `held-at-exit`, `assert-held` | whenever seen | | |
//! | `guard-lost` | | beside a cycle that is not excused, if some of its occurrences share a gate | |
//! | `unmatched-allow` | | a suppression names what was not found | |
//! | `limit` | a held stack was full | a search was cut short | |
//!
//! `deadlock` alone is `Blocked`, always. `Blocked` and `Possible` fail a run, `Suspect` is printed, `Excused` is recorded.

use crate::acquisition::Held;
use crate::class::{ClassRegistry, Labels, LockKind, Site};
use crate::mode::{DepKind, Manner, Mode, Want};
use std::fmt;
use std::sync::Arc;

/// What is wrong. The names are frozen; `snapshots/codes.snap` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// Lock classes are taken in opposite orders: the dependency graph has a strong cycle.
    Inversion,
    /// A thread waits for a lock that it holds itself.
    SelfDeadlock,
    /// A thread waits for a lock of a class of which it holds another instance.
    Recursion,
    /// Same-class nesting breaks its declared order, or the named nest lock is not held.
    WrongNest,
    /// An order contradicts the documented hierarchy.
    Hierarchy,
    /// An order that a closed hierarchy does not mention.
    Undeclared,
    /// A lock is used both in an interrupting context and where that context can interrupt.
    Context,
    /// A lock that may sleep is taken where sleeping is not allowed.
    WaitType,
    /// A lock is released by someone who does not hold it, or destroyed while held.
    BadRelease,
    /// A thread ended while it held a lock.
    HeldAtExit,
    /// A guard stays alive across an await point.
    HeldAcrossAwait,
    /// An assertion about held locks failed.
    AssertHeld,
    /// Threads are stuck now, waiting for each other.
    Deadlock,
    /// A cycle was guarded in some runs and is not in others.
    GuardLost,
    /// A suppression that matched nothing.
    UnmatchedAllow,
    /// Something was capped, so that the verdict is incomplete.
    Limit,
}

impl Code {
    /// All codes in the order in which they are documented.
    pub const ALL: [Code; 16] = [
        Code::Inversion,
        Code::SelfDeadlock,
        Code::Recursion,
        Code::WrongNest,
        Code::Hierarchy,
        Code::Undeclared,
        Code::Context,
        Code::WaitType,
        Code::BadRelease,
        Code::HeldAtExit,
        Code::HeldAcrossAwait,
        Code::AssertHeld,
        Code::Deadlock,
        Code::GuardLost,
        Code::UnmatchedAllow,
        Code::Limit,
    ];

    /// The frozen kebab-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Code::Inversion => "inversion",
            Code::SelfDeadlock => "self-deadlock",
            Code::Recursion => "recursion",
            Code::WrongNest => "wrong-nest",
            Code::Hierarchy => "hierarchy",
            Code::Undeclared => "undeclared",
            Code::Context => "context",
            Code::WaitType => "wait-type",
            Code::BadRelease => "bad-release",
            Code::HeldAtExit => "held-at-exit",
            Code::HeldAcrossAwait => "held-across-await",
            Code::AssertHeld => "assert-held",
            Code::Deadlock => "deadlock",
            Code::GuardLost => "guard-lost",
            Code::UnmatchedAllow => "unmatched-allow",
            Code::Limit => "limit",
        }
    }

    /// One line on what the code means.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Code::Inversion => "lock classes are taken in opposite orders",
            Code::SelfDeadlock => "a thread waits for a lock it already holds",
            Code::Recursion => "a lock is taken while another one of its class is held",
            Code::WrongNest => "same-class nesting against its declared order",
            Code::Hierarchy => "an order contradicts the documented hierarchy",
            Code::Undeclared => "an order the closed hierarchy does not mention",
            Code::Context => "a lock is shared with a context that can interrupt its holder",
            Code::WaitType => "a lock that may sleep is taken where sleeping is not allowed",
            Code::BadRelease => "a lock is released or destroyed by someone who does not hold it",
            Code::HeldAtExit => "a thread ended while it held a lock",
            Code::HeldAcrossAwait => "a guard stays alive across an await point",
            Code::AssertHeld => "an assertion about held locks failed",
            Code::Deadlock => "threads are blocked on each other now",
            Code::GuardLost => "a cycle that was guarded no longer is",
            Code::UnmatchedAllow => "a suppression matched nothing",
            Code::Limit => "a limit was reached, the verdict is incomplete",
        }
    }

    /// What the kernel's lockdep prints for the same thing, so that people can search for it.
    #[must_use]
    pub fn kernel_wording(self) -> Option<&'static str> {
        match self {
            Code::Inversion => Some("possible circular locking dependency detected"),
            Code::SelfDeadlock | Code::Recursion => Some("possible recursive locking detected"),
            Code::WrongNest => Some("Nested lock was not taken"),
            Code::Context => Some("inconsistent lock state"),
            Code::WaitType => Some("Invalid wait context"),
            Code::BadRelease => Some("bad unlock balance detected!"),
            Code::HeldAtExit => Some("still has locks held!"),
            _ => None,
        }
    }

    /// The code with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Code> {
        Code::ALL.into_iter().find(|code| code.name() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How sure a finding is, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grade {
    /// Weighed and found harmless as observed; the reason is in the notes.
    Excused,
    /// True of the classes; whether one program state can reach it is not known.
    Suspect,
    /// Can deadlock as observed.
    Possible,
    /// Threads are stuck now.
    Blocked,
}

impl Grade {
    /// The name used in scenario files, logs and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Grade::Excused => "Excused",
            Grade::Suspect => "Suspect",
            Grade::Possible => "Possible",
            Grade::Blocked => "Blocked",
        }
    }

    /// The level that applies unless the configuration says otherwise.
    #[must_use]
    pub fn default_level(self) -> Level {
        match self {
            Grade::Excused => Level::Allow,
            Grade::Suspect => Level::Warn,
            Grade::Possible | Grade::Blocked => Level::Deny,
        }
    }
}

/// What is to be done about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Recorded only.
    Allow,
    /// Printed.
    Warn,
    /// Printed, and the run fails.
    Deny,
}

/// A lock that somebody held, as a report names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HeldLabel {
    /// Label of the class and subclass.
    pub label: String,
    /// How it was held.
    pub mode: Mode,
    /// Where it was acquired.
    pub site: Site,
}

impl HeldLabel {
    /// An entry of a held stack in words.
    #[must_use]
    pub fn new(registry: &ClassRegistry, labels: &Labels, held: &Held) -> HeldLabel {
        HeldLabel { label: labels.node(held.node), mode: held.mode, site: registry.site_at(held.site).clone() }
    }

    /// The locks of a held stack in words; the thread itself, which others may wait for, is none.
    #[must_use]
    pub fn locks(registry: &ClassRegistry, labels: &Labels, held: &[Held]) -> Vec<HeldLabel> {
        let locks = held.iter().filter(|held| !registry.is_thread(held.node.class));
        locks.map(|held| HeldLabel::new(registry, labels, held)).collect()
    }
}

/// One observation: this thread held `held` and wanted `wanted`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Witness {
    /// The thread's name.
    pub thread: Arc<str>,
    /// The test it ran in; empty when unknown.
    pub test: Arc<str>,
    /// The lock it held; `None` when none is concerned.
    pub held: Option<HeldLabel>,
    /// The label of the lock it wanted (or released, or asserted).
    pub wanted: String,
    /// How it was wanted.
    pub want: Want,
    /// Whether it would have waited for ever.
    pub manner: Manner,
    /// Where.
    pub site: Site,
    /// What else was held then, oldest first.
    pub also_held: Vec<HeldLabel>,
}

/// One edge of a reported cycle.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CycleEdge {
    /// Label of the held class.
    pub from: String,
    /// Label of the wanted class.
    pub to: String,
    /// The dependency kind through which the cycle goes.
    pub kind: DepKind,
    /// Whether this edge completed the cycle.
    pub closing: bool,
    /// How often the pair was recorded (cold path only; a lower bound of how often it happened).
    pub count: u64,
    /// The observation that stands for the edge.
    pub witness: Witness,
}

/// One finding, self-contained.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Finding {
    /// What is wrong.
    pub code: Code,
    /// How sure that is.
    pub grade: Grade,
    /// What is to be done about it: the grade's default, unless the project has decided otherwise.
    pub level: Level,
    /// `LD-` and eight characters; the same for the same problem in every run. See [`crate::id`].
    pub id: String,
    /// The labels of the classes concerned, in cycle order for cycles (smallest first), each once.
    pub classes: Vec<String>,
    /// One sentence, present tense, that names the classes.
    pub title: String,
    /// The edges of the cycle in order, starting at the smallest label; empty for findings without a cycle.
    pub cycle: Vec<CycleEdge>,
    /// The observation behind a finding without a cycle.
    pub witness: Option<Witness>,
    /// What was weighed, and why the grade is what it is; sentences.
    pub notes: Vec<String>,
}

/// Kinds of the classes named in a finding or graph, for printing.
pub type LabelledKind = (String, LockKind);

/// The finding as plain text: what is wrong, every edge with both of its sites, what was weighed, and the id.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.level {
            Level::Allow => "note",
            Level::Warn => "warning",
            Level::Deny => "error",
        };
        writeln!(f, "{severity}[lockdep::{}]: {}", self.code, self.title)?;
        for (number, edge) in self.cycle.iter().enumerate() {
            let mark = if edge.closing { "   <- closes the cycle" } else { "" };
            writeln!(f, "  ({}) {} -{}-> {}{mark}", number + 1, edge.from, edge.kind, edge.to)?;
            edge.witness.write(f)?;
        }
        if let Some(witness) = &self.witness {
            witness.write(f)?;
        }
        for note in &self.notes {
            writeln!(f, "  = note: {note}")?;
        }
        write!(f, "  = id: {}, grade: {}", self.id, self.grade.name())?;
        match self.code.kernel_wording() {
            Some(wording) => writeln!(f, "; the kernel says: {wording}"),
            None => writeln!(f),
        }
    }
}

impl Witness {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Witness { thread, wanted, site, .. } = self;
        if let Some(held) = &self.held {
            writeln!(f, "      `{thread}` took `{}` ({}) at {}", held.label, held.mode.name(), held.site)?;
        }
        writeln!(f, "      `{thread}` at `{wanted}` ({}) at {site}", self.want.name())?;
        for held in &self.also_held {
            writeln!(f, "      it also held `{}` ({}), taken at {}", held.label, held.mode.name(), held.site)?;
        }
        Ok(())
    }
}
