//! [`RwLock`] and its guards.

use crate::facade::acquire::{acquisitions, timed_acquisitions};
use crate::facade::chosen::parking_lot_0_12::{RawRwLock, rwlock};
use crate::facade::shared::{shared_arc, shared_lock, shared_timed};
use crate::facade::stateless::{shared_stateless, shared_stateless_fair};
use lock_api_0_4 as lock_api;
#[cfg(feature = "arc_lock")]
use std::sync::Arc;

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
    acquisitions!(
        "shared read access, passing queued writers, which need not end if there are always new readers":
        read_recursive, try_read_recursive; typed(self: &Self) -> RwLockReadGuard<'_, T>
    );
    timed_acquisitions!(
        "shared read access, passing queued writers": try_read_recursive_for, try_read_recursive_until;
        typed(self: &Self) -> RwLockReadGuard<'_, T>
    );
}

#[cfg(feature = "arc_lock")]
impl<T: ?Sized> RwLock<T> {
    acquisitions!(
        "shared read access through an `Arc`, passing queued writers": read_arc_recursive, try_read_recursive_arc;
        typed_arc(self: &Arc<Self>) -> lock_api::ArcRwLockReadGuard<RawRwLock, T>
    );
    timed_acquisitions!(
        "shared read access through an `Arc`, passing queued writers":
        try_read_arc_recursive_for, try_read_arc_recursive_until;
        typed_arc(self: &Arc<Self>) -> lock_api::ArcRwLockReadGuard<RawRwLock, T>
    );
}
