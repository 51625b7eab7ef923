//! [`Once`]: a value that is made once.

use crate::LockClassKey;
use crate::facade::chosen::{Hold, Map};
use core::any::type_name;
use core::fmt;
use core::panic::Location;
use lockdep_core::class::LockKind;
use lockdep_core::mode::Want;

/// A value that is made once, with the interface of `spin::Once`. Making it is a lock like any other: what the initialiser
/// takes comes after it, and what is held by whoever asks for the value comes before it, also when it is there.
///
/// ```
/// use lockdep::spin::Once;
///
/// static BOARD: Once<[u8; 64]> = Once::new();
/// assert_eq!(BOARD.call_once(|| [0; 64])[0], 0);
/// assert!(BOARD.is_completed());
/// ```
pub struct Once<T = ()> {
    map: Map,
    once: ::spin::Once<T>,
}

impl<T> Once<T> {
    /// Without a value, for constants: its lock class is its type.
    #[allow(clippy::declare_interior_mutable_const, reason = "spin has it")]
    pub const INIT: Self = Once { map: Map::unnamed(), once: ::spin::Once::new() };

    /// Without a value. Its lock class is this call.
    #[inline]
    #[must_use]
    #[track_caller]
    pub const fn new() -> Self {
        Once { map: Map::at(Location::caller()), once: ::spin::Once::new() }
    }

    /// Without a value, in the lock class of `key`.
    #[inline]
    #[must_use]
    pub const fn named(key: &'static LockClassKey) -> Self {
        Once { map: Map::keyed(key), once: ::spin::Once::new() }
    }

    /// With a value. Its lock class is this call.
    #[inline]
    #[track_caller]
    pub const fn initialized(data: T) -> Self {
        Once { map: Map::at(Location::caller()), once: ::spin::Once::initialized(data) }
    }

    fn bind(&self) {
        self.map.bind(LockKind::Once, type_name::<T>);
    }

    #[track_caller]
    fn hold(&self) -> Hold {
        self.bind();
        self.map.acquire(Want::Write, false)
    }

    /// The value, made now if there is none.
    ///
    /// # Panics
    /// When `f` panics or an earlier one has, and if it makes a finding that is to be denied and the policy is to panic.
    #[inline]
    #[track_caller]
    pub fn call_once<F: FnOnce() -> T>(&self, f: F) -> &T {
        let _held = self.hold();
        self.once.call_once(f)
    }

    /// As [`Once::call_once`], where making the value may fail.
    ///
    /// # Errors
    /// That of `f`.
    ///
    /// # Panics
    /// As [`Once::call_once`].
    #[inline]
    #[track_caller]
    pub fn try_call_once<F: FnOnce() -> Result<T, E>, E>(&self, f: F) -> Result<&T, E> {
        let _held = self.hold();
        self.once.try_call_once(f)
    }

    /// The value, copied from `value` if there is none.
    ///
    /// # Panics
    /// As [`Once::call_once`].
    #[inline]
    #[track_caller]
    pub fn init_from_ref(&self, value: &T) -> &T
    where
        T: Copy,
    {
        let _held = self.hold();
        self.once.init_from_ref(value)
    }

    /// The value; spins until there is one.
    ///
    /// # Panics
    /// As [`Once::call_once`].
    #[inline]
    #[track_caller]
    pub fn wait(&self) -> &T {
        self.bind();
        self.map.wait_beside(|| self.once.wait())
    }

    /// The value, if there is one; spins while one is being made.
    ///
    /// # Panics
    /// As [`Once::call_once`].
    #[inline]
    #[track_caller]
    pub fn poll(&self) -> Option<&T> {
        self.bind();
        self.map.wait_beside(|| self.once.poll())
    }

    /// The value, if there is one. Never waits.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.once.get()
    }

    /// The value.
    ///
    /// # Safety
    /// There must be one.
    #[inline]
    pub unsafe fn get_unchecked(&self) -> &T {
        // SAFETY: the caller's promise is the one asked for.
        unsafe { self.once.get_unchecked() }
    }

    /// The value, if there is one.
    #[inline]
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.once.get_mut()
    }

    /// The value.
    ///
    /// # Safety
    /// There must be one.
    #[inline]
    pub unsafe fn get_mut_unchecked(&mut self) -> &mut T {
        // SAFETY: the caller's promise is the one asked for.
        unsafe { self.once.get_mut_unchecked() }
    }

    /// Where the value is, or will be.
    #[inline]
    pub fn as_mut_ptr(&self) -> *mut T {
        self.once.as_mut_ptr()
    }

    /// The value, if there is one.
    #[must_use]
    pub fn try_into_inner(self) -> Option<T> {
        let Once { map: _, once } = self;
        once.try_into_inner()
    }

    /// The value.
    ///
    /// # Safety
    /// There must be one.
    #[must_use]
    pub unsafe fn into_inner_unchecked(self) -> T {
        let Once { map: _, once } = self;
        // SAFETY: the caller's promise is the one asked for.
        unsafe { once.into_inner_unchecked() }
    }

    /// Whether there is a value.
    #[inline]
    pub fn is_completed(&self) -> bool {
        self.once.is_completed()
    }
}

impl<T> Default for Once<T> {
    #[track_caller]
    fn default() -> Self {
        Once::new()
    }
}

impl<T> From<T> for Once<T> {
    #[track_caller]
    fn from(data: T) -> Self {
        Once::initialized(data)
    }
}

impl<T: fmt::Debug> fmt::Debug for Once<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.once.fmt(f)
    }
}
