//! The checker is on: every raw lock is a checked one around the plain one.

use super::instrument::{Instrument, InstrumentMutex, InstrumentRwLock};
use crate::LockClassKey;
use crate::raw::{Fair, Nesting, Plain, Reentrant, TrackedCondvar, TrackedMutex, TrackedRwLock};
use lockdep_rt::ClassWord;

pub(crate) use crate::raw::{Caller, Limit};
pub(crate) use crate::raw::{End, Start, TrackedHold as Hold, TrackedMap as Map};

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
    ($($Raw:ty: $Plain:ty;)*) => { $(
        impl Instrument for $Raw {
            type Plain = $Plain;

            #[inline(always)]
            fn plain(&self) -> &$Plain {
                self.inner()
            }

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

checked! {
    RawMutex: ::parking_lot::RawMutex;
    RawFairMutex: ::parking_lot::RawFairMutex;
    RawReentrantMutex: ::parking_lot::RawMutex;
    RawRwLock: ::parking_lot::RawRwLock;
    RawRwLockRecursive: ::parking_lot::RawRwLockRecursive;
}

macro_rules! checked_mutex {
    ($($Raw:ty),*) => { $(
        impl InstrumentMutex for $Raw {
            #[inline]
            #[track_caller]
            fn lock_in(&self, nesting: Nesting) -> <$Raw as lock_api::RawMutex>::Guard {
                <$Raw>::lock_in(self, nesting)
            }
        }
    )* };
}

checked_mutex!(RawMutex, RawFairMutex);

macro_rules! checked_rwlock {
    ($($Raw:ty),*) => { $(
        impl InstrumentRwLock for $Raw {
            #[inline]
            #[track_caller]
            fn lock_shared_in(&self, nesting: Nesting) -> <$Raw as lock_api::RawRwLock>::SharedGuard {
                <$Raw>::lock_shared_in(self, nesting)
            }

            #[inline]
            #[track_caller]
            fn lock_exclusive_in(&self, nesting: Nesting) -> <$Raw as lock_api::RawRwLock>::ExclusiveGuard {
                <$Raw>::lock_exclusive_in(self, nesting)
            }
        }
    )* };
}

checked_rwlock!(RawRwLock, RawRwLockRecursive);
