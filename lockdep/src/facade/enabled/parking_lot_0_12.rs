//! The checker is on: the raw locks of parking_lot 0.12.

use super::{ClassWord, Instrument, InstrumentMutex, InstrumentRwLock, LockClassKey, Nesting, peek};
use crate::raw::{Fair, Reentrant, TrackedHold, TrackedMutex, TrackedRwLock};
use crate::runtime;
use lock_api_0_4::MutexGuard;
use std::mem::{ManuallyDrop, align_of, size_of};
use std::time::Instant;

/// The raw lock inside a `Mutex`.
pub type RawMutex = TrackedMutex<::parking_lot_0_12::RawMutex>;

/// The raw lock inside a `FairMutex`.
pub type RawFairMutex = TrackedMutex<::parking_lot_0_12::RawFairMutex, Fair>;

/// The raw lock inside a reentrant mutex.
pub type RawReentrantMutex = TrackedMutex<::parking_lot_0_12::RawMutex, Reentrant>;

/// The raw lock inside an `RwLock`.
pub type RawRwLock = TrackedRwLock<::parking_lot_0_12::RawRwLock>;

births! {
    mutex: RawMutex;
    fair_mutex: RawFairMutex;
    reentrant_mutex: RawReentrantMutex;
    rwlock: RawRwLock;
}

checked!(RawMutex, RawFairMutex, RawReentrantMutex, RawRwLock);
stateless_mutex!(RawMutex, RawFairMutex);
stateless_rwlock!(RawRwLock);

type Mutex = ::parking_lot_0_12::Mutex<()>;

/// A mutex that protects nothing is its raw mutex.
const _: () = assert!(
    size_of::<Mutex>() == size_of::<::parking_lot_0_12::RawMutex>()
        && align_of::<Mutex>() == align_of::<::parking_lot_0_12::RawMutex>()
);

/// Waits on a condition variable, with the mutex off the books, and judges its re-acquisition before the wait. True if the deadline
/// passed.
#[track_caller]
pub(crate) fn park<T: ?Sized>(
    condvar: &::parking_lot_0_12::Condvar,
    guard: &mut MutexGuard<'_, RawMutex, T>,
    deadline: Option<Instant>,
) -> bool {
    // SAFETY: nothing but the wait unlocks through the reference, which is what the guard is lent for.
    let raw = unsafe { MutexGuard::mutex(guard).raw() };
    let away = TrackedHold::newest(raw).away();
    // SAFETY: a field as large as all is at the beginning, so that a pointer to it is one to the mutex; the rest has no bytes.
    let mutex = unsafe { &*std::ptr::from_ref(raw.inner()).cast::<Mutex>() };
    // SAFETY: it is locked, and this guard, which goes without unlocking it, is the only one made of it.
    let mut inner = ManuallyDrop::new(unsafe { mutex.make_guard_unchecked() });
    let timed_out = match deadline {
        Some(deadline) => condvar.wait_until(&mut inner, deadline).timed_out(),
        None => {
            condvar.wait(&mut inner);
            false
        }
    };
    away.back().keep();
    timed_out
}

impl TrackedHold {
    /// This thread's newest acquisition of a lock, for those who can say no more of it.
    fn newest<R, F>(lock: &crate::raw::Tracked<R, F>) -> TrackedHold {
        TrackedHold::of(runtime::newest(lock.word()).unwrap_or(0))
    }
}
