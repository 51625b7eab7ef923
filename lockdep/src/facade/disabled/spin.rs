//! The checker is off: the raw locks of spin are the plain ones.

use super::{ClassWord, Instrument, InstrumentMutex, InstrumentRwLock, LockClassKey, Nesting, peek};

/// The raw lock inside a `Mutex`.
pub type RawMutex = ::spin::Mutex<()>;

/// The raw lock inside an `RwLock`.
pub type RawRwLock = ::spin::RwLock<()>;

births! {
    mutex: RawMutex as lock_api_0_4::RawMutex;
    rwlock: RawRwLock as lock_api_0_4::RawRwLock;
}

plain!(RawMutex, RawRwLock);
stateless_mutex!(RawMutex);
stateless_rwlock!(RawRwLock);
