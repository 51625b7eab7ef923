//! The gates of a choice of occurrences, found without comparing every occurrence with every other.

use crate::class::Node;
use crate::evidence::{GateKey, Occurrence, shuts_out};
use crate::mode::Mode;
use crate::rule::rule;
use rustc_hash::FxHashMap;

/// What some occurrences hold, and in which modes.
#[derive(Debug, Default)]
pub(crate) struct Gates {
    holders: FxHashMap<GateKey, Vec<Mode>>,
}

impl Gates {
    /// The locks that keep one more occurrence from happening beside these.
    pub(crate) fn against(&self, seen: &Occurrence, is_exempt: impl Fn(Node) -> bool) -> impl Iterator<Item = Node> {
        let shut = |mode: Mode| move |other: &Mode| rule!("gates", shuts_out(mode, *other));
        let gates = seen.gates(is_exempt);
        let shared = gates.filter(move |held| {
            self.holders.get(&held.as_gate()).is_some_and(|modes| modes.iter().any(shut(held.mode)))
        });
        shared.map(|held| held.node)
    }

    /// Adds an occurrence.
    pub(crate) fn push(&mut self, seen: &Occurrence, is_exempt: impl Fn(Node) -> bool) {
        for held in seen.gates(is_exempt) {
            self.holders.entry(held.as_gate()).or_default().push(held.mode);
        }
    }

    /// Takes out the occurrence that was added last.
    pub(crate) fn pop(&mut self, seen: &Occurrence, is_exempt: impl Fn(Node) -> bool) {
        for held in seen.gates(is_exempt) {
            self.holders.entry(held.as_gate()).or_default().pop();
        }
    }
}
