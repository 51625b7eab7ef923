//! Reading a log, tolerantly: a process may have died in the middle of a line, and a newer one may say more.

use super::source::Complaints;
use super::wire::{ChainLine, ClassLine, ExitLine, FaultLine, FindingLine, HeaderLine, InstancesLine, SegmentLine};
use super::{FORMAT, Header, NotALog, Record, Warning};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// The longest line that is taken in, in bytes. What a process writes is a hundredth of it; a longer line is no
/// discovery, and must not fill the reader's memory.
const LINE: usize = 1 << 20;

/// Reads one log piece by piece, as it grows. Bytes that are no UTF-8 become replacement characters.
#[derive(Clone, Debug, Default)]
pub struct LogReader {
    header: Option<Header>,
    rest: Vec<u8>,
    /// Whether the line that goes on is too long already.
    too_long: bool,
    line: usize,
    complaints: Complaints,
}

impl LogReader {
    /// A reader at the start of a log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the next piece of the text; pieces may end anywhere. Returns the records of the lines that are
    /// complete now.
    ///
    /// # Errors
    /// When the first line shows that this is no log.
    pub fn feed(&mut self, piece: &(impl AsRef<[u8]> + ?Sized)) -> Result<Vec<Record>, NotALog> {
        let mut records = Vec::new();
        let mut piece = piece.as_ref();
        while let Some(end) = piece.iter().position(|&byte| byte == b'\n') {
            let (line, after) = (&piece[..end], &piece[end + 1..]);
            piece = after;
            if self.rest.is_empty() && !self.too_long {
                records.extend(self.take(line)?);
                continue;
            }
            self.grow(line);
            let whole = std::mem::take(&mut self.rest);
            records.extend(self.take(&whole)?);
        }
        self.grow(piece);
        Ok(records)
    }

    /// The text ends here. A last line without its newline counts if it is whole; if not, it is torn, which costs
    /// a warning and nothing else.
    ///
    /// # Errors
    /// When the text is no log.
    pub fn finish(&mut self) -> Result<Vec<Record>, NotALog> {
        let last = std::mem::take(&mut self.rest);
        if last.trim_ascii().is_empty() && !self.too_long {
            return if self.header.is_some() { Ok(Vec::new()) } else { Err(no_header("the text is empty")) };
        }
        let is_whole = || serde_json::from_slice::<serde::de::IgnoredAny>(&last).is_ok();
        if self.header.is_some() && !self.too_long && !is_whole() {
            self.line += 1;
            self.complaints.add(self.line, "the last line is torn and does not count");
            return Ok(Vec::new());
        }
        Ok(self.take(&last)?.into_iter().collect())
    }

    /// Whose log it is; `None` before its first line.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// What has been passed over so far: the first few lines in words, the others counted.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        self.complaints.clone().about("")
    }

    pub(super) fn into_complaints(self) -> Complaints {
        self.complaints
    }

    /// Adds to the line that goes on, or notes that it is too long.
    fn grow(&mut self, piece: &[u8]) {
        if self.rest.len() + piece.len() > LINE {
            self.too_long = true;
            self.rest.clear();
        } else if !self.too_long {
            self.rest.extend_from_slice(piece);
        }
    }

    fn take(&mut self, line: &[u8]) -> Result<Option<Record>, NotALog> {
        self.line += 1;
        if std::mem::take(&mut self.too_long) || line.len() > LINE {
            if self.header.is_none() {
                return Err(no_header("the first line is longer than any that is written"));
            }
            self.complaints.add(self.line, format!("the line does not count: it is longer than {LINE} bytes"));
            return Ok(None);
        }
        let line = String::from_utf8_lossy(line);
        if self.header.is_none() {
            self.header = Some(read_header(&line)?);
            return Ok(None);
        }
        if line.trim().is_empty() {
            return Ok(None);
        }
        match read_record(&line) {
            Ok(record) => Ok(Some(record)),
            Err(message) => {
                self.complaints.add(self.line, message);
                Ok(None)
            }
        }
    }
}

/// Reads a whole log.
///
/// # Errors
/// When the text is no log.
pub fn read_str(text: &str) -> Result<(Header, Vec<Record>, Vec<Warning>), NotALog> {
    let mut reader = LogReader::new();
    let mut records = reader.feed(text)?;
    records.extend(reader.finish()?);
    let warnings = reader.warnings();
    let header = reader.header.ok_or_else(|| no_header("the text is empty"))?;
    Ok((header, records, warnings))
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
        Header { process: "host 7 \"x\"".into(), pid: 7, exe: "a".into(), test: "t::u".into(), execution: 9 }
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
                place: Some(("/bin/p".into(), 42)),
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
    fn a_line_that_never_ends_fills_no_memory_and_costs_itself_only() {
        let mut reader = LogReader::new();
        let mut records = reader.feed(&header(&whose())).expect("it is a log");
        for _ in 0..4 * LINE / 1000 {
            records.extend(reader.feed(&[b'['; 1000]).expect("it is a log"));
            assert!(reader.rest.len() <= LINE);
        }
        records.extend(reader.feed("\n{\"t\":\"exit\",\"acquisitions\":1}\n").expect("it is a log"));
        records.extend(reader.finish().expect("it is a log"));
        assert_eq!(records, [Record::Exit { acquisitions: 1 }]);
        assert_eq!(reader.warnings().iter().map(|warning| warning.line).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn a_thousand_bad_lines_are_five_warnings_and_a_number() {
        let (_, _, warnings) = read_str(&(header(&whose()) + &"nonsense\n".repeat(1000))).expect("it is a log");
        assert_eq!(warnings.len(), 6);
        assert_eq!(warnings[5].message, "995 more lines do not count either");
    }

    #[test]
    fn bytes_that_are_no_text_cost_no_line() {
        let exit = b"{\"t\":\"exit\",\"acquisitions\":1,\"x\":\"\xff\"}\n";
        let mut reader = LogReader::new();
        reader.feed(&header(&whose())).expect("it is a log");
        assert_eq!(reader.feed(exit).expect("it is a log"), [Record::Exit { acquisitions: 1 }]);
    }

    #[test]
    fn a_text_without_the_header_is_no_log() {
        for text in ["", "\n", "{\"t\":\"exit\",\"acquisitions\":1}\n", "{\"lockdep\":\"log v2\",\"process\":\"x\"}\n"]
        {
            assert!(read_str(text).expect_err("it is none").message.contains("expected a first line"));
        }
    }
}
