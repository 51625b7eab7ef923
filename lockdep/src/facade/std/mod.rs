//! What `std` exports that waits: change the `use` line and keep the program.

pub mod sync;
