//! [`RwLock`] and its guards.

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

/// How a lock is acquired for reading, and for writing.
const SHARED: (LockKind, Want) = (LockKind::RwLock, Want::Read);
const EXCLUSIVE: (LockKind, Want) = (LockKind::RwLock, Want::Write);

/// A reader-writer lock with the interface of [`std::sync::RwLock`], whose lock order is checked.
///
/// ```
/// use lockdep::std::sync::RwLock;
///
/// let lock = RwLock::new(5);
/// assert_eq!(*lock.read().unwrap(), 5);
/// *lock.write().unwrap() += 1;
/// assert_eq!(lock.into_inner().unwrap(), 6);
/// ```
pub struct RwLock<T: ?Sized> {
    map: Map,
    inner: sync::RwLock<T>,
}

/// An RAII guard which releases shared read access to an [`RwLock`] when dropped.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    /// Dropped first: the books, then the lock. Only its drop is wanted.
    _hold: Hold,
    inner: sync::RwLockReadGuard<'a, T>,
}

/// An RAII guard which releases exclusive write access to an [`RwLock`] when dropped.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    /// Dropped first: the books, then the lock.
    hold: Hold,
    inner: sync::RwLockWriteGuard<'a, T>,
}

impl<T> RwLock<T> {
    /// Creates a new lock in an unlocked state. Its lock class is this call and the type `T`.
    #[inline]
    #[track_caller]
    pub const fn new(t: T) -> RwLock<T> {
        RwLock { map: Map::at(Location::caller()), inner: sync::RwLock::new(t) }
    }

    /// Creates a new lock in an unlocked state, in the lock class of `key`.
    #[inline]
    pub const fn named(key: &'static LockClassKey, t: T) -> RwLock<T> {
        RwLock { map: Map::keyed(key), inner: sync::RwLock::new(t) }
    }

    /// Consumes this lock, returning the underlying data.
    ///
    /// # Errors
    /// The data, if the lock is poisoned.
    pub fn into_inner(self) -> LockResult<T> {
        let RwLock { map: _, inner } = self;
        inner.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Moves this lock into the lock class of `key`.
    #[inline]
    pub fn set_class(&self, key: &'static LockClassKey) {
        self.map.set_class(key);
    }

    /// Locks with shared read access, blocking the current thread until it can be acquired.
    ///
    /// # Errors
    /// The guard, if the lock is poisoned.
    ///
    /// # Panics
    /// If it makes a finding that is to be denied, and the policy is to panic.
    #[inline]
    #[track_caller]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        self.read_in(Nesting::NONE)
    }

    nested_acquisitions!(LockResult<RwLockReadGuard<'_, T>>: read_in, read_nested, read_ranked, read_under);

    #[inline(always)]
    #[track_caller]
    fn read_in(&self, nesting: Nesting) -> LockResult<RwLockReadGuard<'_, T>> {
        self.map.bind(LockKind::RwLock, type_name::<T>);
        let attempt = || poisoning::attempted(self.inner.try_read());
        let (hold, inner) = self.map.lock_beside(SHARED, nesting, attempt, || self.inner.read(), drop);
        poisoning::map(inner, |inner| RwLockReadGuard { _hold: hold, inner })
    }

    /// Attempts to acquire shared read access without blocking.
    ///
    /// # Errors
    /// If that would wait; the guard, if the lock is poisoned.
    #[inline]
    #[track_caller]
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        self.map.bind(LockKind::RwLock, type_name::<T>);
        poisoning::tried(match poisoning::attempted(self.inner.try_read()) {
            Some(inner) => {
                let (hold, inner) = self.map.tried_beside(SHARED, inner, drop);
                Some(poisoning::map(inner, |inner| RwLockReadGuard { _hold: hold, inner }))
            }
            None => None,
        })
    }

    /// Locks with exclusive write access, blocking the current thread until it can be acquired.
    ///
    /// # Errors
    /// The guard, if the lock is poisoned.
    ///
    /// # Panics
    /// If it makes a finding that is to be denied, and the policy is to panic.
    #[inline]
    #[track_caller]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        self.write_in(Nesting::NONE)
    }

    nested_acquisitions!(LockResult<RwLockWriteGuard<'_, T>>: write_in, write_nested, write_ranked, write_under);

    #[inline(always)]
    #[track_caller]
    fn write_in(&self, nesting: Nesting) -> LockResult<RwLockWriteGuard<'_, T>> {
        self.map.bind(LockKind::RwLock, type_name::<T>);
        let attempt = || poisoning::attempted(self.inner.try_write());
        let undo = |guard| poisoning::undo(guard, || self.inner.clear_poison());
        let (hold, inner) = self.map.lock_beside(EXCLUSIVE, nesting, attempt, || self.inner.write(), undo);
        poisoning::map(inner, |inner| RwLockWriteGuard { hold, inner })
    }

    /// Attempts to acquire exclusive write access without blocking.
    ///
    /// # Errors
    /// If that would wait; the guard, if the lock is poisoned.
    #[inline]
    #[track_caller]
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        self.map.bind(LockKind::RwLock, type_name::<T>);
        let undo = |guard| poisoning::undo(guard, || self.inner.clear_poison());
        poisoning::tried(match poisoning::attempted(self.inner.try_write()) {
            Some(inner) => {
                let (hold, inner) = self.map.tried_beside(EXCLUSIVE, inner, undo);
                Some(poisoning::map(inner, |inner| RwLockWriteGuard { hold, inner }))
            }
            None => None,
        })
    }

    /// Whether a thread panicked while it held the lock exclusively.
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
    /// The reference, if the lock is poisoned.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
    }
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// Turns exclusive into shared access, without letting another writer in.
    pub fn downgrade(s: Self) -> RwLockReadGuard<'a, T> {
        let RwLockWriteGuard { hold, inner } = s;
        let inner = sync::RwLockWriteGuard::downgrade(inner);
        hold.downgrade();
        RwLockReadGuard { _hold: hold, inner }
    }
}

impl<T: ?Sized> Watched for RwLock<T> {
    #[inline(always)]
    fn word(&self) -> Option<&ClassWord> {
        self.map.bind(LockKind::RwLock, type_name::<T>);
        Watched::word(&self.map)
    }
}

lockdep_rt::forward_locks! { RwLock }
lockdep_rt::forward_guards! { RwLockReadGuard }
lockdep_rt::forward_write_guards! { RwLockWriteGuard }
