//! Locks that are not `lock_api`'s: database rows, file locks, locks behind FFI.
//!
//! The program says what it does with them, and they take part in the graph like any other. There are no guards, because such
//! locks have none: what is acquired is released by name, by whichever thread does so.
//!
//! ```
//! use lockdep::event::{Access, Locks};
//! use lockdep::{LockClassKey, parking_lot::Mutex};
//!
//! static ACCOUNTS: LockClassKey = LockClassKey::new("table accounts");
//! static ROWS: Locks = Locks::new(&ACCOUNTS);
//!
//! let cache = Mutex::new(0);
//! ROWS.acquire(7, Access::Write); // SELECT ... WHERE id = 7 FOR UPDATE
//! *cache.lock() += 1;
//! ROWS.release(7); // COMMIT
//!
//! let held = cache.lock();
//! ROWS.acquire(7, Access::Read); // reported: a transaction can hold the row and wait for the cache
//! ROWS.release(7);
//! # drop(held);
//! # if cfg!(debug_assertions) {
//! assert_eq!(lockdep::findings().len(), 1);
//! # }
//! ```

use crate::LockClassKey;
use crate::facade::chosen::IS_ON;
use crate::raw::TrackedMap;
use lockdep_core::mode::{Mode, Want};
use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};

/// How a lock is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Exclusively.
    Write,
    /// Shared, behind writers that wait already.
    Read,
    /// Shared, past writers that wait.
    RecursiveRead,
    /// Shared, with the right to become exclusive, which only one holder has.
    Upgradable,
}

impl From<Access> for Want {
    fn from(access: Access) -> Want {
        match access {
            Access::Write => Want::Write,
            Access::Read => Want::Read,
            Access::RecursiveRead => Want::RecursiveRead,
            Access::Upgradable => Want::Upgradable,
        }
    }
}

/// Locks of one class, told apart by number: a row's key, an inode, a file descriptor.
///
/// A number is the same lock until it is [forgotten](Locks::forget); one word is kept for each.
#[derive(Debug)]
pub struct Locks {
    key: &'static LockClassKey,
    known: Mutex<BTreeMap<u64, Arc<TrackedMap>>>,
}

impl Locks {
    /// The locks of the class of `key`.
    #[must_use]
    pub const fn new(key: &'static LockClassKey) -> Locks {
        Locks { key, known: Mutex::new(BTreeMap::new()) }
    }

    /// Says that this thread is about to acquire a lock, and may wait for it. Call it before the wait, so that a deadlock is
    /// told before it happens; if the lock does not come, [release](Locks::release) it.
    ///
    /// # Panics
    /// If it makes a finding that is to be denied, and the policy is to panic. The lock is not on the books then.
    #[track_caller]
    pub fn acquire(&self, id: u64, access: Access) {
        if IS_ON {
            self.map(id).acquire(access.into(), false).keep();
        }
    }

    /// Says that this thread has acquired a lock without waiting for it.
    ///
    /// # Panics
    /// As [`Locks::acquire`].
    #[track_caller]
    pub fn acquired(&self, id: u64, access: Access) {
        if IS_ON {
            self.map(id).acquire(access.into(), true).keep();
        }
    }

    /// Says that this thread is about to turn its upgradable hold into an exclusive one, and may wait for readers.
    ///
    /// # Panics
    /// As [`Locks::acquire`].
    #[track_caller]
    pub fn upgrade(&self, id: u64) {
        if IS_ON {
            self.map(id).upgrade();
        }
    }

    /// Says that this thread's hold is shared from now on.
    #[track_caller]
    pub fn downgrade(&self, id: u64) {
        if IS_ON {
            self.map(id).downgrade(Mode::Read);
        }
    }

    /// Says that a lock is released: this thread's newest hold of it, or if it has none, somebody else's. If nobody holds it
    /// that is a finding (`bad-release`).
    ///
    /// # Panics
    /// As [`Locks::acquire`], for that finding.
    #[track_caller]
    pub fn release(&self, id: u64) {
        if IS_ON {
            self.map(id).release(Location::caller());
        }
    }

    /// Says that this thread takes over somebody else's hold of a lock, as one that completes what another has begun.
    #[track_caller]
    pub fn adopt(&self, id: u64) {
        if IS_ON {
            self.map(id).adopt();
        }
    }

    /// Says that the lock with this number is no more: the next one is another.
    pub fn forget(&self, id: u64) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    fn map(&self, id: u64) -> Arc<TrackedMap> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(id).or_insert_with(|| Arc::new(TrackedMap::keyed(self.key))))
    }
}
