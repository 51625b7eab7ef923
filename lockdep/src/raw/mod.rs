//! Checked raw locks around any `lock_api` 0.5 raw lock.
//!
//! What every wrapper does, in order: an acquisition is tried first; if that succeeds, its books are done after (a
//! panic there unlocks first). If not, it is judged *before* it blocks, so that a real deadlock still prints. A
//! release takes its token off the books and then releases; it never panics.
//!
//! The acquisitions of the traits, and their releases, are called and not inlined: a call costs less than that a program which takes
//! many locks has a copy for each. [`lockdep_rt`] says in `hot` what was measured.

mod acquire;
mod away;
mod channel;
mod condvar;
mod family;
mod map;
mod mutex;
mod rwlock;
#[cfg(any(feature = "parking_lot_0_12", feature = "spin"))]
mod stateless;
mod thread;

use crate::class::LockClassKey;
use crate::runtime;
use acquire::Wanted;
use core::marker::PhantomData;
use core::panic::Location;
use lockdep_core::mode::Want;
use lockdep_rt::{Beside, ClassWord, How, Token as Slot};

pub use crate::runtime::{Caller, Limit};
pub use away::Away;
pub use channel::Channel;
pub use condvar::TrackedCondvar;
pub use family::{Fair, Family, Plain, Recursive, Reentrant, Spin};
pub use map::{TrackedHold, TrackedMap};
pub use thread::{End, Start};

/// A checked raw lock around the raw lock `R`.
#[derive(Debug)]
pub struct Tracked<R, F = Plain> {
    word: ClassWord,
    raw: R,
    family: PhantomData<fn() -> F>,
}

/// A checked mutex.
pub type TrackedMutex<R, F = Plain> = Tracked<R, F>;

/// A checked reader-writer lock.
pub type TrackedRwLock<R, F = Plain> = Tracked<R, F>;

/// How an acquisition stands to others of its class that its thread holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nesting {
    subclass: u32,
    rank: Option<u64>,
    nest: Option<usize>,
}

impl Nesting {
    /// It says nothing about them.
    pub const NONE: Nesting = Nesting { subclass: 0, rank: None, nest: None };

    /// It is of a nesting level of the class.
    #[must_use]
    pub const fn level(subclass: u32) -> Nesting {
        Nesting { subclass, ..Nesting::NONE }
    }

    /// The locks of the class are taken in ascending order, in which this one has a place.
    #[must_use]
    pub const fn rank(rank: u64) -> Nesting {
        Nesting { rank: Some(rank), ..Nesting::NONE }
    }

    /// They are serialised by another lock, which is held. Without a word it is not watched, and says nothing.
    #[must_use]
    pub fn under(lock: Option<&ClassWord>) -> Nesting {
        Nesting { nest: lock.map(ClassWord::load), ..Nesting::NONE }
    }

    /// What it makes of a want.
    const fn how(self, want: Want) -> How {
        let ranked = if self.rank.is_some() { How::RANKED } else { 0 };
        let under = if self.nest.is_some() { How::UNDER } else { 0 };
        How(runtime::how(want, self.subclass).0 | ranked | under)
    }

    fn beside(self) -> Beside {
        Beside { rank: self.rank.unwrap_or_default(), nest: self.nest.unwrap_or_default() }
    }
}

/// The state of one acquisition, kept in its guard: the inner lock's state and where the books have it.
#[derive(Debug)]
pub struct Token<G> {
    guard: G,
    slot: Slot,
}

impl<R, F> Tracked<R, F> {
    const fn around(raw: R, word: ClassWord) -> Self {
        Self { word, raw, family: PhantomData }
    }

    /// The lock inside.
    pub const fn inner(&self) -> &R {
        &self.raw
    }

    /// The lock's word in the books.
    pub const fn word(&self) -> &ClassWord {
        &self.word
    }

    /// Moves the lock to a named class, from its next acquisition on.
    pub fn set_class(&self, key: &'static LockClassKey) {
        self.word.set_key(core::ptr::from_ref(key).cast());
    }
}

/// Reports a lock that dies held.
#[inline]
fn dropped(word: &ClassWord) {
    if lockdep_rt::holds(word) {
        runtime::dropped(word);
    }
}

/// A lock that goes away while its thread holds it was never released: its guard was leaked.
impl<R, F> Drop for Tracked<R, F> {
    #[inline]
    fn drop(&mut self) {
        dropped(&self.word);
    }
}

macro_rules! births {
    ($Trait:path, $kind:ident: $($R:ty, $F:ty;)*) => { $(
        impl Tracked<$R, $F> {
            /// A lock whose class is its birth site.
            pub const fn at(site: &'static Location<'static>) -> Self {
                Self::around(<$R as $Trait>::INIT, ClassWord::birth(site))
            }

            /// A lock of a named class.
            pub const fn keyed(key: &'static LockClassKey) -> Self {
                Self::around(<$R as $Trait>::INIT, ClassWord::key(core::ptr::from_ref(key).cast()))
            }

            /// Tells an unnamed class what it protects, at its first use.
            #[inline(always)]
            pub fn bind_type(&self, type_name: fn() -> &'static str) {
                if !self.word.is_bound() {
                    runtime::bind(&self.word, <$F as Family>::$kind, type_name());
                }
            }
        }
    )* };
}

births! { lock_api::RawMutex, MUTEX:
    ::parking_lot::RawMutex, Plain;
    ::parking_lot::RawMutex, Reentrant;
    ::parking_lot::RawFairMutex, Fair;
}

births! { lock_api::RawRwLock, RWLOCK:
    ::parking_lot::RawRwLock, Plain;
    ::parking_lot::RawRwLockRecursive, Recursive;
}

#[cfg(feature = "parking_lot_0_12")]
births! { lock_api_0_4::RawMutex, MUTEX:
    ::parking_lot_0_12::RawMutex, Plain;
    ::parking_lot_0_12::RawMutex, Reentrant;
    ::parking_lot_0_12::RawFairMutex, Fair;
}

#[cfg(feature = "parking_lot_0_12")]
births! { lock_api_0_4::RawRwLock, RWLOCK:
    ::parking_lot_0_12::RawRwLock, Plain;
}

#[cfg(feature = "spin")]
births! { lock_api_0_4::RawMutex, MUTEX:
    ::spin::Mutex<()>, Spin;
}

#[cfg(feature = "spin")]
births! { lock_api_0_4::RawRwLock, RWLOCK:
    ::spin::RwLock<()>, Spin;
}

impl<G> Token<G> {
    /// Takes the acquisition off the books and hands out the inner state, to be released next.
    #[inline(always)]
    fn leave(self) -> G {
        if !lockdep_rt::leave(self.slot) {
            runtime::release(self.slot);
        }
        self.guard
    }

    /// The acquisition and the inner state apart.
    #[inline(always)]
    fn split(self) -> (TrackedHold, G) {
        (TrackedHold::of(self.slot), self.guard)
    }

    /// The same acquisition in another mode.
    #[inline]
    fn into_mode<H>(self, mode: How, change: impl FnOnce(G) -> H) -> Token<H> {
        let guard = change(self.guard);
        runtime::change(self.slot, mode);
        Token { guard, slot: self.slot }
    }
}
