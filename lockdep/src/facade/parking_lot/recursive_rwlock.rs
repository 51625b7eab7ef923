//! [`RecursiveRwLock`] and its guards.

super::shared::shared_lock! {
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
