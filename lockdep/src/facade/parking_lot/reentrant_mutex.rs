//! [`ReentrantMutex`] and its guards.

use crate::facade::chosen::{RawReentrantMutex, reentrant_mutex};
use crate::facade::newtype::newtype_parts_0_5;
use crate::facade::reentrant::reentrant_lock;

pub use ::parking_lot::RawThreadId;

reentrant_lock! {
    /// A mutex that its owner may take again, with the interface of `parking_lot::ReentrantMutex`, whose lock order is
    /// checked.
    lock RawReentrantMutex born reentrant_mutex, threads RawThreadId
}

newtype_parts_0_5!(ReentrantMutex: RawReentrantMutex, threads get_thread_id: RawThreadId);
