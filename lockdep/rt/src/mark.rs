//! Marks on a held stack: what is no lock, and gives the chains above it other keys.
//!
//! They come and go with every mask and every interruption, so what is known of that takes no cold side: a few stores each, as for a
//! lock.

use crate::block::{Beside, Block};
use crate::entry::{held, Entry, How, Token, BASE, MARK};
use crate::key::{mix, taken};
use std::panic::Location;
use std::sync::atomic::compiler_fence;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

impl Block {
    /// The number of the mark below everything else, if there is one.
    #[must_use]
    pub fn strictness(&self) -> Option<u32> {
        let lowest = self.held().first()?;
        lowest.is_mark().then(|| lowest.how().0 >> How::SUBCLASS_SHIFT)
    }

    /// Puts a mark with this number below everything that is held, if there is room: from then on no acquisition is the
    /// lowest, so none goes unasked. During cold work only.
    pub fn make_strict(&self, number: u32) {
        let top = self.held().len();
        let is_new = self.strictness().is_none();
        if is_new && self.is_full() {
            return;
        }
        if is_new {
            self.set_top(top + 1);
            (0..top).rev().for_each(|index| self.move_entry(index, index + 1));
        }
        let lowest = self.place(0);
        lowest.write(held(0, how_of(number)), how_of(number), MARK, std::ptr::null());
        self.rekey(0);
    }

    /// Pushes a mark with a number, which tells its chains apart. 0 if there is no room.
    pub fn mark(&self, number: u32, is_base: bool) -> Token {
        if self.is_busy() || self.is_full() {
            return 0;
        }
        // SAFETY: the stack is not full, so its top is a place of it; invariant 3.
        unsafe { self.put(self.top.load(Relaxed), number, if is_base { MARK | BASE } else { MARK }) }
    }

    /// The top, if the cold side has nothing to do here: the stack has its lowest mark, and room for so many more.
    #[inline]
    fn calm(&self, room: usize) -> Option<*mut Entry> {
        let (top, base) = (self.top.load(Relaxed), self.base.load(Relaxed));
        if top.wrapping_add(room - 1) >= self.limit.load(Relaxed) || top == base {
            return None;
        }
        // SAFETY: something is on the stack, so its lowest place is one; invariant 3.
        unsafe { &*base }.is_mark().then_some(top)
    }

    /// Pushes a mark as [`Block::mark`] does, if that is known to need nothing else.
    #[inline]
    #[must_use]
    pub fn mask(&self, number: u32) -> Option<Token> {
        let top = self.calm(1)?;
        // SAFETY: there is room for one more at the top.
        Some(unsafe { self.put(top, number, MARK) })
    }

    /// Takes the newest mark off, if its end is known: what is held with it as a chain that goes on with a lock of this class. False if
    /// the cold side has to be asked.
    #[inline]
    #[must_use]
    pub fn unmask(&self, mark: Token, word: usize) -> bool {
        let Some(top) = self.calm(1) else { return false };
        // SAFETY: there is one more entry below the lowest place; invariant 3.
        let newest = unsafe { &*top.sub(1) };
        if newest.token() != mark {
            return false;
        }
        let key = mix(newest.key.load(Relaxed), whole(word));
        let is_known = self.remembers(key, key) || self.knows_all(word, How::WRITE, Beside::default());
        if is_known {
            newest.end_use();
            // As in `leave`: a signal handler finds the place taken, or a token of its own.
            compiler_fence(SeqCst);
            self.top.store(std::ptr::from_ref(newest).cast_mut(), Relaxed);
        }
        is_known
    }

    /// The key of the chain that goes on with a lock of this class, if a context can begin here without the cold side.
    #[inline]
    #[must_use]
    pub fn interruption(&self, word: usize) -> Option<u64> {
        let top = self.calm(2)?;
        // SAFETY: there is one more entry below the lowest place; invariant 3.
        let below = unsafe { (*top.sub(1)).key.load(Relaxed) };
        Some(mix(below, whole(word)))
    }

    /// Begins a context: a mark with a number, and what stands for the context on top of it. `None` if the cold side has to be asked.
    #[inline]
    #[must_use]
    pub fn interrupt(&self, number: u32, word: usize, site: &'static Location<'static>) -> Option<Token> {
        let top = self.calm(2)?;
        // SAFETY: there is room for two more at the top.
        unsafe {
            let mark = self.put(top, number, MARK | BASE);
            let key = mix((*top).key.load(Relaxed), whole(word));
            self.write(top.add(1), key, held(word, How::WRITE), How::WRITE, site);
            Some(mark)
        }
    }

    /// Ends the context that begins with this mark, if it holds nothing any more. False if the cold side has to look.
    #[inline]
    #[must_use]
    pub fn resume(&self, mark: Token) -> bool {
        let Some(top) = self.calm(1) else { return false };
        // SAFETY: something is on the stack, so there are two entries below the top; invariant 3.
        let (newest, below) = unsafe { (&*top.sub(1), &*top.sub(2)) };
        if below.token() != mark || newest.is_mark() {
            return false;
        }
        [newest, below].into_iter().for_each(Entry::end_use);
        // As in `leave`.
        compiler_fence(SeqCst);
        self.top.store(std::ptr::from_ref(below).cast_mut(), Relaxed);
        true
    }

    /// Puts a mark on top.
    ///
    /// # Safety
    /// `top` must be the top of this block, and a place of its stack.
    #[inline]
    unsafe fn put(&self, top: *mut Entry, number: u32, flags: u64) -> Token {
        // SAFETY: the caller's promise; and there is one more entry below the lowest place.
        let (entry, above, below) = unsafe { (&*top, top.add(1), &*top.sub(1)) };
        // A context's chains do not depend on what it interrupts.
        let below = if flags & BASE == 0 { below.key.load(Relaxed) } else { self.key_at(0) };
        let how = how_of(number);
        let write = || {
            entry.write(held(0, how), how, flags, std::ptr::null());
            entry.key.store(mix(below, taken(held(0, how), how)), Relaxed);
        };
        let token = entry.token();
        // As in `Block::write`: a signal handler that has used the place before it was taken has changed its token.
        compiler_fence(SeqCst);
        write();
        compiler_fence(SeqCst);
        self.top.store(above, Relaxed);
        compiler_fence(SeqCst);
        if entry.token() != token {
            write();
        }
        entry.token()
    }
}

/// What a lock with this word adds to a chain when it is taken exclusively.
fn whole(word: usize) -> u64 {
    taken(held(word, How::WRITE), How::WRITE)
}

/// What the entry of a mark has in place of a mode: no acquisition has all bits of it.
fn how_of(number: u32) -> How {
    How(number << How::SUBCLASS_SHIFT | How::MODE)
}
