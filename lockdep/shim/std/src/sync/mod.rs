//! `std::sync`, with the types that block checked.
//!
//! Not replaced: what is unstable.

pub use ::std::sync::*;

pub mod mpsc;

mod barrier;
mod condvar;
mod lazy_lock;
mod mutex;
mod once;
mod once_lock;
mod rwlock;

pub use barrier::Barrier;
pub use condvar::Condvar;
pub use lazy_lock::LazyLock;
pub use mutex::{Mutex, MutexGuard};
pub use once::Once;
#[allow(deprecated, reason = "std has it")]
pub use once::ONCE_INIT;
pub use once_lock::OnceLock;
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
