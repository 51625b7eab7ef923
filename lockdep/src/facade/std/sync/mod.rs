//! Everything that `std::sync` exports, with checked locks: change the `use` line and keep the program.
//!
//! ```
//! use lockdep::std::sync::{Arc, Mutex, RwLock}; // was: use std::sync::{Arc, Mutex, RwLock};
//!
//! static ACCOUNTS: RwLock<Vec<u64>> = RwLock::new(Vec::new());
//! let log = Arc::new(Mutex::new(String::new()));
//! ACCOUNTS.write().unwrap().push(10);
//! log.lock().unwrap().push_str("opened an account");
//! ```
//!
//! Locks, and what else waits, are newtypes around `std`'s; errors, results, [`Arc`] and the atomics are `std`'s own. Poisoning is
//! as in `std`, with one addition: a finding that panics ([`config`](crate::config)) does not poison the lock that it is about.
//!
//! Readers wait behind a writer that waits, so reading a lock twice in one thread can deadlock, and is reported.
//!
//! Beyond `std`, locks have `named`, `set_class` and the `_nested` acquisitions, which exist and do nothing when the checker
//! is switched off.

pub mod mpsc;

mod barrier;
mod condvar;
mod lazy_lock;
mod mutex;
#[allow(clippy::new_without_default, reason = "std's has no default")]
mod once;
mod once_lock;
mod poisoning;
mod rwlock;

pub use self::barrier::Barrier;
pub use self::condvar::Condvar;
pub use self::lazy_lock::LazyLock;
pub use self::mutex::{Mutex, MutexGuard};
pub use self::once::Once;
pub use self::once_lock::OnceLock;
pub use self::rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
pub use ::std::sync::*;
