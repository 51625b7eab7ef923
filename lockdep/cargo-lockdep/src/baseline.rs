//! `lockdep baseline v1`: the findings that were there when lockdep came to the project, one a line. They are told as accepted, so
//! that only new ones fail a run. One that got surer since is new.

use crate::exit::Failure;
use lockdep_core::finding::{Code, Finding, Grade, Level};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::ErrorKind;
use std::path::Path;

const HEADER: &str = "lockdep baseline v1";

const COMMENT: &str = "\
# Findings of the day on which they were accepted. `cargo lockdep baseline accept` writes this file; a line less is a
# bug less.
";

const GRADES: [Grade; 3] = [Grade::Excused, Grade::Suspect, Grade::Possible];

/// The accepted findings, by id, as sure as they were then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Baseline {
    /// The file, as messages name it.
    file: String,
    grades: BTreeMap<String, Grade>,
}

impl Baseline {
    /// Reads the file, of which none is as good as an empty one. `name` is what messages call it.
    pub(crate) fn read(path: &Path, name: &Path) -> Result<Baseline, Failure> {
        match std::fs::read_to_string(path) {
            Ok(text) => Baseline::parse(&name.display().to_string(), &text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Baseline::default()),
            Err(error) => Err(Failure::file(name, "read", &error)),
        }
    }

    fn parse(file: &str, text: &str) -> Result<Baseline, Failure> {
        let mut baseline = Baseline { file: file.to_owned(), grades: BTreeMap::new() };
        let lines = text.lines().zip(1..).map(|(line, number)| (line.split('#').next().unwrap_or("").trim(), number));
        let mut lines = lines.filter(|(line, _)| !line.is_empty());
        let malformed = |number: usize, message: &str| Failure::usage(format!("{file}:{number}:1: {message}"));
        match lines.next() {
            Some((HEADER, _)) => {}
            Some((_, number)) => return Err(malformed(number, &format!("expected `{HEADER}`"))),
            None => return Err(malformed(1, &format!("the file is empty; expected `{HEADER}`"))),
        }
        for (line, number) in lines {
            let mut words = line.split_whitespace();
            let id = words.next().filter(|id| id.starts_with("LD-"));
            let grade = words.next().and_then(|word| GRADES.into_iter().find(|grade| grade.name() == word));
            let code = words.next().and_then(Code::parse);
            match (id, grade, code) {
                (Some(id), Some(grade), Some(_)) => baseline.grades.insert(id.to_ascii_uppercase(), grade),
                _ => return Err(malformed(number, "expected `ID GRADE CODE`, as in `LD-7F3K2QX8 Possible inversion`")),
            };
        }
        Ok(baseline)
    }

    /// Accepts the finding if it was there, no surer than then. Returns whether it is accepted.
    pub(crate) fn apply(&self, finding: &mut Finding) -> bool {
        let Some(&grade) = self.grades.get(&finding.id) else { return false };
        let file = &self.file;
        let is_accepted = finding.grade <= grade;
        finding.notes.push(match is_accepted {
            true => format!("{file} accepts this"),
            false => format!("{file} accepts this as {}; it is {} now", grade.name(), finding.grade.name()),
        });
        is_accepted
    }

    /// Whether the finding was there, however sure.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.grades.contains_key(id)
    }

    /// The ids of accepted findings that are not among these.
    pub(crate) fn gone(&self, findings: &[Finding]) -> Vec<&str> {
        let is_found = |id: &str| findings.iter().any(|finding| finding.id == id);
        self.grades.keys().map(String::as_str).filter(|id| !is_found(id)).collect()
    }

    /// The file that accepts these findings, sorted by id. Threads that were stuck are accepted by no file.
    pub(crate) fn text<'f>(findings: impl Iterator<Item = &'f Finding>) -> (String, usize) {
        let wanted = findings.filter(|finding| finding.level > Level::Allow && finding.grade < Grade::Blocked);
        let lines: BTreeMap<&str, String> = wanted
            .map(|finding| {
                let title: String = finding.title.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
                let Finding { id, grade, code, .. } = finding;
                (id.as_str(), format!("{id} {:<8} {code}  # {title}", grade.name()))
            })
            .collect();
        let mut text = format!("{HEADER}\n{COMMENT}\n");
        lines.values().for_each(|line| {
            let _ = writeln!(text, "{line}");
        });
        (text, lines.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_line_is_located() {
        for (text, place) in [
            ("", "b:1:1: the file is empty"),
            ("lockdep baseline v2\n", "b:1:1: expected"),
            ("lockdep baseline v1\n\nLD-00000000 Sure inversion\n", "b:3:1: expected `ID GRADE CODE`"),
            ("lockdep baseline v1\nLD-00000000 Possible inversions\n", "b:2:1: "),
            ("lockdep baseline v1\nnonsense\n", "b:2:1: "),
        ] {
            let failure = Baseline::parse("b", text).expect_err("it is malformed");
            assert!(failure.message.starts_with(place), "{}", failure.message);
        }
    }

    #[test]
    fn comments_and_titles_say_nothing() {
        let text = "lockdep baseline v1 # x\n# y\nLD-00000000 Suspect  inversion  # taking `#` while\n";
        let baseline = Baseline::parse("b", text).expect("it is well-formed");
        assert_eq!(baseline.grades, BTreeMap::from([("LD-00000000".to_owned(), Grade::Suspect)]));
    }
}
