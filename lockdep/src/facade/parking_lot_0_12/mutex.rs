//! [`Mutex`] and its guards.

use crate::facade::chosen::parking_lot_0_12::{RawMutex, mutex};
use crate::facade::exclusive::{exclusive_arc, exclusive_lock, exclusive_timed};
use crate::facade::stateless::{exclusive_stateless, exclusive_stateless_fair};
use lock_api_0_4 as lock_api;

exclusive_lock! {
    /// A mutual exclusion primitive with the interface of `parking_lot::Mutex`, whose lock order is checked.
    lock Mutex: RawMutex born mutex;
    /// An RAII guard which unlocks the [`Mutex`] when dropped.
    guard MutexGuard;
    /// An RAII guard returned by `MutexGuard::map`, for a part of the data.
    mapped MappedMutexGuard;
}

exclusive_stateless!(Mutex: RawMutex, MutexGuard);
exclusive_stateless_fair!(Mutex);
exclusive_timed!(Mutex: RawMutex, MutexGuard);
exclusive_arc!(Mutex: RawMutex);

/// Creates a new mutex in an unlocked state. Its lock class is this call and the type `T`.
#[track_caller]
pub const fn const_mutex<T>(val: T) -> Mutex<T> {
    Mutex::new(val)
}
