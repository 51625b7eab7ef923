//! Who holds what now.

use super::state::State;
use super::{Busy, held_in, instance, mode_in, node, state, to_site, want_in};
use lockdep_core::acquisition::Held;
use lockdep_core::finding::HeldLabel;
use lockdep_core::mode::{Mode, Want};
use lockdep_rt::{Block, ClassWord, Entry, How, Token, newest_on};
use std::panic::Location;

/// Where an acquisition of this thread was made.
pub(crate) fn site_of(token: Token) -> Option<&'static Location<'static>> {
    entry_of(token).and_then(Entry::site)
}

/// The bound word of the lock that this thread has with an acquisition, and how it would wait to take it so again.
pub(crate) fn bound_of(token: Token) -> Option<(usize, How)> {
    let entry = entry_of(token)?;
    Some((entry.word(), entry.how().again()))
}

fn entry_of(token: Token) -> Option<&'static Entry> {
    lockdep_rt::current()?.held().iter().find(|entry| entry.token() == token)
}

/// The modes in which this thread holds a lock.
pub(crate) fn holds(word: &ClassWord) -> Vec<Mode> {
    match lockdep_rt::current() {
        Some(block) => entries_of(block, word).filter_map(mode_in).collect(),
        None => Vec::new(),
    }
}

/// This thread's newest hold of a lock, once what other threads have released of its holds is off the books.
pub(crate) fn newest(word: &ClassWord) -> Option<Token> {
    drop(Busy::start());
    newest_on(lockdep_rt::current()?, word)
}

/// Ends the newest hold of a lock: this thread's, or else another's.
#[cfg(any(feature = "parking_lot_0_12", feature = "spin"))]
pub(crate) fn release_lock(word: &ClassWord) {
    let mine = lockdep_rt::current().and_then(|block| newest_on(block, word));
    if let Some(slot) = mine.or_else(|| elsewhere(word))
        && !lockdep_rt::leave(slot)
    {
        super::release(slot);
    }
}

/// Another thread's newest hold of a lock.
pub(crate) fn elsewhere(word: &ClassWord) -> Option<Token> {
    lockdep_rt::blocks().find_map(|block| newest_on(block, word))
}

/// How somebody holds what was acquired, as a want.
pub(crate) fn mode_of(token: Token) -> Option<Want> {
    let entry = lockdep_rt::owner_of(token)?.held().iter().find(|entry| entry.token() == token)?;
    Some(mode_in(entry)?.into())
}

/// The holds of a lock on a stack, oldest first.
fn entries_of<'a>(block: &'a Block, word: &ClassWord) -> impl Iterator<Item = &'a Entry> {
    let bound = word.load();
    let is_bound = ClassWord::is_bound_in(bound);
    let entries = block.held().iter().filter(move |entry| is_bound && entry.is_lock());
    entries.filter(move |entry| instance(entry.word()) == instance(bound))
}

/// Whether this thread holds any lock.
pub(crate) fn holds_any() -> bool {
    let Some(busy) = Busy::start() else { return false };
    let mut state = state();
    let mut held = busy.0.held().iter().filter_map(|entry| held_in(&mut state.registry, entry)).collect::<Vec<_>>();
    held.retain(|held| !state.registry.is_thread(held.node.class));
    !held.is_empty()
}

/// A thread and the locks it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadHeld {
    /// The thread's name.
    pub thread: String,
    /// Its locks, oldest first.
    pub locks: Vec<HeldLabel>,
    /// The lock it waits for, how and where.
    pub waits: Option<HeldLabel>,
}

/// What every thread holds and waits for now, for a hang dump: a snapshot that is taken without stopping anybody, so that a thread
/// that acquires or releases meanwhile may show either. Threads that do neither are left out.
///
/// ```
/// use lockdep::parking_lot::Mutex;
/// let board = Mutex::new([0u8; 64]);
/// let _held = board.lock();
/// # if cfg!(debug_assertions) {
/// assert_eq!(lockdep::held()[0].locks.len(), 1);
/// # }
/// ```
#[must_use]
pub fn held() -> Vec<ThreadHeld> {
    let Some(_busy) = Busy::start() else { return Vec::new() };
    let mut state = state();
    let State { registry, threads, .. } = &mut *state;
    let labels = registry.labels();
    let alive = threads.iter().filter(|thread| thread.is_alive());
    let all = alive.map(|thread| {
        let held = thread.block.held().iter().filter_map(|entry| held_in(registry, entry));
        let held: Vec<Held> = held.collect();
        let waits = thread.block.wait.get().map(|wait| HeldLabel {
            label: labels.node(node(wait.word, wait.how)),
            mode: want_in(wait.how).mode(),
            site: to_site(wait.site),
        });
        let locks = HeldLabel::locks(registry, &labels, &held);
        ThreadHeld { thread: thread.name.to_string(), locks, waits }
    });
    all.filter(|thread| !thread.locks.is_empty() || thread.waits.is_some()).collect()
}
