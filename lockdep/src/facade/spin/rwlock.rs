//! [`RwLock`] and its guards.

use crate::facade::chosen::spin::{RawRwLock, rwlock};
use crate::facade::shared::shared_lock;
use crate::facade::stateless::shared_stateless;
use lock_api_0_4 as lock_api;

shared_lock! {
    /// A spinning reader-writer lock with the interface of `spin::lock_api::RwLock`, whose lock order is checked.
    ///
    /// Readers pass a waiting writer, so a thread may read twice, and two threads may read two locks in opposite orders.
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
