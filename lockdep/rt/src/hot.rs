//! The hot path: what every acquisition and release of an instrumented lock executes.
//!
//! # Where the cycles go
//!
//! A mutex of parking_lot costs about 16 cycles to lock and unlock: two atomic instructions of 8, which wait for every store before
//! them, and 14 instructions in all. Under lockdep it executes 78 to 81 more at any depth, a reader 71 to 76, a writer 64 to 68
//! (x86-64; `tests/instructions.rs` in `lockdep` counts them, and keeps them within a range). None of them is atomic, and on a processor
//! that does four or more a cycle they take about as long as the atomic ones keep it waiting anyway. What the work itself is:
//!
//! | what | instructions |
//! | --- | ---: |
//! | the thread's block: one load from `fs`, one test | 4 |
//! | the top of its stack, below the limit | 4 |
//! | the lock's word: bound, used, written | 4 |
//! | the class, mixed: two multiplications that wait for nothing | 7 |
//! | the chain key: the key below times nine, and the class | 3 |
//! | the thread's table: one probe; for the lowest lock its base instead | 5 |
//! | the entry: key, word, site, token, and the new top; five stores to one line and one to the block | 12 |
//! | release: the newest entry's token is the guard's, the top goes down | 8 |
//!
//! The rest is the call of a function that is too large to be inlined, the registers it saves, and the guard, which is a word larger.
//!
//! One lock alone hides nearly all of that behind its atomic instructions. Of locks in locks two chains of dependent loads remain: each
//! acquisition needs the key and the top that the one below it has stored, which takes about 10 cycles, as long as an atomic
//! instruction. Up to about five locks that is hidden as well for readers and writers, and for mutexes in some builds; where a processor
//! cannot look ahead to the releases any more, 3 to 6 cycles a lock show.
//!
//! Locks of a class with a declared order, held inside each other, leave this path: each is compared with all of its class, which
//! takes 340 instructions for two and 530 each for eight. Nobody else pays for that.
//!
//! A thread's own table has room for 1024 chains, 8 KB. A program in which one thread goes through 10,000 chains finds most of them in the
//! process's table: a call of [`enter_known`], and two cache misses, for the tables are 8 KB and 256 KB.
//!
//! What was tried and did not pay: entries of 48 bytes (two locks then share a line), no test for a missing block, the rotating hash of
//! FxHash, whose multiplication is on the chain of keys, and a release that takes the new top from the guard. What did: to look up the chain
//! before the lock is tried, so that both overlap; no store for what most acquisitions do not have; to pass what is wanted to the cold
//! functions in pieces, because otherwise it is built in memory first.

use crate::block::{current, mix, Beside, Block};
use crate::entry::{Entry, How, Token};
use crate::word::ClassWord;
use std::panic::Location;
use std::sync::atomic::Ordering::Relaxed;

/// An acquisition that needs no judgement, not yet on the books.
#[derive(Clone, Copy, Debug)]
pub struct Prepared {
    block: &'static Block,
    top: *mut Entry,
    key: u64,
    word: usize,
}

/// Looks whether an acquisition needs judgement: it does not if it is the first lock of the thread, or makes a chain that the
/// thread remembers. Before the lock is tried, so that its atomic instruction and all this overlap. `None` if [`enter_known`] has to be
/// asked.
#[inline(always)]
#[must_use]
pub fn prepare(word: &ClassWord, how: How) -> Option<Prepared> {
    let block = current()?;
    let bound = word.load();
    let top = block.top.load(Relaxed);
    if top >= block.limit.load(Relaxed) || !ClassWord::is_plain(bound, how.writes()) {
        return None;
    }
    // SAFETY: below the limit, `top` is a place of the stack, and there is one more entry below the lowest; invariant 3.
    let below = unsafe { (*top.sub(1)).key.load(Relaxed) };
    let key = mix(below, ClassWord::class_in(bound), how);
    if !block.remembers(key, key) && top != block.base.load(Relaxed) {
        return None;
    }
    Some(Prepared { block, top, key, word: bound })
}

impl Prepared {
    /// Puts the acquisition on the books, with the `how` that was prepared, once the lock was got without waiting. `None` if the
    /// books have changed since, because the lock itself uses locks.
    #[inline(always)]
    #[must_use]
    pub fn enter(self, how: How, site: &'static Location<'static>) -> Option<Token> {
        if self.top != self.block.top.load(Relaxed) {
            return None;
        }
        // SAFETY: the top is what it was when it was below the limit, and so a place of the stack; invariant 3.
        Some(unsafe { self.block.write(self.top, self.key, self.word, how, site) })
    }
}

/// Both at once, after the lock was got.
#[inline(always)]
#[must_use]
pub fn enter(word: &ClassWord, how: How, site: &'static Location<'static>) -> Option<Token> {
    prepare(word, how)?.enter(how, site)
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
    is_first || block.knows(block.chain(bound, how, beside))
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
    let newest = unsafe { block.top.load(Relaxed).sub(1) };
    // SAFETY: as above. The token of the entry below the lowest place is nobody's.
    if unsafe { (*newest).token.load(Relaxed) } != token {
        return false;
    }
    block.top.store(newest, Relaxed);
    true
}
