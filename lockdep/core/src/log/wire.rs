//! The lines as they stand in the file: short keys, names for everything that has a name. Readers pass over keys that
//! they do not know, so that a later version may add some.

use super::words;
use super::{ChainRecord, ClassRecord, Header, HeldRecord, NextRecord, Record};
use crate::class::{ClassSpec, LockKind, Origin, Site, WaitType};
use crate::finding::{Code, Grade, HeldLabel, Witness};
use crate::mode::{Manner, Mode, Want};
use crate::segment::Segment;
use serde::{Deserialize, Serialize};

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(value: &u32) -> bool {
    *value == 0
}

fn is_unknown(value: &u64) -> bool {
    *value == 0
}

#[derive(Serialize, Deserialize)]
pub(super) struct HeaderLine {
    pub(super) lockdep: String,
    process: String,
    #[serde(default)]
    pid: u32,
    #[serde(default)]
    exe: String,
    #[serde(default)]
    test: String,
    #[serde(default, skip_serializing_if = "is_unknown")]
    execution: u64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ClassLine {
    id: u32,
    name: String,
    #[serde(with = "words")]
    origin: Origin,
    #[serde(with = "words")]
    kind: LockKind,
    site: Option<(String, u32, u32)>,
    #[serde(rename = "static", default)]
    is_static: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    novalidate: bool,
    /// Outer and inner level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wait: Option<(u8, u8)>,
    /// File and address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<(String, u64)>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ChainLine {
    thread: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    test: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    seg: u32,
    held: Vec<HeldLine>,
    next: NextLine,
}

#[derive(Serialize, Deserialize)]
struct HeldLine {
    class: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    sub: u32,
    inst: u64,
    #[serde(with = "words")]
    mode: Mode,
    #[serde(with = "words")]
    site: Site,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rank: Option<u64>,
    #[serde(default, skip_serializing_if = "is_false")]
    left: bool,
}

#[derive(Serialize, Deserialize)]
struct NextLine {
    class: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    sub: u32,
    inst: u64,
    #[serde(with = "words")]
    want: Want,
    #[serde(with = "words")]
    manner: Manner,
    #[serde(with = "words")]
    site: Site,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nest: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rank: Option<u64>,
    #[serde(default, skip_serializing_if = "is_false")]
    reentrant: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SegmentLine {
    id: u32,
    thread: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    after: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct InstancesLine {
    pub(super) class: u32,
    pub(super) n: u64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct FaultLine {
    #[serde(with = "words")]
    pub(super) code: Code,
    pub(super) title: String,
    pub(super) witness: WitnessLine,
}

#[derive(Serialize, Deserialize)]
pub(super) struct WitnessLine {
    thread: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    test: String,
    held: Option<LabelLine>,
    wanted: String,
    #[serde(with = "words")]
    want: Want,
    #[serde(with = "words")]
    manner: Manner,
    #[serde(with = "words")]
    site: Site,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    also_held: Vec<LabelLine>,
}

#[derive(Serialize, Deserialize)]
struct LabelLine {
    label: String,
    #[serde(with = "words")]
    mode: Mode,
    #[serde(with = "words")]
    site: Site,
}

#[derive(Serialize, Deserialize)]
pub(super) struct FindingLine {
    pub(super) id: String,
    #[serde(with = "words")]
    pub(super) code: Code,
    #[serde(with = "words")]
    pub(super) grade: Grade,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ExitLine {
    pub(super) acquisitions: u64,
}

impl From<&Header> for HeaderLine {
    fn from(header: &Header) -> HeaderLine {
        let Header { process, pid, exe, test, execution } = header.clone();
        HeaderLine { lockdep: super::FORMAT.to_owned(), process, pid, exe, test, execution }
    }
}

impl From<HeaderLine> for Header {
    fn from(line: HeaderLine) -> Header {
        Header { process: line.process, pid: line.pid, exe: line.exe, test: line.test, execution: line.execution }
    }
}

impl From<&ClassRecord> for ClassLine {
    fn from(class: &ClassRecord) -> ClassLine {
        let spec = &class.spec;
        ClassLine {
            id: class.id,
            name: spec.name.to_string(),
            origin: spec.origin,
            kind: spec.kind,
            site: spec.site.as_ref().map(|site| (site.file.to_string(), site.line, site.column)),
            is_static: class.is_static,
            novalidate: class.novalidate,
            wait: class.wait.map(|wait| (wait.outer, wait.inner)),
            at: class.place.clone(),
        }
    }
}

impl From<ClassLine> for Record {
    fn from(line: ClassLine) -> Record {
        let site = line.site.map(|(file, line, column)| Site { file: file.into(), line, column });
        let spec = ClassSpec { name: line.name.into(), origin: line.origin, kind: line.kind, site };
        let wait = line.wait.map(|(outer, inner)| WaitType { outer, inner });
        Record::Class(ClassRecord {
            id: line.id,
            spec,
            is_static: line.is_static,
            novalidate: line.novalidate,
            wait,
            place: line.at,
        })
    }
}

impl From<&ChainRecord> for ChainLine {
    fn from(chain: &ChainRecord) -> ChainLine {
        let held = |held: &HeldRecord| HeldLine {
            class: held.class,
            sub: held.subclass,
            inst: held.instance,
            mode: held.mode,
            site: held.site.clone(),
            rank: held.rank,
            left: held.may_have_left,
        };
        let next = &chain.next;
        ChainLine {
            thread: chain.thread.clone(),
            test: chain.test.clone(),
            seg: chain.segment,
            held: chain.held.iter().map(held).collect(),
            next: NextLine {
                class: next.class,
                sub: next.subclass,
                inst: next.instance,
                want: next.want,
                manner: next.manner,
                site: next.site.clone(),
                nest: next.nest,
                rank: next.rank,
                reentrant: next.reentrant,
            },
        }
    }
}

impl From<ChainLine> for Record {
    fn from(line: ChainLine) -> Record {
        let held = |line: HeldLine| HeldRecord {
            class: line.class,
            subclass: line.sub,
            instance: line.inst,
            mode: line.mode,
            site: line.site,
            rank: line.rank,
            may_have_left: line.left,
        };
        let next = NextRecord {
            class: line.next.class,
            subclass: line.next.sub,
            instance: line.next.inst,
            want: line.next.want,
            manner: line.next.manner,
            site: line.next.site,
            nest: line.next.nest,
            rank: line.next.rank,
            reentrant: line.next.reentrant,
        };
        let held = line.held.into_iter().map(held).collect();
        Record::Chain(ChainRecord { thread: line.thread, test: line.test, segment: line.seg, held, next })
    }
}

impl From<&Segment> for SegmentLine {
    fn from(segment: &Segment) -> SegmentLine {
        let Segment { id, thread, after } = segment.clone();
        SegmentLine { id, thread, after }
    }
}

impl From<SegmentLine> for Record {
    fn from(line: SegmentLine) -> Record {
        Record::Segment(Segment { id: line.id, thread: line.thread, after: line.after })
    }
}

impl From<&Witness> for WitnessLine {
    fn from(witness: &Witness) -> WitnessLine {
        let label =
            |held: &HeldLabel| LabelLine { label: held.label.clone(), mode: held.mode, site: held.site.clone() };
        WitnessLine {
            thread: witness.thread.to_string(),
            test: witness.test.to_string(),
            held: witness.held.as_ref().map(label),
            wanted: witness.wanted.clone(),
            want: witness.want,
            manner: witness.manner,
            site: witness.site.clone(),
            also_held: witness.also_held.iter().map(label).collect(),
        }
    }
}

impl From<WitnessLine> for Witness {
    fn from(line: WitnessLine) -> Witness {
        let label = |line: LabelLine| HeldLabel { label: line.label, mode: line.mode, site: line.site };
        Witness {
            thread: line.thread.into(),
            test: line.test.into(),
            held: line.held.map(label),
            wanted: line.wanted,
            want: line.want,
            manner: line.manner,
            site: line.site,
            also_held: line.also_held.into_iter().map(label).collect(),
        }
    }
}
