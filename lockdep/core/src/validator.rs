//! The pure driver: executes events on imagined locks and feeds the engine what a runtime would feed it.
//!
//! It knows who holds what, so it can tell an order of steps that no run could show from one that is only unwise.

mod contexts;
mod faults;
mod steps;
mod threads;

use crate::acquisition::{Acquisition, Actor, Instance};
use crate::check::wait_type;
use crate::class::{ClassId, ClassRegistry, ClassSpec, LockKind, Node, Origin, Site, SiteId, WaitType};
use crate::engine::Engine;
use crate::event::{Acquire, Event, Op};
use crate::finding::{Code, Finding};
use crate::held::{Entry, HeldStack};
#[cfg(feature = "log")]
use crate::log::{self, ChainRecord, Header, Record};
use crate::mode::{Manner, Mode, Want};
use crate::segment::Segment;
use std::collections::BTreeMap;

/// A lock of an imagined program.
#[derive(Clone, Debug)]
struct Lock {
    class: ClassId,
    kind: LockKind,
    instance: Instance,
    ordered: bool,
}

/// A thread that waits for a lock, and what it will hold.
#[derive(Clone, Debug)]
struct Waiter {
    thread: String,
    entry: Entry,
    want: Want,
}

/// Why an event cannot have happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed(pub String);

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Malformed {}

/// Executes events, one after another, in one total order.
#[derive(Clone, Debug, Default)]
pub struct Validator {
    registry: ClassRegistry,
    engine: Engine,
    locks: BTreeMap<String, Lock>,
    contexts: BTreeMap<String, ClassId>,
    threads: BTreeMap<String, HeldStack>,
    segments: BTreeMap<String, Segment>,
    /// The pseudo-locks of spawned threads that were not joined yet.
    joins: BTreeMap<String, Acquisition>,
    waiting: Vec<Waiter>,
    step: u32,
    cuts: u32,
    serial: u64,
    #[cfg(feature = "log")]
    records: Vec<Record>,
}

impl Validator {
    /// A program in which nothing has happened.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares a lock. A keyed class is shared by everyone who names it.
    pub fn declare(&mut self, id: &str, kind: LockKind, class: &str, origin: Origin) {
        let class = self.class(class, origin, kind);
        self.registry.get_mut(class).instances += 1;
        self.serial += 1;
        let instance = Instance { process: 1, serial: self.serial };
        self.locks.insert(id.to_owned(), Lock { class, kind, instance, ordered: false });
    }

    /// Leaves the class of a declared lock out of the graph.
    pub fn novalidate(&mut self, id: &str) {
        if let Some(lock) = self.locks.get(id) {
            self.registry.get_mut(lock.class).novalidate = true;
        }
    }

    /// Says that a declared lock may be taken under others of its class whose ids are smaller.
    pub fn ordered(&mut self, id: &str) {
        if let Some(lock) = self.locks.get_mut(id) {
            lock.ordered = true;
        }
    }

    /// Gives the class of a declared lock a wait type.
    pub fn wait_type(&mut self, id: &str, wait: WaitType) {
        if let Some(lock) = self.locks.get(id) {
            self.registry.get_mut(lock.class).wait = Some(wait);
        }
    }

    fn class(&mut self, name: &str, origin: Origin, kind: LockKind) -> ClassId {
        let site = (origin == Origin::Birth).then(|| Site { file: "<scenario>".into(), line: 1, column: 1 });
        self.registry.register(ClassSpec { name: name.into(), origin, kind, site })
    }

    /// All findings of the program so far.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        self.engine.findings(&self.registry)
    }

    /// The engine and its classes, for graphs.
    #[must_use]
    pub fn state(&self) -> (&ClassRegistry, &Engine) {
        (&self.registry, &self.engine)
    }

    /// The log that a process would have written in which all this happened.
    #[cfg(feature = "log")]
    #[must_use]
    pub fn log(&self) -> String {
        let header =
            Header { process: "scenario".into(), pid: 0, exe: "scenario".into(), test: String::new(), execution: 0 };
        let records = log::preamble(&self.registry).into_iter().chain(self.records.iter().cloned());
        records.fold(log::header(&header), |text, record| text + &log::line(&record))
    }

    /// Executes one event.
    ///
    /// # Errors
    /// When no run of the program could show it: a step of a blocked thread, a try-lock that succeeds on a lock that
    /// is held, a lock that was never declared.
    pub fn apply(&mut self, event: &Event) -> Result<(), Malformed> {
        self.step += 1;
        let thread = event.thread.as_str();
        if self.waiting.iter().any(|waiter| waiter.thread == thread) {
            return Err(Malformed(format!("`{thread}` is blocked")));
        }
        self.threads.entry(thread.to_owned()).or_default();
        self.segment(thread);
        match &event.op {
            Op::Acquire(acquire) => self.acquire(thread, acquire)?,
            Op::Upgrade(lock) => self.upgrade(thread, lock)?,
            Op::Downgrade(lock, mode) => {
                let instance = self.lock(lock)?.instance;
                let stack = self.stack(thread);
                let held = &mut stack.newest(instance, None).ok_or_else(|| not_held(thread, lock))?.held.mode;
                *held = if *held == Mode::Write && *mode == Mode::Read { Mode::Downgraded } else { *mode };
                self.wake();
            }
            Op::Unlock(lock, name) => self.unlock(thread, lock, name.as_deref())?,
            Op::Give(lock, to) => {
                let instance = self.lock(lock)?.instance;
                let stack = self.stack(thread);
                let entry = stack.remove(instance, None).ok_or_else(|| not_held(thread, lock))?;
                self.threads.entry(to.clone()).or_default().push(entry);
            }
            Op::Wait { mutex, .. } => self.wait(thread, mutex)?,
            Op::Await(lock) | Op::MightLock(lock) => {
                let next = self.acquisition(&plain(lock), Want::Write)?;
                self.observe(thread, &next);
            }
            Op::AssertHeld(lock, mode) => {
                let held = self.threads[thread].holds(self.lock(lock)?.instance, *mode);
                self.assert(thread, lock, held, "is asserted to be held, and is not")?;
            }
            Op::AssertNotHeld(lock) => {
                let held = self.threads[thread].holds(self.lock(lock)?.instance, None);
                self.assert(thread, lock, !held, "is asserted not to be held, and is")?;
            }
            Op::AssertNoneHeld => self.assert_none_held(thread),
            Op::SetClass(lock, class) => {
                let kind = self.lock(lock)?.kind;
                let class = self.class(class, Origin::Key, kind);
                self.locks.get_mut(lock).expect("just looked up").class = class;
            }
            Op::Drop(lock) => self.drop_lock(thread, lock)?,
            Op::Spawn(other) => self.spawn(thread, other),
            Op::Join(other) => self.join(thread, other),
            Op::End => self.end(thread),
            Op::Enter(name) => self.enter_context(thread, name),
            Op::Exit(name) => self.exit_context(thread, name)?,
            Op::Mask(name) => self.stack(thread).mask(name, true),
            Op::Unmask(name) => {
                self.stack(thread).mask(name, false);
                self.declare_context(name);
                self.interruptible(thread);
            }
            Op::Block(level) => {
                let (actor, held, site) = (self.actor(thread), self.threads[thread].held(), self.site());
                let site = self.registry.site_at(site).clone();
                if let Some((title, witness)) = wait_type::blocking(&self.registry, &actor, &held, *level, site) {
                    self.tell(Code::WaitType, title, witness);
                }
            }
            Op::Nothing => {}
        }
        Ok(())
    }

    fn stack(&mut self, thread: &str) -> &mut HeldStack {
        self.threads.get_mut(thread).expect("a thread exists from its first step")
    }

    /// A pseudo-lock of a class, as it is held or wanted: whole, and for as long as it takes.
    fn pseudo_lock(&mut self, class: ClassId) -> Acquisition {
        self.serial += 1;
        Acquisition {
            node: Node { class, subclass: 0 },
            instance: Instance { process: 1, serial: self.serial },
            want: Want::Write,
            manner: Manner::Block,
            site: self.site(),
            nest: None,
            rank: None,
            reentrant: false,
        }
    }

    fn lock(&self, id: &str) -> Result<&Lock, Malformed> {
        self.locks.get(id).ok_or_else(|| Malformed(format!("no lock `{id}` is declared")))
    }

    fn site(&mut self) -> SiteId {
        self.registry.site(Site { file: "<scenario>".into(), line: self.step, column: 1 })
    }

    fn actor(&self, thread: &str) -> Actor {
        let segment = self.segments.get(thread).map_or(0, |segment| segment.id);
        Actor { process: 1, thread: thread.into(), test: "".into(), segment }
    }

    fn acquisition(&mut self, acquire: &Acquire, want: Want) -> Result<Acquisition, Malformed> {
        let lock = self.lock(&acquire.lock)?.clone();
        let rank = lock.ordered.then(|| self.locks.keys().take_while(|id| **id != acquire.lock).count() as u64);
        let nest = acquire.nest.as_deref().map(|id| self.lock(id).map(|lock| lock.instance)).transpose()?;
        Ok(Acquisition {
            node: Node { class: lock.class, subclass: acquire.subclass },
            instance: lock.instance,
            want,
            manner: acquire.manner,
            site: self.site(),
            nest,
            rank,
            reentrant: lock.kind == LockKind::Reentrant,
        })
    }

    fn observe(&mut self, thread: &str, next: &Acquisition) {
        let (actor, held) = (self.actor(thread), self.threads[thread].held());
        self.engine.observe(&mut self.registry, &actor, &held, next);
        #[cfg(feature = "log")]
        self.records.push(Record::Chain(ChainRecord::new(&self.registry, &actor, &held, next)));
    }
}

fn plain(lock: &str) -> Acquire {
    let (lock, want, manner) = (lock.to_owned(), Want::Write, Manner::Block);
    Acquire { lock, want, manner, subclass: 0, nest: None, name: None }
}

fn not_held(thread: &str, lock: &str) -> Malformed {
    Malformed(format!("`{thread}` does not hold `{lock}`"))
}
