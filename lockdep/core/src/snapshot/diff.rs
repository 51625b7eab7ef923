//! What one graph has and another has not.

use super::{GraphText, class_line, edge_line, escape};
use crate::class::LockKind;
use crate::mode::DepKind;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The difference between an old graph and a new one. A class whose kind changed is both lost and new; an edge is
/// listed with those of its kinds that came or went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GraphDiff {
    /// Classes only the new graph has.
    pub new_classes: BTreeMap<String, LockKind>,
    /// Classes only the old graph has.
    pub lost_classes: BTreeMap<String, LockKind>,
    /// Dependencies, or kinds of them, only the new graph has.
    pub new_edges: BTreeMap<(String, String), BTreeSet<DepKind>>,
    /// Dependencies, or kinds of them, only the old graph has.
    pub lost_edges: BTreeMap<(String, String), BTreeSet<DepKind>>,
    /// Cycles only the new graph has.
    pub new_cycles: BTreeMap<String, Vec<(String, DepKind, String)>>,
    /// Cycles only the old graph has.
    pub lost_cycles: BTreeMap<String, Vec<(String, DepKind, String)>>,
}

impl GraphDiff {
    /// Whether the graphs are equal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == GraphDiff::default()
    }

    /// Whether the new graph has something the old one has not. Coverage varies from run to run, so a check
    /// against a recorded graph asks this and not for equality.
    #[must_use]
    pub fn has_new(&self) -> bool {
        !(self.new_classes.is_empty() && self.new_edges.is_empty() && self.new_cycles.is_empty())
    }
}

impl GraphText {
    /// What changed from this graph to `new`.
    #[must_use]
    pub fn diff(&self, new: &GraphText) -> GraphDiff {
        GraphDiff {
            new_classes: only(&new.classes, &self.classes),
            lost_classes: only(&self.classes, &new.classes),
            new_edges: only_edges(new, self),
            lost_edges: only_edges(self, new),
            new_cycles: only(&new.cycles, &self.cycles),
            lost_cycles: only(&self.cycles, &new.cycles),
        }
    }
}

fn only<V: Clone + PartialEq>(these: &BTreeMap<String, V>, those: &BTreeMap<String, V>) -> BTreeMap<String, V> {
    let missing = these.iter().filter(|(key, value)| those.get(*key) != Some(value));
    missing.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn only_edges(these: &GraphText, those: &GraphText) -> BTreeMap<(String, String), BTreeSet<DepKind>> {
    let mut edges = BTreeMap::new();
    for (ends, kinds) in &these.edges {
        let extra: BTreeSet<DepKind> = match those.edges.get(ends) {
            Some(others) => kinds.difference(others).copied().collect(),
            None => kinds.clone(),
        };
        if !extra.is_empty() {
            edges.insert(ends.clone(), extra);
        }
    }
    edges
}

impl fmt::Display for GraphDiff {
    /// Lost lines with `-`, new lines with `+`, in the notation of the graph text; nothing if the graphs are equal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sides = [
            ('-', &self.lost_classes, &self.lost_edges, &self.lost_cycles),
            ('+', &self.new_classes, &self.new_edges, &self.new_cycles),
        ];
        for (sign, classes, ..) in sides {
            for (label, kind) in classes {
                writeln!(f, "{sign} {}", class_line(label, *kind))?;
            }
        }
        for (sign, _, edges, _) in sides {
            for ((from, to), kinds) in edges {
                writeln!(f, "{sign} {}", edge_line(from, to, kinds))?;
            }
        }
        for (sign, _, _, cycles) in sides {
            for (id, edges) in cycles {
                writeln!(f, "{sign} cycle {id}")?;
                for (from, kind, to) in edges {
                    writeln!(f, "{sign}   {} -{kind}-> {}", escape(from), escape(to))?;
                }
            }
        }
        Ok(())
    }
}
