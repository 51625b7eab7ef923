//! Keeping changes out of a file system: `struct sb_writers`.
//!
//! There are three levels, taken in this order: writes, write faults, transactions. Whoever changes something is in one of them, shared;
//! a freeze takes them all, exclusively, and waits for everybody to leave.

use crate::sync::plain::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use crate::sync::{Held, LockMap};
use lockdep::LockClassKey;

/// One level. The lock itself is not watched, but its pseudo-lock is: a file system stays frozen for as long as somebody likes, who may do
/// anything meanwhile, and that is no order of locks (the kernel's `lockdep_sb_freeze_release`).
#[derive(Debug)]
pub(crate) struct Level {
    lock: RwLock<()>,
    map: LockMap,
}

/// A change that is under way.
#[derive(Debug)]
pub(crate) struct Unfrozen<'a> {
    _guard: RwLockReadGuard<'a, ()>,
    _held: Held,
}

/// A file system that nobody changes until this is dropped.
#[derive(Debug)]
#[must_use = "the file system thaws when this is dropped"]
pub struct Frozen<'a> {
    _levels: [RwLockWriteGuard<'a, ()>; 3],
}

impl Level {
    pub(crate) fn new(key: &'static LockClassKey) -> Level {
        Level { lock: RwLock::new(()), map: LockMap::new(key) }
    }

    /// Waits while the file system is frozen, and keeps it from being frozen.
    #[track_caller]
    pub(crate) fn enter(&self) -> Unfrozen<'_> {
        let _held = self.map.acquire_shared();
        Unfrozen { _guard: self.lock.read(), _held }
    }

    /// The same without waiting; `None` while the file system is frozen, or is about to be.
    #[track_caller]
    pub(crate) fn try_enter(&self) -> Option<Unfrozen<'_>> {
        self.lock.try_read().map(|_guard| Unfrozen { _guard, _held: self.map.try_acquire_shared() })
    }
}

/// Waits for all changes under way, and keeps others waiting.
#[track_caller]
pub(crate) fn freeze(levels: &[Level; 3]) -> Frozen<'_> {
    let [writers, pagefaults, internal] = levels;
    let first = writers.map.acquire();
    let one = writers.lock.write();
    let second = pagefaults.map.acquire();
    let other = pagefaults.lock.write();
    let third = internal.map.acquire();
    let last = internal.lock.write();
    drop((first, second, third));
    Frozen { _levels: [one, other, last] }
}
