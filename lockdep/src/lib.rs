//! A lock-dependency checker for Rust: finds lock-order inversions in runs where nothing hangs.
//!
//! The book is in `docs`: how to start, how to name classes, how to keep an order, what a report says and proves.
//!
//! Change the `use` line of a program and run it:
//!
//! ```
//! use lockdep::parking_lot::Mutex;
//!
//! let (rook, knight) = (Mutex::new('r'), Mutex::new(64));
//! {
//!     let _rook = rook.lock();
//!     let _knight = knight.lock();
//! }
//! # if cfg!(debug_assertions) {
//! {
//!     let _knight = knight.lock();
//!     let _rook = rook.lock(); // reported here, although nothing hangs
//! }
//! assert_eq!(lockdep::findings()[0].code, lockdep::core::finding::Code::Inversion);
//! # }
//! ```

pub mod annotate;
pub mod class;
pub mod config;
pub mod context;
#[cfg(any(doc, doctest))]
pub mod docs;
pub mod event;
mod facade;
pub mod map;
pub mod raw;
mod runtime;
#[cfg(feature = "scenario")]
pub mod scenario;
mod sink;
pub mod testing;
pub mod thread;

pub use annotate::{Watched, might_block, might_lock};
pub use class::{DynamicKey, LockClassKey};
pub use context::Context;
#[cfg(feature = "parking_lot_0_12")]
pub use facade::parking_lot_0_12;
#[cfg(feature = "spin")]
pub use facade::spin;
pub use facade::std::sync::{LazyLock, OnceLock};
pub use facade::{parking_lot, std};
pub use lockdep_core as core;
pub use map::LockMap;
pub use runtime::{ThreadHeld, findings, graph, held, stack};

/// Whether this build checks anything: with `--cfg lockdep`, or with debug assertions unless `--cfg lockdep_off`.
pub const ENABLED: bool = facade::chosen::IS_ON;

/// The examples of the README, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
