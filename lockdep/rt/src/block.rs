//! A thread's block: its held stack, the chains it knows, and what it is told from outside.

use crate::chains;
use crate::entry::{held, Entry, How, Token};
use crate::key::{mix, taken, SEED};
use crate::stack::Stack;
use crate::wait::Wait;
use crate::word::ClassWord;
use std::cell::Cell;
use std::panic::Location;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{compiler_fence, fence, AtomicBool, AtomicPtr, AtomicU32, AtomicU64};

/// How many chains a thread remembers itself; what it has no room for is found in the process's [`chains`](crate::chains).
const KNOWN: usize = 1 << KNOWN_BITS;
const KNOWN_BITS: u32 = 10;
/// Keeps tags of chains in which a class nests in itself away from the keys of others.
const NESTS: u64 = 0x9e37_79b9_7f4a_7c15;

/// What the owner is asked to do at its next acquisition.
const TAKE_POSTS: u32 = 1;
const FORGET: u32 = 2;

/// A thread's state. Fields are relaxed atomics: only the owner writes them (invariant 2 has the exceptions), so no
/// order between them is needed; a dump reads whatever is there.
#[derive(Debug)]
#[repr(C)]
pub struct Block {
    /// The first free place of the stack.
    pub(crate) top: AtomicPtr<Entry>,
    /// Where the hot path has to stop: the end of the stack's memory, or null if the cold side is to be asked.
    pub(crate) limit: AtomicPtr<Entry>,
    /// The lowest place of the stack.
    pub(crate) base: AtomicPtr<Entry>,
    known: [AtomicU64; KNOWN],
    pub(crate) stack: AtomicPtr<Stack>,
    busy: AtomicBool,
    asked: AtomicU32,
    scope: AtomicU32,
    segment: AtomicU32,
    /// What the thread waits for.
    pub wait: Wait,
    /// The block that was published before this one.
    pub(crate) next: AtomicPtr<Block>,
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

#[inline(always)]
fn place_of(key: u64) -> usize {
    (key >> (u64::BITS - KNOWN_BITS)) as usize
}

/// What an acquisition says of the others of its class that its thread holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside {
    /// Its place in the declared order of the class, if it is [`How::RANKED`].
    pub rank: u64,
    /// The bound word of the lock that serialises them, if it is [`How::UNDER`] one.
    pub nest: usize,
}

/// An acquisition together with all that its thread holds: what is judged once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    pub(crate) key: u64,
    /// What the tables know it by. It is the key, unless a class nests in itself here: then it also covers how the instances
    /// compare and whether a declared order is followed, and the hot path does not find it.
    pub tag: u64,
}

impl Block {
    /// A block with an empty stack.
    #[must_use]
    pub fn new(stack: &'static Stack) -> Block {
        let base = stack.place(0);
        stack.set_seed(SEED);
        Block {
            top: AtomicPtr::new(base),
            limit: AtomicPtr::new(stack.end()),
            base: AtomicPtr::new(base),
            known: std::array::from_fn(|_| AtomicU64::new(0)),
            stack: AtomicPtr::new(std::ptr::from_ref(stack).cast_mut()),
            busy: AtomicBool::new(false),
            asked: AtomicU32::new(0),
            scope: AtomicU32::new(0),
            segment: AtomicU32::new(0),
            wait: Wait::default(),
            next: AtomicPtr::new(std::ptr::null_mut()),
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
        self.stack().set_seed(SEED ^ place.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        self.rekey(0);
    }

    #[inline(always)]
    pub(crate) fn remembers(&self, key: u64, tag: u64) -> bool {
        self.known[place_of(key)].load(Relaxed) == tag
    }

    /// Remembers a chain, so that it is not asked about again.
    pub fn remember(&self, chain: Chain) {
        self.known[place_of(chain.key)].store(chain.tag, Relaxed);
    }

    /// Whether it is known that an acquisition needs no judgement on top of what is held.
    #[must_use]
    pub(crate) fn knows_all(&self, word: usize, how: How, beside: Beside) -> bool {
        let key = self.key(word, how);
        // Of a chain in which a class nests in itself nobody knows the key, only the tag.
        how.0 & How::UNDER == 0 && self.knows(Chain { key, tag: key }) || self.knows(self.chain(word, how, beside))
    }

    /// Whether the thread or the process knows a chain. What the process knows, the thread remembers from now on.
    #[must_use]
    pub fn knows(&self, chain: Chain) -> bool {
        if self.remembers(chain.key, chain.tag) {
            return true;
        }
        let is_known = chains::has(chain.tag);
        if is_known {
            self.remember(chain);
        }
        is_known
    }

    /// Whether nothing is held. For the owner, quicker than to look at the entries.
    #[inline(always)]
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.top.load(Relaxed) == self.base.load(Relaxed)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn has(&self, word: usize) -> bool {
        let is_this = |entry: &Entry| ClassWord::serial_in(entry.word()) == ClassWord::serial_in(word);
        self.held().iter().any(|entry| entry.is_lock() && is_this(entry))
    }

    /// The key of the chain that an acquisition makes on top of what is held.
    fn key(&self, word: usize, how: How) -> u64 {
        mix(self.key_at(self.held().len()), taken(held(word, how), how))
    }

    /// The chain that an acquisition makes on top of what is held.
    #[must_use]
    pub fn chain(&self, word: usize, how: How, beside: Beside) -> Chain {
        let stack = self.held();
        let class = ClassWord::class_in(word);
        let key = self.key(word, how);
        let is_this = |entry: &Entry| ClassWord::serial_in(entry.word()) == ClassWord::serial_in(word);
        let kin = stack.iter().filter(|entry| entry.is_lock() && ClassWord::class_in(entry.word()) == class);
        let tag = kin.fold(key, |tag, entry| {
            let both_ranked = entry.how().0 & how.0 & How::RANKED != 0;
            let descends = both_ranked && entry.rank.load(Relaxed) >= beside.rank;
            mix(tag ^ NESTS, u64::from(is_this(entry)) << 32 | u64::from(descends) << 4)
        });
        if how.0 & How::UNDER == 0 {
            return Chain { key, tag };
        }
        let is_nest = |entry: &Entry| ClassWord::serial_in(entry.word()) == ClassWord::serial_in(beside.nest);
        let is_held = stack.iter().any(|entry| entry.is_lock() && is_nest(entry));
        Chain { key, tag: mix(tag ^ NESTS, u64::from(is_held) << 4) }
    }

    /// Makes the block forget every chain at its next acquisition; any thread may ask for it.
    pub fn forget(&self) {
        self.ask(FORGET);
    }

    /// Says, from any thread, that an acquisition of this block has been released. The owner drops its entry before its next
    /// acquisition.
    pub fn post(&self, token: Token) {
        self.stack().post(token);
        self.ask(TAKE_POSTS);
    }

    fn ask(&self, what: u32) {
        // Pairs with the acquire in `begin`: who sees the question sees what was posted.
        self.asked.fetch_or(what, Release);
        // Pairs with the fence in `rest`: either it sees the question, or this limit is the last one stored.
        fence(SeqCst);
        self.limit.store(std::ptr::null_mut(), Relaxed);
    }

    /// Starts cold work: until [`Block::rest`], acquisitions of this thread are not tracked. Returns false if
    /// cold work is under way already.
    pub fn begin(&self) -> bool {
        if self.busy.load(Relaxed) {
            return false;
        }
        self.busy.store(true, Relaxed);
        self.limit.store(std::ptr::null_mut(), Relaxed);
        let asked = self.asked.swap(0, Acquire);
        if asked & FORGET != 0 {
            self.known.iter().for_each(|known| known.store(0, Relaxed));
        }
        if asked & TAKE_POSTS != 0 {
            self.stack().take_posts(|token| {
                self.find(token).into_iter().for_each(Entry::release);
            });
            // What is judged from here on is judged without them, and must not be learned with them.
            self.drop_released();
        }
        true
    }

    /// Does what is asked of this block, if that takes no cold side.
    pub(crate) fn attend(&self) {
        if self.asked.load(Relaxed) == TAKE_POSTS && self.begin() {
            self.rest();
        }
    }

    /// Ends cold work: drops the entries that were released meanwhile or elsewhere, and takes up the hot path again.
    pub fn rest(&self) {
        self.drop_released();
        self.busy.store(false, Relaxed);
        self.limit.store(self.stack().end(), Relaxed);
        // Pairs with the fence in `ask`.
        fence(SeqCst);
        if self.asked.load(Relaxed) != 0 {
            self.limit.store(std::ptr::null_mut(), Relaxed);
        }
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(Relaxed)
    }

    /// Pushes an acquisition that has been judged. 0 if it cannot be: during cold work, or without room.
    pub fn push(&self, word: usize, how: How, site: &'static Location<'static>, rank: u64) -> Token {
        if self.is_busy() || self.is_full() {
            return 0;
        }
        let (top, key) = (self.top.load(Relaxed), self.key(word, how));
        // SAFETY: the stack is not full, so `top` is a place of it; invariant 3.
        unsafe {
            (*top).rank.store(rank, Relaxed);
            self.write(top, key, held(word, how), how, site)
        }
    }

    /// Puts an acquisition on top.
    ///
    /// # Safety
    /// `top` must be this block's, and a place of its stack.
    #[inline(always)]
    pub(crate) unsafe fn write(
        &self,
        top: *mut Entry,
        key: u64,
        held: usize,
        how: How,
        site: &'static Location<'static>,
    ) -> Token {
        // SAFETY: the caller's promise.
        let (entry, above) = unsafe { (&*top, top.add(1)) };
        let token = entry.token();
        // These order what a signal handler of this thread can see: one that locks before the place is taken uses it itself, and ends that
        // use, which the token shows; one that comes later finds the entry complete.
        compiler_fence(SeqCst);
        entry.write(held, how, 0, site);
        entry.key.store(key, Relaxed);
        compiler_fence(SeqCst);
        self.top.store(above, Relaxed);
        compiler_fence(SeqCst);
        if entry.token() == token {
            token
        } else {
            entry.write_again(key, held, how, site)
        }
    }
}
