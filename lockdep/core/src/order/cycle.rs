//! Components with more than one node: how a cycle is told from what two searches have reached, and made one.

use super::{ON_CYCLE, Order, Way};
use Way::{Backward, Forward};

impl Order {
    /// The nodes of the component with this representative.
    pub fn members(&self, component: u32) -> impl Iterator<Item = u32> + '_ {
        std::iter::once(component).chain(self.members.get(&component).into_iter().flatten().copied())
    }

    /// The components with more than one node, by their representatives.
    pub fn cyclic_components(&self) -> impl Iterator<Item = u32> + '_ {
        self.members.keys().copied()
    }

    /// Marks and returns the components on a cycle: those before `t` that lead to what was reached backwards, and those after `t` that
    /// are led to from what was reached forwards.
    pub(super) fn cycle(&mut self, before: &[(u64, u32)], after: &[(u64, u32)], t: u32) -> Vec<u32> {
        let mut cycle = Vec::new();
        if self.is_marked(t, Forward as u32) && self.is_marked(t, Backward as u32) {
            self.vertices[t as usize].mark |= ON_CYCLE;
            cycle.push(t);
        }
        let before = before.iter().rev().map(|&(_, vertex)| (vertex, Forward));
        for (vertex, way) in before.chain(after.iter().map(|&(_, vertex)| (vertex, Backward))) {
            let bits = ON_CYCLE | way.opposite() as u32;
            if self.arcs(vertex, way).iter().any(|&end| self.is_marked(self.component(end), bits)) {
                self.vertices[vertex as usize].mark |= ON_CYCLE;
                cycle.push(vertex);
            }
        }
        cycle
    }

    /// Makes one component of some. The one with the most nodes stands for all, so that a node changes its representative a
    /// logarithmic number of times.
    pub(super) fn merge(&mut self, cycle: &[u32]) -> u32 {
        let size = |component: &u32| self.members.get(component).map_or(0, Vec::len);
        let whole = cycle.iter().copied().max_by_key(size).expect("a cycle has components");
        let mut members = self.members.remove(&whole).unwrap_or_default();
        for &part in cycle.iter().filter(|&&part| part != whole) {
            let old = members.len();
            members.push(part);
            members.extend(self.members.remove(&part).unwrap_or_default());
            for &member in &members[old..] {
                self.vertices[member as usize].component = whole;
            }
            let arcs = std::mem::take(&mut self.vertices[part as usize].arcs);
            for (mine, other) in self.vertices[whole as usize].arcs.iter_mut().zip(arcs) {
                mine.append(&mut self.pool, other);
            }
        }
        self.members.insert(whole, members);
        whole
    }
}
