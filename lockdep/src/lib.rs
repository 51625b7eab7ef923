//! A lock-dependency checker for Rust.

pub mod class;
mod facade;

pub use class::LockClassKey;
pub use facade::parking_lot;
