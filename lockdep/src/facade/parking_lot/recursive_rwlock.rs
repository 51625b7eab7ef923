//! [`RecursiveRwLock`] and its guards.

use crate::facade::chosen::{RawRwLockRecursive, recursive_rwlock};
use crate::facade::shared::{shared_arc, shared_lock, shared_stateful, shared_timed};

shared_lock! {
    /// A reader-writer lock with the interface of `parking_lot::RecursiveRwLock`, whose lock order is checked.
    ///
    /// Readers pass queued writers, so a thread may take it for reading again; upgradable readers still wait.
    lock RecursiveRwLock: RawRwLockRecursive born recursive_rwlock;
    /// An RAII guard which releases shared read access to a [`RecursiveRwLock`] when dropped.
    read RecursiveRwLockReadGuard;
    /// An RAII guard which releases exclusive write access to a [`RecursiveRwLock`] when dropped.
    write RecursiveRwLockWriteGuard;
    /// An RAII guard which releases upgradable read access to a [`RecursiveRwLock`] when dropped.
    upgradable RecursiveRwLockUpgradableReadGuard;
    /// An RAII guard returned by `RecursiveRwLockReadGuard::map`, for a part of the data.
    mapped read MappedRecursiveRwLockReadGuard;
    /// An RAII guard returned by `RecursiveRwLockWriteGuard::map`, for a part of the data.
    mapped write MappedRecursiveRwLockWriteGuard;
}

shared_stateful!(RecursiveRwLock: RawRwLockRecursive, RecursiveRwLockReadGuard, RecursiveRwLockWriteGuard, RecursiveRwLockUpgradableReadGuard);
shared_timed!(RecursiveRwLock: RawRwLockRecursive, RecursiveRwLockReadGuard, RecursiveRwLockWriteGuard, RecursiveRwLockUpgradableReadGuard);
shared_arc!(RecursiveRwLock: RawRwLockRecursive);
