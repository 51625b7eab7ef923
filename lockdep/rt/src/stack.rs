//! A thread's held stack: its memory, and what happens to it away from the hot path.

use crate::block::Block;
use crate::blocks;
use crate::entry::{held, Entry, Token, PLACE_BITS, USE};
use crate::key::{mix, taken};
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// How many locks a thread can hold before the cold side has to say that it lost track: a program that leaks its guards would
/// otherwise have its every acquisition compared with all of them.
pub const DEEPEST: usize = 1024;

/// The memory of one stack. The owner goes on with a larger one when it is full; this one stays, because others may be
/// reading it.
#[derive(Debug)]
pub struct Stack {
    /// The first is below the stack: its key is that of the empty chain, its token nobody's.
    entries: &'static [Entry],
    /// The name of its first place. Names stay within a block.
    first: u32,
    older: AtomicPtr<Stack>,
}

const NOBODY: Token = Token::MAX;

impl Stack {
    /// A stack in this memory, which holds one lock less than it has entries. `None` if more places are in use than
    /// tokens can name, which is sixteen million.
    #[must_use]
    pub fn new(entries: &'static [Entry]) -> Option<Stack> {
        let count = u32::try_from(entries.len()).ok()?;
        let first = blocks::name_places(count)?;
        let (nobody, places) = entries.split_first()?;
        nobody.token.store(NOBODY, Relaxed);
        places.iter().zip(first..).for_each(|(entry, place)| entry.token.store(u64::from(place), Relaxed));
        Some(Stack { entries, first, older: AtomicPtr::new(std::ptr::null_mut()) })
    }

    /// The address of a place; that of the last may be the end.
    pub(crate) fn place(&self, index: usize) -> *mut Entry {
        self.entries.as_ptr().wrapping_add(index + 1).cast_mut()
    }

    /// Whether a token's place is one of this memory, or of what was in use before.
    pub(crate) fn names(&self, token: Token) -> bool {
        let place = token & (USE - 1);
        self.all().any(|stack| place.wrapping_sub(u64::from(stack.first)) < stack.capacity() as u64)
    }

    pub(crate) fn end(&self) -> *mut Entry {
        self.place(self.capacity())
    }

    pub(crate) fn capacity(&self) -> usize {
        self.entries.len() - 1
    }

    pub(crate) fn set_seed(&self, seed: u64) {
        self.entries[0].key.store(seed, Relaxed);
    }

    /// This memory, then what was in use before.
    fn all(&self) -> impl Iterator<Item = &Stack> {
        // SAFETY: null, or what `Block::grow` made from a `&'static Stack`. Pairs with its release.
        std::iter::successors(Some(self), |stack| unsafe { stack.older.load(Acquire).cast_const().as_ref() })
    }

    /// Puts a token where the owner will look.
    pub(crate) fn post(&self, token: Token) {
        // There is a place for every entry, and an entry is released once. Only guards that outlive their thread can be more, and theirs
        // are off the stack already.
        let put = |entry: &Entry| entry.posted.compare_exchange(0, token, Relaxed, Relaxed).is_ok();
        let _ = self.entries.iter().any(put);
    }

    pub(crate) fn take_posts(&self, mut take: impl FnMut(Token)) {
        for entry in self.all().flat_map(|stack| stack.entries) {
            if entry.posted.load(Relaxed) != 0 {
                take(entry.posted.swap(0, Relaxed));
            }
        }
    }
}

impl Block {
    pub(crate) fn stack(&self) -> &'static Stack {
        // SAFETY: `new` and `grow` made it from a `&'static Stack`. Pairs with the release of the latter.
        unsafe { &*self.stack.load(Acquire) }
    }

    /// The entries, oldest first; also while the cold side is at work, and from any thread.
    #[must_use]
    pub fn held(&self) -> &[Entry] {
        let entries = &self.stack().entries[1..];
        let bytes = (self.top.load(Relaxed) as usize).wrapping_sub(entries.as_ptr() as usize);
        // Another thread may see the top of a larger stack than the one it has found; it sees nothing then.
        entries.get(..bytes / size_of::<Entry>()).unwrap_or_default()
    }

    /// How many locks the stack has room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.stack().capacity()
    }

    /// Whether the cold side is neither at work nor asked to be.
    pub(crate) fn is_ready(&self) -> bool {
        !self.limit.load(Relaxed).is_null()
    }

    /// Whether there is no room for one more.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.held().len() == self.capacity()
    }

    /// Goes on in larger memory. The owner's, during cold work.
    ///
    /// # Panics
    /// If the memory is no larger.
    pub fn grow(&self, larger: &'static Stack) {
        let (old, top) = (self.stack(), self.held().len());
        assert!(larger.capacity() > old.capacity());
        larger.set_seed(self.key_at(0));
        for (from, to) in old.entries[1..=top].iter().zip(&larger.entries[1..]) {
            to.take_from(from);
        }
        larger.older.store(std::ptr::from_ref(old).cast_mut(), Release);
        // Pairs with the acquire in `stack`: who finds the memory sees what is in it.
        self.stack.store(std::ptr::from_ref(larger).cast_mut(), Release);
        self.base.store(larger.place(0), Relaxed);
        self.top.store(larger.place(top), Relaxed);
        self.rekey(0);
    }

    /// How many acquisitions have been put on this stack, by all threads that had the block.
    #[must_use]
    pub fn acquisitions(&self) -> u64 {
        let places = self.stack().all().flat_map(|stack| &stack.entries[1..]);
        places.map(|entry| entry.token() >> PLACE_BITS).sum::<u64>() + self.held().len() as u64
    }

    pub(crate) fn key_at(&self, top: usize) -> u64 {
        self.stack().entries[top].key.load(Relaxed)
    }

    pub(crate) fn rekey(&self, from: usize) {
        for index in from..self.held().len() {
            self.rekey_one(index);
        }
    }

    fn rekey_one(&self, index: usize) {
        self.rekey_on(self.place(index), self.key_at(index));
    }

    /// Makes an entry's key that of its chain on top of one with this key, and returns it.
    fn rekey_on(&self, entry: &Entry, below: u64) -> u64 {
        // A context's chains do not depend on what it interrupts.
        let below = if entry.is_base() { self.key_at(0) } else { below };
        let key = mix(below, taken(held(entry.word(), entry.how()), entry.how()));
        entry.key.store(key, Relaxed);
        key
    }

    pub(crate) fn place(&self, index: usize) -> &'static Entry {
        &self.stack().entries[index + 1]
    }

    pub(crate) fn find(&self, token: Token) -> Option<&Entry> {
        self.held().iter().rfind(|entry| entry.token() == token)
    }

    pub(crate) fn set_top(&self, top: usize) {
        self.top.store(self.stack().place(top), Relaxed);
    }

    /// Takes everything from this place on off the stack.
    fn free(&self, top: usize) {
        self.held()[top..].iter().for_each(Entry::end_use);
        self.set_top(top);
    }

    pub(crate) fn move_entry(&self, from: usize, to: usize) {
        self.place(to).take_from(self.place(from));
        self.rekey_one(to);
    }

    /// Takes an acquisition off the stack, wherever it stands; during cold work it is only marked. False if it is not here.
    /// The owner's; other threads [`post`](Block::post).
    pub fn release(&self, token: Token) -> bool {
        let held = self.held();
        let Some(index) = held.iter().rposition(|entry| entry.token() == token) else { return false };
        if self.is_busy() {
            held[index].release();
            return true;
        }
        let mut below = self.key_at(index);
        for (to, from) in held[index..].iter().zip(&held[index + 1..]) {
            to.take_from(from);
            below = self.rekey_on(to, below);
        }
        self.free(held.len() - 1);
        true
    }

    pub(crate) fn drop_released(&self) {
        let mut kept = 0;
        for (index, entry) in self.held().iter().enumerate() {
            if !entry.is_released() {
                if index != kept {
                    self.move_entry(index, kept);
                }
                kept += 1;
            }
        }
        self.free(kept);
    }

    /// Changes the mode in which an acquisition is held, and the chain keys above it. False if it is not here.
    pub fn change(&self, token: Token, mode: u32) -> bool {
        let Some(index) = self.held().iter().rposition(|entry| entry.token() == token) else { return false };
        self.place(index).set_mode(mode);
        self.rekey(index);
        true
    }
}

impl Entry {
    /// The use of this place is over; the next one has another token.
    #[inline(always)]
    pub(crate) fn end_use(&self) {
        self.token.store(self.token().wrapping_add(USE), Relaxed);
    }
}
