//! The documented lock hierarchy: which class may be taken under which.
//!
//! A hierarchy is a text that people read and the checker enforces, `lockdep order v1`:
//!
//! ```text
//! lockdep order v1            # a comment
//!
//! Inode::i_rwsem              (generic_perform_write)
//!   Mm::mmap_lock             (fault_in_readable)
//!     Mapping::i_pages
//!
//! leaf Mapping::i_pages
//! ```
//!
//! - **Trees.** A line names a class; a deeper line below it names a class that may be taken while the upper one is held.
//!   Only comparisons of columns matter. A blank line ends a tree; classes may recur. The declared order is the transitive
//!   closure of all parent-child pairs of all trees and has no cycles; siblings are not ordered.
//! - **Names** end at white space before `(` or `#`, at a tab, at a comma or at ` or `; they may contain single spaces. A name in
//!   backquotes is verbatim: `` `Vec<u8> (src/lib.rs)` ``. A leading `->` is decoration.
//! - `A or B` and `A, B` are alternatives of one rank, each in the place of the line.
//! - `(text)` after the names says where; it ends at its balancing parenthesis, lines later if need be.
//! - **Directives** start in the first column: `closed` or `open` alone on the line, or `leaf`, `nest`, `read`, `apart`, `alias`
//!   followed by anything. (A class whose name starts with such a word and a space is written in backquotes.) They name classes
//!   that some tree names.
//!
//! | directive | meaning |
//! | --- | --- |
//! | `closed` | orders that are not declared are findings; the default is `open` |
//! | `leaf A, B` | nothing is taken while one of these is held |
//! | `nest A by KEY` | several locks of class A may be held at once, in ascending order of the key |
//! | `read A below B` | A may be taken while B is held, but shared only |
//! | `apart A, B` | never held together, whatever the trees imply |
//! | `alias A = B` | A is another name of B |

mod build;
mod check;
mod closure;
mod error;
mod names;
mod observed;
mod parse;
mod scan;
mod write;

pub use check::{Rule, Verdict};
pub use error::OrderError;
pub use names::closest;
pub use observed::Observed;

use closure::Closure;
use std::collections::{BTreeMap, VecDeque};

/// A parsed order file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hierarchy {
    /// Canonical names; a class is its index.
    names: Vec<String>,
    /// Canonical names and aliases.
    index: BTreeMap<String, u32>,
    /// Parent-child pairs and where they are declared.
    edges: BTreeMap<(u32, u32), Vec<Declared>>,
    reach: Closure,
    /// Class and line.
    leaves: BTreeMap<u32, u32>,
    /// Class, key and line.
    nests: BTreeMap<u32, (String, u32)>,
    /// (taken, held) and line.
    reads: BTreeMap<(u32, u32), u32>,
    /// (smaller, larger) and line.
    aparts: BTreeMap<(u32, u32), u32>,
    closed: bool,
    /// Names of the texts, when several were read together.
    origins: Vec<String>,
}

/// One place where a pair is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Declared {
    origin: u32,
    line: u32,
    note: Option<String>,
}

/// One declared parent-child pair, as [`Hierarchy::path`] returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The class that is held.
    pub from: String,
    /// The class that may be taken then.
    pub to: String,
    /// The line that puts `to` below `from`.
    pub line: u32,
    /// The text that line is in, when several texts were read together.
    pub origin: Option<String>,
    /// What the line says in parentheses.
    pub note: Option<String>,
}

impl Hierarchy {
    /// Whether orders that are not declared are findings.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// All classes by their canonical names, sorted.
    pub fn classes(&self) -> impl Iterator<Item = &str> {
        let canonical = |(name, id): &(&String, &u32)| self.names[**id as usize] == **name;
        self.index.iter().filter(canonical).map(|(name, _)| name.as_str())
    }

    /// All declared parent-child pairs, sorted.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        let mut pairs: Vec<_> = self.edges.keys().map(|&(from, to)| (self.name(from), self.name(to))).collect();
        pairs.sort_unstable();
        pairs
    }

    /// The key by which locks of this class nest in each other, if they may.
    #[must_use]
    pub fn nest_key(&self, label: &str) -> Option<&str> {
        self.nests.get(&self.find(label)?).map(|(key, _)| key.as_str())
    }

    /// The shortest declared way from one class down to another: what a report quotes.
    #[must_use]
    pub fn path(&self, from: &str, to: &str) -> Option<Vec<Step>> {
        let pairs = self.path_between(self.find(from)?, self.find(to)?)?;
        let step = |pair: &(u32, u32)| {
            let declared = &self.edges[pair][0];
            Step {
                from: self.name(pair.0).to_owned(),
                to: self.name(pair.1).to_owned(),
                line: declared.line,
                origin: self.origins.get(declared.origin as usize).cloned(),
                note: self.edges[pair].iter().find_map(|declared| declared.note.clone()),
            }
        };
        Some(pairs.iter().map(step).collect())
    }

    /// The canonical name of the class that a label stands for, if the file names it.
    #[must_use]
    pub fn canonical(&self, label: &str) -> Option<&str> {
        self.find(label).map(|id| self.name(id))
    }

    /// The known name (or alias) that was probably meant by an unknown one.
    #[must_use]
    pub fn closest(&self, name: &str) -> Option<&str> {
        names::closest(name, self.index.keys().map(String::as_str))
    }

    fn name(&self, id: u32) -> &str {
        &self.names[id as usize]
    }

    /// The class a label stands for. `X/1` is `X`, unless the file names `X/1` itself.
    fn find(&self, label: &str) -> Option<u32> {
        self.index.get(label).or_else(|| self.index.get(names::without_subclass(label)?)).copied()
    }

    fn path_between(&self, from: u32, to: u32) -> Option<Vec<(u32, u32)>> {
        let mut came: BTreeMap<u32, u32> = BTreeMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            for (&(_, next), _) in self.edges.range((node, 0)..=(node, u32::MAX)) {
                if came.contains_key(&next) {
                    continue;
                }
                came.insert(next, node);
                if next == to {
                    let mut path = vec![(node, to)];
                    while path[path.len() - 1].0 != from {
                        let at = path[path.len() - 1].0;
                        path.push((came[&at], at));
                    }
                    path.reverse();
                    return Some(path);
                }
                queue.push_back(next);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
