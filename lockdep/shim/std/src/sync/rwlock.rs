//! `RwLock`: its readers wait behind queued writers.

use crate::books::{self, Held};
use ::std::any::type_name;
use ::std::panic::Location;
use ::std::sync::{self, LockResult, TryLockResult};
use lockdep_rt::foreign::{Kind, Wanted};
use lockdep_rt::{ClassWord, How};

/// As the real one.
pub struct RwLock<T: ?Sized> {
    word: ClassWord,
    pub(crate) inner: sync::RwLock<T>,
}

/// As the real one.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockReadGuard<'rwlock, T: ?Sized + 'rwlock> {
    #[allow(dead_code, reason = "dropping it is its use")]
    held: Held<'rwlock>,
    inner: sync::RwLockReadGuard<'rwlock, T>,
}

/// As the real one.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockWriteGuard<'rwlock, T: ?Sized + 'rwlock> {
    #[allow(dead_code, reason = "dropping it is its use")]
    held: Held<'rwlock>,
    inner: sync::RwLockWriteGuard<'rwlock, T>,
}

const fn wanted<T: ?Sized>(how: How) -> Wanted {
    Wanted { kind: Kind::RwLock, how, limit_ms: 0, name: type_name::<T> }
}

impl<T> RwLock<T> {
    /// As the real one. The lock's class is the place of this call.
    #[inline]
    #[track_caller]
    pub const fn new(t: T) -> RwLock<T> {
        RwLock { word: ClassWord::birth(Location::caller()), inner: sync::RwLock::new(t) }
    }
}

impl<T: ?Sized> RwLock<T> {
    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[inline]
    #[track_caller]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        let (attempt, wait) = (|| self.inner.try_read(), || self.inner.read());
        let guard = |held, inner| RwLockReadGuard { held, inner };
        books::acquire(&self.word, wanted::<T>(How::READ), attempt, wait, guard)
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[inline]
    #[track_caller]
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        let guard = |held, inner| RwLockReadGuard { held, inner };
        books::attempt(&self.word, wanted::<T>(How::READ), || self.inner.try_read(), guard)
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[inline]
    #[track_caller]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        let (attempt, wait) = (|| self.inner.try_write(), || self.inner.write());
        let guard = |held, inner| RwLockWriteGuard { held, inner };
        books::acquire(&self.word, wanted::<T>(How::WRITE), attempt, wait, guard)
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[inline]
    #[track_caller]
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        let guard = |held, inner| RwLockWriteGuard { held, inner };
        books::attempt(&self.word, wanted::<T>(How::WRITE), || self.inner.try_write(), guard)
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

#[cfg(feature = "rwlock_downgrade")]
#[clippy::msrv = "1.92"]
impl<'rwlock, T: ?Sized> RwLockWriteGuard<'rwlock, T> {
    /// As the real one.
    pub fn downgrade(s: Self) -> RwLockReadGuard<'rwlock, T> {
        let RwLockWriteGuard { held, inner } = s;
        lockdep_rt::foreign::change(held.token, How(How::DOWNGRADED));
        RwLockReadGuard { held, inner: sync::RwLockWriteGuard::downgrade(inner) }
    }
}

lockdep_rt::forward_locks! { RwLock }
lockdep_rt::forward_guards! { RwLockReadGuard }
lockdep_rt::forward_write_guards! { RwLockWriteGuard }
