//! Reading a log, tolerantly: a process may have died in the middle of a line, and a newer one may say more.

use super::wire::{ChainLine, ClassLine, ExitLine, FaultLine, FindingLine, HeaderLine, InstancesLine, SegmentLine};
use super::{FORMAT, Header, NotALog, Record, Warning};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// Reads one log piece by piece, as it grows.
#[derive(Clone, Debug, Default)]
pub struct LogReader {
    header: Option<Header>,
    rest: String,
    line: usize,
    warnings: Vec<Warning>,
}

impl LogReader {
    /// A reader at the start of a log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the next piece of the text; pieces may end anywhere. Returns the records of the lines that are
    /// complete now.
    pub fn feed(&mut self, piece: &str) -> Result<Vec<Record>, NotALog> {
        self.rest.push_str(piece);
        let Some(end) = self.rest.rfind('\n') else { return Ok(Vec::new()) };
        let rest = self.rest.split_off(end + 1);
        let complete = std::mem::replace(&mut self.rest, rest);
        let mut records = Vec::new();
        for line in complete.lines() {
            records.extend(self.take(line)?);
        }
        Ok(records)
    }

    /// The text ends here. A last line without its newline counts if it is whole; if not, it is torn, which costs
    /// a warning and nothing else.
    pub fn finish(&mut self) -> Result<Vec<Record>, NotALog> {
        let last = std::mem::take(&mut self.rest);
        if last.trim().is_empty() {
            return if self.header.is_some() { Ok(Vec::new()) } else { Err(no_header("the text is empty")) };
        }
        if self.header.is_some() && serde_json::from_str::<serde::de::IgnoredAny>(&last).is_err() {
            self.line += 1;
            self.warn("the last line is torn and does not count");
            return Ok(Vec::new());
        }
        Ok(self.take(&last)?.into_iter().collect())
    }

    /// Whose log it is; `None` before its first line.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// What has been passed over so far.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    fn take(&mut self, line: &str) -> Result<Option<Record>, NotALog> {
        self.line += 1;
        if self.header.is_none() {
            self.header = Some(read_header(line)?);
            return Ok(None);
        }
        if line.trim().is_empty() {
            return Ok(None);
        }
        match read_record(line) {
            Ok(record) => Ok(Some(record)),
            Err(message) => {
                self.warn(&message);
                Ok(None)
            }
        }
    }

    fn warn(&mut self, message: &str) {
        self.warnings.push(Warning { log: String::new(), line: self.line, message: message.to_owned() });
    }
}

/// Reads a whole log.
pub fn read_str(text: &str) -> Result<(Header, Vec<Record>, Vec<Warning>), NotALog> {
    let mut reader = LogReader::new();
    let mut records = reader.feed(text)?;
    records.extend(reader.finish()?);
    let header = reader.header.ok_or_else(|| no_header("the text is empty"))?;
    Ok((header, records, reader.warnings))
}

fn no_header(why: &str) -> NotALog {
    NotALog { message: format!("{why}; expected a first line `{{\"lockdep\":\"{FORMAT}\",\"process\":...}}`") }
}

fn read_header(line: &str) -> Result<Header, NotALog> {
    let header: HeaderLine =
        serde_json::from_str(line).map_err(|error| no_header(&format!("the first line is no header: {error}")))?;
    match header.lockdep.as_str() {
        FORMAT => Ok(header.into()),
        other => Err(no_header(&format!("`{other}` is no format this version reads"))),
    }
}

fn read_record(line: &str) -> Result<Record, String> {
    #[derive(Deserialize)]
    struct Tag<'a> {
        #[serde(borrow)]
        t: Cow<'a, str>,
    }
    let tag: Tag<'_> = serde_json::from_str(line).map_err(|error| format!("the line does not count: {error}"))?;
    match &*tag.t {
        "class" => body::<ClassLine>(line).map(Record::from),
        "chain" => body::<ChainLine>(line).map(Record::from),
        "segment" => body::<SegmentLine>(line).map(Record::from),
        "instances" => body(line).map(|InstancesLine { class, n }| Record::Instances { class, n }),
        "fault" => body(line).map(|FaultLine { code, title, witness }| {
            let witness = witness.into();
            Record::Fault { code, title, witness }
        }),
        "finding" => body(line).map(|FindingLine { id, code, grade }| Record::Finding { id, code, grade }),
        "exit" => body(line).map(|ExitLine { acquisitions }| Record::Exit { acquisitions }),
        other => Err(format!("lines of type `{other}` are unknown here and do not count")),
    }
}

fn body<T: DeserializeOwned>(line: &str) -> Result<T, String> {
    serde_json::from_str(line).map_err(|error| format!("the line does not count: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::{ClassSpec, LockKind, Origin, Site, WaitType};
    use crate::finding::{Code, Grade, HeldLabel, Witness};
    use crate::log::{ChainRecord, ClassRecord, HeldRecord, NextRecord, header, line};
    use crate::mode::{Manner, Mode, Want};
    use crate::segment::Segment;

    fn site(line: u32) -> Site {
        Site { file: "C:/src/a b.rs".into(), line, column: 7 }
    }

    fn whose() -> Header {
        Header { process: "host 7 \"x\"".into(), pid: 7, exe: "a".into(), test: "t::u".into() }
    }

    fn one_of_each() -> Vec<Record> {
        let spec = ClassSpec {
            name: "Vec<\"ü\">".into(),
            origin: Origin::Birth,
            kind: LockKind::RecursiveRwLock,
            site: Some(site(1)),
        };
        let held = HeldRecord {
            class: 0,
            subclass: 3,
            instance: 9,
            mode: Mode::Upgradable,
            site: site(2),
            rank: Some(3),
            may_have_left: true,
        };
        let next = NextRecord {
            class: 1,
            subclass: 0,
            instance: 10,
            want: Want::RecursiveRead,
            manner: Manner::Timed(250),
            site: site(3),
            nest: Some(9),
            rank: None,
            reentrant: true,
        };
        let label = HeldLabel { label: "A".into(), mode: Mode::Read, site: site(4) };
        let witness = Witness {
            thread: "main".into(),
            test: "".into(),
            held: Some(label.clone()),
            wanted: "B/2".into(),
            want: Want::Upgrade,
            manner: Manner::Try,
            site: site(5),
            also_held: vec![label],
        };
        let grade = Grade::Suspect;
        vec![
            Record::Class(ClassRecord {
                id: 0,
                spec,
                is_static: true,
                novalidate: true,
                wait: Some(WaitType { outer: 2, inner: 1 }),
            }),
            Record::Chain(ChainRecord {
                thread: "worker".into(),
                test: String::new(),
                segment: 2,
                held: vec![held],
                next,
            }),
            Record::Segment(Segment { id: 2, thread: 1, after: vec![1, 3] }),
            Record::Instances { class: 0, n: 3 },
            Record::Fault { code: Code::BadRelease, title: "A is gone".into(), witness },
            Record::Finding { id: "LD-00000000".into(), code: Code::Inversion, grade },
            Record::Exit { acquisitions: 12 },
        ]
    }

    fn text() -> String {
        one_of_each().iter().fold(header(&whose()), |text, record| text + &line(record))
    }

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(read_str(&text()), Ok((whose(), one_of_each(), vec![])));
    }

    #[test]
    fn a_log_can_be_read_in_pieces() {
        let text = text();
        let mut reader = LogReader::new();
        let mut records = Vec::new();
        for piece in text.split_inclusive(' ') {
            records.extend(reader.feed(piece).expect("it is a log"));
        }
        assert_eq!(records, one_of_each());
    }

    #[test]
    fn a_torn_last_line_costs_that_line_only() {
        let text = text();
        let (_, records, warnings) = read_str(&text[..text.len() - 3]).expect("it is a log");
        assert_eq!(records, one_of_each()[..6]);
        assert_eq!((warnings.len(), warnings[0].line), (1, 8));
        let (_, records, warnings) = read_str(text.trim_end()).expect("it is a log");
        assert_eq!((records.len(), warnings.len()), (7, 0));
    }

    #[test]
    fn bad_and_unknown_lines_are_counted_with_their_numbers() {
        let text = header(&whose())
            + "{\"t\":\"weather\"}\n{\"t\":\"exit\"}\n{\"t\":\"exit\",\"acquisitions\":1,\"new\":2}\nnonsense\n";
        let (_, records, warnings) = read_str(&text).expect("it is a log");
        assert_eq!(records, [Record::Exit { acquisitions: 1 }]);
        assert_eq!(warnings.iter().map(|warning| warning.line).collect::<Vec<_>>(), [2, 3, 5]);
        assert!(warnings[1].message.contains("missing field `acquisitions`"));
    }

    #[test]
    fn a_text_without_the_header_is_no_log() {
        for text in ["", "\n", "{\"t\":\"exit\",\"acquisitions\":1}\n", "{\"lockdep\":\"log v2\",\"process\":\"x\"}\n"]
        {
            assert!(read_str(text).expect_err("it is none").message.contains("expected a first line"));
        }
    }
}
