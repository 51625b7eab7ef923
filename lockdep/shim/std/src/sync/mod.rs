//! `std::sync`, with the types that block checked.
//!
//! Not replaced: `Barrier` and `mpsc`, which wait for what other threads do next and not for what they hold, so that no order
//! of locks follows from them; and what is unstable.

pub use ::std::sync::*;

mod condvar;
mod lazy_lock;
mod mutex;
mod once;
mod once_lock;
mod rwlock;

pub use condvar::Condvar;
pub use lazy_lock::LazyLock;
pub use mutex::{Mutex, MutexGuard};
pub use once::Once;
#[allow(deprecated, reason = "std has it")]
pub use once::ONCE_INIT;
pub use once_lock::OnceLock;
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
