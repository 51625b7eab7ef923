//! The checker is on: the raw locks of spin.

use super::{ClassWord, Instrument, InstrumentMutex, InstrumentRwLock, LockClassKey, Nesting, peek};
use crate::raw::{Spin, TrackedMutex, TrackedRwLock};

/// The raw lock inside a `Mutex`.
pub type RawMutex = TrackedMutex<::spin::Mutex<()>, Spin>;

/// The raw lock inside an `RwLock`.
pub type RawRwLock = TrackedRwLock<::spin::RwLock<()>, Spin>;

births! {
    mutex: RawMutex;
    rwlock: RawRwLock;
}

checked!(RawMutex, RawRwLock);
stateless_mutex!(RawMutex);
stateless_rwlock!(RawRwLock);
