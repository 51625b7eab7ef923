//! The checker is on: every raw lock is a checked one around the plain one.

use super::instrument::{Instrument, InstrumentMutex, InstrumentRwLock};
use super::peek;
use crate::LockClassKey;
use crate::raw::{Fair, Nesting, Plain, Reentrant, TrackedCondvar, TrackedMutex, TrackedRwLock};
use lockdep_rt::ClassWord;

pub(crate) use crate::raw::{Caller, Limit};
pub(crate) use crate::raw::{Channel, End, Start, TrackedHold as Hold, TrackedMap as Map};

/// Whether anything is checked.
pub(crate) const IS_ON: bool = true;

/// The raw lock inside a `Mutex`.
pub type RawMutex = TrackedMutex<::parking_lot::RawMutex>;

/// The raw lock inside a `FairMutex`.
pub type RawFairMutex = TrackedMutex<::parking_lot::RawFairMutex, Fair>;

/// The raw lock inside a reentrant mutex.
pub type RawReentrantMutex = TrackedMutex<::parking_lot::RawMutex, Reentrant>;

/// The raw lock inside an `RwLock`, or with `true` inside a `RecursiveRwLock`.
pub type RawRwLock<const RECURSIVE: bool = false> =
    TrackedRwLock<::parking_lot::RawRwLock<RECURSIVE>, <Readers<RECURSIVE> as Kind>::Family>;

/// The raw lock inside a `RecursiveRwLock`.
pub type RawRwLockRecursive = RawRwLock<true>;

/// The raw condition variable.
pub type RawCondvar = TrackedCondvar<::parking_lot::RawCondvar>;

/// Whether readers pass queued writers, as a type, so that an alias can choose by it.
#[derive(Debug)]
pub struct Readers<const RECURSIVE: bool>;

/// The family of locks that a kind of readers makes.
pub trait Kind {
    /// The family, as the raw locks know it.
    type Family;
}

impl Kind for Readers<false> {
    type Family = Plain;
}

impl Kind for Readers<true> {
    type Family = crate::raw::Recursive;
}

/// Constructors under the names that the plain raw locks have too.
macro_rules! births {
    ($($module:ident: $Raw:ident;)*) => { $(
        pub(crate) mod $module {
            use crate::LockClassKey;
            use core::panic::Location;

            #[inline]
            pub(crate) const fn at(site: &'static Location<'static>) -> super::$Raw {
                <super::$Raw>::at(site)
            }

            #[inline]
            pub(crate) const fn keyed(key: &'static LockClassKey) -> super::$Raw {
                <super::$Raw>::keyed(key)
            }
        }
    )* };
}

births! {
    mutex: RawMutex;
    fair_mutex: RawFairMutex;
    reentrant_mutex: RawReentrantMutex;
    rwlock: RawRwLock;
    recursive_rwlock: RawRwLockRecursive;
}

macro_rules! checked {
    ($($Raw:ty),*) => { $(
        impl Instrument for $Raw {
            #[inline(always)]
            fn bind_type(&self, type_name: fn() -> &'static str) {
                <$Raw>::bind_type(self, type_name);
            }

            #[inline(always)]
            fn word(&self) -> Option<&ClassWord> {
                Some(<$Raw>::word(self))
            }

            #[inline(always)]
            fn set_class(&self, key: &'static LockClassKey) {
                <$Raw>::set_class(self, key);
            }
        }
    )* };
}

checked!(RawMutex, RawFairMutex, RawReentrantMutex, RawRwLock, RawRwLockRecursive);

macro_rules! checked_mutex {
    ($($Raw:ty),*) => { $(
        impl InstrumentMutex for $Raw {
            type Held = <$Raw as lock_api::RawMutex>::Guard;

            #[inline]
            #[track_caller]
            fn lock_in(&self, nesting: Nesting) -> Self::Held {
                <$Raw>::lock_in(self, nesting)
            }

            fn peek<T>(&self, look: impl FnOnce(bool) -> T) -> T {
                let raw = self.inner();
                // SAFETY: the state is that of the attempt just made.
                peek::look(lock_api::RawMutex::try_lock(raw), |guard| unsafe { lock_api::RawMutex::unlock(raw, guard) }, look)
            }
        }
    )* };
}

checked_mutex!(RawMutex, RawFairMutex);

macro_rules! checked_rwlock {
    ($($Raw:ty),*) => { $(
        impl InstrumentRwLock for $Raw {
            type Shared = <$Raw as lock_api::RawRwLock>::SharedGuard;
            type Exclusive = <$Raw as lock_api::RawRwLock>::ExclusiveGuard;

            #[inline]
            #[track_caller]
            fn lock_shared_in(&self, nesting: Nesting) -> Self::Shared {
                <$Raw>::lock_shared_in(self, nesting)
            }

            #[inline]
            #[track_caller]
            fn lock_exclusive_in(&self, nesting: Nesting) -> Self::Exclusive {
                <$Raw>::lock_exclusive_in(self, nesting)
            }

            fn peek<T>(&self, look: impl FnOnce(bool) -> T) -> T {
                let raw = self.inner();
                let guard = lock_api::RawRwLock::try_lock_shared(raw);
                // SAFETY: the state is that of the attempt just made.
                peek::look(guard, |guard| unsafe { lock_api::RawRwLock::unlock_shared(raw, guard) }, look)
            }
        }
    )* };
}

checked_rwlock!(RawRwLock, RawRwLockRecursive);

/// The same for raw locks of `lock_api` 0.4.
#[cfg(any(feature = "parking_lot_0_12", feature = "spin"))]
macro_rules! stateless_mutex {
    ($($Raw:ty),*) => { $(
        impl InstrumentMutex for $Raw {
            type Held = ();

            #[inline]
            #[track_caller]
            fn lock_in(&self, nesting: Nesting) {
                self.lock_stateless(nesting);
            }

            fn peek<T>(&self, look: impl FnOnce(bool) -> T) -> T {
                use lock_api_0_4::RawMutex;
                let raw = self.inner();
                // SAFETY: it was locked by the attempt just made.
                peek::look(RawMutex::try_lock(raw).then_some(()), |()| unsafe { RawMutex::unlock(raw) }, look)
            }
        }
    )* };
}

#[cfg(any(feature = "parking_lot_0_12", feature = "spin"))]
macro_rules! stateless_rwlock {
    ($($Raw:ty),*) => { $(
        impl InstrumentRwLock for $Raw {
            type Shared = ();
            type Exclusive = ();

            #[inline]
            #[track_caller]
            fn lock_shared_in(&self, nesting: Nesting) {
                self.lock_shared_stateless(nesting);
            }

            #[inline]
            #[track_caller]
            fn lock_exclusive_in(&self, nesting: Nesting) {
                self.lock_exclusive_stateless(nesting);
            }

            fn peek<T>(&self, look: impl FnOnce(bool) -> T) -> T {
                use lock_api_0_4::RawRwLock;
                let raw = self.inner();
                let held = RawRwLock::try_lock_shared(raw).then_some(());
                // SAFETY: it was locked by the attempt just made.
                peek::look(held, |()| unsafe { RawRwLock::unlock_shared(raw) }, look)
            }
        }
    )* };
}

#[cfg(feature = "parking_lot_0_12")]
#[path = "enabled/parking_lot_0_12.rs"]
pub(crate) mod parking_lot_0_12;
#[cfg(feature = "spin")]
#[path = "enabled/spin.rs"]
pub(crate) mod spin;
