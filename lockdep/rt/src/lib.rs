//! The hot path of lockdep: what every acquisition and release of an instrumented lock executes.
//!
//! A thread's held stack is a [`Block`] of relaxed atomics: plain loads and stores in machine code, but readable by
//! other threads for a dump. A known acquisition is: one thread-local pointer, the class from the lock's own
//! [`ClassWord`], one multiplication for the chain key, one probe of the thread's table of known chains, one entry
//! written. No lock, no allocation, no read-modify-write, no line that another thread writes.
//!
//! Everything else is the *cold side*'s: it hands out blocks, sees to chains that are not known yet, and is asked about
//! odd releases. There are two: the one in the crate `lockdep` judges in process; `foreign`, here, is for programs that have
//! never heard of lockdep, and writes facts for another process to judge.
//!
//! Invariants, cited in SAFETY comments:
//! 1. A block is never unmapped; [`current`] points to a block that only this thread writes, or is null.
//! 2. Other threads write only a block's `salt`, `posted` and `posts`.
//! 3. `top` counts the valid entries; a value above [`CAPACITY`] means that the cold side is at work.

mod block;
mod entry;
mod hold;
mod wait;
mod word;

#[cfg(feature = "foreign")]
pub mod foreign;

pub use block::{blocks, check, current, enter, leave, owner_of, publish, rank, set_current, Block, CAPACITY};
pub use entry::{Entry, How, Token};
pub use hold::{change, newest_on, push, release};
pub use wait::{Wait, Waited};
pub use word::{Birth, ClassWord};
