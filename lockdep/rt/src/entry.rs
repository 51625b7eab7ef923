//! One place of a held stack.

use std::panic::Location;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize};

/// How a lock is acquired: the wanted mode in the low bits, and whether it was a try-lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct How(pub u32);

impl How {
    /// The bits that say how the lock is wanted or held.
    pub const MODE: u32 = 7;
    /// The mode of a lock that is held shared after having been exclusive. The other modes are those of the wants.
    pub const DOWNGRADED: u32 = 5;
    /// Marks a try-lock.
    pub const TRY: u32 = 8;
    /// Marks a wait that gives up within a second.
    pub const SHORT: u32 = 16;
    /// The first bit of the subclass.
    pub const SUBCLASS_SHIFT: u32 = 8;

    /// Wanted exclusively.
    pub const WRITE: How = How(0);
    /// Wanted shared, behind queued writers.
    pub const READ: How = How(1);
    /// Wanted shared, past queued writers.
    pub const RECURSIVE_READ: How = How(2);
    /// Wanted in the one mode that may become exclusive.
    pub const UPGRADABLE: How = How(3);
    /// Held upgradably and wanted exclusively.
    pub const UPGRADE: How = How(4);

    /// The same, tried.
    #[must_use]
    pub const fn tried(self) -> How {
        How(self.0 | How::TRY)
    }

    pub(crate) const fn writes(self) -> bool {
        let want = self.0 & Self::MODE;
        want == 0 || want == 4
    }
}

/// Names one acquisition; 0 is one that is not tracked.
pub type Token = u64;

/// One held lock.
#[derive(Debug)]
pub struct Entry {
    /// The chain key up to and including this entry.
    pub key: AtomicU64,
    /// The lock's bound word.
    pub word: AtomicUsize,
    /// Where it was acquired.
    pub site: AtomicPtr<Location<'static>>,
    /// How it is held; see [`How`].
    pub how: AtomicU32,
    /// [`Entry::RELEASED`] and its kin.
    pub flags: AtomicU32,
    /// Its place in the declared order of its class, if [`Entry::RANKED`] says so.
    pub(crate) rank: AtomicU64,
    /// The acquisition.
    pub token: AtomicU64,
}

impl Entry {
    /// Released out of order, by another thread, or during cold work; the owner drops it at the end of its cold work.
    pub const RELEASED: u32 = 1;
    /// It has a place in the declared order of its class.
    pub(crate) const RANKED: u32 = 2;
    /// It is no lock but a mark: chains above it have other keys.
    pub const MARK: u32 = 4;
    /// A mark that begins a context: what is below it is not held by what is above.
    pub const BASE: u32 = 8;

    /// Whether it stands for something that is held now.
    #[must_use]
    pub fn is_lock(&self) -> bool {
        self.flags.load(Relaxed) & (Self::RELEASED | Self::MARK) == 0
    }

    /// Where it was acquired; `None` for a mark.
    #[must_use]
    pub fn place(&self) -> Option<&'static Location<'static>> {
        // SAFETY: an entry's site is null or was made from a `&'static Location` (`Block::write`).
        unsafe { self.site.load(Relaxed).cast_const().as_ref() }
    }

    /// Its place in the declared order of its class.
    #[must_use]
    pub fn rank(&self) -> Option<u64> {
        (self.flags.load(Relaxed) & Self::RANKED != 0).then(|| self.rank.load(Relaxed))
    }
}

impl Entry {
    /// A place that nothing was put in.
    pub(crate) fn empty() -> Entry {
        Entry {
            key: AtomicU64::new(0),
            word: AtomicUsize::new(0),
            site: AtomicPtr::new(std::ptr::null_mut()),
            how: AtomicU32::new(0),
            flags: AtomicU32::new(0),
            rank: AtomicU64::new(0),
            token: AtomicU64::new(0),
        }
    }
}
