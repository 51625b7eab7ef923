//! Grading: how sure is a strong cycle, given everything that was seen of its edges?
//!
//! **Theorem.** A cycle is graded by its best *choice* of one occurrence per edge. A choice is `Possible` if at every
//! class the wait is blocked by the next edge's hold, no two of its occurrences exclude each other through a gate, no
//! wait ends by itself, and the locks match (instance by instance, or because every class was named by a key). It
//! is `Suspect` if only classes match, a writer that must be queued was never seen, a guard may have left its
//! thread, or the wait is for one end of a channel, which may have others; it is `Excused` if a gate, a short time limit or
//! the order of spawn and join keeps it from happening. Where the locks match instance by
//! instance, a node of the cycle that a third edge's thread holds as well is a gate like any other; where only classes
//! match, it may be another instance, and is none.
//!
//! **Hole.** Evidence is a sample: a choice that no run showed is not weighed. Choices are tried up to
//! [`CHOICE_BUDGET`]; a cycle whose choices were not all tried is never excused.

use crate::class::{ClassRegistry, Labels, LockKind, Node, Origin};
use crate::evidence::Occurrence;
use crate::finding::Grade;
use crate::graph::{DependencyGraph, EdgeIx};
use crate::mode::{Blocked, Mode};
use crate::rule::rule;

/// How many choices of occurrences are weighed per cycle.
pub const CHOICE_BUDGET: usize = 16_384;

/// The verdict on one cycle.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The grade of the best choice.
    pub grade: Grade,
    /// The occurrence chosen for each edge.
    pub chosen: Vec<Occurrence>,
    /// Why the grade is what it is.
    pub notes: Vec<String>,
    /// Whether the budget ended before every choice was weighed.
    pub truncated: bool,
}

/// Weighs a strong cycle.
#[must_use]
pub fn judge(graph: &DependencyGraph, registry: &ClassRegistry, labels: &Labels, cycle: &[EdgeIx]) -> Judgement {
    let nodes: Vec<Node> = cycle.iter().map(|&edge| graph.node_at(graph.edge(edge).from)).collect();
    let keyed = nodes.iter().all(|node| registry.get(node.class).spec.origin == Origin::Key);
    let mut weighing = Weighing {
        graph,
        registry,
        labels,
        cycle,
        nodes,
        keyed,
        chosen: Vec::new(),
        best: None,
        budget: CHOICE_BUDGET,
    };
    weighing.choose();
    let truncated = weighing.budget == 0;
    let Some((grade, chosen, mut notes)) = weighing.best else {
        return unweighed(graph, cycle);
    };
    let saturated = cycle.iter().any(|&edge| graph.edge(edge).evidence.is_saturated());
    if grade == Grade::Excused && (truncated || saturated) {
        notes.push("there is more evidence than was weighed, so this does not excuse it".to_owned());
        return Judgement { grade: Grade::Suspect, chosen, notes, truncated };
    }
    Judgement { grade, chosen, notes, truncated }
}

/// The verdict on a cycle that is strong only through occurrences that were too many to keep.
fn unweighed(graph: &DependencyGraph, cycle: &[EdgeIx]) -> Judgement {
    let first = |&edge: &EdgeIx| graph.edge(edge).evidence.occurrences()[0].clone();
    let note = "the occurrences that make this cycle were too many to keep".to_owned();
    Judgement { grade: Grade::Suspect, chosen: cycle.iter().map(first).collect(), notes: vec![note], truncated: true }
}

struct Weighing<'a> {
    graph: &'a DependencyGraph,
    registry: &'a ClassRegistry,
    labels: &'a Labels,
    cycle: &'a [EdgeIx],
    nodes: Vec<Node>,
    keyed: bool,
    chosen: Vec<&'a Occurrence>,
    best: Option<(Grade, Vec<Occurrence>, Vec<String>)>,
    budget: usize,
}

impl Weighing<'_> {
    /// Extends the choice by every occurrence of the next edge that keeps the path strong.
    fn choose(&mut self) {
        let Some(&edge) = self.cycle.get(self.chosen.len()) else {
            return self.weigh();
        };
        let graph = self.graph;
        for occurrence in graph.edge(edge).evidence.occurrences() {
            if self.is_settled() {
                return;
            }
            let fits = |before: &Occurrence| before.next.want.blocked_by(occurrence.held.mode) != Blocked::No;
            if self.chosen.last().is_none_or(|before| fits(before)) {
                self.chosen.push(occurrence);
                self.choose();
                self.chosen.pop();
            }
        }
    }

    fn is_settled(&self) -> bool {
        self.budget == 0 || self.best.as_ref().is_some_and(|(grade, ..)| *grade >= Grade::Possible)
    }

    fn weigh(&mut self) {
        self.budget -= 1;
        let (first, last) = (self.chosen[0], self.chosen[self.chosen.len() - 1]);
        if last.next.want.blocked_by(first.held.mode) == Blocked::No {
            return;
        }
        let (grade, notes) = self.grade();
        if self.best.as_ref().is_none_or(|(best, ..)| grade > *best) {
            let chosen = self.chosen.iter().map(|&occurrence| occurrence.clone()).collect();
            self.best = Some((grade, chosen, notes));
        }
    }

    fn grade(&self) -> (Grade, Vec<String>) {
        let excuses = self.excuses();
        if !excuses.is_empty() {
            return (Grade::Excused, excuses);
        }
        let doubts = self.doubts();
        if !doubts.is_empty() {
            return (Grade::Suspect, doubts);
        }
        (Grade::Possible, vec![self.weighed()])
    }

    /// What was looked for and not found, so that people need not.
    fn weighed(&self) -> String {
        let locks = match self.instances_match() {
            true => "the same locks meet",
            false => "all classes are named by keys",
        };
        format!("weighed: no gate, spawn or join keeps the sides apart; {locks}")
    }

    fn excuses(&self) -> Vec<String> {
        let matches = rule!("a lock of the cycle can be a gate", self.instances_match());
        let exempt: &[Node] = if matches { &[] } else { &self.nodes };
        let mut excuses = Vec::new();
        for (index, one) in self.chosen.iter().enumerate() {
            for other in &self.chosen[index + 1..] {
                if rule!("spawn and join order", self.registry.segments().ordered(one.phase, other.phase)) {
                    excuses
                        .push("the two sides cannot meet: by spawn or join, one was over before the other".to_owned());
                }
                if let Some(gate) = one.gate(other, exempt).filter(|_| rule!("gates", true)) {
                    excuses.push(format!("the two sides exclude each other: both hold `{}`", self.labels.node(gate)));
                }
            }
            if rule!("short waits end", one.is_short_timed()) {
                let label = self.labels.node(one.next.node);
                excuses.push(format!("the wait for `{label}` gives up after less than a second"));
            }
        }
        excuses.extend(self.no_queue());
        excuses.dedup();
        excuses
    }

    /// A reader waits behind a queued writer only while nobody has the upgradable slot: until then the writer waits for
    /// that, and readers pass it.
    fn no_queue(&self) -> Option<String> {
        let needs_writer = self.joints().filter(|(wait, hold)| {
            wait.next.instance == hold.held.instance
                && wait.next.want.blocked_by(hold.held.mode) == Blocked::BehindWriter
        });
        let holds = |wait: &Occurrence| self.chosen.iter().any(|one| one.holds(wait.next.instance, Mode::Upgradable));
        let passed = |wait: &&Occurrence| rule!("readers pass writers that cannot queue", holds(wait));
        needs_writer.map(|(wait, _)| wait).find(passed).map(|wait| {
            let label = self.labels.node(wait.next.node);
            format!("no writer can queue up for `{label}` while one side holds it upgradably")
        })
    }

    fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        if rule!("unnamed classes are doubted", !self.instances_match() && !self.keyed) {
            doubts.push(
                "seen on different instances of these classes, and not every class was named by a key".to_owned(),
            );
        }
        for (wait, hold) in self.joints() {
            let class = wait.next.node.class;
            let behind_writer = wait.next.want.blocked_by(hold.held.mode) == Blocked::BehindWriter;
            if rule!("a queued writer must exist", behind_writer && !self.registry.get(class).written) {
                doubts
                    .push(format!("no write of `{}` was seen, and it takes a queued writer", self.labels.class(class)));
            }
            let is_channel = self.registry.get(class).spec.kind == LockKind::Channel;
            if rule!("another may send", is_channel) {
                let label = self.labels.class(class);
                doubts.push(format!("somebody else may send to `{label}`, and so end the wait"));
            }
            if hold.held.may_have_left {
                let label = self.labels.node(hold.held.node);
                doubts.push(format!("the guard of `{label}` may have moved to another thread"));
            }
        }
        doubts
    }

    fn instances_match(&self) -> bool {
        // A context interrupts whichever thread it meets, so that any of its runs is the one that is waited for.
        let is_context = |node: Node| self.registry.is_context(node.class);
        self.joints().all(|(wait, hold)| wait.next.instance == hold.held.instance || is_context(wait.next.node))
    }

    /// Each wait with the hold that blocks it.
    fn joints(&self) -> impl Iterator<Item = (&Occurrence, &Occurrence)> {
        let holds = self.chosen.iter().cycle().skip(1);
        self.chosen.iter().zip(holds).map(|(&wait, &hold)| (wait, hold))
    }
}
