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
//! An excuse or a doubt that two occurrences have stays whatever else is chosen. So a choice is built up edge by edge, for
//! each grade from the surest down, and given up as soon as it cannot come to that grade any more.
//!
//! **Hole.** Evidence is a sample: a choice that no run showed is not weighed. Occurrences are tried up to
//! [`CHOICE_BUDGET`] times; a cycle whose choices were not all tried is never excused.

use crate::class::{ClassRegistry, Labels, LockKind, Node, Origin};
use crate::evidence::Occurrence;
use crate::finding::Grade;
use crate::gates::Gates;
use crate::graph::{DependencyGraph, EdgeIx};
use crate::mode::{Blocked, Mode};
use crate::rule::rule;
use crate::segment::Phase;
use rustc_hash::{FxHashMap, FxHashSet};

/// How many occurrences are tried per grade and cycle, besides one for each edge.
pub const CHOICE_BUDGET: usize = 65_536;

/// The verdict on one cycle.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The grade of the best choice.
    pub grade: Grade,
    /// The occurrence chosen for each edge.
    pub chosen: Vec<Occurrence>,
    /// Why the grade is what it is.
    pub notes: Vec<String>,
}

/// Weighs a strong cycle.
#[must_use]
pub fn judge(graph: &DependencyGraph, registry: &ClassRegistry, labels: &Labels, cycle: &[EdgeIx]) -> Judgement {
    let nodes: FxHashSet<Node> = cycle.iter().map(|&edge| graph.node_at(graph.edge(edge).from)).collect();
    let keyed = nodes.iter().all(|node| is_keyed(registry, *node));
    let mut weighing = Weighing {
        graph,
        registry,
        labels,
        cycle,
        nodes,
        keyed,
        chosen: Vec::new(),
        gates: Gates::default(),
        phases: FxHashMap::default(),
        truncated: false,
    };
    if let Some(judgement) = weighing.choose(Grade::Possible).or_else(|| weighing.choose(Grade::Suspect)) {
        return judgement;
    }
    let truncated = weighing.truncated;
    let Some(mut judgement) = weighing.choose(Grade::Excused) else { return unweighed(graph, cycle) };
    if truncated || cycle.iter().any(|&edge| graph.edge(edge).evidence.is_saturated()) {
        judgement.notes.push("there is more evidence than was weighed, so this does not excuse it".to_owned());
        judgement.grade = Grade::Suspect;
    }
    judgement
}

/// The verdict on a cycle that is strong only through occurrences that were too many to keep.
fn unweighed(graph: &DependencyGraph, cycle: &[EdgeIx]) -> Judgement {
    let first = |&edge: &EdgeIx| graph.edge(edge).evidence.occurrences()[0].clone();
    let note = "the occurrences that make this cycle were too many to keep".to_owned();
    Judgement { grade: Grade::Suspect, chosen: cycle.iter().map(first).collect(), notes: vec![note] }
}

/// Whether a cycle can be of grade `aim` if it goes along this path and then takes `next`, as far as pairs of occurrences show.
/// `may_meet` says which nodes may lie on the cycle, and are no gates of it then.
#[must_use]
pub fn may_become(
    aim: Grade,
    graph: &DependencyGraph,
    registry: &ClassRegistry,
    path: &[EdgeIx],
    next: EdgeIx,
    may_meet: impl Fn(Node) -> bool,
) -> bool {
    let evidence = |edge: EdgeIx| &graph.edge(edge).evidence;
    // What was too many to keep makes Suspect what would be excused.
    let unseen = |edge: EdgeIx| aim < Grade::Possible && evidence(edge).is_saturated();
    if unseen(next) || path.iter().any(|&edge| unseen(edge)) {
        return true;
    }
    let last = path[path.len() - 1];
    let ends = [graph.edge(last).from, graph.edge(next).from, graph.edge(next).to];
    let keyed = ends.iter().all(|&node| is_keyed(registry, graph.node_at(node)));
    path.iter().all(|&edge| {
        evidence(edge).occurrences().iter().any(|one| {
            let fits = |other: &Occurrence| {
                let joins = edge != last || may_join(aim, registry, keyed, one, other);
                joins
                    && !is_short(other)
                    && !are_ordered(registry, one.phase, other.phase)
                    && (one.gate(other, &may_meet).is_none() || !rule!("gates", true))
            };
            evidence(next).occurrences().iter().any(fits)
        })
    })
}

fn is_keyed(registry: &ClassRegistry, node: Node) -> bool {
    registry.get(node.class).spec.origin == Origin::Key
}

fn is_short(seen: &Occurrence) -> bool {
    rule!("short waits end", seen.is_short_timed())
}

fn are_ordered(registry: &ClassRegistry, one: Phase, other: Phase) -> bool {
    rule!("spawn and join order", registry.segments().ordered(one, other))
}

/// Whether it is the same lock that one waits for and the other holds.
fn is_same_lock(registry: &ClassRegistry, wait: &Occurrence, hold: &Occurrence) -> bool {
    // A context interrupts whichever thread it meets, so that any of its runs is the one that is waited for.
    wait.next.instance == hold.held.instance || registry.is_context(wait.next.node.class)
}

/// Whether it takes a queued writer for one to wait for the other, and none was seen.
fn lacks_writer(registry: &ClassRegistry, wait: &Occurrence, hold: &Occurrence) -> bool {
    let behind_writer = wait.next.want.blocked_by(hold.held.mode) == Blocked::BehindWriter;
    rule!("a queued writer must exist", behind_writer && !registry.get(wait.next.node.class).written)
}

/// Whether somebody who is not on the cycle may end the wait.
fn ends_otherwise(registry: &ClassRegistry, wait: &Occurrence) -> bool {
    rule!("another may send", registry.get(wait.next.node.class).spec.kind == LockKind::Channel)
}

/// Whether one waits for the other, in a cycle of grade `aim`.
fn may_join(aim: Grade, registry: &ClassRegistry, keyed: bool, wait: &Occurrence, hold: &Occurrence) -> bool {
    if wait.next.want.blocked_by(hold.held.mode) == Blocked::No {
        return false;
    }
    let is_doubted = || {
        rule!("unnamed classes are doubted", !keyed && !is_same_lock(registry, wait, hold))
            || lacks_writer(registry, wait, hold)
            || ends_otherwise(registry, wait)
            || hold.held.may_have_left
    };
    aim < Grade::Possible || !is_doubted()
}

struct Weighing<'a> {
    graph: &'a DependencyGraph,
    registry: &'a ClassRegistry,
    labels: &'a Labels,
    cycle: &'a [EdgeIx],
    nodes: FxHashSet<Node>,
    keyed: bool,
    chosen: Vec<&'a Occurrence>,
    /// What is chosen: the gates outside of the cycle, and how often each phase is in it.
    gates: Gates,
    phases: FxHashMap<Phase, usize>,
    /// Whether the last search ended with its budget.
    truncated: bool,
}

/// Why a choice is harmless.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Excuse {
    Ordered,
    Gate(Node),
    Short(Node),
}

impl<'a> Weighing<'a> {
    /// The first choice that comes to the grade `aim`.
    fn choose(&mut self, aim: Grade) -> Option<Judgement> {
        let graph = self.graph;
        let mut budget = CHOICE_BUDGET + self.cycle.len();
        // Of each edge that is chosen for, and of the next one, which occurrence comes next.
        let mut turns = vec![0];
        while !self.chosen.is_empty() {
            self.pop();
        }
        self.truncated = false;
        while let Some(turn) = turns.last_mut() {
            let edge = graph.edge(self.cycle[self.chosen.len()]);
            let Some(occurrence) = edge.evidence.occurrences().get(*turn) else {
                turns.pop();
                self.pop();
                continue;
            };
            *turn += 1;
            let is_last = self.chosen.len() + 1 == self.cycle.len();
            let cost = if is_last { self.cycle.len() } else { 1 };
            let Some(left) = budget.checked_sub(cost) else {
                self.truncated = true;
                return None;
            };
            budget = left;
            if !self.admits(aim, occurrence) {
                continue;
            }
            self.push(occurrence);
            if !is_last {
                turns.push(0);
                continue;
            }
            let (grade, notes) = self.grade();
            if grade >= aim {
                let chosen = self.chosen.iter().map(|&occurrence| occurrence.clone()).collect();
                return Some(Judgement { grade, chosen, notes });
            }
            self.pop();
        }
        None
    }

    /// Whether the choice can still come to the grade `aim` with one occurrence more.
    fn admits(&self, aim: Grade, next: &Occurrence) -> bool {
        let joins = |wait: &Occurrence, hold: &Occurrence| may_join(aim, self.registry, self.keyed, wait, hold);
        let follows = self.chosen.last().is_none_or(|last| joins(last, next));
        let closes = || joins(next, self.chosen.first().copied().unwrap_or(next));
        if !follows || (self.chosen.len() + 1 == self.cycle.len() && !closes()) {
            return false;
        }
        aim < Grade::Suspect
            || !(is_short(next)
                || self.phases.keys().any(|phase| are_ordered(self.registry, *phase, next.phase))
                || self.gates.against(next, |node| self.nodes.contains(&node)).next().is_some())
    }

    fn push(&mut self, next: &'a Occurrence) {
        self.gates.push(next, |node| self.nodes.contains(&node));
        *self.phases.entry(next.phase).or_default() += 1;
        self.chosen.push(next);
    }

    fn pop(&mut self) {
        if let Some(last) = self.chosen.pop() {
            self.gates.pop(last, |node| self.nodes.contains(&node));
            let count = self.phases.entry(last.phase).or_default();
            *count -= 1;
            if *count == 0 {
                self.phases.remove(&last.phase);
            }
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
        let is_exempt = |node: Node| !matches && self.nodes.contains(&node);
        let (mut gates, mut excuses) = (Gates::default(), Vec::new());
        for one in &self.chosen {
            let ordered = self.phases.keys().any(|phase| are_ordered(self.registry, *phase, one.phase));
            let gates_here = gates.against(one, is_exempt).map(Excuse::Gate);
            let short = is_short(one).then_some(Excuse::Short(one.next.node));
            for excuse in ordered.then_some(Excuse::Ordered).into_iter().chain(gates_here).chain(short) {
                if !excuses.contains(&excuse) {
                    excuses.push(excuse);
                }
            }
            gates.push(one, is_exempt);
        }
        let in_words = |excuse: Excuse| match excuse {
            Excuse::Ordered => "the two sides cannot meet: by spawn or join, one was over before the other".to_owned(),
            Excuse::Gate(gate) => {
                format!("the two sides exclude each other: both hold `{}`", self.labels.node(gate))
            }
            Excuse::Short(node) => {
                format!("the wait for `{}` gives up after less than a second", self.labels.node(node))
            }
        };
        excuses.into_iter().map(in_words).chain(self.no_queue()).collect()
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
            if lacks_writer(self.registry, wait, hold) {
                let label = self.labels.class(wait.next.node.class);
                doubts.push(format!("no write of `{label}` was seen, and it takes a queued writer"));
            }
            if ends_otherwise(self.registry, wait) {
                let label = self.labels.class(wait.next.node.class);
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
        self.joints().all(|(wait, hold)| is_same_lock(self.registry, wait, hold))
    }

    /// Each wait with the hold that blocks it.
    fn joints(&self) -> impl Iterator<Item = (&Occurrence, &Occurrence)> {
        let holds = self.chosen.iter().cycle().skip(1);
        self.chosen.iter().zip(holds).map(|(&wait, &hold)| (wait, hold))
    }
}
