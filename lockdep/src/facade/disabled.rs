//! The checker is off: every raw lock is the plain one, and there is nothing to tell it.

use super::instrument::{Instrument, InstrumentMutex, InstrumentRwLock};
use super::peek;
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

    #[cfg(feature = "spin")]
    #[inline(always)]
    pub(crate) const fn unnamed() -> Self {
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

/// What one channel's ends share: nothing.
#[derive(Clone, Debug)]
pub(crate) struct Channel;

impl Channel {
    #[inline(always)]
    pub(crate) fn here() -> Channel {
        Channel
    }

    #[inline(always)]
    pub(crate) fn for_message<T>(&self, wait: impl FnOnce() -> T) -> T {
        wait()
    }

    #[inline(always)]
    pub(crate) fn for_room<T>(&self, wait: impl FnOnce() -> T) -> T {
        wait()
    }

    #[inline(always)]
    pub(crate) fn with_message(&self) {}
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
    ($($module:ident: $Raw:ident as $Trait:path;)*) => { $(
        pub(crate) mod $module {
            use crate::LockClassKey;
            use core::panic::Location;

            #[inline]
            pub(crate) const fn at(_: &'static Location<'static>) -> super::$Raw {
                <super::$Raw as $Trait>::INIT
            }

            #[inline]
            pub(crate) const fn keyed(_: &'static LockClassKey) -> super::$Raw {
                <super::$Raw as $Trait>::INIT
            }
        }
    )* };
}

births! {
    mutex: RawMutex as lock_api::RawMutex;
    fair_mutex: RawFairMutex as lock_api::RawMutex;
    reentrant_mutex: RawReentrantMutex as lock_api::RawMutex;
    rwlock: RawRwLock as lock_api::RawRwLock;
    recursive_rwlock: RawRwLockRecursive as lock_api::RawRwLock;
}

macro_rules! plain {
    ($($Raw:ty),*) => { $(
        impl Instrument for $Raw {
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
            type Held = <$Raw as lock_api::RawMutex>::Guard;

            #[inline(always)]
            fn lock_in(&self, _: Nesting) -> Self::Held {
                lock_api::RawMutex::lock(self)
            }

            fn peek<T>(&self, look: impl FnOnce(bool) -> T) -> T {
                // SAFETY: the state is that of the attempt just made.
                peek::look(lock_api::RawMutex::try_lock(self), |guard| unsafe { lock_api::RawMutex::unlock(self, guard) }, look)
            }
        }
    )* };
}

plain_mutex!(RawMutex, RawFairMutex);

macro_rules! plain_rwlock {
    ($($Raw:ty),*) => { $(
        impl InstrumentRwLock for $Raw {
            type Shared = <$Raw as lock_api::RawRwLock>::SharedGuard;
            type Exclusive = <$Raw as lock_api::RawRwLock>::ExclusiveGuard;

            #[inline(always)]
            fn lock_shared_in(&self, _: Nesting) -> Self::Shared {
                lock_api::RawRwLock::lock_shared(self)
            }

            #[inline(always)]
            fn lock_exclusive_in(&self, _: Nesting) -> Self::Exclusive {
                lock_api::RawRwLock::lock_exclusive(self)
            }

            fn peek<T>(&self, look: impl FnOnce(bool) -> T) -> T {
                let guard = lock_api::RawRwLock::try_lock_shared(self);
                // SAFETY: the state is that of the attempt just made.
                peek::look(guard, |guard| unsafe { lock_api::RawRwLock::unlock_shared(self, guard) }, look)
            }
        }
    )* };
}

plain_rwlock!(RawRwLock, RawRwLockRecursive);

/// The same for raw locks of `lock_api` 0.4.
#[cfg(any(feature = "parking_lot_0_12", feature = "spin"))]
macro_rules! stateless_mutex {
    ($($Raw:ty),*) => { $(
        impl InstrumentMutex for $Raw {
            type Held = ();

            #[inline(always)]
            fn lock_in(&self, _: Nesting) {
                lock_api_0_4::RawMutex::lock(self);
            }

            fn peek<T>(&self, look: impl FnOnce(bool) -> T) -> T {
                use lock_api_0_4::RawMutex;
                // SAFETY: it was locked by the attempt just made.
                peek::look(RawMutex::try_lock(self).then_some(()), |()| unsafe { RawMutex::unlock(self) }, look)
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

            #[inline(always)]
            fn lock_shared_in(&self, _: Nesting) {
                lock_api_0_4::RawRwLock::lock_shared(self);
            }

            #[inline(always)]
            fn lock_exclusive_in(&self, _: Nesting) {
                lock_api_0_4::RawRwLock::lock_exclusive(self);
            }

            fn peek<T>(&self, look: impl FnOnce(bool) -> T) -> T {
                use lock_api_0_4::RawRwLock;
                let held = RawRwLock::try_lock_shared(self).then_some(());
                // SAFETY: it was locked by the attempt just made.
                peek::look(held, |()| unsafe { RawRwLock::unlock_shared(self) }, look)
            }
        }
    )* };
}

#[cfg(feature = "parking_lot_0_12")]
#[path = "disabled/parking_lot_0_12.rs"]
pub(crate) mod parking_lot_0_12;
#[cfg(feature = "spin")]
#[path = "disabled/spin.rs"]
pub(crate) mod spin;
