//! Threads that wait for each other now.
//!
//! A thread that cannot get a lock publishes what it waits for, and if it holds anything, looks whether it has closed a cycle
//! of waiting threads. A lock that is free costs nothing of this.
//!
//! **Theorem.** A blocked thread goes on only when all that block it have gone away, so a cycle of blocked threads is a
//! deadlock. The last of them to publish sees the waits of all others ([`Wait`](lockdep_rt::Wait)), so a deadlock among
//! instrumented locks is found when it happens.
//!
//! **Hole.** Waits with a time limit end by themselves and waits on condition variables are for nobody's release, so both
//! are none here, and a guard that was given to another thread is looked for where it was acquired. A thread that was let in shows as waiting for a moment longer: a
//! cycle counts only once it was seen unchanged several times, by a thread that has nothing better to do.

use super::state::{State, Work};
use super::{Busy, hang, held_in, instance, listener, mode_in, node, state, to_site, want_in};
use lockdep_core::finding::{Code, CycleEdge, Finding, Grade, HeldLabel, Witness};
use lockdep_core::id;
use lockdep_core::mode::{Blocked, DepKind, Manner, Mode, Want};
use lockdep_rt::{Block, ClassWord, Entry, How, Waited};
use std::panic::Location;
use std::time::Duration;

/// How often a cycle must be seen unchanged, and the pause in between.
const CONFIRMATIONS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(2);

/// Publishes that this thread waits for a lock, until it is dropped.
#[derive(Debug)]
pub(crate) struct Waiting(Option<&'static Block>);

impl Waiting {
    /// # Panics
    /// If the wait would complete a deadlock and the policy is to panic.
    pub(crate) fn start(word: &ClassWord, how: How, site: &'static Location<'static>) -> Waiting {
        listener::refuse(word, site);
        let waiting = Waiting::publish(word, how, site, false);
        if let Some(block) = waiting.0.filter(|block| !block.held().is_empty()) {
            look(block);
        }
        waiting
    }

    /// The same for a wait that gives up: it completes no deadlock, and is told in the dump of who holds and waits.
    pub(crate) fn limited(word: &ClassWord, how: How, site: &'static Location<'static>) -> Waiting {
        Waiting::publish(word, how, site, true)
    }

    fn publish(word: &ClassWord, how: How, site: &'static Location<'static>, gives_up: bool) -> Waiting {
        hang::watch();
        let bound = word.load();
        let block = lockdep_rt::current().filter(|_| ClassWord::is_bound_in(bound));
        if let Some(block) = block {
            block.wait.start(bound, how, site, gives_up);
        }
        Waiting(block)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(block) = self.0 {
            block.wait.end();
        }
    }
}

/// A blocked thread of a cycle. Each waits for something that the next one holds, and the last for something of the first.
#[derive(Clone, Copy)]
struct Stuck {
    block: &'static Block,
    waits: Waited,
}

impl PartialEq for Stuck {
    fn eq(&self, other: &Stuck) -> bool {
        std::ptr::eq(self.block, other.block) && self.waits.count == other.waits.count
    }
}

/// Reports the deadlock that this thread has just completed, if it has.
fn look(me: &'static Block) {
    let Some(mut cycle) = cycle_of(me) else { return };
    let mut seen = 0;
    while seen < CONFIRMATIONS {
        std::thread::sleep(PAUSE);
        match cycle_of(me) {
            Some(again) if again == cycle => seen += 1,
            Some(again) => (cycle, seen) = (again, 0),
            None => return,
        }
    }
    let Some(busy) = Busy::start() else { return };
    let mut work = Work::new();
    {
        let mut state = state();
        if let Some(finding) = report(&mut state, &cycle) {
            work.findings.extend(state.engine.blocked(finding));
        }
    }
    busy.finish(work);
}

/// What a thread waits for until it gets it.
fn wait_of(block: &Block) -> Option<Waited> {
    block.wait.get().filter(|wait| !wait.gives_up)
}

fn cycle_of(me: &'static Block) -> Option<Vec<Stuck>> {
    let mut path = vec![Stuck { block: me, waits: wait_of(me)? }];
    let mut seen = vec![std::ptr::from_ref(me)];
    extend(&mut path, &mut seen, me).then_some(path)
}

fn extend(path: &mut Vec<Stuck>, seen: &mut Vec<*const Block>, me: &'static Block) -> bool {
    let last = path[path.len() - 1];
    for block in lockdep_rt::blocks().filter(|block| !std::ptr::eq(*block, last.block)) {
        if blocking_entry(block, last.waits).is_none() {
            continue;
        }
        if std::ptr::eq(block, me) {
            return true;
        }
        let Some(waits) = wait_of(block).filter(|_| !seen.contains(&std::ptr::from_ref(block))) else { continue };
        seen.push(block);
        path.push(Stuck { block, waits });
        if extend(path, seen, me) {
            return true;
        }
        path.pop();
    }
    false
}

/// What a thread holds that keeps a waiter out.
fn blocking_entry(block: &'static Block, waits: Waited) -> Option<&'static Entry> {
    let lock = instance(waits.word);
    let want = want_in(waits.how);
    block.held().iter().find(|entry| {
        let this = entry.is_lock() && instance(entry.word()) == lock;
        this && match mode_in(entry).map(|mode| want.blocked_by(mode)) {
            Some(Blocked::Always) => true,
            Some(Blocked::BehindWriter) => a_writer_queues(waits.word),
            Some(Blocked::No) | None => false,
        }
    })
}

/// Whether a writer waits for the lock, and not for somebody's upgradable hold of it.
fn a_writer_queues(word: usize) -> bool {
    let lock = instance(word);
    let queues = |wait: Waited| instance(wait.word) == lock && matches!(want_in(wait.how), Want::Write | Want::Upgrade);
    let holds_upgradably = |block: &Block| {
        let mut held = block.held().iter().filter(|entry| entry.is_lock());
        held.any(|entry| instance(entry.word()) == lock && mode_in(entry) == Some(Mode::Upgradable))
    };
    lockdep_rt::blocks().any(|block| {
        let wait = wait_of(block).filter(|wait| queues(*wait));
        wait.is_some_and(|wait| want_in(wait.how) == Want::Upgrade || !lockdep_rt::blocks().any(holds_upgradably))
    })
}

fn report(state: &mut State, cycle: &[Stuck]) -> Option<Finding> {
    let labels = state.registry.labels();
    let mut edges = Vec::new();
    for (index, stuck) in cycle.iter().enumerate() {
        let before = cycle[(index + cycle.len() - 1) % cycle.len()];
        let entry = blocking_entry(stuck.block, before.waits)?;
        let held = held_in(&mut state.registry, entry)?;
        let held_label = HeldLabel::new(&state.registry, &labels, &held);
        let (actor, want) = (state.actor(stuck.block), want_in(stuck.waits.how));
        let wanted = labels.node(node(stuck.waits.word, stuck.waits.how));
        edges.push(CycleEdge {
            from: held_label.label.clone(),
            to: wanted.clone(),
            kind: DepKind::of(held.mode, want),
            closing: index == 0,
            count: 1,
            witness: Witness {
                thread: actor.thread,
                test: actor.test,
                held: Some(held_label),
                wanted,
                want,
                manner: Manner::Block,
                site: to_site(stuck.waits.site),
                also_held: Vec::new(),
            },
        });
    }
    let smallest = (0..edges.len()).min_by_key(|&index| edges[index].from.clone())?;
    edges.rotate_left(smallest);
    let names: Vec<String> = edges.iter().map(|edge| format!("`{}`", edge.witness.thread)).collect();
    Some(Finding {
        code: Code::Deadlock,
        grade: Grade::Blocked,
        level: Grade::Blocked.default_level(),
        id: id::of_cycle(Code::Deadlock, &edges),
        classes: edges.iter().map(|edge| edge.from.clone()).collect(),
        title: format!("{} wait for each other and will never go on", names.join(" and ")),
        cycle: edges,
        witness: None,
        notes: Vec::new(),
    })
}
