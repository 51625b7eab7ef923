//! The hot path: what every acquisition and release of an instrumented lock executes.
//!
//! # Where the cycles go
//!
//! A mutex of parking_lot costs about 16 cycles to lock and unlock: two atomic instructions of 8, which wait for every store before
//! them, and 14 instructions in all. Under lockdep it executes 58 more at any depth, a reader 60, a writer 52 (x86-64;
//! `tests/instructions.rs` in `lockdep` counts them, and keeps them within a range). None of them is atomic, and a processor that does
//! four or more a cycle has nearly all of them done by the time the atomic ones are. What the work itself is:
//!
//! | what | instructions |
//! | --- | ---: |
//! | the thread's block: one load from `fs`, one test | 4 |
//! | the top of its stack, below the limit | 4 |
//! | the chain key: the key below, the lock's word as it is, one multiplication | 6 |
//! | the thread's table: one probe; for the lowest lock its base instead, and the word's flags | 4 |
//! | the entry: word, site, key, and the new top; three stores to one line and one to the block | 6 |
//! | that no signal handler came between | 3 |
//! | release: the newest entry's token is the guard's, the top goes down, the token is used up | 11 |
//! | whether the class of the lock has a name, before the call | 3 |
//!
//! The rest is the two calls, the registers they save, and the guard, which is a word larger.
//!
//! Of locks in locks a chain of dependent loads remains, for each acquisition needs the key and the top that the one below it has
//! stored; it takes about as long as an atomic instruction. While a processor can look ahead to the releases, up to five locks or so,
//! all of this is hidden; beyond that the acquisitions in a row, with four fifths of the instructions, show with 1 or 2 cycles each, for
//! readers, who save two registers more because parking_lot may call a function, with up to 4.
//!
//! Locks of a class with a declared order, held inside each other, leave this path: each is compared with all of its class, which
//! takes 340 instructions for two and 520 each for eight. Nobody else pays for that.
//!
//! A thread's own table has room for 1024 chains, 8 KB. A program in which one thread goes through 10,000 chains finds most of them in the
//! process's table: a call of [`enter_known`], and two cache misses, for the tables are 8 KB and 256 KB.
//!
//! # What did not pay, and what did
//!
//! Entries of 48 bytes (two locks then share a line); no test for a missing block; the new top from the guard; hot fields of an entry
//! where they cannot alias those of a lock; loads that are not atomic, which can be operands; to compute a key from the last entry but
//! one, so that only every other acquisition waits for a store: it costs a store more, and the stores that a processor has room
//! for while an atomic instruction waits are scarce. For the same reason to look a chain up before the lock is tried, which saved a cycle
//! while there were more instructions, costs two now: what was found has to be kept in registers, which the function saves first.
//!
//! What did: a key of one multiplication, whose operand is the lock's word as it is; to leave a word's flags to the key, which is not
//! known if one is set; a token that is used up by the release; no store for what most acquisitions do not have; to pass what is wanted to
//! the cold functions in pieces, because otherwise it is built in memory first, and to let them return what the hot path returns, so that
//! they are jumped to; and most of all that the acquisitions and releases of `lockdep` are called: inlined at 16 places they took
//! 1.3 times what they take.

use crate::block::{current, Beside, Block};
use crate::entry::{held_plain, How, Token};
use crate::key::{mix, taken};
use crate::word::ClassWord;
use std::panic::Location;
use std::sync::atomic::compiler_fence;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

/// Puts an acquisition that was got without waiting on the books, if it needs no judgement: it does not if it is the first lock of the
/// thread, or makes a chain that the thread remembers. `None` if [`enter_known`] has to be asked.
#[inline(always)]
#[must_use]
pub fn enter(word: &ClassWord, how: How, site: &'static Location<'static>) -> Option<Token> {
    let block = current()?;
    let bound = word.load();
    let top = block.top.load(Relaxed);
    if top >= block.limit.load(Relaxed) {
        return None;
    }
    // SAFETY: below the limit, `top` is a place of the stack, and there is one more entry below the lowest; invariant 3.
    let below = unsafe { (*top.sub(1)).key.load(Relaxed) };
    let is_plain = || ClassWord::is_plain(bound, how.writes());
    if !how.keeps_flags() && !is_plain() {
        return None;
    }
    let held = held_plain(bound, how);
    let key = mix(below, taken(held, how));
    // No key that is known was made with a flag; invariant 4.
    let is_known = block.remembers(key, key) || top == block.base.load(Relaxed) && is_plain();
    if !is_known {
        return None;
    }
    // SAFETY: as above.
    Some(unsafe { block.write(top, key, held, how, site) })
}

/// The same for a chain that only the process knows, or in which a class nests in itself. `None` if the cold side has to be
/// asked.
#[must_use]
pub fn enter_known(word: &ClassWord, how: How, site: &'static Location<'static>, beside: Beside) -> Option<Token> {
    let block = current()?;
    block.attend();
    let bound = word.load();
    let is_known = is_known(block, bound, how, beside);
    is_known.then(|| block.push(bound, how, site, beside.rank)).filter(|&token| token != 0)
}

/// Whether an acquisition that is about to block needs no judgement.
#[must_use]
pub fn check(word: &ClassWord, how: How, beside: Beside) -> bool {
    current().is_some_and(|block| is_known(block, word.load(), how, beside))
}

fn is_known(block: &Block, bound: usize, how: How, beside: Beside) -> bool {
    if block.top.load(Relaxed) >= block.limit.load(Relaxed) || !ClassWord::is_plain(bound, how.writes()) {
        return false;
    }
    let is_first = block.is_idle() && how.0 & How::UNDER == 0;
    is_first || block.knows_all(bound, how, beside)
}

/// Whether this thread holds a lock, so that it must not go away.
#[inline(always)]
#[must_use]
pub fn holds(word: &ClassWord) -> bool {
    let bound = word.load();
    // What was never acquired is not held, and needs no look at the thread.
    ClassWord::is_bound_in(bound) && current().is_some_and(|block| !block.is_idle() && block.has(bound))
}

/// Ends an acquisition if it is this thread's newest. False if the cold side has to find it.
#[inline(always)]
#[must_use]
pub fn leave(token: Token) -> bool {
    let Some(block) = current() else { return false };
    // SAFETY: there is one more entry below the lowest place; invariant 3.
    let newest = unsafe { &*block.top.load(Relaxed).sub(1) };
    // The token of the entry below the lowest place is nobody's.
    if newest.token() != token {
        return false;
    }
    newest.end_use();
    // A signal handler of this thread that comes between finds the place taken, and one that comes later a token of its own.
    compiler_fence(SeqCst);
    block.top.store(std::ptr::from_ref(newest).cast_mut(), Relaxed);
    true
}
