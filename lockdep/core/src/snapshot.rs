//! `lockdep graph v1`: the lock graph as deterministic text, and back.

use crate::class::LockKind;
use crate::mode::DepKind;
use std::collections::{BTreeMap, BTreeSet};

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
