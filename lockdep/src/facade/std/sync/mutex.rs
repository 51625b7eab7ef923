//! [`Mutex`] and its guard.

use super::{LockResult, TryLockResult, poisoning};
use crate::LockClassKey;
use crate::annotate::Watched;
use crate::facade::chosen::{Hold, Map};
use crate::facade::nested::nested_acquisitions;
use crate::raw::Nesting;
use core::any::type_name;
use core::panic::Location;
use lockdep_core::class::LockKind;
use lockdep_core::mode::Want;
use lockdep_rt::ClassWord;
use std::sync;

/// How a mutex is acquired.
const EXCLUSIVE: (LockKind, Want) = (LockKind::Mutex, Want::Write);

/// A mutual exclusion primitive with the interface of [`std::sync::Mutex`], whose lock order is checked.
///
/// ```
/// use lockdep::std::sync::Mutex;
///
/// static COUNT: Mutex<u32> = Mutex::new(0);
/// *COUNT.lock().unwrap() += 1;
/// assert_eq!(*COUNT.lock().unwrap(), 1);
/// ```
pub struct Mutex<T: ?Sized> {
    map: Map,
    inner: sync::Mutex<T>,
}

/// An RAII guard which unlocks the [`Mutex`] when dropped.
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MutexGuard<'a, T: ?Sized> {
    /// Dropped first: the books, then the lock.
    pub(super) hold: Hold,
    pub(super) inner: sync::MutexGuard<'a, T>,
}

impl<T> Mutex<T> {
    /// Creates a new mutex in an unlocked state. Its lock class is this call and the type `T`.
    #[inline]
    #[track_caller]
    pub const fn new(t: T) -> Mutex<T> {
        Mutex { map: Map::at(Location::caller()), inner: sync::Mutex::new(t) }
    }

    /// Creates a new mutex in an unlocked state, in the lock class of `key`.
    #[inline]
    pub const fn named(key: &'static LockClassKey, t: T) -> Mutex<T> {
        Mutex { map: Map::keyed(key), inner: sync::Mutex::new(t) }
    }

    /// Consumes this mutex, returning the underlying data.
    ///
    /// # Errors
    /// The data, if the mutex is poisoned.
    pub fn into_inner(self) -> LockResult<T> {
        let Mutex { map: _, inner } = self;
        inner.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Moves this mutex into the lock class of `key`.
    #[inline]
    pub fn set_class(&self, key: &'static LockClassKey) {
        self.map.set_class(key);
    }

    /// Acquires the mutex, blocking the current thread until it is able to do so.
    ///
    /// # Errors
    /// The guard, if the mutex is poisoned.
    ///
    /// # Panics
    /// If it makes a finding that is to be denied, and the policy is to panic.
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        self.lock_in(Nesting::NONE)
    }

    nested_acquisitions!(LockResult<MutexGuard<'_, T>>: lock_in, lock_nested, lock_ranked, lock_under);

    #[inline(always)]
    #[track_caller]
    fn lock_in(&self, nesting: Nesting) -> LockResult<MutexGuard<'_, T>> {
        self.map.bind(LockKind::Mutex, type_name::<T>);
        let attempt = || poisoning::attempted(self.inner.try_lock());
        let undo = |guard| poisoning::undo(guard, || self.inner.clear_poison());
        let (hold, inner) = self.map.lock_beside(EXCLUSIVE, nesting, attempt, || self.inner.lock(), undo);
        poisoning::map(inner, |inner| MutexGuard { hold, inner })
    }

    /// Attempts to acquire the mutex without blocking.
    ///
    /// # Errors
    /// If the mutex is locked; the guard, if it is poisoned.
    #[inline]
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        self.map.bind(LockKind::Mutex, type_name::<T>);
        let undo = |guard| poisoning::undo(guard, || self.inner.clear_poison());
        poisoning::tried(match poisoning::attempted(self.inner.try_lock()) {
            Some(inner) => {
                let (hold, inner) = self.map.tried_beside(EXCLUSIVE, inner, undo);
                Some(poisoning::map(inner, |inner| MutexGuard { hold, inner }))
            }
            None => None,
        })
    }

    /// Whether a thread panicked while it held the mutex.
    #[inline]
    pub fn is_poisoned(&self) -> bool {
        self.inner.is_poisoned()
    }

    /// Clears the poisoned state.
    #[inline]
    pub fn clear_poison(&self) {
        self.inner.clear_poison();
    }

    /// Returns a mutable reference to the underlying data. The borrow proves that nobody holds the lock.
    ///
    /// # Errors
    /// The reference, if the mutex is poisoned.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
    }
}

impl<T: ?Sized> Watched for Mutex<T> {
    #[inline(always)]
    fn word(&self) -> Option<&ClassWord> {
        self.map.bind(LockKind::Mutex, type_name::<T>);
        Watched::word(&self.map)
    }
}

lockdep_rt::forward_locks! { Mutex }
lockdep_rt::forward_write_guards! { MutexGuard }
