//! [`Once`]: one-time initialisation.

pub use ::parking_lot::{Once, OnceState};
