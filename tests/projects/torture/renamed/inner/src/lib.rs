//! Some of `std`.

pub use std::*;

/// Which one it is.
pub const NAME: &str = "inner";
