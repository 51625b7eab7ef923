//! Values that are made once: [`OnceLock`] and [`LazyLock`] with the interfaces of `std::sync`'s.
//!
//! Whoever comes while another thread makes the value waits for it, so making a value is a lock like any other: what the
//! initialiser takes comes after it, and what is held by whoever asks for the value comes before it.

use crate::LockClassKey;
use crate::facade::chosen::{Hold, Map};
use lockdep_core::class::LockKind;
use lockdep_core::mode::Want;
use std::any::type_name;
use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::sync;
use std::sync::atomic::{AtomicBool, Ordering};

/// As [`std::sync::OnceLock`]. Its lock class is the call that makes it.
///
/// ```
/// use lockdep::OnceLock;
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
        self.map.bind(LockKind::Once, type_name::<T>);
        self.map.acquire(Want::Write, false)
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

/// As [`std::sync::LazyLock`]. Its lock class is the call that makes it. It is a lock until its value is there, and costs
/// nothing afterwards.
///
/// ```
/// use lockdep::LazyLock;
///
/// static SQUARES: LazyLock<Vec<u32>> = LazyLock::new(|| (0..8).map(|n| n * n).collect());
/// assert_eq!(SQUARES[3], 9);
/// ```
pub struct LazyLock<T, F = fn() -> T> {
    cell: sync::LazyLock<T, F>,
    /// Whether the value is there. Relaxed: the cell itself orders the value, this only saves asking the checker.
    done: AtomicBool,
    map: Map,
}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// A value that `f` makes when it is first wanted.
    #[must_use]
    #[track_caller]
    pub const fn new(f: F) -> LazyLock<T, F> {
        LazyLock { cell: sync::LazyLock::new(f), done: AtomicBool::new(false), map: Map::at(Location::caller()) }
    }

    #[track_caller]
    fn hold(&self) -> Hold {
        self.map.bind(LockKind::Once, type_name::<T>);
        self.map.acquire(Want::Write, false)
    }

    /// The value, made now if it was not wanted before.
    ///
    /// # Panics
    /// When the initialiser panics or has panicked, and if it makes a finding that is to be denied and the policy is to panic.
    #[inline]
    #[track_caller]
    pub fn force(this: &LazyLock<T, F>) -> &T {
        if this.done.load(Ordering::Relaxed) {
            return sync::LazyLock::force(&this.cell);
        }
        let _held = this.hold();
        let value = sync::LazyLock::force(&this.cell);
        this.done.store(true, Ordering::Relaxed);
        value
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

impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cell.fmt(f)
    }
}
