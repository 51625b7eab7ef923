//! TOML in which every fault has a place: file, line and column, and what was probably meant.

use crate::exit::Failure;
use lockdep_core::hierarchy::closest;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and where it stands.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// A file that is being read, and what is wrong with it.
#[derive(Debug)]
pub(super) struct Reader<'t> {
    name: &'t str,
    text: &'t str,
    /// Where each begins, and what it says.
    faults: Vec<(usize, String)>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(name: &'t str, text: &'t str) -> Reader<'t> {
        Reader { name, text, faults: Vec::new() }
    }

    /// The whole file; what is no TOML at all is a fault as any other.
    pub(super) fn parse(&mut self) -> DeTable<'t> {
        match DeTable::parse(self.text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                self.fault(error.span().unwrap_or(0..0), error.message());
                DeTable::new()
            }
        }
    }

    /// The failure that tells all faults, if there are any.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        if self.faults.is_empty() {
            return Ok(());
        }
        self.faults.sort();
        let faults: Vec<String> = self.faults.into_iter().map(|(_, fault)| fault).collect();
        Err(Failure::usage(format!("the settings are malformed\n  {}", faults.join("\n  "))))
    }

    pub(super) fn fault(&mut self, span: Range<usize>, message: impl std::fmt::Display) {
        let before = &self.text[..self.text.floor_char_boundary(span.start)];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        self.faults.push((span.start, format!("{}:{line}:{column}: {message}", self.name)));
    }

    /// A word that is none of those that are known here.
    pub(super) fn unknown(&mut self, span: Range<usize>, what: &str, word: &str, known: &[&str]) {
        let help = match closest(word, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("known are {}", known.join(", ")),
        };
        self.fault(span, format!("unknown {what} `{word}`; {help}"));
    }

    pub(super) fn string(&mut self, value: &Value<'t>) -> Option<String> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.expected(value, "a string");
        }
        text.map(str::to_owned)
    }

    pub(super) fn table<'v>(&mut self, value: &'v Value<'t>) -> Option<&'v DeTable<'t>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.expected(value, "a table");
        }
        table
    }

    pub(super) fn tables<'v>(&mut self, value: &'v Value<'t>) -> Vec<(Range<usize>, &'v DeTable<'t>)> {
        let Some(array) = value.get_ref().as_array() else {
            self.expected(value, "an array of tables");
            return Vec::new();
        };
        array.iter().filter_map(|value| Some((value.span(), self.table(value)?))).collect()
    }

    pub(super) fn expected(&mut self, value: &Value<'t>, what: &str) {
        self.fault(value.span(), format!("expected {what}, found {}", value.get_ref().type_str()));
    }
}
