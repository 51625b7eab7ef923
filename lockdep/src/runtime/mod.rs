//! The cold side in process: everything that an acquisition needs when the hot path does not know it.
//!
//! The only statics of the crate live here. The state's own mutex is a plain leaf: while it is held nothing is
//! formatted for people, delivered or emitted. While a thread does cold work its block is *busy*, so that locks taken
//! by an allocator or by a sink are let through untracked.

mod thread;

use crate::class::LockClassKey;
use crate::sink;
use lockdep_core::acquisition::{Acquisition, Actor, Held, Instance};
use lockdep_core::class::{ClassId, ClassRegistry, ClassSpec, LockKind, Node, Origin, Site};
use lockdep_core::engine::Engine;
use lockdep_core::finding::{Code, Finding, Witness};
use lockdep_core::mode::{Manner, Want};
use lockdep_rt::{Birth, Block, CAPACITY, ClassWord, Entry, How, Token};
use std::collections::HashSet;
use std::panic::Location;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

/// Everything that is known about the locks of this process.
#[derive(Default)]
pub(crate) struct State {
    registry: ClassRegistry,
    engine: Engine,
    known: HashSet<u64>,
    threads: Vec<thread::Thread>,
    serial: u32,
}

static STATE: LazyLock<Mutex<State>> = LazyLock::new(Mutex::default);

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Marks this thread's block as busy until it is dropped.
struct Busy(&'static Block);

impl Busy {
    /// `None` while cold work is under way already, or when the thread can no longer be tracked.
    fn start() -> Option<Busy> {
        let block = thread::block()?;
        // `then`, not `then_some`: a `Busy` that is made and dropped would end the outer one's work.
        block.begin().then(|| Busy(block))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.rest();
    }
}

/// Encodes an acquisition for the hot path.
pub(crate) const fn how(want: Want, subclass: u32) -> How {
    How(want as u32 | subclass << How::SUBCLASS_SHIFT)
}

fn want_in(how: How) -> Want {
    Want::ALL[(how.0 & 7) as usize]
}

fn node(word: usize, how: How) -> Node {
    Node { class: ClassId(ClassWord::class_in(word)), subclass: how.0 >> How::SUBCLASS_SHIFT }
}

fn instance(word: usize) -> Instance {
    Instance { process: 1, serial: u64::from(ClassWord::serial_in(word)) }
}

fn site(registry: &mut ClassRegistry, location: &Location<'_>) -> lockdep_core::class::SiteId {
    registry.site(to_site(location))
}

fn to_site(location: &Location<'_>) -> Site {
    Site { file: location.file().into(), line: location.line(), column: location.column() }
}

/// Binds a lock to its class at its first use. Nothing happens while cold work is under way: the next use tries again.
#[cold]
#[inline(never)]
pub(crate) fn bind(word: &ClassWord, kind: LockKind, type_name: &str) {
    if let Some(_busy) = Busy::start() {
        bind_in(&mut state(), word, kind, type_name);
    }
}

fn bind_in(state: &mut State, word: &ClassWord, kind: LockKind, type_name: &str) {
    if word.is_bound() {
        return;
    }
    let spec = match word.birth_of() {
        Birth::Key(key) => {
            // SAFETY: only `Tracked::keyed` and `Tracked::set_class` make key words, from `&'static LockClassKey`.
            let key = unsafe { &*key.cast::<LockClassKey>() };
            ClassSpec { name: key.name().into(), origin: Origin::Key, kind, site: None }
        }
        Birth::Site(location) => {
            ClassSpec { name: type_name.into(), origin: Origin::Birth, kind, site: Some(to_site(location)) }
        }
        Birth::Unknown => ClassSpec { name: type_name.into(), origin: Origin::Birth, kind, site: None },
    };
    let class = state.registry.register(spec);
    state.registry.get_mut(class).instances += 1;
    state.serial += 1;
    word.bind(class.0, state.serial, false);
}

/// Judges an acquisition that the hot path does not know, before it blocks or right after it succeeded without.
///
/// # Panics
/// If a finding is to be denied and the policy is to panic; the caller must not hold the lock then.
#[cold]
#[inline(never)]
pub(crate) fn judge(word: &ClassWord, kind: LockKind, how: How, location: &'static Location<'static>) {
    let Some(busy) = Busy::start() else { return };
    let findings = {
        let mut state = state();
        bind_in(&mut state, word, kind, "?");
        state.observe(busy.0, word, how, location)
    };
    sink::deliver(&findings);
}

impl State {
    fn observe(
        &mut self,
        block: &Block,
        word: &ClassWord,
        how: How,
        location: &'static Location<'static>,
    ) -> Vec<Finding> {
        let bound = word.load();
        let key = block.next_key(ClassWord::class_in(bound), how);
        let want = want_in(how);
        let writes = matches!(want, Want::Write | Want::Upgrade);
        if writes {
            word.set_written();
        }
        if self.known.contains(&key) && self.registry.get(node(bound, how).class).written >= writes {
            block.remember(key);
            return Vec::new();
        }
        let manner = if how.0 & How::TRY != 0 { Manner::Try } else { Manner::Block };
        let next = Acquisition {
            node: node(bound, How(how.0 & !How::TRY)),
            instance: instance(bound),
            want,
            manner,
            site: site(&mut self.registry, location),
            nest: None,
            reentrant: false,
        };
        let held: Vec<Held> = block.held().iter().filter_map(|entry| held(&mut self.registry, entry)).collect();
        let actor = Actor { process: 1, thread: self.thread_name(block), test: "".into(), segment: 0 };
        let mut outcome = self.engine.observe(&mut self.registry, &actor, &held, &next);
        if block.held().len() >= CAPACITY {
            outcome.findings.extend(self.overflow(&actor, &next));
        }
        if outcome.cacheable && !outcome.nests_in_itself {
            self.known.insert(key);
            block.remember(key);
        }
        outcome.findings
    }

    /// The stack is full: this acquisition is judged, but no order after it will see it as held.
    fn overflow(&mut self, actor: &Actor, next: &Acquisition) -> Option<Finding> {
        let wanted = self.registry.labels().node(next.node);
        let title = format!("`{wanted}` is one lock more than the {CAPACITY} that a thread's stack has room for");
        let witness = Witness {
            thread: actor.thread.clone(),
            test: actor.test.clone(),
            held: None,
            wanted,
            want: next.want,
            manner: next.manner,
            site: self.registry.site_at(next.site).clone(),
            also_held: Vec::new(),
        };
        self.engine.fault(Code::Limit, witness, title)
    }

    fn thread_name(&self, block: &Block) -> Arc<str> {
        let named = self.threads.iter().find(|thread| std::ptr::eq(thread.block, block));
        named.map_or_else(|| "?".into(), |thread| thread.name.clone())
    }

    /// A thread ended: whatever is left on its stack is held for ever.
    fn exit(&mut self, block: &'static Block) -> Vec<Finding> {
        let labels = self.registry.labels();
        let thread = self.thread_name(block);
        let mut findings = Vec::new();
        for entry in block.held() {
            let Some(held) = held(&mut self.registry, entry) else { continue };
            let wanted = labels.node(held.node);
            let title = format!("`{thread}` ended while it held `{wanted}`");
            let witness = Witness {
                thread: thread.clone(),
                test: "".into(),
                held: None,
                wanted,
                want: held.mode.into(),
                manner: Manner::Block,
                site: self.registry.site_at(held.site).clone(),
                also_held: Vec::new(),
            };
            findings.extend(self.engine.fault(Code::HeldAtExit, witness, title));
        }
        findings
    }
}

fn held(registry: &mut ClassRegistry, entry: &Entry) -> Option<Held> {
    if entry.flags.load(Relaxed) & Entry::RELEASED != 0 {
        return None;
    }
    let (word, how) = (entry.word.load(Relaxed), How(entry.how.load(Relaxed)));
    Some(Held {
        node: node(word, How(how.0 & !How::TRY)),
        instance: instance(word),
        mode: want_in(how).mode(),
        site: site(registry, location_of(entry)?),
        may_have_left: false,
    })
}

fn location_of(entry: &Entry) -> Option<&'static Location<'static>> {
    // SAFETY: an entry's site is null or was made from a `&'static Location` (rt, `Block::write`).
    unsafe { entry.site.load(Relaxed).cast_const().as_ref() }
}

/// Tracks an acquisition that has been judged. 0 if it cannot be tracked.
pub(crate) fn push(word: &ClassWord, how: How, location: &'static Location<'static>) -> Token {
    let bound = word.load();
    match lockdep_rt::current() {
        Some(block) if word.is_bound() => block.push(bound, how, location),
        _ => 0,
    }
}

/// Ends an acquisition that is not its thread's newest: released in another order, elsewhere, or while busy.
#[cold]
#[inline(never)]
pub(crate) fn release(token: Token) {
    if token == 0 {
        return;
    }
    let mine = lockdep_rt::current();
    if let Some(block) = mine.filter(|block| block.mark_released(token)) {
        if block.begin() {
            block.rest();
        }
        return;
    }
    // Not `lock`: this may run inside cold work of this very thread.
    if let Ok(state) = STATE.try_lock() {
        let _ = state.threads.iter().any(|thread| thread.block.mark_released(token));
    }
}

/// Changes how an acquisition is held.
pub(crate) fn change(token: Token, how: How) {
    if let Some(block) = lockdep_rt::current() {
        block.change(token, how);
    }
}

/// Where an acquisition of this thread was made.
pub(crate) fn site_of(token: Token) -> Option<&'static Location<'static>> {
    let entry = lockdep_rt::current()?.held().iter().find(|entry| entry.token.load(Relaxed) == token)?;
    location_of(entry)
}

/// All findings of this process so far, as its evidence stands now.
#[must_use]
pub fn findings() -> Vec<Finding> {
    let Some(_busy) = Busy::start() else { return Vec::new() };
    let state = state();
    state.engine.findings(&state.registry)
}

/// The lock graph of this process so far.
///
/// ```
/// let graph = lockdep::graph();
/// assert!(graph.to_string().starts_with("lockdep graph v1"));
/// ```
#[must_use]
pub fn graph() -> lockdep_core::snapshot::GraphText {
    let Some(_busy) = Busy::start() else { return Default::default() };
    let state = state();
    state.engine.graph(&state.registry)
}
