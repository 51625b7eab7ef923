//! What logical threads do, for drivers that execute a program step by step: the operations of `SCENARIOS`.

use crate::mode::{Manner, Mode, Want};

/// One step of one thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The thread; it exists from its first step.
    pub thread: String,
    /// What it does.
    pub op: Op,
}

/// An acquisition and its options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acquire {
    /// The lock, by its id.
    pub lock: String,
    /// The mode asked for; `Read` stands for the lock's own kind of read.
    pub want: Want,
    /// Whether it may wait.
    pub manner: Manner,
    /// The subclass.
    pub subclass: u32,
    /// The nest lock, by its id.
    pub nest: Option<String>,
    /// A name for this acquisition.
    pub name: Option<String>,
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Acquires a lock.
    Acquire(Acquire),
    /// Turns an upgradable hold into an exclusive one, waiting for readers.
    Upgrade(String),
    /// Weakens a hold to this mode.
    Downgrade(String, Mode),
    /// Releases the newest acquisition of a lock, or the one with this name.
    Unlock(String, Option<String>),
    /// Hands the newest acquisition of a lock to another thread.
    Give(String, String),
    /// Releases the mutex, waits, and takes the mutex again.
    Wait {
        /// The condition variable.
        condvar: String,
        /// The mutex.
        mutex: String,
    },
    /// Waits until someone else clears the lock; holds nothing afterwards.
    Await(String),
    /// Declares that this point may take the lock.
    MightLock(String),
    /// Asserts that the lock is held, in this mode if one is given.
    AssertHeld(String, Option<Mode>),
    /// Asserts that the lock is not held.
    AssertNotHeld(String),
    /// Asserts that the thread holds nothing.
    AssertNoneHeld,
    /// Moves a lock to the keyed class with this name.
    SetClass(String, String),
    /// Destroys a lock.
    Drop(String),
    /// Starts another thread.
    Spawn(String),
    /// Waits for another thread to end.
    Join(String),
    /// The thread exits.
    End,
    /// A context interrupts this thread.
    Enter(String),
    /// The context that interrupted last is done.
    Exit(String),
    /// A context is kept out of this thread.
    Mask(String),
    /// A context may interrupt this thread again.
    Unmask(String),
    /// Calls something that may block, at this level.
    Block(u8),
    /// Wakes waiters: no lock is concerned.
    Nothing,
}
