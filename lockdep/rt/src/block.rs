//! A thread's held stack and its table of known chains.

use crate::entry::{Entry, How, Token};
use crate::wait::Wait;
use crate::word::ClassWord;
use std::cell::Cell;
use std::panic::Location;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64};

/// How many locks a thread can hold before the cold side has to say that it lost track.
pub const CAPACITY: usize = 64;
const KNOWN: usize = 1024;
const TOP: u64 = 0xff;
const BUSY: u64 = 0xff;
const SERIAL: u64 = 1 << 8;
/// Bits of a block's own count of acquisitions, between its number and its top.
const TOKEN_BITS: u32 = 32;
const SEED: u64 = 0x243f_6a88_85a3_08d3;

/// A thread's state. Fields are relaxed atomics: only the owner writes them (invariant 2 has the exceptions), so no
/// order between them is needed; a dump reads whatever is there.
#[derive(Debug)]
pub struct Block {
    state: AtomicU64,
    saved: AtomicU64,
    salt: AtomicU64,
    seed: AtomicU64,
    scope: AtomicU32,
    segment: AtomicU32,
    number: u32,
    /// Tokens of acquisitions that other threads have released; the owner takes them out when it next goes cold.
    posted: [AtomicU64; CAPACITY],
    posts: AtomicU32,
    /// What the thread waits for.
    pub wait: Wait,
    /// The block that was published before this one.
    next: AtomicPtr<Block>,
    entries: [Entry; CAPACITY],
    known: [AtomicU64; KNOWN],
}

thread_local! {
    /// Const and without `Drop`, so that it can be used while other thread-locals are being destroyed.
    static CURRENT: Cell<Option<&'static Block>> = const { Cell::new(None) };
}

/// This thread's block, if it has one.
#[inline(always)]
#[must_use]
pub fn current() -> Option<&'static Block> {
    CURRENT.get()
}

/// Gives this thread a block, or takes it away.
pub fn set_current(block: Option<&'static Block>) {
    CURRENT.set(block);
}

/// All blocks, newest first. Blocks are never freed, so the list only grows, by one block per thread that runs at once.
static BLOCKS: AtomicPtr<Block> = AtomicPtr::new(std::ptr::null_mut());

/// Lets other threads find a block by its tokens.
pub fn publish(block: &'static Block) {
    let mut head = BLOCKS.load(Relaxed);
    loop {
        block.next.store(head, Relaxed);
        // Pairs with the acquire in `owner_of`: who finds the block sees it initialised.
        let this = std::ptr::from_ref(block).cast_mut();
        match BLOCKS.compare_exchange_weak(head, this, Release, Relaxed) {
            Ok(_) => return,
            Err(newer) => head = newer,
        }
    }
}

/// All blocks that were ever published, newest first.
pub fn blocks() -> impl Iterator<Item = &'static Block> {
    // Pairs with the release in `publish`.
    let mut block = BLOCKS.load(Acquire);
    std::iter::from_fn(move || {
        // SAFETY: null, or a published block; invariant 1.
        let found: &'static Block = unsafe { block.as_ref() }?;
        block = found.next.load(Relaxed);
        Some(found)
    })
}

/// The block on which an acquisition was put.
#[must_use]
pub fn owner_of(token: Token) -> Option<&'static Block> {
    blocks().find(|block| u64::from(block.number) == token >> (TOKEN_BITS + 8))
}

#[inline(always)]
fn mix(key: u64, class: u32, how: u32) -> u64 {
    let what = u64::from(class) << 32 | u64::from(how);
    (key.rotate_left(5) ^ what).wrapping_mul(0x517c_c1b7_2722_0a95)
}

impl Block {
    /// A block whose tokens differ from those of every other block; `number` starts at 1.
    #[must_use]
    pub fn new(number: u32) -> Block {
        Block {
            state: AtomicU64::new(u64::from(number) << (TOKEN_BITS + 8)),
            saved: AtomicU64::new(0),
            salt: AtomicU64::new(0x9e37_79b9_7f4a_7c15),
            seed: AtomicU64::new(SEED),
            scope: AtomicU32::new(0),
            segment: AtomicU32::new(0),
            number,
            posted: std::array::from_fn(|_| AtomicU64::new(0)),
            posts: AtomicU32::new(0),
            wait: Wait::default(),
            next: AtomicPtr::new(std::ptr::null_mut()),
            entries: std::array::from_fn(|_| Entry::empty()),
            known: std::array::from_fn(|_| AtomicU64::new(0)),
        }
    }

    /// The scope whose graph this thread's orders belong to; 0 is the process's.
    #[must_use]
    pub fn scope(&self) -> u32 {
        self.scope.load(Relaxed)
    }

    /// Moves the thread to a scope: every chain gets another key, those of the held locks too. Returns the scope before.
    pub fn set_scope(&self, scope: u32) -> u32 {
        let before = self.scope();
        self.scope.store(scope, Relaxed);
        self.reseed();
        before
    }

    /// The stretch of the thread between spawns and joins that it is in; 0 is one of which nothing is known.
    #[must_use]
    pub fn segment(&self) -> u32 {
        self.segment.load(Relaxed)
    }

    /// Moves the thread to a segment: as with a scope, its chains are other ones there.
    pub fn set_segment(&self, segment: u32) {
        self.segment.store(segment, Relaxed);
        self.reseed();
    }

    fn reseed(&self) {
        let place = u64::from(self.scope()) << 32 | u64::from(self.segment());
        self.seed.store(SEED ^ place.wrapping_mul(0x9e37_79b9_7f4a_7c15), Relaxed);
        self.rekey(0);
    }

    /// How many acquisitions have been put on this stack, by all threads that had the block.
    #[must_use]
    pub fn acquisitions(&self) -> u64 {
        let state = self.state.load(Relaxed);
        let state = if state & TOP == BUSY { self.saved.load(Relaxed) } else { state };
        (state >> 8) - (u64::from(self.number) << TOKEN_BITS)
    }

    fn rekey(&self, from: usize) {
        for index in from..self.held().len() {
            self.rekey_one(index);
        }
    }

    fn rekey_one(&self, index: usize) {
        let entry = &self.entries[index];
        let is_base = entry.flags.load(Relaxed) & Entry::BASE != 0;
        let below = if is_base { self.seed.load(Relaxed) } else { self.key_at(index) };
        let class = ClassWord::class_in(entry.word.load(Relaxed));
        entry.key.store(mix(below, class, entry.how.load(Relaxed)), Relaxed);
    }

    fn key_at(&self, top: usize) -> u64 {
        if top == 0 {
            self.seed.load(Relaxed)
        } else {
            self.entries[top - 1].key.load(Relaxed)
        }
    }

    /// The key of the chain that an acquisition makes on top of what is held.
    #[must_use]
    pub fn next_key(&self, class: u32, how: How) -> u64 {
        mix(self.key_at(self.held().len()), class, how.0)
    }

    #[inline(always)]
    fn knows(&self, key: u64) -> bool {
        self.known[key as usize >> 7 & (KNOWN - 1)].load(Relaxed) == key ^ self.salt.load(Relaxed)
    }

    /// Remembers a chain, so that it is not asked about again.
    pub fn remember(&self, key: u64) {
        self.known[key as usize >> 7 & (KNOWN - 1)].store(key ^ self.salt.load(Relaxed), Relaxed);
    }

    /// Makes the block forget every chain; any thread may do so.
    pub fn forget(&self) {
        self.salt.fetch_add(0x9e37_79b9_7f4a_7c15, Relaxed);
    }

    /// The entries, oldest first; also while the cold side is at work, and from any thread.
    #[must_use]
    pub fn held(&self) -> &[Entry] {
        let state = self.state.load(Relaxed);
        let top = if state & TOP == BUSY { self.saved.load(Relaxed) } else { state } & TOP;
        &self.entries[..(top as usize).min(CAPACITY)]
    }

    /// Starts cold work: until [`Block::rest`], acquisitions of this thread are not tracked. Returns false if
    /// cold work is under way already.
    pub fn begin(&self) -> bool {
        let state = self.state.load(Relaxed);
        if state & TOP == BUSY {
            return false;
        }
        self.saved.store(state, Relaxed);
        self.state.store(state | BUSY, Relaxed);
        self.take_posts();
        true
    }

    /// Says, from any thread, that an acquisition of this block has been released. The owner drops its entry when it next
    /// goes cold, which the changed salt makes it do at its next nested acquisition.
    pub fn post(&self, token: Token) {
        // There is a place for every entry, and an entry is released once, so a place is free.
        for place in &self.posted {
            if place.compare_exchange(0, token, Relaxed, Relaxed).is_ok() {
                break;
            }
        }
        // Pairs with the acquire in `take_posts`: who sees the count sees the token.
        self.posts.fetch_add(1, Release);
        self.forget();
    }

    fn take_posts(&self) {
        if self.posts.swap(0, Acquire) == 0 {
            return;
        }
        for place in &self.posted {
            let token = place.swap(0, Relaxed);
            if token != 0 {
                self.mark_released(token);
            }
        }
    }

    /// Ends cold work: drops the entries that were released meanwhile or elsewhere, and takes up the hot path again.
    pub fn rest(&self) {
        let mut kept = 0;
        for index in 0..self.held().len() {
            if self.entries[index].flags.load(Relaxed) & Entry::RELEASED == 0 {
                self.move_entry(index, kept);
                kept += 1;
            }
        }
        let state = self.saved.load(Relaxed) & !TOP | kept as u64;
        self.state.store(state, Relaxed);
    }

    fn move_entry(&self, from: usize, to: usize) {
        let (source, target) = (&self.entries[from], &self.entries[to]);
        target.word.store(source.word.load(Relaxed), Relaxed);
        target.how.store(source.how.load(Relaxed), Relaxed);
        target.site.store(source.site.load(Relaxed), Relaxed);
        target.token.store(source.token.load(Relaxed), Relaxed);
        target.flags.store(source.flags.load(Relaxed), Relaxed);
        target.rank.store(source.rank.load(Relaxed), Relaxed);
        self.rekey_one(to);
    }

    /// The number of the mark below everything else, if there is one.
    #[must_use]
    pub fn strictness(&self) -> Option<u32> {
        let lowest = self.held().first()?;
        let is_mark = lowest.flags.load(Relaxed) & Entry::MARK != 0;
        is_mark.then(|| lowest.how.load(Relaxed) >> How::SUBCLASS_SHIFT)
    }

    /// Puts a mark with this number below everything that is held, if there is room: from then on no acquisition is the
    /// lowest, so none goes unasked. During cold work only.
    pub fn make_strict(&self, number: u32) {
        let top = self.held().len();
        let is_new = self.strictness().is_none();
        if is_new && top == CAPACITY {
            return;
        }
        let state = self.saved.load(Relaxed) + SERIAL + u64::from(is_new);
        self.saved.store(state, Relaxed);
        if is_new {
            (0..top).rev().for_each(|index| self.move_entry(index, index + 1));
        }
        self.write_mark(0, state, number, Entry::MARK);
        self.rekey(0);
    }

    /// Pushes a mark with a number, which tells its chains apart. 0 if there is no room.
    pub fn mark(&self, number: u32, is_base: bool) -> Token {
        let state = self.state.load(Relaxed);
        let top = (state & TOP) as usize;
        if top >= CAPACITY {
            return 0;
        }
        let state = state + SERIAL + 1;
        self.write_mark(top, state, number, if is_base { Entry::MARK | Entry::BASE } else { Entry::MARK });
        self.state.store(state, Relaxed);
        state
    }

    fn write_mark(&self, index: usize, token: Token, number: u32, flags: u32) {
        let entry = &self.entries[index];
        entry.word.store(0, Relaxed);
        entry.site.store(std::ptr::null_mut(), Relaxed);
        // No acquisition has all bits of the mode.
        entry.how.store(number << How::SUBCLASS_SHIFT | How::MODE, Relaxed);
        entry.flags.store(flags, Relaxed);
        entry.token.store(token, Relaxed);
        self.rekey_one(index);
    }

    /// Pushes an acquisition that has been judged. 0 if there is no room.
    pub fn push(&self, word: usize, how: How, site: &'static Location<'static>) -> Token {
        let state = self.state.load(Relaxed);
        let top = (state & TOP) as usize;
        if top >= CAPACITY {
            return 0;
        }
        let key = mix(self.key_at(top), ClassWord::class_in(word), how.0);
        self.write(state, top, key, word, how, site)
    }

    #[inline(always)]
    fn write(
        &self,
        state: u64,
        top: usize,
        key: u64,
        word: usize,
        how: How,
        site: &'static Location<'static>,
    ) -> Token {
        let entry = &self.entries[top];
        let state = state + SERIAL + 1;
        entry.key.store(key, Relaxed);
        entry.word.store(word, Relaxed);
        entry.site.store(std::ptr::from_ref(site).cast_mut(), Relaxed);
        entry.how.store(how.0, Relaxed);
        entry.flags.store(0, Relaxed);
        entry.token.store(state, Relaxed);
        self.state.store(state, Relaxed);
        state
    }

    /// Marks an acquisition of this block as released, wherever it stands in the stack. False if it is not here. The
    /// owner's; other threads [`post`](Block::post).
    pub fn mark_released(&self, token: Token) -> bool {
        let found = self.held().iter().find(|entry| entry.token.load(Relaxed) == token);
        if let Some(entry) = found {
            entry.flags.store(Entry::RELEASED, Relaxed);
            self.forget();
        }
        found.is_some()
    }

    /// Changes the mode in which an acquisition is held, and the chain keys above it. False if it is not here.
    pub fn change(&self, token: Token, mode: u32) -> bool {
        let Some(place) = self.held().iter().position(|entry| entry.token.load(Relaxed) == token) else {
            return false;
        };
        let how = &self.entries[place].how;
        how.store(how.load(Relaxed) & !How::MODE | mode, Relaxed);
        self.rekey(place);
        true
    }
}

/// Tracks an acquisition that needs no judgement: the first lock of the thread, or a known chain. `None` if the
/// cold side has to be asked.
#[inline(always)]
#[must_use]
pub fn enter(word: &ClassWord, how: How, site: &'static Location<'static>) -> Option<Token> {
    let block = current()?;
    let word = word.load();
    let state = block.state.load(Relaxed);
    let top = (state & TOP) as usize;
    if top >= CAPACITY || !ClassWord::is_plain(word, how.writes()) {
        return None;
    }
    let class = ClassWord::class_in(word);
    let key = mix(block.key_at(top), class, how.0);
    if top != 0 && !block.knows(key) {
        return None;
    }
    Some(block.write(state, top, key, word, how, site))
}

/// Whether an acquisition that is about to block needs no judgement.
#[inline]
#[must_use]
pub fn check(word: &ClassWord, how: How) -> bool {
    let Some(block) = current() else { return false };
    let word = word.load();
    let top = (block.state.load(Relaxed) & TOP) as usize;
    if top >= CAPACITY || !ClassWord::is_plain(word, how.writes()) {
        return false;
    }
    top == 0 || block.knows(mix(block.key_at(top), ClassWord::class_in(word), how.0))
}

/// Says which place the lock of this thread's newest acquisition has in the declared order of its class.
#[inline]
pub fn rank(token: Token, rank: u64) {
    let newest = current().and_then(|block| block.held().last());
    if let Some(entry) = newest.filter(|entry| entry.token.load(Relaxed) == token) {
        entry.rank.store(rank, Relaxed);
        entry.flags.store(entry.flags.load(Relaxed) | Entry::RANKED, Relaxed);
    }
}

/// Ends an acquisition if it is this thread's newest. False if the cold side has to find it.
#[inline(always)]
#[must_use]
pub fn leave(token: Token) -> bool {
    let Some(block) = current() else { return false };
    let state = block.state.load(Relaxed);
    let top = (state & TOP) as usize;
    if top == 0 || top > CAPACITY || block.entries[top - 1].token.load(Relaxed) != token {
        return false;
    }
    block.state.store(state - 1, Relaxed);
    true
}
