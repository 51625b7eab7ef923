//! `Mutex`.

use crate::books::{self, Held};
use ::std::any::type_name;
use ::std::panic::Location;
use ::std::sync::{self, LockResult, TryLockResult};
use lockdep_rt::foreign::{Kind, Wanted};
use lockdep_rt::{ClassWord, How};

/// As the real one.
pub struct Mutex<T: ?Sized> {
    word: ClassWord,
    pub(crate) inner: sync::Mutex<T>,
}

/// As the real one.
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MutexGuard<'a, T: ?Sized + 'a> {
    pub(super) held: Held<'a>,
    pub(super) inner: sync::MutexGuard<'a, T>,
}

/// A mutex that protects a `T`, as the books want to know it.
pub(super) const fn wanted<T: ?Sized>() -> Wanted {
    Wanted { kind: Kind::Mutex, how: How::WRITE, limit_ms: 0, name: type_name::<T> }
}

impl<T> Mutex<T> {
    /// As the real one. The lock's class is the place of this call.
    #[inline]
    #[track_caller]
    pub const fn new(t: T) -> Mutex<T> {
        Mutex { word: ClassWord::birth(Location::caller()), inner: sync::Mutex::new(t) }
    }
}

impl<T: ?Sized> Mutex<T> {
    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let (attempt, wait) = (|| self.inner.try_lock(), || self.inner.lock());
        books::acquire(&self.word, wanted::<T>(), attempt, wait, |held, inner| MutexGuard { held, inner })
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[inline]
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        let attempt = || self.inner.try_lock();
        books::attempt(&self.word, wanted::<T>(), attempt, |held, inner| MutexGuard { held, inner })
    }

    /// As the real one.
    #[inline]
    pub fn is_poisoned(&self) -> bool {
        self.inner.is_poisoned()
    }

    /// As the real one.
    #[inline]
    pub fn clear_poison(&self) {
        self.inner.clear_poison();
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    pub fn into_inner(self) -> LockResult<T>
    where
        T: Sized,
    {
        self.inner.into_inner()
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
    }
}

lockdep_rt::forward_locks! { Mutex }
lockdep_rt::forward_write_guards! { MutexGuard }
