//! `lockdep graph v1`: the lock graph as deterministic text, and back.
//!
//! One fact per line, sorted by name, no alignment and no counts, so that a change of the program changes only the
//! lines it concerns. The text parses back to what was written, whatever the labels contain:
//!
//! ```text
//! lockdep graph v1
//!
//! class Bdi::list_lock: mutex
//! class Mapping::i_pages: mutex
//!
//! Bdi::list_lock -> Mapping::i_pages: EN
//!
//! cycles: none
//! ```
//!
//! A kind list follows the *last* `: ` of its line. The arrow that separates two labels is the only one that stands as
//! a word of its own: in a label such a word is written with a backslash before it (`fn(u8) \-> u8`), a backslash
//! is doubled, and a line break is `\n` or `\r`.

mod detail;
mod diff;
mod draw;
mod notation;
mod parse;
mod view;

pub use detail::{ClassDetail, EdgeDetail, GraphDetail};
pub use diff::GraphDiff;
pub use parse::GraphError;

use crate::class::LockKind;
use crate::mode::DepKind;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// First line of every graph text.
const HEADER: &str = "lockdep graph v1";

/// A lock graph by labels, as its text shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GraphText {
    /// Every node by its label.
    pub classes: BTreeMap<String, LockKind>,
    /// Every dependency: (held, wanted) and its kinds.
    pub edges: BTreeMap<(String, String), BTreeSet<DepKind>>,
    /// Every reported cycle by its id: edges in order, smallest label first.
    pub cycles: BTreeMap<String, Vec<(String, DepKind, String)>>,
}

impl fmt::Display for GraphText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}\n")?;
        for (label, kind) in &self.classes {
            writeln!(f, "{}", class_line(label, *kind))?;
        }
        if !self.classes.is_empty() {
            writeln!(f)?;
        }
        for ((from, to), kinds) in &self.edges {
            writeln!(f, "{}", edge_line(from, to, kinds))?;
        }
        if !self.edges.is_empty() {
            writeln!(f)?;
        }
        if self.cycles.is_empty() {
            return writeln!(f, "cycles: none");
        }
        for (index, (id, edges)) in self.cycles.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            writeln!(f, "cycle {id}")?;
            for (from, kind, to) in edges {
                writeln!(f, "  {} -{kind}-> {}", escape(from), escape(to))?;
            }
        }
        Ok(())
    }
}

fn class_line(label: &str, kind: LockKind) -> String {
    format!("class {}: {}", escape(label), kind.name())
}

fn edge_line(from: &str, to: &str, kinds: &BTreeSet<DepKind>) -> String {
    let mut line = format!("{} -> {}:", escape(from), escape(to));
    for kind in kinds {
        line.push(' ');
        line.push_str(&kind.to_string());
    }
    line
}

/// Whether a word of a line separates two labels: `->`, or `-EN->` and the like.
fn is_arrow(word: &str) -> bool {
    word == "->" || arrow_kind(word).is_some()
}

/// The kind inside the arrow of a cycle edge.
fn arrow_kind(word: &str) -> Option<DepKind> {
    let name = word.strip_prefix('-')?.strip_suffix("->")?;
    DepKind::ALL.into_iter().find(|kind| kind.to_string() == name)
}

/// A label as the text writes it; nearly always the label itself.
fn escape(label: &str) -> Cow<'_, str> {
    let plain = !label.contains(['\\', '\n', '\r']) && !label.split(' ').any(is_arrow);
    if plain {
        return Cow::Borrowed(label);
    }
    let words = label.split(' ').map(|word| {
        let escaped = word.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
        if is_arrow(word) { format!("\\{escaped}") } else { escaped }
    });
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

/// The label behind its written form.
fn unescape(text: &str) -> String {
    let mut label = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => label.push('\n'),
                Some('r') => label.push('\r'),
                Some(other) => label.push(other),
                None => label.push('\\'),
            },
            other => label.push(other),
        }
    }
    label
}

#[cfg(test)]
mod tests;
