//! `OnceLock`.

use super::once;
use crate::books::Held;
use ::std::any::type_name;
use ::std::fmt;
use ::std::panic::Location;
use ::std::sync;
use lockdep_rt::ClassWord;

/// As the real one.
pub struct OnceLock<T> {
    word: ClassWord,
    pub(crate) inner: sync::OnceLock<T>,
}

impl<T> OnceLock<T> {
    /// As the real one. Its class is the place of this call.
    #[inline]
    #[must_use]
    #[track_caller]
    pub const fn new() -> OnceLock<T> {
        OnceLock { word: ClassWord::birth(Location::caller()), inner: sync::OnceLock::new() }
    }

    #[inline]
    #[track_caller]
    fn hold(&self) -> Option<Held<'_>> {
        once::hold(&self.word, self.inner.get().is_some(), type_name::<T>)
    }

    /// As the real one.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.inner.get()
    }

    /// As the real one.
    #[inline]
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.inner.get_mut()
    }

    /// As the real one.
    #[cfg(feature = "once_wait")]
    #[clippy::msrv = "1.86"]
    #[track_caller]
    pub fn wait(&self) -> &T {
        drop(self.hold());
        self.inner.wait()
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[inline]
    #[track_caller]
    pub fn set(&self, value: T) -> Result<(), T> {
        let _held = self.hold();
        self.inner.set(value)
    }

    /// As the real one.
    #[inline]
    #[track_caller]
    pub fn get_or_init<F>(&self, f: F) -> &T
    where
        F: FnOnce() -> T,
    {
        let _held = self.hold();
        self.inner.get_or_init(f)
    }

    /// As the real one.
    #[inline]
    pub fn into_inner(self) -> Option<T> {
        self.inner.into_inner()
    }

    /// As the real one.
    #[inline]
    pub fn take(&mut self) -> Option<T> {
        self.inner.take()
    }
}

impl<T> Default for OnceLock<T> {
    #[inline]
    #[track_caller]
    fn default() -> OnceLock<T> {
        OnceLock::new()
    }
}

impl<T: Clone> Clone for OnceLock<T> {
    #[inline]
    #[track_caller]
    fn clone(&self) -> OnceLock<T> {
        OnceLock { word: ClassWord::birth(Location::caller()), inner: self.inner.clone() }
    }
}

impl<T> From<T> for OnceLock<T> {
    #[inline]
    #[track_caller]
    fn from(value: T) -> OnceLock<T> {
        OnceLock { word: ClassWord::birth(Location::caller()), inner: sync::OnceLock::from(value) }
    }
}

impl<T: PartialEq> PartialEq for OnceLock<T> {
    #[inline]
    fn eq(&self, other: &OnceLock<T>) -> bool {
        self.inner == other.inner
    }
}

impl<T: Eq> Eq for OnceLock<T> {}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
