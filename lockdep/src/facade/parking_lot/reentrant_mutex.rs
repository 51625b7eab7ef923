//! [`ReentrantMutex`] and its guards.

use crate::facade::chosen::{RawReentrantMutex, reentrant_mutex};
use crate::facade::reentrant::{reentrant_beyond, reentrant_lock};

pub use ::parking_lot::RawThreadId;

reentrant_lock! {
    /// A mutex that its owner may take again, with the interface of `parking_lot::ReentrantMutex`, whose lock order is
    /// checked.
    lock RawReentrantMutex born reentrant_mutex, threads RawThreadId
}

reentrant_beyond!(RawReentrantMutex, RawThreadId);
