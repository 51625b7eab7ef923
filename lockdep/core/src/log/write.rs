//! Writing a log: facts to lines. Nothing here writes to a file; every function gives one whole line with its newline,
//! meant for one `write(2)` on a file opened for append.

use super::wire::{ChainLine, ClassLine, ExitLine, FaultLine, FindingLine, HeaderLine, InstancesLine, SegmentLine};
use super::{Header, Record};
use serde::Serialize;

#[derive(Serialize)]
struct Tagged<T> {
    t: &'static str,
    #[serde(flatten)]
    body: T,
}

/// The first line of a log.
#[must_use]
pub fn header(header: &Header) -> String {
    terminated(&HeaderLine::from(header))
}

/// The line of one fact.
#[must_use]
pub fn line(record: &Record) -> String {
    match record {
        Record::Class(class) => tagged("class", ClassLine::from(class)),
        Record::Chain(chain) => tagged("chain", ChainLine::from(chain)),
        Record::Segment(segment) => tagged("segment", SegmentLine::from(segment)),
        Record::Instances { class, n } => tagged("instances", InstancesLine { class: *class, n: *n }),
        Record::Fault { code, title, witness } => {
            tagged("fault", FaultLine { code: *code, title: title.clone(), witness: witness.into() })
        }
        Record::Finding { id, code, grade } => {
            tagged("finding", FindingLine { id: id.clone(), code: *code, grade: *grade })
        }
        Record::Exit { acquisitions } => tagged("exit", ExitLine { acquisitions: *acquisitions }),
    }
}

fn tagged<T: Serialize>(t: &'static str, body: T) -> String {
    terminated(&Tagged { t, body })
}

fn terminated<T: Serialize>(line: &T) -> String {
    let mut text = serde_json::to_string(line).expect("plain data becomes JSON");
    text.push('\n');
    text
}
