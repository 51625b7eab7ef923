//! The drop-in faces: modules that export what another lock crate exports, under the same names.
//!
//! A program changes its `use` line and nothing else. Whether the locks behind the names are checked is decided by
//! how *this* crate is compiled: `--cfg lockdep` switches the checker on, `--cfg lockdep_off` switches it off, and
//! without either it is on exactly when `debug_assertions` are. It is not a cargo feature, because features unify over
//! a build and one dependency could switch everybody else's locks.
//!
//! `enabled.rs` and `disabled.rs` define the raw locks and how they are born, with one interface; the locks themselves,
//! in [`parking_lot`], are the same text for both. Switched off, every method of the interface is an empty
//! inline function and every type is the plain one.

#[cfg(all(lockdep, lockdep_off))]
compile_error!("`--cfg lockdep` and `--cfg lockdep_off` contradict each other");

#[cfg(not(any(lockdep_off, all(not(lockdep), not(debug_assertions)))))]
#[path = "enabled.rs"]
pub(crate) mod chosen;
#[cfg(any(lockdep_off, all(not(lockdep), not(debug_assertions))))]
#[path = "disabled.rs"]
pub(crate) mod chosen;

mod acquire;
mod exclusive;
mod instrument;
mod nested;
mod newtype;
mod once;
pub mod parking_lot;
#[cfg(feature = "parking_lot_0_12")]
pub mod parking_lot_0_12;
mod peek;
mod reentrant;
mod shared;
#[cfg(feature = "spin")]
pub mod spin;
#[cfg(any(feature = "parking_lot_0_12", feature = "spin"))]
mod stateless;
pub mod std;
