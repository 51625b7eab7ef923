//! A lock-dependency checker for Rust.

pub mod class;
mod facade;
pub mod raw;

pub use class::LockClassKey;
pub use facade::parking_lot;
