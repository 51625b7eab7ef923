//! The hot path of lockdep: what every acquisition and release of an instrumented lock executes.
//!
//! A thread's [`Block`] is made of relaxed atomics: plain loads and stores in machine code, but readable by
//! other threads for a dump. A known acquisition is: one thread-local pointer, the class from the lock's own
//! [`ClassWord`], one multiplication for the chain key, one probe of the thread's table of known chains, one cache line of
//! the held stack written. No lock, no allocation, no read-modify-write, no line that another thread writes.
//!
//! Everything else is the *cold side*'s: it hands out blocks and memory, and sees to chains that are not known yet. There are
//! two: the one in the crate `lockdep` judges in process; `foreign`, here, is for programs that have never heard of
//! lockdep, and writes facts for another process to judge.
//!
//! A signal handler may take locks, whatever it interrupts, if its chains are known and there is room for them: it leaves the stack as
//! it was. One that has to be judged, makes a stack grow, or comes between two instructions of a release while another thread releases
//! something of this one, can leave a hold on the stack that is none, or lose one.
//!
//! Invariants, cited in SAFETY comments:
//! 1. A block and the memory of its stacks are never unmapped; [`current`] points to a block that only this thread writes, or is
//!    null.
//! 2. Other threads write only a block's `limit` and `asked`, and the `posted` of its entries.
//! 3. A block's `top` is a place of its stack's memory or the end of it, and there is an entry below the lowest place. It is below
//!    the `limit` only if it is a place.
//! 4. A chain that a table knows was judged, so every acquisition in it was of a bound word without the flags that ask. The hot path
//!    makes a key of any word as it is, and need not look at the flags of one whose key is known.

mod block;
mod blocks;
pub mod chains;
mod entry;
mod forward;
mod hold;
mod hot;
mod key;
mod mark;
mod sender;
mod stack;
mod wait;
mod word;

#[cfg(feature = "foreign")]
pub mod foreign;

pub use block::{current, set_current, Beside, Block, Chain};
pub use blocks::{blocks, owner_of, publish};
pub use entry::{Entry, How, Token};
pub use hold::{change, is_held, newest_on, push, release};
pub use hot::{check, enter, enter_known, holds, leave};
pub use sender::SoleSender;
pub use stack::{Stack, DEEPEST};
pub use wait::{Wait, Waited};
pub use word::{Birth, ClassWord};
