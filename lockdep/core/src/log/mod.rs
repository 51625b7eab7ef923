//! `lockdep log v1`: what a process discovered about its locks, as JSON lines, one file per process.
//!
//! The first line is the [`Header`]. Every other line is one [`Record`], told apart by its key `t`. Apart from the
//! header the lines are free of order: positions are spelt out in every line (`file:line:col`), and a class may be
//! referred to before the line that describes it, because a reader takes in the classes of a file first. So the writer
//! keeps no table, two threads may append without agreeing on who is first, and losing one line loses one fact.
//!
//! Logs hold discoveries, not traffic: a chain is written when it is new, `instances` are running totals. What a
//! process writes must be enough to come to its findings again; [`Record::Finding`] is a hint only.

mod learn;
mod merge;
mod read;
mod source;
mod wire;
mod words;
mod write;

use crate::acquisition::{Acquisition, Actor, Held, Instance};
use crate::class::{ClassId, ClassRegistry, ClassSpec, Site, WaitType};
use crate::finding::{Code, Grade, Witness};
use crate::mode::{Manner, Mode, Want};
use crate::segment::Segment;
use std::fmt;

pub use merge::{Merged, merge};
pub use read::{LogReader, read_str};
pub use source::LogSource;
pub use write::{header, line};

/// The value of the header's key `lockdep`.
pub const FORMAT: &str = "log v1";

/// The first line of a log: whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// A text that no other process has, so that a log read twice counts once.
    pub process: String,
    /// The process id, for people.
    pub pid: u32,
    /// The program.
    pub exe: String,
    /// The test the process runs, if it runs only one; empty otherwise.
    pub test: String,
    /// What two logs of one process have in common if it has not replaced itself by another program in between: they are of a program
    /// and of libraries in it that could not find each other's state. 0 if it is not known.
    pub execution: u64,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A lock class.
    Class(ClassRecord),
    /// One acquisition on top of what its thread held.
    Chain(ChainRecord),
    /// A stretch of a thread between spawns and joins.
    Segment(Segment),
    /// How many instances of a class there have been so far.
    Instances {
        /// The class's number in this file.
        class: u32,
        /// The running total; the largest counts.
        n: u64,
    },
    /// A finding that needs no graph.
    Fault {
        /// What is wrong.
        code: Code,
        /// One sentence.
        title: String,
        /// The observation.
        witness: Witness,
    },
    /// A finding the process came to by itself: a hint for whoever tails the log.
    Finding {
        /// Its stable id.
        id: String,
        /// What is wrong.
        code: Code,
        /// How sure that was then.
        grade: Grade,
    },
    /// The process ended in good order, so the log is complete.
    Exit {
        /// How many acquisitions it made.
        acquisitions: u64,
    },
}

/// A class and its number in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassRecord {
    /// The number that chains refer to.
    pub id: u32,
    /// What identifies the class everywhere.
    pub spec: ClassSpec,
    /// Whether every instance lives in a `static`.
    pub is_static: bool,
    /// Whether it adds no edges.
    pub novalidate: bool,
    /// Its wait type.
    pub wait: Option<WaitType>,
    /// Which `static` it is, where its birth site would not say: the program or library, and the address in it. Whoever can read the
    /// file may know a name for it ([`LogSource::understood`]).
    pub place: Option<(String, u64)>,
}

/// One observation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainRecord {
    /// The thread's name.
    pub thread: String,
    /// The test it ran in; empty for the header's.
    pub test: String,
    /// The segment it happened in; 0 is one of which nothing is known.
    pub segment: u32,
    /// What it held, oldest first.
    pub held: Vec<HeldRecord>,
    /// What it acquired.
    pub next: NextRecord,
}

/// One held lock of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRecord {
    /// The class's number in this file.
    pub class: u32,
    /// The subclass.
    pub subclass: u32,
    /// The lock object's number in this process.
    pub instance: u64,
    /// How it was held.
    pub mode: Mode,
    /// Where it was acquired.
    pub site: Site,
    /// Its place in the declared order of its class.
    pub rank: Option<u64>,
    /// Whether its guard may have left the thread.
    pub may_have_left: bool,
}

/// The acquisition at the end of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextRecord {
    /// The class's number in this file.
    pub class: u32,
    /// The subclass.
    pub subclass: u32,
    /// The lock object's number in this process.
    pub instance: u64,
    /// How it was wanted.
    pub want: Want,
    /// Whether it might have waited.
    pub manner: Manner,
    /// Where.
    pub site: Site,
    /// The number of the lock that serialises same-class nesting.
    pub nest: Option<u64>,
    /// Its place in the declared order of its class.
    pub rank: Option<u64>,
    /// Whether the raw lock lets its owner in again.
    pub reentrant: bool,
}

impl ClassRecord {
    /// What identifies the class, whatever is known of it.
    pub(super) fn identity(self) -> ClassSpec {
        let ClassRecord { spec, place, .. } = self;
        match place {
            Some((file, address)) => ClassSpec { name: format!("{} at {file}+{address:#x}", spec.name).into(), ..spec },
            None => spec,
        }
    }

    /// A class as its registry has it.
    #[must_use]
    pub fn new(registry: &ClassRegistry, id: ClassId) -> ClassRecord {
        let class = registry.get(id);
        let (is_static, novalidate, wait) = (class.is_static, class.novalidate, class.wait);
        ClassRecord { id: id.0, spec: class.spec.clone(), is_static, novalidate, wait, place: None }
    }
}

impl ChainRecord {
    /// An observation in the words of a log.
    #[must_use]
    pub fn new(registry: &ClassRegistry, actor: &Actor, held: &[Held], next: &Acquisition) -> ChainRecord {
        let serial = |instance: Instance| instance.serial;
        let held = held.iter().map(|held| HeldRecord {
            class: held.node.class.0,
            subclass: held.node.subclass,
            instance: serial(held.instance),
            mode: held.mode,
            site: registry.site_at(held.site).clone(),
            rank: held.rank,
            may_have_left: held.may_have_left,
        });
        ChainRecord {
            thread: actor.thread.to_string(),
            test: actor.test.to_string(),
            segment: actor.segment,
            held: held.collect(),
            next: NextRecord {
                class: next.node.class.0,
                subclass: next.node.subclass,
                instance: serial(next.instance),
                want: next.want,
                manner: next.manner,
                site: registry.site_at(next.site).clone(),
                nest: next.nest.map(serial),
                rank: next.rank,
                reentrant: next.reentrant,
            },
        }
    }
}

/// All classes of a process's registry with their totals, and its segments: enough to understand chains that refer to them.
#[must_use]
pub fn preamble(registry: &ClassRegistry) -> Vec<Record> {
    let classes = registry.iter().flat_map(|(id, class)| {
        [Record::Class(ClassRecord::new(registry, id)), Record::Instances { class: id.0, n: class.instances }]
    });
    let segments = registry.segments().of(1).map(Record::Segment);
    classes.chain(segments).collect()
}

/// Something a reader passed over. The rest of the log counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The log, as the caller named it; empty where only one is read.
    pub log: String,
    /// The line, from 1; 0 for the log as a whole.
    pub line: usize,
    /// What was wrong and what became of it.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Logs come from anywhere: what they say must not steer a terminal.
        let printable = |text: &str| -> String {
            text.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
        };
        write!(f, "{}:", printable(&self.log))?;
        if self.line > 0 {
            write!(f, "{}:", self.line)?;
        }
        write!(f, " {}", printable(&self.message))
    }
}

/// Why a text is no log at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotALog {
    /// What its first line lacks.
    pub message: String,
}

impl fmt::Display for NotALog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for NotALog {}
