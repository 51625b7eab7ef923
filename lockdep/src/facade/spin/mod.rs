//! spin's locks as its feature `lock_api` has them, checked: change the `use` line and keep the program.
//!
//! ```
//! use lockdep::spin::{Mutex, RwLock}; // was: use spin::lock_api::{Mutex, RwLock};
//!
//! static BOARD: RwLock<[u8; 64]> = RwLock::new([0; 64]);
//! let moves = Mutex::new(0);
//! BOARD.write()[0] = 1;
//! *moves.lock() += 1;
//! ```
//!
//! Readers pass waiting writers. Whoever spins for a lock that its own thread holds spins for ever: that is reported before it
//! begins. [`Once`] is spin's own.

mod mutex;
mod once;
mod rwlock;

pub use self::mutex::{MappedMutexGuard, Mutex, MutexGuard};
pub use self::once::Once;
pub use self::rwlock::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard,
};
pub use super::chosen::spin::{RawMutex, RawRwLock};
pub use ::lock_api_0_4 as lock_api;
