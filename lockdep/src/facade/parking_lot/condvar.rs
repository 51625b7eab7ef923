//! [`Condvar`], for the facade's `Mutex`.

use crate::facade::chosen::RawCondvar;

pub use ::lock_api::WaitTimeoutResult;

/// A condition variable with the interface of `parking_lot::Condvar`. Waiting releases the mutex, and taking it again
/// afterwards is checked like any other acquisition: locks held across the wait come before it.
pub type Condvar = lock_api::Condvar<RawCondvar>;
