//! What is underneath the cache.

mod extents;
mod memory;

pub use memory::Device;
