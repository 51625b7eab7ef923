//! Everything that `parking_lot` 0.12 exports, with checked locks: change the `use` line and keep the program.
//!
//! ```
//! use lockdep::parking_lot_0_12::{Mutex, RwLock}; // was: use parking_lot::{Mutex, RwLock};
//!
//! static ACCOUNTS: RwLock<Vec<u64>> = RwLock::new(Vec::new());
//! let log = Mutex::new(String::new());
//! ACCOUNTS.write().push(10);
//! log.lock().push_str("opened an account");
//! ```
//!
//! What [`parking_lot`](crate::parking_lot) says of the locks and guards of 0.13 is true here of those of 0.12, which are made of
//! `lock_api` 0.4: its guards have no place for an acquisition, so a release takes the newest hold of the lock off the books. One
//! difference more shows: `WaitTimeoutResult` is a type of its own, because parking_lot's cannot be made elsewhere.

mod condvar;
mod fair_mutex;
mod mutex;
mod once;
mod reentrant_mutex;
mod rwlock;

pub use self::condvar::{Condvar, WaitTimeoutResult};
pub use self::fair_mutex::{FairMutex, FairMutexGuard, MappedFairMutexGuard, const_fair_mutex};
pub use self::mutex::{MappedMutexGuard, Mutex, MutexGuard, const_mutex};
pub use self::once::{Once, OnceState};
pub use self::reentrant_mutex::{
    MappedReentrantMutexGuard, RawThreadId, ReentrantMutex, ReentrantMutexGuard, const_reentrant_mutex,
};
pub use self::rwlock::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard,
    RwLockWriteGuard, const_rwlock,
};
pub use super::chosen::parking_lot_0_12::{RawFairMutex, RawMutex, RawReentrantMutex, RawRwLock};
pub use ::lock_api_0_4 as lock_api;

#[cfg(feature = "arc_lock")]
pub use ::lock_api_0_4::{
    ArcMutexGuard, ArcReentrantMutexGuard, ArcRwLockReadGuard, ArcRwLockUpgradableReadGuard, ArcRwLockWriteGuard,
};
