//! The checker is off: the raw locks of parking_lot 0.12 are the plain ones.

use super::{ClassWord, Instrument, InstrumentMutex, InstrumentRwLock, LockClassKey, Nesting, peek};
use lock_api_0_4::MutexGuard;
use std::time::Instant;

pub use ::parking_lot_0_12::{RawFairMutex, RawMutex, RawRwLock};

/// The raw lock inside a reentrant mutex.
pub type RawReentrantMutex = RawMutex;

births! {
    mutex: RawMutex as lock_api_0_4::RawMutex;
    fair_mutex: RawFairMutex as lock_api_0_4::RawMutex;
    reentrant_mutex: RawReentrantMutex as lock_api_0_4::RawMutex;
    rwlock: RawRwLock as lock_api_0_4::RawRwLock;
}

plain!(RawMutex, RawFairMutex, RawRwLock);
stateless_mutex!(RawMutex, RawFairMutex);
stateless_rwlock!(RawRwLock);

/// Waits on a condition variable. True if the deadline passed.
pub(crate) fn park<T: ?Sized>(
    condvar: &::parking_lot_0_12::Condvar,
    guard: &mut MutexGuard<'_, RawMutex, T>,
    deadline: Option<Instant>,
) -> bool {
    match deadline {
        Some(deadline) => condvar.wait_until(guard, deadline).timed_out(),
        None => {
            condvar.wait(guard);
            false
        }
    }
}
