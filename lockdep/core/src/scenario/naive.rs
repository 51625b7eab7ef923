//! The naive driver and the oracle's twin: judges a log by brute force, with every rule spelt out once more.
//!
//! It shares with the engine the log, the table of who blocks whom, and nothing else: every simple cycle is enumerated, every
//! choice of occurrences weighed, and the best grade of each set of classes kept.

use crate::class::{LockKind, Origin};
use crate::finding::{Code, Finding, Grade};
use crate::log::{ChainRecord, ClassRecord, HeldRecord, NextRecord, Record, read_str};
use crate::mode::{Blocked, Manner, Mode, TIMED_BLOCKS_FROM_MS, Want};
use crate::segment::Segment;
use std::collections::{BTreeMap, BTreeSet};

/// A class and a subclass.
type Node = (u32, u32);

/// One lock that was held when another was wanted, and everything that was held then.
#[derive(Clone)]
struct Seen<'a> {
    held: &'a HeldRecord,
    next: &'a NextRecord,
    chain: &'a ChainRecord,
}

impl Seen<'_> {
    fn from(&self) -> Node {
        (self.held.class, self.held.subclass)
    }

    fn to(&self) -> Node {
        (self.next.class, self.next.subclass)
    }

    fn holds(&self, instance: u64, mode: Mode) -> bool {
        self.chain.held.iter().any(|held| held.instance == instance && held.mode == mode && !held.may_have_left)
    }
}

/// Everything that there is to say about a log.
///
/// # Panics
/// If the text is no log.
#[must_use]
pub fn judge(log: &str) -> Vec<Finding> {
    let (_, records, _) = read_str(log).expect("a validator writes logs");
    let mut facts = Facts::default();
    for record in &records {
        match record {
            Record::Class(class) => drop(facts.classes.insert(class.id, class)),
            Record::Segment(segment) => drop(facts.segments.insert(segment.id, segment)),
            Record::Fault { code, title, .. } => facts.put(*code, Grade::Possible, [title.clone()]),
            _ => {}
        }
    }
    let chains = || {
        records.iter().filter_map(|record| match record {
            Record::Chain(chain) => Some(chain),
            _ => None,
        })
    };
    let chains: Vec<&ChainRecord> = chains().filter(|chain| !facts.classes[&chain.next.class].novalidate).collect();
    facts.written =
        chains.iter().filter(|chain| chain.next.want.mode() == Mode::Write).map(|chain| chain.next.class).collect();
    let seen: Vec<Seen<'_>> = chains.iter().flat_map(|chain| facts.take(chain)).collect();
    let nodes: BTreeSet<Node> = seen.iter().map(Seen::from).collect();
    for start in nodes {
        facts.extend(&seen, &mut Vec::new(), start, start);
    }
    facts.lost_guards(&seen);
    let found = facts.found.into_iter();
    found.map(|((code, classes), grade)| finding(code, grade, classes.into_iter().collect())).collect()
}

fn finding(code: Code, grade: Grade, classes: Vec<String>) -> Finding {
    let (id, title, cycle, notes) = Default::default();
    let level = grade.default_level();
    Finding { code, grade, level, id, classes, title, cycle, witness: None, notes }
}

#[derive(Default)]
struct Facts<'a> {
    classes: BTreeMap<u32, &'a ClassRecord>,
    segments: BTreeMap<u32, &'a Segment>,
    written: BTreeSet<u32>,
    found: BTreeMap<(Code, BTreeSet<String>), Grade>,
    /// The cycles that are not excused, by their nodes.
    open: BTreeSet<Vec<Node>>,
}

impl<'a> Facts<'a> {
    fn put(&mut self, code: Code, grade: Grade, classes: impl IntoIterator<Item = String>) {
        let best = self.found.entry((code, classes.into_iter().collect())).or_insert(grade);
        *best = (*best).max(grade);
    }

    fn name(&self, (class, subclass): Node) -> String {
        match subclass {
            0 => self.classes[&class].spec.name.to_string(),
            subclass => format!("{}/{subclass}", self.classes[&class].spec.name),
        }
    }

    fn kind(&self, (class, _): Node) -> LockKind {
        self.classes[&class].spec.kind
    }

    /// Judges one chain by itself. Returns the dependencies it makes.
    fn take(&mut self, chain: &'a ChainRecord) -> Vec<Seen<'a>> {
        let next = &chain.next;
        let (node, waits) = ((next.class, next.subclass), next.manner != Manner::Try);
        let mut dependencies = Vec::new();
        for held in &chain.held {
            if self.classes[&held.class].novalidate {
                continue;
            }
            let blocked = waits && next.want.blocked_by(held.mode) != Blocked::No;
            let seen = Seen { held, next, chain };
            let wrong = match (held.rank, next.rank) {
                _ if held.instance == next.instance => (blocked && !next.reentrant).then_some(Code::SelfDeadlock),
                _ if seen.from() != node => {
                    dependencies.extend(waits.then_some(seen.clone()));
                    None
                }
                (Some(outer), Some(inner)) => (outer >= inner && waits).then_some(Code::WrongNest),
                _ => (blocked && next.nest.is_none()).then_some(Code::Recursion),
            };
            if let Some(code) = wrong {
                let grade = self.same_class(code, &seen);
                self.put(code, grade, [self.name(node)]);
            }
        }
        if waits && next.nest.is_some_and(|nest| chain.held.iter().all(|held| held.instance != nest)) {
            self.put(Code::WrongNest, Grade::Possible, [self.name(node)]);
        }
        if let Some(wanted) = self.classes[&next.class].wait.filter(|_| waits) {
            let forbids =
                |held: &HeldRecord| self.classes[&held.class].wait.is_some_and(|wait| wait.inner < wanted.outer);
            if chain.held.iter().any(forbids) {
                self.put(Code::WaitType, Grade::Possible, [self.name(node)]);
            }
        }
        dependencies
    }

    fn same_class(&self, code: Code, seen: &Seen<'_>) -> Grade {
        let unnamed = self.classes[&seen.next.class].spec.origin == Origin::Birth;
        if is_short(seen) {
            Grade::Excused
        } else if !self.queues(seen, seen) || seen.held.may_have_left || (code == Code::Recursion && unnamed) {
            Grade::Suspect
        } else {
            Grade::Possible
        }
    }

    /// Whether the writer was seen that has to queue for the one to wait for the other, if one has to.
    fn queues(&self, wait: &Seen<'_>, hold: &Seen<'_>) -> bool {
        wait.next.want.blocked_by(hold.held.mode) == Blocked::Always || self.written.contains(&wait.next.class)
    }

    /// Extends a path by every dependency that it can go on with; one that is back at its start is a cycle.
    fn extend(&mut self, seen: &[Seen<'a>], path: &mut Vec<Seen<'a>>, start: Node, at: Node) {
        for next in seen.iter().filter(|next| next.from() == at) {
            if path.last().is_some_and(|before| !is_blocked(before, next)) {
                continue;
            }
            path.push(next.clone());
            if next.to() == start {
                if is_blocked(next, &path[0]) {
                    self.weigh(path);
                }
            } else if next.to() > start && path.iter().all(|edge| edge.from() != next.to()) {
                self.extend(seen, path, start, next.to());
            }
            path.pop();
        }
    }

    fn weigh(&mut self, cycle: &[Seen<'a>]) {
        let nodes: Vec<Node> = cycle.iter().map(Seen::from).collect();
        let is_context = |node: &Node| self.kind(*node) == LockKind::Context;
        let code = if nodes.iter().any(is_context) { Code::Context } else { Code::Inversion };
        let matches =
            joints(cycle).all(|(wait, hold)| wait.next.instance == hold.held.instance || is_context(&wait.to()));
        let pairs = || {
            cycle.iter().enumerate().flat_map(|(index, one)| cycle[index + 1..].iter().map(move |other| (one, other)))
        };
        let exempt: &[Node] = if matches { &[] } else { &nodes };
        let excused = cycle.iter().any(is_short)
            || pairs().any(|(one, other)| is_gated(one, other, exempt) || self.is_ordered(one, other))
            || joints(cycle).any(|(wait, hold)| passes(cycle, wait, hold));
        let named = nodes.iter().all(|node| self.classes[&node.0].spec.origin == Origin::Key);
        let is_channel = |node: &Node| self.kind(*node) == LockKind::Channel;
        let doubtful = (!matches && !named)
            || nodes.iter().any(is_channel)
            || joints(cycle).any(|(wait, hold)| !self.queues(wait, hold) || hold.held.may_have_left);
        let grade = match (excused, doubtful) {
            (true, _) => Grade::Excused,
            (_, true) => Grade::Suspect,
            _ => Grade::Possible,
        };
        let classes: Vec<String> = nodes.iter().map(|node| self.name(*node)).collect();
        self.put(code, grade, classes);
        if !excused && code == Code::Inversion {
            self.open.insert(nodes);
        }
    }

    /// Whether one was over before the other began, on another thread.
    fn is_ordered(&self, one: &Seen<'_>, other: &Seen<'_>) -> bool {
        let (one, other) = (one.chain, other.chain);
        let thread = |chain: &ChainRecord| self.segments.get(&chain.segment).map(|segment| segment.thread);
        one.test == other.test
            && thread(one).is_some()
            && thread(other).is_some()
            && thread(one) != thread(other)
            && (self.reaches(one.segment, other.segment) || self.reaches(other.segment, one.segment))
    }

    fn reaches(&self, from: u32, to: u32) -> bool {
        from == to
            || self.segments.get(&to).is_some_and(|segment| segment.after.iter().any(|&at| self.reaches(from, at)))
    }

    /// Cycles that are not excused although two of their sides do share a gate somewhere.
    fn lost_guards(&mut self, seen: &[Seen<'a>]) {
        for nodes in std::mem::take(&mut self.open) {
            let of = |index: usize| {
                let ends = (nodes[index], nodes[(index + 1) % nodes.len()]);
                seen.iter().filter(move |seen| (seen.from(), seen.to()) == ends)
            };
            let shared = (0..nodes.len()).any(|one| {
                (one + 1..nodes.len())
                    .any(|other| of(one).any(|left| of(other).any(|right| is_gated(left, right, &nodes))))
            });
            if shared {
                self.put(
                    Code::GuardLost,
                    Grade::Suspect,
                    nodes.iter().map(|node| self.name(*node)).collect::<Vec<_>>(),
                );
            }
        }
    }
}

fn is_blocked(wait: &Seen<'_>, hold: &Seen<'_>) -> bool {
    wait.next.want.blocked_by(hold.held.mode) != Blocked::No
}

fn is_short(seen: &Seen<'_>) -> bool {
    matches!(seen.next.manner, Manner::Timed(limit) if limit < TIMED_BLOCKS_FROM_MS)
}

/// Each wait of a cycle with the hold that blocks it.
fn joints<'c, 'a>(cycle: &'c [Seen<'a>]) -> impl Iterator<Item = (&'c Seen<'a>, &'c Seen<'a>)> {
    cycle.iter().zip(cycle.iter().cycle().skip(1))
}

/// Whether both hold one lock in ways that exclude each other.
fn is_gated(one: &Seen<'_>, other: &Seen<'_>, exempt: &[Node]) -> bool {
    let counts = |held: &&HeldRecord| !held.may_have_left && !exempt.contains(&(held.class, held.subclass));
    one.chain.held.iter().filter(counts).any(|mine| {
        let mut theirs = other.chain.held.iter().filter(counts);
        theirs.any(|theirs| theirs.instance == mine.instance && theirs.mode.excludes(mine.mode))
    })
}

/// Whether a reader passes the writers that would have to queue, because somebody holds the lock upgradably.
fn passes(cycle: &[Seen<'_>], wait: &Seen<'_>, hold: &Seen<'_>) -> bool {
    wait.next.instance == hold.held.instance
        && wait.next.want != Want::Upgrade
        && wait.next.want.blocked_by(hold.held.mode) == Blocked::BehindWriter
        && cycle.iter().any(|seen| seen.holds(wait.next.instance, Mode::Upgradable))
}
