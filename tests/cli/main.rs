//! `cargo lockdep` as a user runs it.

#![allow(clippy::print_stdout, reason = "a test that is skipped says so")]
#![allow(unreachable_pub, reason = "the modules are parts of one test program")]

mod support;

mod book;
mod formats;
mod hostile;
mod order;
mod read;
mod run;
mod settings;
mod walkthrough;
