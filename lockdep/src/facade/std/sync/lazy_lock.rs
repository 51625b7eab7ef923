//! [`LazyLock`]: a value that is made when it is first wanted.

use crate::facade::chosen::Map;
use lockdep_core::class::LockKind;
use lockdep_core::mode::Want;
use std::any::type_name;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync;

/// As [`std::sync::LazyLock`]. Its lock class is the call that makes it. It is a lock until its value is there, and costs
/// nothing afterwards.
///
/// ```
/// use lockdep::std::sync::LazyLock;
///
/// static SQUARES: LazyLock<Vec<u32>> = LazyLock::new(|| (0..8).map(|n| n * n).collect());
/// assert_eq!(SQUARES[3], 9);
/// ```
pub struct LazyLock<T, F = fn() -> T> {
    map: Map,
    cell: sync::LazyLock<T, F>,
}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// A value that `f` makes when it is first wanted.
    #[must_use]
    #[track_caller]
    pub const fn new(f: F) -> LazyLock<T, F> {
        LazyLock { cell: sync::LazyLock::new(f), map: Map::at(Location::caller()) }
    }

    /// The value, made now if it was not wanted before.
    ///
    /// # Panics
    /// When the initialiser panics or has panicked, and if it makes a finding that is to be denied and the policy is to panic.
    #[inline]
    #[track_caller]
    pub fn force(this: &LazyLock<T, F>) -> &T {
        if let Some(value) = sync::LazyLock::get(&this.cell) {
            return value;
        }
        this.map.bind(LockKind::Once, type_name::<T>);
        let _held = this.map.acquire(Want::Write, false);
        sync::LazyLock::force(&this.cell)
    }

    /// The value, made now if it was not wanted before. The borrow proves that nobody else makes it.
    ///
    /// # Panics
    /// When the initialiser panics or has panicked.
    #[inline]
    pub fn force_mut(this: &mut LazyLock<T, F>) -> &mut T {
        sync::LazyLock::force_mut(&mut this.cell)
    }
}

impl<T, F> LazyLock<T, F> {
    /// The value, if it was wanted before. Never waits.
    #[inline]
    pub fn get(this: &LazyLock<T, F>) -> Option<&T> {
        sync::LazyLock::get(&this.cell)
    }

    /// The value, if it was wanted before.
    #[inline]
    pub fn get_mut(this: &mut LazyLock<T, F>) -> Option<&mut T> {
        sync::LazyLock::get_mut(&mut this.cell)
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

impl<T, F: FnOnce() -> T> DerefMut for LazyLock<T, F> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        LazyLock::force_mut(self)
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
        self.cell.fmt(f)
    }
}
