//! [`FairMutex`] and its guards.

use crate::facade::chosen::{RawFairMutex, fair_mutex};
use crate::facade::exclusive::{exclusive_arc, exclusive_lock, exclusive_stateful, exclusive_timed};

exclusive_lock! {
    /// A mutex that always uses the fair unlock protocol, with the interface of `parking_lot::FairMutex`, whose lock
    /// order is checked.
    lock FairMutex: RawFairMutex born fair_mutex;
    /// An RAII guard which unlocks the [`FairMutex`] when dropped.
    guard FairMutexGuard;
    /// An RAII guard returned by `FairMutexGuard::map`, for a part of the data.
    mapped MappedFairMutexGuard;
}

exclusive_stateful!(FairMutex: RawFairMutex, FairMutexGuard);
exclusive_timed!(FairMutex: RawFairMutex, FairMutexGuard);
exclusive_arc!(FairMutex: RawFairMutex);
