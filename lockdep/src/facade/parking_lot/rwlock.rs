//! [`RwLock`] and its guards.

use crate::facade::chosen::{RawRwLock, rwlock};
use crate::facade::shared::{shared_arc, shared_lock, shared_stateful, shared_timed};

shared_lock! {
    /// A reader-writer lock with the interface of `parking_lot::RwLock`, whose lock order is checked.
    ///
    /// A reader waits behind a queued writer, so taking it for reading twice in one thread can deadlock, and is reported.
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

shared_stateful!(RwLock: RawRwLock, RwLockReadGuard, RwLockWriteGuard, RwLockUpgradableReadGuard);
shared_timed!(RwLock: RawRwLock, RwLockReadGuard, RwLockWriteGuard, RwLockUpgradableReadGuard);
shared_arc!(RwLock: RawRwLock);
