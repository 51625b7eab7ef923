//! [`Barrier`]: who comes waits for the others. Nobody has a barrier, so it is only ever waited for.

use super::BarrierWaitResult;
use crate::LockClassKey;
use crate::facade::chosen::Map;
use core::fmt;
use core::panic::Location;
use lockdep_core::class::LockKind;
use std::sync;

/// A barrier with the interface of [`std::sync::Barrier`]. What is held by whoever waits at it comes before it.
pub struct Barrier {
    map: Map,
    inner: sync::Barrier,
}

impl Barrier {
    /// Creates a barrier for `n` threads. Its lock class is this call.
    #[inline]
    #[must_use]
    #[track_caller]
    pub const fn new(n: usize) -> Barrier {
        Barrier { map: Map::at(Location::caller()), inner: sync::Barrier::new(n) }
    }

    /// Creates a barrier for `n` threads, in the lock class of `key`.
    #[inline]
    #[must_use]
    pub const fn named(key: &'static LockClassKey, n: usize) -> Barrier {
        Barrier { map: Map::keyed(key), inner: sync::Barrier::new(n) }
    }

    /// Waits until all threads have come here.
    ///
    /// # Panics
    /// If it makes a finding that is to be denied, and the policy is to panic.
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        self.map.bind(LockKind::Map, || "Barrier");
        self.map.wait_beside(|| self.inner.wait())
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
