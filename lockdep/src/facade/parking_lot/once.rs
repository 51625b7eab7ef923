//! [`Once`]: one-time initialisation, as a pseudo-lock: whoever comes while another thread initialises has to wait for it.

use crate::LockClassKey;
use crate::facade::chosen::{Hold, Map};
use core::fmt;
use core::panic::Location;
use lockdep_core::class::LockKind;
use lockdep_core::mode::Want;

pub use ::parking_lot::OnceState;

/// A one-time initialiser with the interface of `parking_lot::Once`. Every call is checked like the acquisition of a
/// lock, also when there is nothing left to do: the next run may meet it earlier.
///
/// ```
/// use lockdep::parking_lot::Once;
///
/// static START: Once = Once::new();
/// let mut runs = 0;
/// START.call_once(|| runs += 1);
/// START.call_once(|| runs += 1);
/// assert_eq!(runs, 1);
/// ```
pub struct Once {
    once: ::parking_lot::Once,
    map: Map,
}

impl Once {
    /// Creates a new `Once` value. Its lock class is this call.
    #[inline]
    #[must_use]
    #[track_caller]
    pub const fn new() -> Once {
        Once { once: ::parking_lot::Once::new(), map: Map::at(Location::caller()) }
    }

    /// Creates a new `Once` value, in the lock class of `key`.
    #[inline]
    #[must_use]
    pub const fn named(key: &'static LockClassKey) -> Once {
        Once { once: ::parking_lot::Once::new(), map: Map::keyed(key) }
    }

    /// Creates a new `Once` value that is completed already.
    #[inline]
    #[must_use]
    #[track_caller]
    pub const fn new_completed() -> Once {
        Once { once: ::parking_lot::Once::new_completed(), map: Map::at(Location::caller()) }
    }

    #[track_caller]
    fn hold(&self) -> Hold {
        self.map.bind(LockKind::Once, || "Once");
        self.map.acquire(Want::Write, false)
    }

    /// Whether some closure has run to its end.
    #[inline]
    pub fn is_completed(&self) -> bool {
        self.once.is_completed()
    }

    /// Waits until a closure has run to its end.
    ///
    /// # Panics
    /// If it panicked.
    #[inline]
    #[track_caller]
    pub fn wait(&self) {
        let _held = self.hold();
        self.once.wait();
    }

    /// Waits until a closure has run to its end, whatever panicked before it.
    #[inline]
    #[track_caller]
    pub fn wait_force(&self) {
        let _held = self.hold();
        self.once.wait_force();
    }

    /// Returns the current state of this `Once`.
    #[inline]
    pub fn state(&self) -> OnceState {
        self.once.state()
    }

    /// Runs the closure, if no closure has been run to its end yet, or waits for the one that is running.
    ///
    /// # Panics
    /// If an earlier closure panicked.
    #[inline]
    #[track_caller]
    pub fn call_once<F: FnOnce()>(&self, f: F) {
        let _held = self.hold();
        self.once.call_once(f);
    }

    /// As [`Once::call_once`], but also after a closure that panicked.
    #[inline]
    #[track_caller]
    pub fn call_once_force<F: FnOnce(OnceState)>(&self, f: F) {
        let _held = self.hold();
        self.once.call_once_force(f);
    }
}

impl Default for Once {
    #[inline]
    #[track_caller]
    fn default() -> Once {
        Once::new()
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.once.fmt(f)
    }
}
