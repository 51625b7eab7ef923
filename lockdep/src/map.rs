//! Pseudo-locks: things that a thread waits for and that are not locks.
//!
//! A bit that somebody else clears, a transaction, a thread that is joined, a callback that must not be called under
//! certain locks: whatever one thread has and another waits for takes part in deadlocks, and so it belongs into the
//! lock graph. A [`LockMap`] is a lock's entry in the books without the lock; the kernel calls it `lockdep_map`.

use crate::LockClassKey;
use crate::facade::chosen;
use lockdep_core::mode::Want;

/// A pseudo-lock. Zero-sized when the checker is switched off.
///
/// ```
/// use lockdep::{LockClassKey, LockMap};
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// static PAGE_LOCK: LockClassKey = LockClassKey::new("Page::lock");
///
/// struct Page { locked: AtomicBool, map: LockMap }
///
/// impl Page {
///     fn lock(&self) -> lockdep::map::Held {
///         let held = self.map.acquire(); // before the wait, so that a deadlock is told before it happens
///         while self.locked.swap(true, Ordering::Acquire) { std::thread::yield_now() }
///         held
///     }
/// }
///
/// let page = Page { locked: AtomicBool::new(false), map: LockMap::new(&PAGE_LOCK) };
/// let held = page.lock();
/// page.locked.store(false, Ordering::Release);
/// drop(held);
/// ```
#[derive(Debug)]
pub struct LockMap(chosen::Map);

/// An acquisition of a [`LockMap`]; dropping it releases. It may be dropped by another thread, such as one that
/// completes what was started here.
#[derive(Debug)]
#[must_use = "dropping it is the release"]
pub struct Held(#[allow(dead_code, reason = "its drop is its purpose")] chosen::Hold);

impl LockMap {
    /// A pseudo-lock of the class of `key`.
    #[must_use]
    pub const fn new(key: &'static LockClassKey) -> LockMap {
        LockMap(chosen::Map::keyed(key))
    }

    /// Begins a new pseudo-lock, of the class of `key`, in the place of one that nobody holds any more: what an object that is
    /// recycled does.
    #[inline]
    pub fn renew(&self, key: &'static LockClassKey) {
        self.0.set_class(key);
    }

    /// Acquires exclusively. Call it before the wait that it stands for.
    ///
    /// # Panics
    /// If it makes a finding that is to be denied, and the policy is to panic.
    #[inline]
    #[track_caller]
    pub fn acquire(&self) -> Held {
        Held(self.0.acquire(Want::Write, false))
    }

    /// Acquires shared. Call it before the wait that it stands for.
    ///
    /// # Panics
    /// As [`LockMap::acquire`].
    #[inline]
    #[track_caller]
    pub fn acquire_shared(&self) -> Held {
        Held(self.0.acquire(Want::Read, false))
    }

    /// Acquires exclusively without waiting. Call it once the attempt that it stands for has succeeded.
    ///
    /// # Panics
    /// As [`LockMap::acquire`].
    #[inline]
    #[track_caller]
    pub fn try_acquire(&self) -> Held {
        Held(self.0.acquire(Want::Write, true))
    }

    /// As [`LockMap::try_acquire`], shared.
    ///
    /// # Panics
    /// As [`LockMap::acquire`].
    #[inline]
    #[track_caller]
    pub fn try_acquire_shared(&self) -> Held {
        Held(self.0.acquire(Want::Read, true))
    }

    /// Takes over what another thread has acquired, as one that completes what another has begun: from here on it is the calling
    /// thread that holds it, before everything that it acquires next.
    ///
    /// # Panics
    /// As [`LockMap::acquire`].
    #[inline]
    #[track_caller]
    pub fn adopt(&self, held: Held) -> Held {
        drop(held);
        self.try_acquire()
    }

    /// Says that this point may wait for the pseudo-lock, or does wait for it and holds nothing afterwards, such as a
    /// thread that waits until a bit is clear.
    ///
    /// # Panics
    /// As [`LockMap::acquire`].
    #[inline]
    #[track_caller]
    pub fn might_acquire(&self) {
        drop(self.acquire());
    }
}

impl crate::annotate::Watched for LockMap {
    #[inline(always)]
    fn word(&self) -> Option<&lockdep_rt::ClassWord> {
        crate::annotate::Watched::word(&self.0)
    }
}
