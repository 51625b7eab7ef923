//! [`OnceLock`]: a value that is made once.
//!
//! Whoever comes while another thread makes the value waits for it, so making a value is a lock like any other: what the
//! initialiser takes comes after it, and what is held by whoever asks for the value comes before it.

use crate::LockClassKey;
use crate::facade::chosen::{Hold, Map};
use lockdep_core::class::LockKind;
use lockdep_core::mode::Want;
use std::any::type_name;
use std::fmt;
use std::panic::Location;
use std::sync;

/// As [`std::sync::OnceLock`]. Its lock class is the call that makes it.
///
/// ```
/// use lockdep::std::sync::OnceLock;
///
/// static BOARD: OnceLock<[u8; 64]> = OnceLock::new();
/// assert_eq!(BOARD.get_or_init(|| [0; 64])[0], 0);
/// assert!(BOARD.get().is_some());
/// ```
pub struct OnceLock<T> {
    cell: sync::OnceLock<T>,
    map: Map,
}

impl<T> OnceLock<T> {
    /// A cell without a value.
    #[must_use]
    #[track_caller]
    pub const fn new() -> OnceLock<T> {
        OnceLock { cell: sync::OnceLock::new(), map: Map::at(Location::caller()) }
    }

    /// A cell without a value, in the lock class of `key`.
    #[must_use]
    pub const fn named(key: &'static LockClassKey) -> OnceLock<T> {
        OnceLock { cell: sync::OnceLock::new(), map: Map::keyed(key) }
    }

    #[track_caller]
    fn hold(&self) -> Hold {
        self.bind();
        self.map.acquire(Want::Write, false)
    }

    fn bind(&self) {
        self.map.bind(LockKind::Once, type_name::<T>);
    }

    /// The value, if there is one. Never waits.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.cell.get()
    }

    /// The value, if there is one.
    #[inline]
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.cell.get_mut()
    }

    /// Gives the cell its value; waits for whoever is making one.
    ///
    /// # Errors
    /// The value, if the cell has one already.
    #[track_caller]
    pub fn set(&self, value: T) -> Result<(), T> {
        let _held = self.hold();
        self.cell.set(value)
    }

    /// The value, made now if there is none. That this may wait is checked every time, also when the value is there: the next
    /// run may come earlier.
    ///
    /// # Panics
    /// When `f` panics, and if it makes a finding that is to be denied and the policy is to panic.
    #[inline]
    #[track_caller]
    pub fn get_or_init<F: FnOnce() -> T>(&self, f: F) -> &T {
        let _held = self.hold();
        self.cell.get_or_init(f)
    }

    /// The value; waits until there is one.
    ///
    /// # Panics
    /// If it makes a finding that is to be denied, and the policy is to panic.
    #[inline]
    #[track_caller]
    pub fn wait(&self) -> &T {
        self.bind();
        self.map.wait_beside(|| self.cell.wait())
    }

    /// The value, if there is one.
    #[must_use]
    pub fn into_inner(self) -> Option<T> {
        self.cell.into_inner()
    }

    /// The value, if there is one; the cell has none afterwards.
    pub fn take(&mut self) -> Option<T> {
        self.cell.take()
    }
}

impl<T> Default for OnceLock<T> {
    #[track_caller]
    fn default() -> OnceLock<T> {
        OnceLock::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cell.fmt(f)
    }
}

impl<T: Clone> Clone for OnceLock<T> {
    #[track_caller]
    fn clone(&self) -> OnceLock<T> {
        OnceLock { cell: self.cell.clone(), map: Map::at(Location::caller()) }
    }
}

impl<T> From<T> for OnceLock<T> {
    #[track_caller]
    fn from(value: T) -> OnceLock<T> {
        OnceLock { cell: sync::OnceLock::from(value), map: Map::at(Location::caller()) }
    }
}

impl<T: PartialEq> PartialEq for OnceLock<T> {
    fn eq(&self, other: &OnceLock<T>) -> bool {
        self.cell == other.cell
    }
}

impl<T: Eq> Eq for OnceLock<T> {}
