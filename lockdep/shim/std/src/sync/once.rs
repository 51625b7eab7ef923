//! `Once`, and what all that is made once has in common: whoever comes while another thread is at it waits, so it is a lock for
//! the time being, and what the initialiser takes comes after it. That it may be waited for is told also when it is done, by
//! threads that hold something: the next run may come earlier.

use crate::books::{self, Held};
use ::std::fmt;
use ::std::panic::Location;
use ::std::sync::{self, OnceState};
use lockdep_rt::foreign::{self, Kind, Wanted};
use lockdep_rt::{ClassWord, How};

/// As the real one.
pub struct Once {
    word: ClassWord,
    pub(crate) inner: sync::Once,
}

/// As the real one.
#[deprecated(since = "1.38.0", note = "the `Once::new()` function is now preferred")]
#[allow(clippy::declare_interior_mutable_const, reason = "std has it")]
pub const ONCE_INIT: Once = Once::new();

/// Takes an initialiser, unless it is done and the thread holds nothing that it could be waited for under.
#[inline]
#[track_caller]
pub(super) fn hold(word: &ClassWord, is_done: bool, name: fn() -> &'static str) -> Option<Held<'_>> {
    let wanted = Wanted { kind: Kind::Once, how: How::WRITE, limit_ms: 0, name };
    // No closure: it would be told as the place of the call.
    if is_done && !foreign::holds_any() {
        return None;
    }
    Some(books::hold(word, wanted))
}

#[allow(clippy::new_without_default, reason = "std has none")]
impl Once {
    /// As the real one. Its class is the place of this call.
    #[inline]
    #[must_use]
    #[track_caller]
    pub const fn new() -> Once {
        Once { word: ClassWord::birth(Location::caller()), inner: sync::Once::new() }
    }

    #[inline]
    #[track_caller]
    fn hold(&self) -> Option<Held<'_>> {
        hold(&self.word, self.inner.is_completed(), || "Once")
    }

    /// As the real one.
    ///
    /// # Panics
    /// As the real one.
    #[inline]
    #[track_caller]
    pub fn call_once<F>(&self, f: F)
    where
        F: FnOnce(),
    {
        let _held = self.hold();
        self.inner.call_once(f);
    }

    /// As the real one.
    #[inline]
    #[track_caller]
    pub fn call_once_force<F>(&self, f: F)
    where
        F: FnOnce(&OnceState),
    {
        let _held = self.hold();
        self.inner.call_once_force(f);
    }

    /// As the real one.
    #[inline]
    pub fn is_completed(&self) -> bool {
        self.inner.is_completed()
    }

    /// As the real one.
    ///
    /// # Panics
    /// As the real one.
    #[cfg(feature = "once_wait")]
    #[clippy::msrv = "1.86"]
    #[track_caller]
    pub fn wait(&self) {
        drop(self.hold());
        self.inner.wait();
    }

    /// As the real one.
    #[cfg(feature = "once_wait")]
    #[clippy::msrv = "1.86"]
    #[track_caller]
    pub fn wait_force(&self) {
        drop(self.hold());
        self.inner.wait_force();
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
