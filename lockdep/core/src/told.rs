//! The cycles that were told as they came, and which of them more evidence could make worse.

use crate::finding::Grade;
use crate::graph::EdgeIx;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// The cycles that were told.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The surest that was told of each edge.
    edges: FxHashMap<EdgeIx, Grade>,
    /// Each cycle from its lowest edge on.
    cycles: BTreeMap<Vec<EdgeIx>, Grade>,
    /// How many of them are not `Possible` so far.
    doubtful: usize,
}

impl Told {
    /// Takes in the verdict on a cycle. Returns whether that is more than was told.
    pub fn put(&mut self, cycle: &[EdgeIx], grade: Grade) -> bool {
        let first = (0..cycle.len()).min_by_key(|&place| cycle[place]).unwrap_or(0);
        let cycle = [&cycle[first..], &cycle[..first]].concat();
        for &edge in &cycle {
            let best = self.edges.entry(edge).or_insert(grade);
            *best = grade.max(*best);
        }
        let before = self.cycles.insert(cycle, grade);
        self.doubtful -= usize::from(before.is_some_and(is_doubtful));
        self.doubtful += usize::from(is_doubtful(grade));
        before < Some(grade)
    }

    /// Whether more samples of an edge could change a verdict. Any doubtful cycle will do: its alternatives, of which it is not known
    /// what they go through, are doubted as well.
    #[must_use]
    pub fn concerns(&self, edge: EdgeIx) -> bool {
        self.doubtful > 0 && self.edges.contains_key(&edge)
    }

    /// Whether an edge lies on a cycle that is `Possible`: there is no more to be told of it.
    #[must_use]
    pub fn is_certain(&self, edge: EdgeIx) -> bool {
        self.edges.get(&edge).is_some_and(|grade| !is_doubtful(*grade))
    }

    /// The cycles that are not `Possible` so far.
    pub fn doubtful(&self) -> impl Iterator<Item = &Vec<EdgeIx>> {
        self.cycles.iter().filter(|(_, grade)| is_doubtful(**grade)).map(|(cycle, _)| cycle)
    }

    /// The same after the edges were numbered anew. A cycle of which an edge is no more is none any longer.
    #[must_use]
    pub fn renumbered(&self, new: &FxHashMap<EdgeIx, EdgeIx>) -> Told {
        let mut told = Told::default();
        for (cycle, grade) in &self.cycles {
            let cycle: Option<Vec<EdgeIx>> = cycle.iter().map(|edge| new.get(edge).copied()).collect();
            if let Some(cycle) = cycle {
                told.put(&cycle, *grade);
            }
        }
        told
    }
}

fn is_doubtful(grade: Grade) -> bool {
    grade < Grade::Possible
}
