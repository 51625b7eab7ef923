//! [`ReentrantMutex`] and its guards.

use crate::facade::chosen::parking_lot_0_12::{RawReentrantMutex, reentrant_mutex};
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

impl<T> ReentrantMutex<T> {
    /// As `from_raw`, under its older name.
    #[inline]
    pub const fn const_new(raw_mutex: RawReentrantMutex, get_thread_id: RawThreadId, val: T) -> Self {
        Self::from_raw(raw_mutex, get_thread_id, val)
    }
}

impl<T: ?Sized> ReentrantMutex<T> {
    /// Returns a mutable reference to the underlying data. The borrow proves that nobody holds the lock.
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }

    /// Returns a raw pointer to the underlying data.
    #[inline]
    pub fn data_ptr(&self) -> *mut T {
        self.0.data_ptr()
    }
}
