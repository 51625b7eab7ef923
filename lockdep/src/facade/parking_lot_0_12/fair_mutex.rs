//! [`FairMutex`] and its guards.

use crate::facade::chosen::parking_lot_0_12::{RawFairMutex, fair_mutex};
use crate::facade::exclusive::{exclusive_arc, exclusive_lock, exclusive_timed};
use crate::facade::stateless::{exclusive_stateless, exclusive_stateless_fair};
use lock_api_0_4 as lock_api;

exclusive_lock! {
    /// A mutex that always uses the fair unlock protocol, with the interface of `parking_lot::FairMutex`, whose lock order
    /// is checked.
    lock FairMutex: RawFairMutex born fair_mutex;
    /// An RAII guard which unlocks the [`FairMutex`] when dropped.
    guard FairMutexGuard;
    /// An RAII guard returned by `FairMutexGuard::map`, for a part of the data.
    mapped MappedFairMutexGuard;
}

exclusive_stateless!(FairMutex: RawFairMutex, FairMutexGuard);
exclusive_stateless_fair!(FairMutex);
exclusive_timed!(FairMutex: RawFairMutex, FairMutexGuard);
exclusive_arc!(FairMutex: RawFairMutex);

/// Creates a new mutex in an unlocked state. Its lock class is this call and the type `T`.
#[track_caller]
pub const fn const_fair_mutex<T>(val: T) -> FairMutex<T> {
    FairMutex::new(val)
}
