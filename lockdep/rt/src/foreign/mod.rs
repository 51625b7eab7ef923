//! The cold side in programs that have never heard of lockdep.
//!
//! The program's own compiler builds this crate, and a `std` in front of the real one calls it. It judges nothing: it
//! writes what it sees, as `lockdep log v1`, for `cargo lockdep` to read while the program runs and after. It has its own memory and
//! its own lock, uses neither the program's allocator nor any lock that could be checked, and keeps no file open.
//!
//! What a lock does, in order: [`arrive`], then try; [`entered`] if that succeeded, else [`before_wait`], wait, [`after_wait`].
//! [`release`] comes before the lock is let go. What `before_wait` was told is on disk when it returns.

mod fault;
mod image;
mod leaf;
mod line;
mod log;
mod memory;
mod process;
mod provision;
mod segment;
mod sentinel;
mod shared;
mod state;
mod sys;
mod thread;

use crate::block::{current, Beside, Block};
use crate::blocks::blocks;
use crate::entry::{How, Token};
use crate::hold;
use crate::hot::{check, enter, enter_known, leave};
use crate::word::ClassWord;
pub use segment::{begin, current_segment, forked, joined};
use state::State;
use std::panic::Location;

/// What kind of lock something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// An exclusive lock.
    Mutex,
    /// An exclusive lock with fair hand-over.
    FairMutex,
    /// An exclusive lock its owner may take again.
    Reentrant,
    /// A reader-writer lock.
    RwLock,
    /// A reader-writer lock whose readers pass queued writers.
    RecursiveRwLock,
    /// A spinning exclusive lock.
    Spin,
    /// A spinning reader-writer lock.
    SpinRwLock,
    /// A one-time initialiser.
    Once,
    /// Something that is waited for and held by nobody.
    Map,
    /// One direction of a channel, for those who wait for the other end.
    Channel,
    /// A thread, for those who wait for its end.
    Thread,
}

/// One acquisition as it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// What the lock is.
    pub kind: Kind,
    /// How it is wanted.
    pub how: How,
    /// When the wait gives up, in milliseconds; 0 if it does not.
    pub limit_ms: u32,
    /// What the lock protects; called at the lock's first use.
    pub name: fn() -> &'static str,
}

impl Wanted {
    /// The wait is over within a second.
    const SHORT_MS: u32 = 1000;

    fn how(&self) -> How {
        let is_short = (1..Wanted::SHORT_MS).contains(&self.limit_ms);
        How(self.how.0 | if is_short { How::SHORT } else { 0 })
    }
}

/// Whether this thread holds anything, as far as is known.
#[inline]
#[must_use]
pub fn holds_any() -> bool {
    current().is_some_and(|block| !block.is_idle())
}

/// A number that no other thread has which holds something now.
#[inline]
#[must_use]
pub fn this_thread() -> usize {
    current().map_or(1, |block| std::ptr::from_ref(block) as usize)
}

/// This thread is about to acquire something. To be called before that is so, with no lock taken for it yet.
#[inline]
pub fn arrive() {
    if current().is_none() {
        thread::arrive();
    }
}

/// Gives a lock its class, for those who know what it protects and have no [`Wanted`] at hand. To be called before it is acquired.
#[cold]
#[inline(never)]
pub fn name(word: &ClassWord, kind: Kind, name: fn() -> &'static str) {
    arrive();
    let Some(block) = current().filter(|block| block.begin()) else { return };
    shared::state().bind(word, &Wanted { kind, how: How::WRITE, limit_ms: 0, name });
    block.rest();
}

/// An acquisition has succeeded without waiting.
#[must_use]
pub fn entered(word: &ClassWord, wanted: &Wanted, site: &'static Location<'static>) -> Token {
    let how = wanted.how();
    let known = enter(word, how, site).or_else(|| enter_known(word, how, site, Beside::default()));
    known.unwrap_or_else(|| {
        tell(word, wanted, site);
        hold::push(word, how, site, None)
    })
}

/// An acquisition is about to wait. There is nothing to undo if it gives up.
pub fn before_wait(word: &ClassWord, wanted: &Wanted, site: &'static Location<'static>) {
    if !check(word, wanted.how(), Beside::default()) {
        tell(word, wanted, site);
    }
}

/// The same for what this thread does not have after the wait, such as a message or the end of another thread: only what it
/// holds meanwhile is of interest.
#[inline]
pub fn waits(word: &ClassWord, wanted: &Wanted, site: &'static Location<'static>) {
    if holds_any() {
        before_wait(word, wanted, site);
    }
}

/// This thread is about to do what others wait for, such as to send a message: whoever has what it holds here keeps them waiting.
#[inline]
pub fn provides(word: &ClassWord, wanted: &Wanted, site: &'static Location<'static>) {
    if holds_any() && !check(word, wanted.how(), Beside::default()) {
        cold(word, wanted, |state, block| state.provide(block, word, wanted, site));
    }
}

/// The wait has succeeded.
#[must_use]
pub fn after_wait(word: &ClassWord, wanted: &Wanted, site: &'static Location<'static>) -> Token {
    hold::push(word, wanted.how(), site, None)
}

/// An acquisition is about to be let go, by whatever thread.
pub fn release(token: Token) {
    if !leave(token) {
        hold::release(token);
    }
}

/// The same for those who have no place for a token: this thread's newest hold of the lock, or else another's.
pub fn release_lock(word: &ClassWord) {
    release(newest(word).or_else(|| blocks().find_map(|block| hold::newest_on(block, word))).unwrap_or(0));
}

/// This thread holds an acquisition in another mode from now on.
pub fn change(token: Token, to: How) {
    hold::change(token, to);
}

/// The same for this thread's newest hold of a lock.
pub fn change_lock(word: &ClassWord, to: How) {
    newest(word).into_iter().for_each(|token| hold::change(token, to));
}

fn newest(word: &ClassWord) -> Option<Token> {
    hold::newest_on(current()?, word)
}

#[cold]
#[inline(never)]
fn tell(word: &ClassWord, wanted: &Wanted, site: &'static Location<'static>) {
    cold(word, wanted, |state, block| state.observe(block, word, wanted, site));
}

/// Does cold work on a lock whose class is known.
#[cold]
fn cold(word: &ClassWord, wanted: &Wanted, work: impl FnOnce(&mut State, &Block)) {
    let Some(block) = current().filter(|block| block.begin()) else { return };
    thread::make_room(block);
    let mut state = shared::state();
    if state.bind(word, wanted) {
        work(&mut state, block);
    }
    drop(state);
    block.rest();
}
