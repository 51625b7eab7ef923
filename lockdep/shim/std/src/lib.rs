//! The standard library as programs see it under `cargo lockdep`: the real one, with the locks of [`sync`] checked and the beginnings
//! of [`thread`]s told.
//!
//! rustc resolves the `std` that it gives every crate like any other name, so `--extern std=` puts this crate in its place, on any
//! toolchain. What is not replaced here is the real thing: the same types, the same macros.
//!
//! Every lock is the real lock and one word. Signatures, traits, auto traits, variance and drop check are those of the real types.

pub use ::std::*;

mod books;
#[cfg(feature = "newer")]
mod gained;

pub mod sync;
pub mod thread;
