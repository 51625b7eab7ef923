//! The checker is off: every raw lock is the plain one, and there is nothing to tell it.

use super::instrument::{Instrument, InstrumentMutex, InstrumentRwLock};
use crate::LockClassKey;
use crate::annotate::Watched;
use crate::raw::Nesting;
use core::panic::Location;
use lockdep_core::class::LockKind;
use lockdep_core::mode::Want;
use lockdep_rt::ClassWord;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use ::parking_lot::{RawCondvar, RawFairMutex, RawMutex, RawRwLock, RawRwLockRecursive};

/// Whether anything is checked.
pub(crate) const IS_ON: bool = false;

/// A pseudo-lock that nobody watches.
#[derive(Debug)]
pub(crate) struct Map;

/// An acquisition of one.
#[derive(Debug)]
pub(crate) struct Hold;

/// An acquisition that is given up for a wait.
pub(crate) struct Away;

/// The end of threads, for which nobody looks out.
#[derive(Debug)]
pub(crate) struct End;

/// What a new thread takes with it.
#[derive(Debug)]
pub(crate) struct Start;

impl End {
    pub(crate) fn new() -> Arc<End> {
        Arc::new(End)
    }

    pub(crate) fn wait<T>(&self, join: impl FnOnce() -> T) -> T {
        join()
    }
}

impl Start {
    pub(crate) fn new(_: Vec<Arc<End>>) -> Start {
        Start
    }

    pub(crate) fn run<T>(self, f: impl FnOnce() -> T) -> T {
        f()
    }
}

/// Where a reentrant mutex or a condition variable is used, which nobody wants to know.
pub(crate) struct Caller;

impl Caller {
    #[inline(always)]
    pub(crate) fn here() -> Caller {
        Caller
    }
}

/// The limit of a timed acquisition, which nobody wants to know.
pub(crate) struct Limit;

impl Limit {
    #[inline(always)]
    pub(crate) fn within(_: Duration) -> Limit {
        Limit
    }

    #[inline(always)]
    pub(crate) fn until(_: Instant) -> Limit {
        Limit
    }
}

impl Map {
    #[inline(always)]
    pub(crate) const fn keyed(_: &'static LockClassKey) -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) const fn at(_: &'static Location<'static>) -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) fn set_class(&self, _: &'static LockClassKey) {}

    #[inline(always)]
    pub(crate) fn bind(&self, _: LockKind, _: impl FnOnce() -> &'static str) {}

    #[inline(always)]
    pub(crate) fn acquire(&self, _: Want, _: bool) -> Hold {
        Hold
    }

    #[inline(always)]
    pub(crate) fn lock_beside<G>(
        &self,
        _: (LockKind, Want),
        _: Nesting,
        _: impl FnOnce() -> Option<G>,
        wait: impl FnOnce() -> G,
        _: impl FnOnce(G),
    ) -> (Hold, G) {
        (Hold, wait())
    }

    #[inline(always)]
    pub(crate) fn tried_beside<G>(&self, _: (LockKind, Want), guard: G, _: impl FnOnce(G)) -> (Hold, G) {
        (Hold, guard)
    }

    #[inline(always)]
    pub(crate) fn wait_beside<T>(&self, wait: impl FnOnce() -> T) -> T {
        wait()
    }
}

impl Watched for Map {
    #[inline(always)]
    fn word(&self) -> Option<&ClassWord> {
        None
    }
}

impl Hold {
    #[inline(always)]
    pub(crate) fn downgrade(&self) {}

    #[inline(always)]
    pub(crate) fn away(self) -> Away {
        Away
    }
}

impl Away {
    #[inline(always)]
    pub(crate) fn meanwhile<T>(&self, f: impl FnOnce() -> T) -> T {
        f()
    }

    #[inline(always)]
    pub(crate) fn back(self) -> Hold {
        Hold
    }
}

/// The raw lock inside a reentrant mutex.
pub type RawReentrantMutex = RawMutex;

/// Constructors under the names that the checked raw locks have; the plain ones carry no birth site.
macro_rules! births {
    ($($module:ident: $Raw:ident as $Trait:ident;)*) => { $(
        pub(crate) mod $module {
            use crate::LockClassKey;
            use core::panic::Location;

            #[inline]
            pub(crate) const fn at(_: &'static Location<'static>) -> super::$Raw {
                <super::$Raw as lock_api::$Trait>::INIT
            }

            #[inline]
            pub(crate) const fn keyed(_: &'static LockClassKey) -> super::$Raw {
                <super::$Raw as lock_api::$Trait>::INIT
            }
        }
    )* };
}

births! {
    mutex: RawMutex as RawMutex;
    fair_mutex: RawFairMutex as RawMutex;
    reentrant_mutex: RawReentrantMutex as RawMutex;
    rwlock: RawRwLock as RawRwLock;
    recursive_rwlock: RawRwLockRecursive as RawRwLock;
}

macro_rules! plain {
    ($($Raw:ty),*) => { $(
        impl Instrument for $Raw {
            type Plain = Self;

            #[inline(always)]
            fn plain(&self) -> &Self {
                self
            }

            #[inline(always)]
            fn bind_type(&self, _: fn() -> &'static str) {}

            #[inline(always)]
            fn word(&self) -> Option<&ClassWord> {
                None
            }

            #[inline(always)]
            fn set_class(&self, _: &'static LockClassKey) {}
        }
    )* };
}

plain!(RawMutex, RawFairMutex, RawRwLock, RawRwLockRecursive);

macro_rules! plain_mutex {
    ($($Raw:ty),*) => { $(
        impl InstrumentMutex for $Raw {
            #[inline(always)]
            fn lock_in(&self, _: Nesting) -> Self::Guard {
                lock_api::RawMutex::lock(self)
            }
        }
    )* };
}

plain_mutex!(RawMutex, RawFairMutex);

macro_rules! plain_rwlock {
    ($($Raw:ty),*) => { $(
        impl InstrumentRwLock for $Raw {
            #[inline(always)]
            fn lock_shared_in(&self, _: Nesting) -> Self::SharedGuard {
                lock_api::RawRwLock::lock_shared(self)
            }

            #[inline(always)]
            fn lock_exclusive_in(&self, _: Nesting) -> Self::ExclusiveGuard {
                lock_api::RawRwLock::lock_exclusive(self)
            }
        }
    )* };
}

plain_rwlock!(RawRwLock, RawRwLockRecursive);
