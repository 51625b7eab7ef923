//! Random programs: threads of nested critical sections.

use lockdep_core::class::{LockKind, Origin};
use lockdep_core::event::{Acquire, Event, Op};
use lockdep_core::mode::{Manner, Mode, Want};
use lockdep_core::validator::{Malformed, Validator};
use std::fmt;

/// The random numbers of Marsaglia's xorshift64.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Starts at a seed.
    #[must_use]
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d | 1)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) as usize % limit
    }
}

/// A part of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Takes a lock, does the body, releases it. A try that fails leaves out the body.
    Hold {
        /// The lock.
        lock: usize,
        /// How it is wanted.
        want: Want,
        /// Whether it is tried only.
        is_try: bool,
        /// What is done under it.
        body: Vec<Part>,
    },
    /// Turns the innermost upgradable hold of the lock into an exclusive one.
    Upgrade(usize),
    /// Turns the innermost exclusive hold of the lock into a shared one.
    Downgrade(usize),
}

/// A program. Every lock is of a class of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The kinds of the locks.
    pub locks: Vec<LockKind>,
    /// The threads.
    pub threads: Vec<Vec<Part>>,
}

/// One step of a thread, with jumps instead of nesting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Takes a lock; a try that fails goes on at `otherwise`.
    Acquire {
        /// The lock.
        lock: usize,
        /// How it is wanted.
        want: Want,
        /// Whether it is tried only.
        is_try: bool,
        /// Where a failed try goes on.
        otherwise: usize,
    },
    /// Releases a lock.
    Release(usize),
    /// Waits until the other readers are gone.
    Upgrade(usize),
    /// Lets readers in.
    Downgrade(usize),
}

impl Program {
    /// A random program of 2 to 4 threads, up to 5 locks and up to 6 acquisitions a thread.
    #[must_use]
    pub fn random(random: &mut Random) -> Program {
        let kinds = [LockKind::Mutex, LockKind::Mutex, LockKind::RwLock, LockKind::RwLock, LockKind::RecursiveRwLock];
        let locks: Vec<LockKind> = (0..2 + random.below(4)).map(|_| kinds[random.below(kinds.len())]).collect();
        let threads = (0..2 + random.below(3)).map(|_| {
            let mut budget = 2 + random.below(5);
            let mut parts = Vec::new();
            while budget > 0 {
                parts.extend(hold(random, &locks, &mut Vec::new(), &mut budget));
            }
            parts
        });
        let threads = threads.collect();
        Program { locks, threads }
    }

    /// The steps of a thread.
    #[must_use]
    pub fn steps(&self, thread: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        flatten(&self.threads[thread], &mut steps);
        steps
    }

    /// Runs the threads one after another through the engine.
    ///
    /// # Errors
    /// When a thread would block on itself.
    pub fn run_serially(&self) -> Result<Validator, Malformed> {
        let mut validator = Validator::new();
        for (lock, kind) in self.locks.iter().enumerate() {
            validator.declare(&name(lock), *kind, &name(lock), Origin::Key);
        }
        for thread in 0..self.threads.len() {
            for step in self.steps(thread) {
                validator.apply(&Event { thread: format!("t{thread}"), op: step.op() })?;
            }
        }
        Ok(validator)
    }

    /// All programs that are one part, lock or thread smaller.
    #[must_use]
    pub fn smaller(&self) -> Vec<Program> {
        let mut smaller = Vec::new();
        for thread in 0..self.threads.len() {
            let mut without = self.clone();
            without.threads.remove(thread);
            smaller.push(without);
            for parts in smaller_parts(&self.threads[thread]) {
                let mut changed = self.clone();
                changed.threads[thread] = parts;
                smaller.push(changed);
            }
        }
        smaller.retain(|program| !program.threads.is_empty());
        smaller
    }
}

/// What a lock is called.
#[must_use]
pub fn name(lock: usize) -> String {
    char::from(b'A' + lock as u8).to_string()
}

fn hold(random: &mut Random, locks: &[LockKind], held: &mut Vec<usize>, budget: &mut usize) -> Option<Part> {
    *budget = budget.saturating_sub(1);
    let free: Vec<usize> = (0..locks.len()).filter(|lock| !held.contains(lock)).collect();
    if free.is_empty() {
        return None;
    }
    let lock = free[random.below(free.len())];
    let want = match locks[lock] {
        LockKind::Mutex => Want::Write,
        LockKind::RecursiveRwLock => {
            [Want::Write, Want::RecursiveRead, Want::RecursiveRead, Want::Upgradable][random.below(4)]
        }
        _ => [Want::Write, Want::Read, Want::Read, Want::Upgradable][random.below(4)],
    };
    held.push(lock);
    let mut body = Vec::new();
    while *budget > 0 && random.below(3) > 0 {
        body.extend(hold(random, locks, held, budget));
    }
    held.pop();
    let change = match want {
        Want::Upgradable if random.below(2) == 0 => Some(Part::Upgrade(lock)),
        Want::Write if locks[lock] != LockKind::Mutex && random.below(6) == 0 => Some(Part::Downgrade(lock)),
        _ => None,
    };
    if let Some(change) = change {
        body.insert(random.below(body.len() + 1), change);
    }
    Some(Part::Hold { lock, want, is_try: random.below(6) == 0, body })
}

fn flatten(parts: &[Part], steps: &mut Vec<Step>) {
    for part in parts {
        match part {
            Part::Hold { lock, want, is_try, body } => {
                let place = steps.len();
                steps.push(Step::Release(*lock));
                flatten(body, steps);
                steps.push(Step::Release(*lock));
                let otherwise = steps.len();
                steps[place] = Step::Acquire { lock: *lock, want: *want, is_try: *is_try, otherwise };
            }
            Part::Upgrade(lock) => steps.push(Step::Upgrade(*lock)),
            Part::Downgrade(lock) => steps.push(Step::Downgrade(*lock)),
        }
    }
}

fn smaller_parts(parts: &[Part]) -> Vec<Vec<Part>> {
    let mut all = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let mut without = parts.to_vec();
        without.remove(index);
        all.push(without);
        if let Part::Hold { lock, want, is_try, body } = part {
            let mut bodies = smaller_parts(body);
            if *is_try {
                bodies.push(body.clone());
            }
            for body in bodies {
                let mut changed = parts.to_vec();
                changed[index] = Part::Hold { lock: *lock, want: *want, is_try: false, body };
                all.push(changed);
            }
        }
    }
    all
}

impl fmt::Display for Program {
    /// One line a thread: `R(A){ W?(B){} up(A) }`, where `?` tries.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (lock, kind) in self.locks.iter().enumerate() {
            writeln!(f, "{}: {}", name(lock), kind.name())?;
        }
        for (thread, parts) in self.threads.iter().enumerate() {
            write!(f, "t{thread}:")?;
            parts.iter().try_for_each(|part| write!(f, " {part}"))?;
            writeln!(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Hold { lock, want, is_try, body } => {
                write!(f, "{}{}({}){{", want.name(), if *is_try { "?" } else { "" }, name(*lock))?;
                body.iter().try_for_each(|part| write!(f, " {part}"))?;
                f.write_str(" }")
            }
            Part::Upgrade(lock) => write!(f, "upgrade({})", name(*lock)),
            Part::Downgrade(lock) => write!(f, "downgrade({})", name(*lock)),
        }
    }
}

impl Step {
    /// The lock it is about.
    #[must_use]
    pub fn lock(self) -> usize {
        match self {
            Step::Acquire { lock, .. } | Step::Release(lock) | Step::Upgrade(lock) | Step::Downgrade(lock) => lock,
        }
    }

    fn op(self) -> Op {
        match self {
            Step::Acquire { lock, want, is_try, .. } => {
                let manner = if is_try { Manner::Try } else { Manner::Block };
                Op::Acquire(Acquire { lock: name(lock), want, manner, subclass: 0, nest: None, name: None })
            }
            Step::Release(lock) => Op::Unlock(name(lock), None),
            Step::Upgrade(lock) => Op::Upgrade(name(lock)),
            Step::Downgrade(lock) => Op::Downgrade(name(lock), Mode::Read),
        }
    }
}
