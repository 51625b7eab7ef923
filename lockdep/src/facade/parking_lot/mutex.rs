//! [`Mutex`] and its guards.

use crate::facade::chosen::{RawMutex, mutex};
use crate::facade::exclusive::{exclusive_arc, exclusive_lock, exclusive_stateful, exclusive_timed};

exclusive_lock! {
    /// A mutual exclusion primitive with the interface of `parking_lot::Mutex`, whose lock order is checked.
    ///
    /// ```
    /// use lockdep::parking_lot::Mutex;
    ///
    /// static COUNT: Mutex<u32> = Mutex::new(0);
    /// *COUNT.lock() += 1;
    /// assert_eq!(*COUNT.lock(), 1);
    /// ```
    lock Mutex: RawMutex born mutex;
    /// An RAII guard which unlocks the [`Mutex`] when dropped.
    guard MutexGuard;
    /// An RAII guard returned by `MutexGuard::map`, for a part of the data.
    mapped MappedMutexGuard;
}

exclusive_stateful!(Mutex: RawMutex, MutexGuard);
exclusive_timed!(Mutex: RawMutex, MutexGuard);
exclusive_arc!(Mutex: RawMutex);
