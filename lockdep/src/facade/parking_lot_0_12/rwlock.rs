//! [`RwLock`] and its guards.

use crate::facade::chosen::Limit;
use crate::facade::chosen::parking_lot_0_12::{RawRwLock, rwlock};
use crate::facade::shared::{shared_arc, shared_lock, shared_timed};
use crate::facade::stateless::{shared_stateless, shared_stateless_fair};
use lock_api_0_4 as lock_api;
#[cfg(feature = "arc_lock")]
use std::sync::Arc;
use std::time::{Duration, Instant};

shared_lock! {
    /// A reader-writer lock with the interface of `parking_lot::RwLock`, whose lock order is checked.
    ///
    /// A reader waits behind a queued writer, so taking it for reading twice in one thread can deadlock, and is reported; not so
    /// with `read_recursive`, which passes queued writers.
    lock RwLock: RawRwLock born rwlock;
    /// An RAII guard which releases shared read access to an [`RwLock`] when dropped.
    read RwLockReadGuard;
    /// An RAII guard which releases exclusive write access to an [`RwLock`] when dropped.
    write RwLockWriteGuard;
    /// An RAII guard which releases upgradable read access to an [`RwLock`] when dropped.
    upgradable RwLockUpgradableReadGuard;
    /// An RAII guard returned by `RwLockReadGuard::map`, for a part of the data.
    mapped read MappedRwLockReadGuard;
    /// An RAII guard returned by `RwLockWriteGuard::map`, for a part of the data.
    mapped write MappedRwLockWriteGuard;
}

shared_stateless!(RwLock: RawRwLock, RwLockReadGuard, RwLockWriteGuard, RwLockUpgradableReadGuard);
shared_stateless_fair!(RwLock);
shared_timed!(RwLock: RawRwLock, RwLockReadGuard, RwLockWriteGuard, RwLockUpgradableReadGuard);
shared_arc!(RwLock: RawRwLock);

/// Creates a new lock in an unlocked state. Its lock class is this call and the type `T`.
#[track_caller]
pub const fn const_rwlock<T>(val: T) -> RwLock<T> {
    RwLock::new(val)
}

impl<T: ?Sized> RwLock<T> {
    /// Locks with shared read access, passing queued writers, which need not end if there are always new readers.
    #[inline]
    #[track_caller]
    pub fn read_recursive(&self) -> RwLockReadGuard<'_, T> {
        self.typed().read_recursive()
    }

    /// Attempts to acquire shared read access without blocking, passing queued writers.
    #[inline]
    #[track_caller]
    pub fn try_read_recursive(&self) -> Option<RwLockReadGuard<'_, T>> {
        self.typed().try_read_recursive()
    }

    /// Attempts to acquire shared read access until a timeout is reached, passing queued writers.
    #[inline]
    #[track_caller]
    pub fn try_read_recursive_for(&self, timeout: Duration) -> Option<RwLockReadGuard<'_, T>> {
        let _limit = Limit::within(timeout);
        self.typed().try_read_recursive_for(timeout)
    }

    /// Attempts to acquire shared read access until a deadline is reached, passing queued writers.
    #[inline]
    #[track_caller]
    pub fn try_read_recursive_until(&self, timeout: Instant) -> Option<RwLockReadGuard<'_, T>> {
        let _limit = Limit::until(timeout);
        self.typed().try_read_recursive_until(timeout)
    }
}

#[cfg(feature = "arc_lock")]
impl<T: ?Sized> RwLock<T> {
    /// Locks with shared read access through an `Arc`, passing queued writers.
    #[inline]
    #[track_caller]
    pub fn read_arc_recursive(self: &Arc<Self>) -> lock_api::ArcRwLockReadGuard<RawRwLock, T> {
        self.typed_arc().read_arc_recursive()
    }

    /// Attempts to acquire shared read access through an `Arc` without blocking, passing queued writers.
    #[inline]
    #[track_caller]
    pub fn try_read_recursive_arc(self: &Arc<Self>) -> Option<lock_api::ArcRwLockReadGuard<RawRwLock, T>> {
        self.typed_arc().try_read_recursive_arc()
    }

    /// Attempts to acquire shared read access through an `Arc` until a timeout is reached, passing queued writers.
    #[inline]
    #[track_caller]
    pub fn try_read_arc_recursive_for(
        self: &Arc<Self>,
        timeout: Duration,
    ) -> Option<lock_api::ArcRwLockReadGuard<RawRwLock, T>> {
        let _limit = Limit::within(timeout);
        self.typed_arc().try_read_arc_recursive_for(timeout)
    }

    /// Attempts to acquire shared read access through an `Arc` until a deadline is reached, passing queued writers.
    #[inline]
    #[track_caller]
    pub fn try_read_arc_recursive_until(
        self: &Arc<Self>,
        timeout: Instant,
    ) -> Option<lock_api::ArcRwLockReadGuard<RawRwLock, T>> {
        let _limit = Limit::until(timeout);
        self.typed_arc().try_read_arc_recursive_until(timeout)
    }
}
