//! The slow twin: every simple cycle, every choice of occurrences, every rule spelt out.

use super::program::{Program, Step, name};
use lockdep_core::mode::{Blocked, Mode, Want};
use std::collections::BTreeSet;

/// One blocking acquisition, for one of the locks that were held.
#[derive(Clone, Debug)]
struct Occurrence {
    from: usize,
    mode: Mode,
    to: usize,
    want: Want,
    held: Vec<(usize, Mode)>,
}

/// The class sets of all cycles that can deadlock as observed in the serial run.
#[must_use]
pub fn possible_cycles(program: &Program) -> BTreeSet<BTreeSet<String>> {
    let (occurrences, written) = observe(program);
    let mut found = BTreeSet::new();
    for start in 0..program.locks.len() {
        extend(&occurrences, &written, &mut Vec::new(), start, start, &mut found);
    }
    found
}

fn observe(program: &Program) -> (Vec<Occurrence>, BTreeSet<usize>) {
    let (mut occurrences, mut written) = (Vec::new(), BTreeSet::new());
    for thread in 0..program.threads.len() {
        let mut held: Vec<(usize, Mode)> = Vec::new();
        for step in program.steps(thread) {
            let (to, want, waits) = match step {
                Step::Acquire { lock, want, is_try, .. } => (lock, want, !is_try),
                Step::Upgrade(lock) => (lock, Want::Upgrade, true),
                Step::Release(lock) => {
                    held.retain(|(other, _)| *other != lock);
                    continue;
                }
                Step::Downgrade(lock) => {
                    held.iter_mut().filter(|(other, _)| *other == lock).for_each(|(_, mode)| *mode = Mode::Downgraded);
                    continue;
                }
            };
            if want.mode() == Mode::Write {
                written.insert(to);
            }
            for &(from, mode) in held.iter().filter(|(from, _)| waits && *from != to) {
                occurrences.push(Occurrence { from, mode, to, want, held: held.clone() });
            }
            held.retain(|(other, _)| *other != to);
            held.push((to, want.mode()));
        }
    }
    (occurrences, written)
}

/// Extends a path by every occurrence; a path that is back at its start is a cycle.
fn extend(
    occurrences: &[Occurrence],
    written: &BTreeSet<usize>,
    path: &mut Vec<Occurrence>,
    start: usize,
    at: usize,
    found: &mut BTreeSet<BTreeSet<String>>,
) {
    for next in occurrences.iter().filter(|next| next.from == at) {
        if path.last().is_some_and(|before| !waits(before, next, written)) {
            continue;
        }
        if next.to == start {
            path.push(next.clone());
            if waits(next, &path[0], written) && !is_guarded(path) && !readers_pass(path) {
                found.insert(path.iter().map(|edge| name(edge.from)).collect());
            }
            path.pop();
        } else if next.to > start && path.iter().all(|edge| edge.from != next.to) {
            path.push(next.clone());
            extend(occurrences, written, path, start, next.to, found);
            path.pop();
        }
    }
}

/// Whether what `before` wants is kept from it by what `next` holds.
fn waits(before: &Occurrence, next: &Occurrence, written: &BTreeSet<usize>) -> bool {
    match before.want.blocked_by(next.mode) {
        Blocked::Always => true,
        Blocked::BehindWriter => written.contains(&before.to),
        Blocked::No => false,
    }
}

/// Whether two of the occurrences hold one lock in ways that exclude each other.
fn is_guarded(cycle: &[Occurrence]) -> bool {
    cycle.iter().enumerate().any(|(index, edge)| {
        cycle[index + 1..].iter().any(|other| {
            edge.held
                .iter()
                .any(|(lock, mode)| other.held.iter().any(|(gate, held)| gate == lock && held.excludes(*mode)))
        })
    })
}

/// Whether a reader of the cycle needs a queued writer of a lock that one of the occurrences holds upgradably.
fn readers_pass(cycle: &[Occurrence]) -> bool {
    let followed = cycle.iter().zip(cycle.iter().cycle().skip(1));
    followed
        .filter(|(wait, hold)| wait.want.blocked_by(hold.mode) == Blocked::BehindWriter)
        .any(|(wait, _)| cycle.iter().any(|edge| edge.held.contains(&(wait.to, Mode::Upgradable))))
}
