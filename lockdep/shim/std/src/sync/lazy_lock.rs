//! `LazyLock`.

use super::once;
use crate::books::Held;
use ::std::any::type_name;
use ::std::fmt;
use ::std::ops::Deref;
use ::std::panic::Location;
use ::std::sync;
use ::std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use lockdep_rt::ClassWord;

/// As the real one.
pub struct LazyLock<T, F = fn() -> T> {
    word: ClassWord,
    /// Whether the value is there. Relaxed: the real lock orders the value, this only saves asking.
    is_done: AtomicBool,
    inner: sync::LazyLock<T, F>,
}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// As the real one. Its class is the place of this call.
    #[inline]
    #[track_caller]
    pub const fn new(f: F) -> LazyLock<T, F> {
        let word = ClassWord::birth(Location::caller());
        LazyLock { word, is_done: AtomicBool::new(false), inner: sync::LazyLock::new(f) }
    }

    #[inline]
    #[track_caller]
    fn hold(&self) -> Option<Held<'_>> {
        once::hold(&self.word, self.is_done.load(Relaxed), type_name::<T>)
    }

    /// As the real one.
    ///
    /// # Panics
    /// As the real one.
    #[inline]
    #[track_caller]
    pub fn force(this: &LazyLock<T, F>) -> &T {
        let _held = this.hold();
        let value = sync::LazyLock::force(&this.inner);
        this.is_done.store(true, Relaxed);
        value
    }

    /// As the real one.
    ///
    /// # Panics
    /// As the real one.
    #[cfg(feature = "lazy_lock_get")]
    #[clippy::msrv = "1.94"]
    #[inline]
    pub fn force_mut(this: &mut LazyLock<T, F>) -> &mut T {
        sync::LazyLock::force_mut(&mut this.inner)
    }
}

#[cfg(feature = "lazy_lock_get")]
#[clippy::msrv = "1.94"]
impl<T, F> LazyLock<T, F> {
    /// As the real one.
    #[inline]
    pub fn get_mut(this: &mut LazyLock<T, F>) -> Option<&mut T> {
        sync::LazyLock::get_mut(&mut this.inner)
    }

    /// As the real one.
    #[inline]
    pub fn get(this: &LazyLock<T, F>) -> Option<&T> {
        sync::LazyLock::get(&this.inner)
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;

    #[inline]
    #[track_caller]
    fn deref(&self) -> &T {
        LazyLock::force(self)
    }
}

#[cfg(feature = "lazy_lock_deref_mut")]
#[clippy::msrv = "1.89"]
impl<T, F: FnOnce() -> T> ::std::ops::DerefMut for LazyLock<T, F> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

#[cfg(feature = "lazy_lock_from")]
impl<T, F> From<T> for LazyLock<T, F> {
    #[track_caller]
    fn from(value: T) -> LazyLock<T, F> {
        let word = ClassWord::birth(Location::caller());
        LazyLock { word, is_done: AtomicBool::new(true), inner: sync::LazyLock::from(value) }
    }
}

impl<T: Default> Default for LazyLock<T> {
    #[track_caller]
    fn default() -> LazyLock<T> {
        LazyLock::new(T::default)
    }
}

impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
