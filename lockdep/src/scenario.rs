//! The live driver of the scenario language: executes a case on real threads, through the runtime's books.
//!
//! Each thread of the case is a thread, and they take their steps one after another. Their locks are pseudo-locks, which nobody
//! waits for, so a case in which threads would block runs to its end.

use crate::context::{Inside, Masked};
use crate::raw::{End, Limit, Nesting, Start, TrackedHold, TrackedMap};
use crate::testing::{Handle, isolated};
use crate::{Context, LockClassKey, Watched};
use lockdep_core::class::{LockKind, Origin};
use lockdep_core::event::{Acquire, Op};
use lockdep_core::finding::Finding;
use lockdep_core::mode::{Manner, Mode, Want};
use lockdep_core::scenario::{Case, LockDecl};
use lockdep_rt::ClassWord;
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

/// Runs a case. Returns its findings.
///
/// # Errors
/// When the runtime has no way to do a step, and why. Always when the checker is [left out](crate::ENABLED).
pub fn run(case: &Case) -> Result<Vec<Finding>, String> {
    if !crate::ENABLED {
        return Err("the checker is left out of this build; build with debug assertions or `--cfg lockdep`".into());
    }
    let scope = isolated();
    let locks = case.locks.iter().map(|declared| (declared.id.clone(), RwLock::new(Lock::new(case, declared))));
    let program = Arc::new(Program { case: case.clone(), locks: locks.collect(), handle: scope.handle() });
    for (_, event) in &case.steps {
        if let Op::Enter(name) | Op::Mask(name) | Op::Unmask(name) = &event.op {
            context(name).declare();
        }
    }
    let mut crew = Crew { program, threads: BTreeMap::new(), spawned: BTreeMap::new() };
    let outcome = case.steps.iter().try_for_each(|(_, event)| crew.step(&event.thread, &event.op));
    let findings = scope.findings();
    crew.threads.into_values().for_each(Worker::end);
    outcome.map(|()| findings)
}

/// A lock of the case.
struct Lock {
    map: TrackedMap,
    kind: LockKind,
    /// Its place among the locks of the case by id, if its class is ordered.
    rank: Option<u64>,
}

impl Watched for Lock {
    fn word(&self) -> Option<&ClassWord> {
        Some(self.map.word())
    }
}

impl Lock {
    fn new(case: &Case, declared: &LockDecl) -> Lock {
        // What is known of a class is the process's, so a class of one case must not be that of another.
        let name: &'static str = Box::leak(format!("{}: {}", case.name, declared.class).into_boxed_str());
        let map = match declared.origin {
            Origin::Key => {
                let mut key = LockClassKey::new(name);
                key = declared.wait.map_or(key, |wait| LockClassKey::new(name).wait_types(wait.outer, wait.inner));
                key = if declared.novalidate { key.novalidate() } else { key };
                TrackedMap::keyed(Box::leak(Box::new(key)))
            }
            Origin::Birth => TrackedMap::unnamed(),
        };
        map.bind(declared.kind, || name);
        let before = case.locks.iter().filter(|other| other.id < declared.id).count() as u64;
        Lock { map, kind: declared.kind, rank: declared.ordered.then_some(before) }
    }
}

fn context(name: &str) -> Context {
    Context::new(Box::leak(name.into()))
}

struct Program {
    case: Case,
    locks: BTreeMap<String, RwLock<Lock>>,
    handle: Handle,
}

/// What one thread has in its hands: `None` for a lock that its owner took again.
type Hold = (String, Option<String>, Option<TrackedHold>);

#[derive(Default)]
struct Hands {
    holds: Vec<Hold>,
    contexts: Vec<(String, Inside)>,
    masks: Vec<(String, Masked)>,
}

type Job = Box<dyn FnOnce(&mut Hands) + Send>;

/// A thread of the case.
struct Worker {
    jobs: SyncSender<Job>,
    thread: JoinHandle<()>,
}

impl Worker {
    fn start(name: &str, handle: &Handle, start: Option<Start>) -> Worker {
        let (jobs, work) = sync_channel::<Job>(0);
        let handle = handle.clone();
        let serve = move || {
            // Its end is the case's business as well, so that it never leaves the scope.
            std::mem::forget(handle.enter());
            match start {
                Some(start) => start.run(|| serve(&work)),
                None => serve(&work),
            }
        };
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(serve);
        Worker { jobs, thread: thread.expect("a case has few threads") }
    }

    fn run<T: Send + 'static>(&self, job: impl FnOnce(&mut Hands) -> T + Send + 'static) -> T {
        let (done, result) = sync_channel(1);
        let job = move |hands: &mut Hands| drop(done.send(job(hands)));
        self.jobs.send(Box::new(job)).expect("the worker waits for its next job");
        result.recv().expect("the job runs to its end")
    }

    fn end(self) {
        drop(self.jobs);
        self.thread.join().expect("no step panics");
    }
}

fn serve(work: &Receiver<Job>) {
    let mut hands = Hands::default();
    while let Ok(job) = work.recv() {
        job(&mut hands);
    }
    hands.holds.into_iter().filter_map(|(.., hold)| hold).for_each(TrackedHold::keep);
}

/// All threads of the case.
struct Crew {
    program: Arc<Program>,
    threads: BTreeMap<String, Worker>,
    spawned: BTreeMap<String, Arc<End>>,
}

impl Crew {
    fn worker(&mut self, name: &str) -> &Worker {
        let handle = &self.program.handle;
        self.threads.entry(name.to_owned()).or_insert_with(|| Worker::start(name, handle, None))
    }

    fn step(&mut self, thread: &str, op: &Op) -> Result<(), String> {
        match op {
            Op::Give(lock, to) => {
                let id = lock.clone();
                let hold = self.worker(thread).run(move |hands| take(hands, &id, None)).ok_or("it is not held")?;
                let (program, id) = (Arc::clone(&self.program), lock.clone());
                self.worker(to).run(move |hands| {
                    let (.., name, _) = &hold;
                    let name = name.clone();
                    drop(hold);
                    let held = program.locks[&id].read().expect("no step panics").map.acquire(Want::Write, true);
                    hands.holds.push((id, name, Some(held)));
                });
            }
            Op::Spawn(other) => {
                let (start, end) = self.worker(thread).run(|_| {
                    let end = End::new();
                    (Start::new(vec![Arc::clone(&end)]), end)
                });
                let worker = Worker::start(other, &self.program.handle, Some(start));
                worker.run(|_| ());
                self.threads.insert(other.clone(), worker);
                self.spawned.insert(other.clone(), end);
            }
            Op::Join(other) => {
                let joined = self.threads.remove(other);
                match self.spawned.remove(other) {
                    Some(end) => {
                        self.worker(thread).run(move |_| end.wait(|| joined.into_iter().for_each(Worker::end)))
                    }
                    None => joined.into_iter().for_each(Worker::end),
                }
            }
            Op::End => {
                self.worker(thread);
                self.threads.remove(thread).into_iter().for_each(Worker::end);
            }
            op => {
                let (program, op) = (Arc::clone(&self.program), op.clone());
                return self.worker(thread).run(move |hands| program.step(hands, &op));
            }
        }
        Ok(())
    }
}

impl Program {
    fn lock(&self, id: &str) -> Result<std::sync::RwLockReadGuard<'_, Lock>, String> {
        let lock = self.locks.get(id).ok_or_else(|| format!("no lock `{id}`"))?;
        Ok(lock.read().expect("no step panics"))
    }

    fn step(&self, hands: &mut Hands, op: &Op) -> Result<(), String> {
        match op {
            Op::Acquire(acquire) => self.acquire(hands, acquire)?,
            Op::Upgrade(lock) => self.lock(lock)?.map.upgrade(),
            Op::Downgrade(lock, mode) => self.lock(lock)?.map.downgrade(*mode),
            Op::Unlock(lock, name) => match take(hands, lock, name.as_deref()) {
                Some(hold) => drop(hold),
                None => self.lock(lock)?.map.release(std::panic::Location::caller()),
            },
            Op::Wait { mutex, .. } => {
                drop(take(hands, mutex, None));
                let held = self.lock(mutex)?.map.acquire(Want::Write, false);
                hands.holds.push((mutex.clone(), None, Some(held)));
            }
            Op::Await(lock) | Op::MightLock(lock) => crate::might_lock(&*self.lock(lock)?),
            Op::AssertHeld(lock, mode) => match mode {
                None => crate::assert_held!(*self.lock(lock)?),
                Some(Mode::Write) => crate::assert_held!(*self.lock(lock)?, exclusively),
                Some(_) => return Err("the runtime has no assertion of a shared hold".into()),
            },
            Op::AssertNotHeld(lock) => crate::assert_not_held!(*self.lock(lock)?),
            Op::AssertNoneHeld => crate::assert_none_held!(),
            Op::SetClass(lock, class) => {
                let name = Box::leak(format!("{}: {class}", self.case.name).into_boxed_str());
                self.lock(lock)?.map.set_class(Box::leak(Box::new(LockClassKey::new(name))));
            }
            Op::Enter(name) => hands.contexts.push((name.clone(), context(name).enter())),
            Op::Exit(name) => {
                let last = hands.contexts.pop_if(|(running, _)| running == name);
                drop(last.ok_or("it is not the context that interrupted last")?);
            }
            Op::Mask(name) => hands.masks.push((name.clone(), context(name).mask())),
            Op::Unmask(name) => {
                context(name).declare();
                hands.masks.retain(|(masked, _)| masked != name);
            }
            Op::Block(level) => crate::might_block(*level),
            Op::Drop(lock) => {
                let declared = self.case.locks.iter().find(|declared| declared.id == *lock).ok_or("no such lock")?;
                let mut place = self.locks[lock].write().expect("no step panics");
                let next = Lock::new(&self.case, declared);
                *place = next;
            }
            _ => {}
        }
        Ok(())
    }

    fn acquire(&self, hands: &mut Hands, acquire: &Acquire) -> Result<(), String> {
        let lock = self.lock(&acquire.lock)?;
        if lock.kind == LockKind::Reentrant && hands.holds.iter().any(|(id, ..)| *id == acquire.lock) {
            hands.holds.push((acquire.lock.clone(), acquire.name.clone(), None));
            return Ok(());
        }
        let nesting = match (&acquire.nest, acquire.subclass, lock.rank) {
            (None, 0, None) => None,
            (None, 0, Some(rank)) => Some(Nesting::rank(rank)),
            (None, subclass, None) => Some(Nesting::level(subclass)),
            (Some(nest), 0, None) => Some(Nesting::under(self.lock(nest)?.word())),
            _ => return Err("the runtime takes one reason to nest at a time".into()),
        };
        let want = match (acquire.want, lock.kind) {
            (Want::Read, LockKind::RecursiveRwLock | LockKind::SpinRwLock) => Want::RecursiveRead,
            (want, _) => want,
        };
        let tries = acquire.manner == Manner::Try;
        let hold = match (acquire.manner, nesting) {
            (Manner::Timed(limit), nesting) => {
                let _limit = Limit::within(Duration::from_millis(limit.into()));
                lock.map.acquire_in(want, false, nesting.unwrap_or(Nesting::NONE))
            }
            (_, Some(nesting)) => lock.map.acquire_in(want, tries, nesting),
            (_, None) => lock.map.acquire(want, tries),
        };
        hands.holds.push((acquire.lock.clone(), acquire.name.clone(), Some(hold)));
        Ok(())
    }
}

/// The newest hold of a lock, by name if one is given.
fn take(hands: &mut Hands, lock: &str, name: Option<&str>) -> Option<Hold> {
    let fits = |(id, own, _): &Hold| id == lock && (name.is_none() || own.as_deref() == name);
    let place = hands.holds.iter().rposition(fits)?;
    Some(hands.holds.remove(place))
}
