//! Where locks, atomics, threads and waiting come from: this is the only place that says so.
//!
//! The same sources are compiled once more in `pagecache/schedules`, over a module of this name whose every step is a choice of a
//! scheduler; that is how small cases are tried in all their interleavings. The bytes of pages ([`PageData`](crate::page::PageData)) are
//! not from here: copying them is one step there.

pub(crate) use lockdep::context::Masked;
pub(crate) use lockdep::map::Held;
pub(crate) use lockdep::parking_lot::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
pub(crate) use lockdep::{Context, ENABLED, LockMap, assert_held};
pub(crate) use std::hint::spin_loop;
pub(crate) use std::sync::mpsc;
pub(crate) use std::thread;
pub(crate) use std::thread_local;

/// Atomic numbers.
pub(crate) mod atomic {
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicIsize, AtomicU8, AtomicU32, AtomicU64, AtomicUsize};
}

/// Locks that are no part of what is modelled, and that nobody watches.
pub(crate) mod plain {
    pub(crate) use parking_lot::{Condvar, Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};
}
