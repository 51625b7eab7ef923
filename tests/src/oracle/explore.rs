//! Every interleaving of a program, under the blocking rules that parking_lot's locks have when they are used, not under
//! those that the engine believes in.
//!
//! A thread that cannot get a lock queues up. A waiting writer keeps plain and upgradable readers out, unless the lock is held
//! upgradably: then the writer waits for that slot first, and readers pass. A waiting upgrade keeps readers out in any case.
//! Recursive readers pass everybody who only waits.

use super::program::{Program, Step};
use lockdep_core::class::LockKind;
use lockdep_core::mode::{Mode, Want};
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// States that are looked at before a program is given up as too big.
pub const LIMIT: usize = 1_000_000;

/// What all interleavings amount to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explored {
    /// For each state in which nobody can go on and somebody is not done: which lock is held while which is waited for.
    pub deadlocks: BTreeSet<BTreeSet<(usize, usize)>>,
    /// Whether the limit was reached.
    pub too_big: bool,
}

/// Threads that a state has room for: a closure of five edges and five writers needs ten.
const THREADS: usize = 12;
const NOBODY: u8 = u8::MAX;

/// Where every thread is, and who waits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    at: [u8; THREADS],
    /// The waiting threads by lock, first come first; [`NOBODY`] fills the rest, so that equal states are equal.
    waiting: [u8; THREADS],
}

struct Explorer {
    kinds: Vec<LockKind>,
    steps: Vec<Vec<Step>>,
    /// What a thread holds before each of its steps, and after the last.
    held: Vec<Vec<Vec<(usize, Mode)>>>,
}

/// What is asked of the states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// All deadlocks.
    Which,
    /// Whether there is one.
    Whether,
}

/// Looks at every reachable state, or at all until the question is answered.
///
/// # Panics
/// If the program has more than 12 threads.
#[must_use]
pub fn explore(program: &Program, question: Question) -> Explored {
    assert!(program.threads.len() <= THREADS, "a state has room for {THREADS} threads");
    let steps: Vec<Vec<Step>> = (0..program.threads.len()).map(|thread| program.steps(thread)).collect();
    let held = steps.iter().map(|steps| holds(steps)).collect();
    let explorer = Explorer { kinds: program.locks.clone(), steps, held };
    let start = State { at: [0; THREADS], waiting: [NOBODY; THREADS] };
    let mut explored = Explored::default();
    let mut seen = FxHashSet::from_iter([start]);
    let mut open = vec![start];
    let mut next = Vec::new();
    while let Some(state) = open.pop() {
        explorer.next(&state, &mut next);
        if next.is_empty() && state.waiting[0] != NOBODY {
            explored.deadlocks.insert(explorer.held_and_waited(&state));
            if question == Question::Whether {
                return explored;
            }
        }
        open.extend(next.drain(..).filter(|state| seen.insert(*state)));
        if seen.len() > LIMIT {
            explored.too_big = true;
            return explored;
        }
    }
    explored
}

/// What is held before each step. A failed try lands where its body would have ended, with what was held before it.
fn holds(steps: &[Step]) -> Vec<Vec<(usize, Mode)>> {
    let mut held: Vec<(usize, Mode)> = Vec::new();
    let mut all = vec![held.clone()];
    for step in steps {
        match *step {
            Step::Acquire { lock, want, .. } => held.push((lock, want.mode())),
            Step::Release(lock) => held.retain(|(other, _)| *other != lock),
            Step::Upgrade(lock) => set(&mut held, lock, Mode::Write),
            Step::Downgrade(lock) => set(&mut held, lock, Mode::Read),
        }
        all.push(held.clone());
    }
    all
}

fn set(held: &mut [(usize, Mode)], lock: usize, mode: Mode) {
    held.iter_mut().filter(|(other, _)| *other == lock).for_each(|(_, old)| *old = mode);
}

impl Explorer {
    fn step(&self, state: &State, thread: usize) -> Option<Step> {
        self.steps[thread].get(state.at[thread] as usize).copied()
    }

    /// What each waiting thread holds, with what it waits for.
    fn held_and_waited(&self, state: &State) -> BTreeSet<(usize, usize)> {
        let waits = waiting(state).filter_map(|thread| Some((thread, self.step(state, thread)?.lock())));
        let pairs = waits.flat_map(|(thread, waited)| {
            self.held[thread][state.at[thread] as usize].iter().map(move |(held, _)| (*held, waited))
        });
        pairs.collect()
    }

    /// All states that are one step away.
    fn next(&self, state: &State, all: &mut Vec<State>) {
        for thread in 0..self.steps.len() {
            let Some(step) = self.step(state, thread) else { continue };
            let mut next = *state;
            next.at[thread] += 1;
            let (lock, want, otherwise) = match step {
                Step::Release(_) | Step::Downgrade(_) => {
                    all.push(next);
                    continue;
                }
                Step::Acquire { lock, want, is_try, otherwise } => (lock, want, is_try.then_some(otherwise)),
                Step::Upgrade(lock) => (lock, Want::Upgrade, None),
            };
            let waits = waiting(state).any(|other| other == thread);
            match (self.is_blocked(state, thread, lock, want), waits, otherwise) {
                (false, true, _) => {
                    leave(&mut next.waiting, thread);
                    all.push(next);
                }
                (false, false, _) => all.push(next),
                (true, false, Some(otherwise)) => {
                    next.at[thread] = otherwise as u8;
                    all.push(next);
                }
                (true, false, None) => {
                    next.at[thread] -= 1;
                    let before =
                        waiting(state).take_while(|&other| self.step(state, other).is_some_and(|s| s.lock() <= lock));
                    let place = before.count();
                    next.waiting[place..].rotate_right(1);
                    next.waiting[place] = thread as u8;
                    all.push(next);
                }
                (true, true, _) => {}
            }
        }
    }

    fn is_blocked(&self, state: &State, thread: usize, lock: usize, want: Want) -> bool {
        let (mut held, mut upgradable, mut written, mut read) = (false, false, false, false);
        for other in (0..self.steps.len()).filter(|other| *other != thread) {
            for (_, mode) in self.held[other][state.at[other] as usize].iter().filter(|(of, _)| *of == lock) {
                held = true;
                upgradable |= *mode == Mode::Upgradable;
                written |= *mode == Mode::Write;
                read |= matches!(mode, Mode::Read | Mode::RecursiveRead);
            }
        }
        if self.kinds[lock] == LockKind::Mutex || want == Want::Write {
            return held;
        }
        if want == Want::Upgrade {
            return read;
        }
        if written || (want == Want::Upgradable && upgradable) {
            return true;
        }
        if want == Want::RecursiveRead {
            return false;
        }
        waiting(state).take_while(|&before| before != thread).any(|before| match self.step(state, before) {
            Some(Step::Acquire { lock: of, want: Want::Write, .. }) => of == lock && !upgradable,
            Some(Step::Upgrade(of)) => of == lock,
            _ => false,
        })
    }
}

fn waiting(state: &State) -> impl Iterator<Item = usize> {
    state.waiting.iter().take_while(|thread| **thread != NOBODY).map(|thread| usize::from(*thread))
}

fn leave(waiting: &mut [u8; THREADS], thread: usize) {
    let place = waiting.iter().position(|other| usize::from(*other) == thread).expect("the thread waits");
    waiting[place..].rotate_left(1);
    waiting[THREADS - 1] = NOBODY;
}
