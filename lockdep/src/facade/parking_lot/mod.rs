//! Everything that `parking_lot` 0.13 exports, with checked locks: change the `use` line and keep the program.
//!
//! ```
//! use lockdep::parking_lot::{Mutex, RwLock}; // was: use parking_lot::{Mutex, RwLock};
//!
//! static ACCOUNTS: RwLock<Vec<u64>> = RwLock::new(Vec::new());
//! let log = Mutex::new(String::new());
//! ACCOUNTS.write().push(10);
//! log.lock().push_str("opened an account");
//! ```
//!
//! The locks are newtypes, not aliases of `lock_api`'s: `lock_api::Mutex::new` starts from a constant, and a constant
//! cannot know where it is used, whereas the birth site is what a lock without a name is known by. The guards are
//! aliases of `lock_api`'s guards. Two differences show, and both have a way around:
//!
//! - `MutexGuard::mutex`, `RwLockReadGuard::rwlock` and their kin return `lock_api`'s lock. `Mutex::from_lock_api`, or
//!   `.into()`, makes it the facade's again; the locks dereference to `lock_api`'s in the other direction.
//! - The `into_arc` of an `Arc` guard returns an `Arc` of `lock_api`'s lock, and `Mutex::from_lock_api_arc` converts it.
//!
//! The cargo features `arc_lock`, `owning_ref`, `send_guard` and `serde` are `parking_lot`'s. Its `deadlock` module is not
//! here: `parking_lot::deadlock` itself keeps working, and finds only what has happened already.
//!
//! Beyond `parking_lot`, locks have `named`, `set_class` and the `_nested` acquisitions, which exist and do nothing
//! when the checker is switched off.

mod condvar;
mod fair_mutex;
mod mutex;
mod once;
mod recursive_rwlock;
mod reentrant_mutex;
mod rwlock;

pub use self::condvar::{Condvar, WaitTimeoutResult};
pub use self::fair_mutex::{FairMutex, FairMutexGuard, MappedFairMutexGuard};
pub use self::mutex::{MappedMutexGuard, Mutex, MutexGuard};
pub use self::once::{Once, OnceState};
pub use self::recursive_rwlock::{
    MappedRecursiveRwLockReadGuard, MappedRecursiveRwLockWriteGuard, RecursiveRwLock, RecursiveRwLockReadGuard,
    RecursiveRwLockUpgradableReadGuard, RecursiveRwLockWriteGuard,
};
pub use self::reentrant_mutex::{MappedReentrantMutexGuard, RawThreadId, ReentrantMutex, ReentrantMutexGuard};
pub use self::rwlock::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard,
};
pub use super::chosen::{RawCondvar, RawFairMutex, RawMutex, RawReentrantMutex, RawRwLock, RawRwLockRecursive};
pub use ::lock_api;

#[cfg(feature = "arc_lock")]
pub use ::lock_api::{
    ArcMutexGuard, ArcReentrantMutexGuard, ArcRwLockReadGuard, ArcRwLockUpgradableReadGuard, ArcRwLockWriteGuard,
};
