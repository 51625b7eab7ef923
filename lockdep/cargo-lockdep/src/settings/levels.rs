//! What is to be done about findings, by code and grade.

use super::table::{Reader, Value};
use crate::exit::Failure;
use lockdep_core::finding::{Code, Grade, Level};
use std::collections::BTreeMap;
use std::str::FromStr;
use toml::de::DeTable;

/// Which findings a level is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    /// Those with this code. Excused ones stay allowed.
    Code(Code),
    /// Those of this grade.
    Grade(Grade),
}

const GRADES: [Grade; 4] = [Grade::Blocked, Grade::Possible, Grade::Suspect, Grade::Excused];

const LEVELS: [(&str, Level); 3] = [("allow", Level::Allow), ("warn", Level::Warn), ("deny", Level::Deny)];

fn grade(name: &str) -> Option<Grade> {
    GRADES.into_iter().find(|grade| grade.name().eq_ignore_ascii_case(name))
}

impl FromStr for What {
    type Err = String;

    fn from_str(word: &str) -> Result<What, String> {
        let word = word.strip_prefix("lockdep::").unwrap_or(word);
        let code = Code::parse(word).map(What::Code);
        code.or(grade(word).map(What::Grade)).ok_or_else(|| {
            let known: Vec<&str> = Code::ALL.into_iter().map(Code::name).collect();
            match lockdep_core::hierarchy::closest(word, known.into_iter()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => {
                    "`cargo lockdep explain` lists the codes; grades are blocked, possible, suspect, excused".into()
                }
            }
        })
    }
}

/// Levels that differ from those that the grades have by themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Levels {
    of_both: BTreeMap<(Code, Grade), Level>,
    of_one: BTreeMap<What, Level>,
}

impl Levels {
    /// The level of a finding: what is said about its code and grade, or its code, or its grade.
    pub(crate) fn of(&self, code: Code, grade: Grade) -> Level {
        let by_code = || self.of_one.get(&What::Code(code)).filter(|_| grade > Grade::Excused);
        let said = self.of_both.get(&(code, grade)).or_else(by_code).or_else(|| self.of_one.get(&What::Grade(grade)));
        said.copied().unwrap_or(grade.default_level())
    }

    /// Takes in what the command line says, which outweighs the files.
    pub(crate) fn set(&mut self, level: Level, whats: &[What]) {
        for &what in whats {
            self.of_both.retain(|(code, _), _| what != What::Code(*code));
            self.of_one.insert(what, level);
        }
    }

    /// Takes in what a later file says.
    pub(super) fn extend(&mut self, later: Levels) {
        self.of_both.extend(later.of_both);
        self.of_one.extend(later.of_one);
    }

    /// Reads `[levels]`: grades and codes with their levels, and codes with a level per grade.
    pub(super) fn read<'t>(&mut self, reader: &mut Reader<'t>, value: &Value<'t>) {
        let Some(table) = reader.table(value) else { return };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match (Code::parse(name), grade(name)) {
                (Some(code), _) => match value.get_ref().as_table() {
                    Some(grades) => self.read_grades(reader, code, grades),
                    None => self.of_one.extend(level(reader, value).map(|level| (What::Code(code), level))),
                },
                (_, Some(grade)) => self.of_one.extend(level(reader, value).map(|level| (What::Grade(grade), level))),
                (None, None) => {
                    let codes = Code::ALL.into_iter().map(Code::name);
                    reader.unknown(key.span(), "code or grade", name, &codes.chain(grade_names()).collect::<Vec<_>>());
                }
            }
        }
    }

    fn read_grades<'t>(&mut self, reader: &mut Reader<'t>, code: Code, grades: &DeTable<'t>) {
        for (key, value) in grades {
            match grade(key.get_ref()) {
                Some(grade) => self.of_both.extend(level(reader, value).map(|level| ((code, grade), level))),
                None => reader.unknown(key.span(), "grade", key.get_ref(), &grade_names()),
            }
        }
    }
}

/// The command line's conflicting words, which no order among the flags can settle.
pub(crate) fn contradiction(deny: &[What], warn: &[What], allow: &[What]) -> Result<(), Failure> {
    let twice = deny.iter().find(|what| warn.contains(what) || allow.contains(what));
    match twice.or_else(|| warn.iter().find(|what| allow.contains(what))) {
        None => Ok(()),
        Some(What::Code(code)) => Err(Failure::usage(format!("`{code}` is given two levels; give it one"))),
        Some(What::Grade(grade)) => Err(Failure::usage(format!("`{}` is given two levels; give it one", grade.name()))),
    }
}

fn grade_names() -> [&'static str; 4] {
    ["blocked", "possible", "suspect", "excused"]
}

fn level<'t>(reader: &mut Reader<'t>, value: &Value<'t>) -> Option<Level> {
    let word = reader.string(value)?;
    let level = LEVELS.into_iter().find(|(name, _)| *name == word);
    if level.is_none() {
        reader.unknown(value.span(), "level", &word, &LEVELS.map(|(name, _)| name));
    }
    level.map(|(_, level)| level)
}
