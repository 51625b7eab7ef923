//! The pure half of lockdep: events in, findings out. No threads, no clock, no input or output, no statics.
//!
//! The modules are listed in the order in which data flows through them.
#![forbid(unsafe_code)]

#[doc(hidden)]
pub mod rule;

pub mod acquisition;
pub mod class;
pub mod context;
pub mod mode;
pub mod segment;

pub mod evidence;
pub mod graph;
pub mod order;
pub mod search;

mod gates;
pub mod hierarchy;
pub mod judge;
pub mod survey;
pub mod told;
pub mod variables;

pub mod event;
pub mod held;
pub mod validator;

#[cfg(feature = "scenario")]
pub mod scenario;

pub mod check;
pub mod engine;
mod render;

pub mod finding;
pub mod id;
pub mod snapshot;

#[cfg(feature = "log")]
pub mod log;
