//! [`Mutex`] and its guards.

use crate::facade::chosen::spin::{RawMutex, mutex};
use crate::facade::exclusive::exclusive_lock;
use crate::facade::stateless::exclusive_stateless;
use lock_api_0_4 as lock_api;

exclusive_lock! {
    /// A spinning mutex with the interface of `spin::lock_api::Mutex`, whose lock order is checked.
    lock Mutex: RawMutex born mutex;
    /// An RAII guard which unlocks the [`Mutex`] when dropped.
    guard MutexGuard;
    /// An RAII guard returned by `MutexGuard::map`, for a part of the data.
    mapped MappedMutexGuard;
}

exclusive_stateless!(Mutex: RawMutex, MutexGuard);
