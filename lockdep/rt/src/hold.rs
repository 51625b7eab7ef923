//! Holds that are not simply the newest: acquisitions put on the stack after a wait, found by their lock, changed, or released in
//! another order or by another thread.

use crate::block::{current, Block};
use crate::blocks::owner_of;
use crate::entry::{Entry, How, Token};
use crate::word::ClassWord;
use std::panic::Location;

/// Tracks an acquisition that has been judged. 0 if it cannot be tracked.
pub fn push(word: &ClassWord, how: How, site: &'static Location<'static>, rank: Option<u64>) -> Token {
    let bound = word.load();
    match current() {
        Some(block) if ClassWord::is_bound_in(bound) => block.push(bound, how, site, rank.unwrap_or_default()),
        _ => 0,
    }
}

/// Ends an acquisition that is not its thread's newest: released in another order, elsewhere, or while busy.
#[cold]
#[inline(never)]
pub fn release(token: Token) {
    if token == 0 {
        return;
    }
    let mine = current();
    if mine.is_some_and(|block| block.release(token)) {
        return;
    }
    if let Some(owner) = owner_of(token) {
        owner.post(token);
    }
}

/// Changes how this thread holds an acquisition, to the mode in `to`.
pub fn change(token: Token, to: How) {
    if let Some(block) = current() {
        block.change(token, to.0 & How::MODE);
    }
}

/// Whether this thread holds a lock, exclusively if that is wanted. `None` if the cold side has to be asked, because it is at work or
/// has something to do first.
#[must_use]
pub fn is_held(word: &ClassWord, exclusively: bool) -> Option<bool> {
    let block = current().filter(|block| block.is_ready())?;
    let bound = word.load();
    let serial = ClassWord::serial_in(bound);
    let is_hold = |entry: &&Entry| ClassWord::serial_in(entry.word()) == serial && entry.is_lock();
    let mut holds = block.held().iter().rev().filter(is_hold);
    Some(ClassWord::is_bound_in(bound) && holds.any(|entry| !exclusively || entry.how().writes()))
}

/// A stack's newest hold of a lock.
#[must_use]
pub fn newest_on(block: &Block, word: &ClassWord) -> Option<Token> {
    let bound = word.load();
    if !ClassWord::is_bound_in(bound) {
        return None;
    }
    let serial = ClassWord::serial_in(bound);
    let is_hold = |entry: &&Entry| entry.is_lock() && ClassWord::serial_in(entry.word()) == serial;
    block.held().iter().rev().find(is_hold).map(Entry::token)
}
