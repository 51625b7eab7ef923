//! The cold side in process: everything that an acquisition needs when the hot path does not know it.
//!
//! The only statics of the crate live here and beside the settings. The state's own mutex is a plain leaf: while it is
//! held nothing is formatted for people, delivered or emitted. While a thread does cold work its block is *busy*,
//! so that locks taken by an allocator or by a sink are let through untracked.

mod birth;
mod caller;
mod context;
mod deadlock;
mod fault;
#[cfg(unix)]
mod fork;
mod grant;
mod hang;
mod held;
mod image;
mod key;
mod limit;
mod listener;
mod process;
mod provision;
mod scope;
mod segment;
mod sentinel;
mod stack;
mod state;
mod thread;

use crate::sink;
use fault::Concerned;
use lockdep_core::acquisition::{Held, Instance};
use lockdep_core::class::{ClassId, ClassRegistry, LockKind, Node, Site};
use lockdep_core::finding::{Code, Finding};
use lockdep_core::mode::{Mode, TIMED_BLOCKS_FROM_MS, Want};
use lockdep_rt::{Block, ClassWord, Entry, How};
use state::State;
use std::panic::Location;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

pub(crate) use birth::UNNAMED;
pub use caller::Caller;
pub(crate) use caller::caller_or;
pub(crate) use context::{Declared, declare, enter as enter_context, exit as exit_context, mask, unmask};
pub(crate) use deadlock::Waiting;
pub(crate) use grant::bind_granted;
#[cfg(any(feature = "parking_lot_0_12", feature = "spin"))]
pub(crate) use held::release_lock;
pub use held::{ThreadHeld, held};
pub(crate) use held::{bound_of, elsewhere, holds, holds_any, mode_of, newest, site_of};
pub(crate) use key::{intern, reset, zap};
pub use limit::Limit;
pub(crate) use limit::limit;
pub(crate) use listener::{Entered, call as call_listener};
pub(crate) use lockdep_rt::{change, push, release};
pub(crate) use process::{deny, inherited};
pub(crate) use provision::provide;
pub(crate) use scope::{
    close as close_scope, current as current_scope, enter as enter_scope, leave as leave_scope, open as open_scope,
    read as read_scope,
};
pub(crate) use segment::{begin, current as current_segment, forked, joined, root};
pub use stack::stack;
pub(crate) use state::{Asked, Work};
pub(crate) use thread::is_untracked;

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
        block.begin().then(|| {
            context::watch(block);
            Busy(block)
        })
    }

    /// Does what had to wait until the state's mutex was free: the log first, then everything else.
    ///
    /// # Panics
    /// If a finding is to be denied and the policy is to panic.
    fn finish(self, work: Work) {
        self.note(&work);
        // A panic hook is the program's: what it locks is tracked.
        drop(self);
        sink::act(&work.findings);
    }

    /// As [`Busy::finish`], from where nothing may panic.
    fn note(&self, work: &Work) {
        stack::capture(work.places());
        sink::record(&work.records);
        if let Some(chain) = work.known {
            // Only now, so that a process that dies has told what it will not be asked about again.
            state().learn(chain);
            self.0.remember(chain);
        }
        sink::announce(work);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.rest();
    }
}

/// Encodes an acquisition for the hot path.
pub(crate) const fn how(want: Want, subclass: u32) -> How {
    let mode = match want {
        Want::Write => How::WRITE,
        Want::Read => How::READ,
        Want::RecursiveRead => How::RECURSIVE_READ,
        Want::Upgradable => How::UPGRADABLE,
        Want::Upgrade => How::UPGRADE,
    };
    How(mode.0 | subclass << How::SUBCLASS_SHIFT)
}

/// The same, if the timed call that this thread is in gives up too soon to be part of a deadlock.
pub(crate) fn limited(how: How) -> How {
    let is_short = limit().is_some_and(|limit| limit < TIMED_BLOCKS_FROM_MS);
    How(how.0 | if is_short { How::SHORT } else { 0 })
}

/// The want whose mode this is. `None` if that cannot be wanted.
fn wanted_in(how: How) -> Option<Want> {
    Want::ALL.into_iter().find(|&want| how.0 & How::MODE == self::how(want, 0).0)
}

/// How an acquisition is wanted, which has a want because it was encoded from one.
fn want_in(how: How) -> Want {
    wanted_in(how).unwrap_or(Want::Write)
}

/// How an entry's lock is held. `None` for a mark, which another thread's entry can become while it is looked at.
fn mode_in(entry: &Entry) -> Option<Mode> {
    match entry.how().0 & How::MODE {
        How::DOWNGRADED => Some(Mode::Downgraded),
        _ => wanted_in(entry.how()).map(Want::mode),
    }
}

fn node(word: usize, how: How) -> Node {
    Node { class: ClassId(ClassWord::class_in(word)), subclass: how.0 >> How::SUBCLASS_SHIFT }
}

fn instance(word: usize) -> Instance {
    Instance { process: 1, serial: u64::from(ClassWord::serial_in(word)) }
}

fn to_site(location: &Location<'_>) -> Site {
    Site { file: location.file().into(), line: location.line(), column: location.column() }
}

fn held_in(registry: &mut ClassRegistry, entry: &Entry) -> Option<Held> {
    if !entry.is_lock() {
        return None;
    }
    let (word, how) = (entry.word(), entry.how());
    Some(Held {
        node: node(word, how),
        instance: instance(word),
        mode: mode_in(entry)?,
        site: registry.site(to_site(entry.site()?)),
        rank: entry.rank(),
        may_have_left: false,
    })
}

/// Binds a lock to its class at its first use. Nothing happens while cold work is under way: the next use tries again.
#[cold]
#[inline(never)]
pub(crate) fn bind(word: &ClassWord, kind: LockKind, type_name: &str) {
    if bind_granted(word, kind, type_name) {
        return;
    }
    let Some(busy) = Busy::start() else { return };
    let mut work = Work::new();
    {
        let mut state = state();
        let bound = state.bind(word, kind, type_name, &mut work);
        state.spare(busy.0, word, bound);
    }
    busy.note(&work);
}

/// Judges an acquisition that the hot path does not know, before it blocks or right after it succeeded without.
///
/// # Panics
/// If a finding is to be denied and the policy is to panic; the caller must not hold the lock then.
#[cold]
#[inline(never)]
pub(crate) fn judge(asked: Asked<'_>) {
    let Some(busy) = Busy::start() else { return };
    let mut work = Work::new();
    {
        let mut state = state();
        let bound = state.bind(asked.word, asked.kind, UNNAMED, &mut work);
        state.observe(busy.0, asked, bound, &mut work);
    }
    busy.finish(work);
}

/// Reports what needs no graph to be wrong. `word` is the lock concerned; its class is `?` if it was never used. `title`
/// gets the lock's label and the thread's name.
///
/// # Panics
/// As [`judge`].
#[cold]
#[inline(never)]
pub(crate) fn fault(
    code: Code,
    word: Option<&ClassWord>,
    want: Want,
    site: &'static Location<'static>,
    title: impl FnOnce(&str, &str) -> String,
) {
    let Some(busy) = Busy::start() else { return };
    let mut work = Work::new();
    let bound = word.map(ClassWord::load).filter(|word| ClassWord::is_bound_in(*word));
    let node = bound.map(|word| node(word, How(0)));
    state().fault(busy.0, code, Concerned { node, want, site }, title, &mut work);
    busy.finish(work);
}

/// A lock is destroyed: if this thread holds it, that is reported, and it is held no more.
///
/// # Panics
/// As [`judge`], unless the thread is panicking already.
#[cold]
pub(crate) fn dropped(word: &ClassWord) {
    while let Some(token) = newest(word) {
        let site = site_of(token).unwrap_or(Location::caller());
        release(token);
        fault(Code::BadRelease, Some(word), Want::Write, site, |lock, _| {
            format!("`{lock}` is destroyed while it is held")
        });
    }
}

/// Judges a call that may block at a level, and is no lock.
///
/// # Panics
/// As [`judge`].
#[cold]
#[inline(never)]
pub(crate) fn might_block(level: u8, site: &'static Location<'static>) {
    let Some(busy) = Busy::start() else { return };
    let mut work = Work::new();
    state().block(busy.0, level, to_site(site), &mut work);
    busy.finish(work);
}

/// Whether this thread is tracked and can be asked what it holds.
pub(crate) fn can_tell() -> bool {
    match Busy::start() {
        Some(busy) => {
            drop(busy);
            true
        }
        None => false,
    }
}

/// All findings of this process so far, as its evidence stands now, surest first. Those of isolated scopes are not
/// among them.
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
