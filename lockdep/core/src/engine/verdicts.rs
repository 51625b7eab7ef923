//! What the evidence amounts to: cycles surveyed and put into words, and all of it judged again.

use super::{Engine, Outcome};
use crate::check::{guard_lost, hierarchy, same_class};
use crate::class::{ClassId, ClassRegistry, Labels};
use crate::evidence::Evidence;
use crate::finding::{Code, CycleEdge, Finding};
use crate::graph::{EdgeIx, Recorded};
use crate::hierarchy::{Hierarchy, Verdict};
use crate::judge::{Judgement, judge};
use crate::render;
use crate::survey::{Judged, Survey, Surveyed};
use std::collections::BTreeMap;

impl Engine {
    /// All findings as the evidence stands now, sorted by grade (surest first), code and id.
    #[must_use]
    pub fn findings(&self, registry: &ClassRegistry) -> Vec<Finding> {
        let labels = registry.labels();
        let mut by_id: BTreeMap<String, Finding> = self.faults.clone();
        let mut put = |finding: Finding| match by_id.get(&finding.id) {
            Some(known) if known.grade >= finding.grade => {}
            _ => drop(by_id.insert(finding.id.clone(), finding)),
        };
        let mut survey = Survey::default();
        for (cycle, judgement) in self.all_cycles(registry, &labels, &mut survey) {
            let finding = self.cycle_finding(registry, &labels, &cycle, None, judgement);
            guard_lost::check(&self.graph, &labels, &cycle, &finding).into_iter().for_each(&mut put);
            put(finding);
        }
        for (&(code, _), evidence) in &self.same_class {
            put(self.same_class_finding(registry, &labels, code, evidence));
        }
        if let Some(hierarchy) = &self.hierarchy {
            for edge in self.graph.edges() {
                hierarchy::check(hierarchy, self, registry, &labels, edge).into_iter().for_each(&mut put);
            }
        }
        survey.cut_short().into_iter().map(render::limit).for_each(&mut put);
        let mut findings: Vec<Finding> = by_id.into_values().collect();
        findings.sort_by(|a, b| (b.grade, a.code, &a.id).cmp(&(a.grade, b.code, &b.id)));
        findings
    }

    /// Looks for cycles through edges whose evidence has changed, and checks them against the hierarchy. Of a cycle that was told
    /// nothing is said again, but for a surer verdict or one more way to wait on it.
    pub(super) fn judge_edges(&mut self, registry: &ClassRegistry, touched: Vec<Recorded>, outcome: &mut Outcome) {
        // Nearly nothing that comes needs words, and labels are made anew after every new class.
        let is_cyclic = touched.iter().any(|recorded| recorded.cyclic);
        if touched.is_empty() || (!is_cyclic && self.hierarchy.is_none()) {
            return;
        }
        let labels = registry.labels();
        self.survey.begin_anew();
        for Recorded { edge, cyclic, stronger, .. } in touched {
            if cyclic && (stronger || !self.told.is_certain(edge)) {
                let surveyed = Surveyed { graph: &self.graph, registry, labels: &labels };
                for (cycle, judgement) in self.survey.through(&surveyed, edge) {
                    if !self.told.put(&cycle, judgement.grade) && !stronger {
                        continue;
                    }
                    let finding = self.cycle_finding(registry, &labels, &cycle, Some(edge), judgement);
                    let lost = guard_lost::check(&self.graph, &labels, &cycle, &finding);
                    self.deliver(finding, outcome);
                    lost.into_iter().for_each(|finding| self.deliver(finding, outcome));
                }
                outcome.cacheable &= !self.is_watched(edge);
            }
            if let Some(hierarchy) = &self.hierarchy {
                let finding = hierarchy::check(hierarchy, self, registry, &labels, self.graph.edge(edge));
                finding.into_iter().for_each(|finding| self.deliver(finding, outcome));
            }
        }
        if let Some(cut_short) = self.survey.cut_short() {
            self.deliver(render::limit(cut_short), outcome);
        }
    }

    /// What was learnt about a whole class (its first write) may raise verdicts on everything it is part of.
    pub(super) fn reopen(&mut self, registry: &ClassRegistry, class: ClassId, outcome: &mut Outcome) {
        let keys: Vec<_> = self.same_class.keys().filter(|(_, node)| node.class == class).copied().collect();
        let concerns = |cycle: &&Vec<EdgeIx>| {
            cycle.iter().any(|&edge| self.graph.node_at(self.graph.edge(edge).from).class == class)
        };
        let cycles: Vec<Vec<EdgeIx>> = self.told.doubtful().filter(concerns).cloned().collect();
        if keys.is_empty() && cycles.is_empty() {
            return;
        }
        let labels = registry.labels();
        for key in keys {
            let finding = self.same_class_finding(registry, &labels, key.0, &self.same_class[&key]);
            self.deliver(finding, outcome);
        }
        for cycle in cycles {
            let judgement = judge(&self.graph, registry, &labels, &cycle);
            let finding = self.cycle_finding(registry, &labels, &cycle, None, judgement);
            self.told.put(&cycle, finding.grade);
            self.deliver(finding, outcome);
        }
    }

    /// The cycles that [`Engine::findings`] speaks of: for each edge on a cycle those worth telling. The graph's
    /// successors are sorted by label first, so that ties fall the same way whatever came first.
    fn all_cycles(&self, registry: &ClassRegistry, labels: &Labels, survey: &mut Survey) -> Vec<Judged> {
        let mut edges: Vec<EdgeIx> = self.graph.cyclic_edges().collect();
        if edges.is_empty() {
            return Vec::new();
        }
        let sorted = self.graph.sorted_by(|node| labels.node(node));
        edges.sort_by_cached_key(|&edge| {
            let edge = sorted.edge(edge);
            (self.node_label(labels, edge.from), self.node_label(labels, edge.to))
        });
        let surveyed = Surveyed { graph: &sorted, registry, labels };
        edges.into_iter().flat_map(|edge| survey.through(&surveyed, edge)).collect()
    }

    fn cycle_finding(
        &self,
        registry: &ClassRegistry,
        labels: &Labels,
        cycle: &[EdgeIx],
        closing: Option<EdgeIx>,
        judgement: Judgement,
    ) -> Finding {
        let odd = self.contradiction(labels, cycle);
        let closing = closing.or(odd.map(|(edge, _)| edge));
        let mut finding = render::cycle(self, registry, labels, cycle, closing, judgement);
        finding.notes.extend(match odd {
            Some((edge, line)) => {
                let edge = self.graph.edge(edge);
                let (from, to) = (self.node_label(labels, edge.from), self.node_label(labels, edge.to));
                Some(format!("`{from}` -> `{to}` is the odd one out: line {line} of the order file speaks against it"))
            }
            None => self.hierarchy.as_ref().map(|hierarchy| opinion(hierarchy, &finding)),
        });
        finding
    }

    /// The edge of a cycle that the documented hierarchy forbids, and the line that does.
    fn contradiction(&self, labels: &Labels, cycle: &[EdgeIx]) -> Option<(EdgeIx, u32)> {
        let hierarchy = self.hierarchy.as_ref()?;
        cycle.iter().find_map(|&index| {
            let edge = self.graph.edge(index);
            let (from, to) = (self.node_label(labels, edge.from), self.node_label(labels, edge.to));
            edge.evidence.pairs().iter().find_map(|(_, want)| match hierarchy.check(&from, &to, want) {
                Verdict::Contradicts { line, .. } => Some((index, line)),
                _ => None,
            })
        })
    }

    pub(super) fn same_class_finding(
        &self,
        registry: &ClassRegistry,
        labels: &Labels,
        code: Code,
        evidence: &Evidence,
    ) -> Finding {
        let graded = evidence.occurrences().iter().map(|seen| (same_class::grade(code, seen, registry, labels), seen));
        let (verdict, seen) =
            graded.reduce(|best, next| if next.0.0 > best.0.0 { next } else { best }).expect("evidence is never empty");
        render::same_class(self, registry, labels, code, seen, verdict)
    }
}

/// What a hierarchy that forbids no edge of a cycle says about it. It cannot declare all of them, because it has no cycle.
fn opinion(hierarchy: &Hierarchy, finding: &Finding) -> String {
    let is_declared = |edge: &&CycleEdge| hierarchy.check(&edge.from, &edge.to, edge.witness.want) == Verdict::Declared;
    let (declared, open): (Vec<&CycleEdge>, Vec<&CycleEdge>) = finding.cycle.iter().partition(is_declared);
    match (&declared[..], &open[..]) {
        ([], _) => "the order file speaks of none of these orders".to_owned(),
        (_, [edge]) => format!("the order file declares all of these orders but `{}` -> `{}`", edge.from, edge.to),
        (_, open) => format!("the order file leaves {} of these orders open", open.len()),
    }
}
