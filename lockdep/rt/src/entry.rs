//! One place of a held stack.

use crate::word::{ClassWord, FLAGS, UNWRITTEN};
use std::panic::Location;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize};

/// How a lock is acquired: the wanted mode in the low bits, then what else tells chains apart, then the subclass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct How(pub u32);

impl How {
    /// The bits that say how the lock is wanted or held.
    pub const MODE: u32 = 7;
    /// The mode of a lock that is held shared after having been exclusive. The other modes are those of wants.
    pub const DOWNGRADED: u32 = 5;
    /// Marks a try-lock.
    pub const TRY: u32 = 8;
    /// Marks a wait that gives up within a second.
    pub const SHORT: u32 = 16;
    /// Marks an acquisition that has a place in the declared order of its class.
    pub const RANKED: u32 = 32;
    /// Marks an acquisition under a lock that was named as the one that serialises it.
    pub const UNDER: u32 = 64;
    /// The first bit of the subclass.
    pub const SUBCLASS_SHIFT: u32 = 8;

    /// Wanted exclusively.
    pub const WRITE: How = How(0);
    /// Wanted in the one mode that may become exclusive.
    pub const UPGRADABLE: How = How(1);
    /// Wanted shared, past queued writers.
    pub const RECURSIVE_READ: How = How(2);
    /// Wanted shared, behind queued writers.
    pub const READ: How = How(3);
    /// Held upgradably and wanted exclusively.
    pub const UPGRADE: How = How(4);

    /// The same, tried.
    #[must_use]
    pub const fn tried(self) -> How {
        How(self.0 | How::TRY)
    }

    /// The same, without what was special about one acquisition: as the lock is taken again after a wait.
    #[must_use]
    pub const fn again(self) -> How {
        How(self.0 & !(How::TRY | How::SHORT | How::RANKED | How::UNDER))
    }

    /// Whether it is in one of the two modes that most acquisitions are in, for which [`held_plain`] leaves a word's flags where they are.
    pub(crate) const fn keeps_flags(self) -> bool {
        matches!(How(self.0 & Self::MODE), How::WRITE | How::READ)
    }

    pub(crate) const fn writes(self) -> bool {
        let want = self.0 & Self::MODE;
        want == 0 || want == 4
    }
}

/// Names one acquisition; 0 is one that is not tracked.
///
/// The low bits are those of a place that no other place of any stack has at the same time, the high ones count the uses of it that
/// are over, so that no two acquisitions that are held at one time have one token. A release counts, and not an acquisition, because
/// that one has more to store as it is, and a processor has room for few stores that wait for an atomic instruction.
pub type Token = u64;

/// One held lock. A cache line each, so that a push dirties one line, whatever the depth.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Entry {
    /// The chain key up to and including this entry.
    pub(crate) key: AtomicU64,
    /// Class and instance as the lock's bound word has them, and in place of the word's flags the mode, and whether `more`
    /// counts.
    word: AtomicUsize,
    site: AtomicPtr<Location<'static>>,
    /// What [`How`] says beyond the mode in the lower half, flags in the upper one. Most acquisitions have neither, and spare
    /// the store.
    more: AtomicU64,
    pub(crate) token: AtomicU64,
    /// Its place in the declared order of its class, if it is [`How::RANKED`].
    pub(crate) rank: AtomicU64,
    /// The token of an acquisition of this stack, not necessarily this one, that another thread has released.
    pub(crate) posted: AtomicU64,
}

const HAS_MORE: usize = 8;
const FLAGS_SHIFT: u32 = 32;
/// Released out of order, by another thread, or during cold work; the owner drops it at the end of its cold work.
const RELEASED: u64 = 1 << FLAGS_SHIFT;
/// It is no lock but a mark: chains above it have other keys.
pub(crate) const MARK: u64 = 2 << FLAGS_SHIFT;
/// A mark that begins a context: what is below it is not held by what is above.
pub(crate) const BASE: u64 = 4 << FLAGS_SHIFT;
/// One more use of a place; the bits below name the place.
pub(crate) const USE: u64 = 1 << PLACE_BITS;
pub(crate) const PLACE_BITS: u32 = 24;

/// What an entry keeps of its lock: the bound word, with the mode in place of the flags.
pub(crate) const fn held(word: usize, how: How) -> usize {
    word & !FLAGS | (how.0 & How::MODE) as usize
}

/// The same of a word that [is plain](ClassWord::is_plain), with less to do: if it is for writing it has no flag, and if for reading
/// none but the one in the place of that mode. What becomes of another word [is no entry's](crate::key::taken).
#[inline(always)]
pub(crate) const fn held_plain(word: usize, how: How) -> usize {
    if how.keeps_flags() {
        word | (how.0 & How::MODE) as usize
    } else {
        held(word, how)
    }
}

// A word that was not written yet must not look read when it is to be written.
const _: () = assert!(How::WRITE.0 == 0 && How::READ.0 as usize & UNWRITTEN != 0 && How::READ.0 as usize != UNWRITTEN);

impl Entry {
    /// A place that nothing was put in; all bits of it are zero.
    #[must_use]
    pub const fn empty() -> Entry {
        Entry {
            key: AtomicU64::new(0),
            word: AtomicUsize::new(0),
            site: AtomicPtr::new(std::ptr::null_mut()),
            more: AtomicU64::new(0),
            token: AtomicU64::new(0),
            rank: AtomicU64::new(0),
            posted: AtomicU64::new(0),
        }
    }

    /// The lock's bound word.
    #[must_use]
    pub fn word(&self) -> usize {
        ClassWord::used(self.word.load(Relaxed), self.how().writes())
    }

    /// How it is held.
    #[must_use]
    pub fn how(&self) -> How {
        How(self.word.load(Relaxed) as u32 & How::MODE | self.more() as u32)
    }

    #[inline]
    fn more(&self) -> u64 {
        if self.word.load(Relaxed) & HAS_MORE != 0 {
            self.more.load(Relaxed)
        } else {
            0
        }
    }

    fn set_more(&self, more: u64) {
        self.more.store(more, Relaxed);
        self.word.store(self.word.load(Relaxed) | HAS_MORE, Relaxed);
    }

    /// Writes all but the key; the token is there already. Where `how` is a constant, so is the comparison.
    #[inline(always)]
    pub(crate) fn write(&self, held: usize, how: How, flags: u64, site: *const Location<'static>) {
        let more = u64::from(how.0 & !How::MODE) | flags;
        let has_more = if more == 0 { 0 } else { HAS_MORE };
        self.word.store(held | has_more, Relaxed);
        self.site.store(site.cast_mut(), Relaxed);
        if more != 0 {
            self.more.store(more, Relaxed);
        }
    }

    /// Writes an entry that a signal handler has overwritten, now that the place is taken.
    #[cold]
    pub(crate) fn write_again(&self, key: u64, held: usize, how: How, site: &'static Location<'static>) -> Token {
        self.write(held, how, 0, site);
        self.key.store(key, Relaxed);
        self.token()
    }

    /// Where it was acquired; `None` for a mark, and if that was in a library that is gone.
    #[must_use]
    pub fn site(&self) -> Option<&'static Location<'static>> {
        // SAFETY: null, or what `write` was given, made from a `&'static Location`.
        unsafe { self.site.load(Relaxed).cast_const().as_ref() }
    }

    /// Forgets where it was acquired, if that place is in memory that is about to go.
    #[cfg(feature = "foreign")]
    pub(crate) fn forget_site_in(&self, memory: std::ops::Range<usize>) {
        let site = self.site.load(Relaxed);
        if memory.contains(&(site as usize)) {
            // The owner may have put another acquisition here, from elsewhere.
            let _ = self.site.compare_exchange(site, std::ptr::null_mut(), Relaxed, Relaxed);
        }
    }

    /// The acquisition.
    #[inline(always)]
    #[must_use]
    pub fn token(&self) -> Token {
        self.token.load(Relaxed)
    }

    /// Its place in the declared order of its class.
    #[must_use]
    pub fn rank(&self) -> Option<u64> {
        (self.how().0 & How::RANKED != 0).then(|| self.rank.load(Relaxed))
    }

    /// Whether it stands for something that is held now.
    #[must_use]
    pub fn is_lock(&self) -> bool {
        self.more() & (RELEASED | MARK) == 0
    }

    /// Whether a context begins with it that has not ended.
    #[must_use]
    pub fn is_base(&self) -> bool {
        self.more() & (BASE | RELEASED) == BASE
    }

    /// The number of a mark that counts.
    #[must_use]
    pub fn mark(&self) -> Option<u32> {
        (self.more() & (MARK | RELEASED) == MARK).then(|| self.how().0 >> How::SUBCLASS_SHIFT)
    }

    #[inline]
    pub(crate) fn is_mark(&self) -> bool {
        self.more() & MARK != 0
    }

    pub(crate) fn is_released(&self) -> bool {
        self.more() & RELEASED != 0
    }

    /// Leaves it to the owner's [`Block::rest`](crate::Block::rest) to take it off. The owner's, during its cold work.
    pub fn release(&self) {
        self.set_more(self.more() | RELEASED);
    }

    pub(crate) fn set_mode(&self, mode: u32) {
        let rest = self.word.load(Relaxed) & !(How::MODE as usize);
        self.word.store(rest | mode as usize, Relaxed);
    }

    /// Puts another place's acquisition here, and this place's name there.
    pub(crate) fn take_from(&self, other: &Entry) {
        self.word.store(other.word.load(Relaxed), Relaxed);
        self.site.store(other.site.load(Relaxed), Relaxed);
        self.more.store(other.more.load(Relaxed), Relaxed);
        self.rank.store(other.rank.load(Relaxed), Relaxed);
        let token = self.token.load(Relaxed);
        self.token.store(other.token.load(Relaxed), Relaxed);
        other.token.store(token, Relaxed);
    }
}
