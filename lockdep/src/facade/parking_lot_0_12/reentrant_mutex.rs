//! [`ReentrantMutex`] and its guards.

use crate::facade::chosen::parking_lot_0_12::{RawReentrantMutex, reentrant_mutex};
use crate::facade::newtype::newtype_parts_0_4;
use crate::facade::reentrant::reentrant_lock;
use lock_api_0_4 as lock_api;

pub use ::parking_lot_0_12::RawThreadId;

reentrant_lock! {
    /// A mutex that its owner may take again, with the interface of `parking_lot::ReentrantMutex`, whose lock order is
    /// checked.
    lock RawReentrantMutex born reentrant_mutex, threads RawThreadId
}

/// Creates a new mutex in an unlocked state. Its lock class is this call and the type `T`.
#[track_caller]
pub const fn const_reentrant_mutex<T>(val: T) -> ReentrantMutex<T> {
    ReentrantMutex::new(val)
}

newtype_parts_0_4!(ReentrantMutex: RawReentrantMutex, threads get_thread_id: RawThreadId);
