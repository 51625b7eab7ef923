//! What the outside world tells the engine: one acquisition, on top of what its thread held.

use crate::class::{Node, SiteId};
use crate::mode::{Manner, Mode, Want};
use std::sync::Arc;

/// One lock object. Two occurrences concern the same lock exactly if their instances are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instance {
    /// Which process (or merged log) numbered it; 0 for a lock in a `static`, which all processes share.
    pub process: u32,
    /// Its number there; never an address, because addresses are reused.
    pub serial: u64,
}

/// One entry of a thread's held stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Held {
    /// Its class and subclass.
    pub node: Node,
    /// The lock object.
    pub instance: Instance,
    /// How it is held now.
    pub mode: Mode,
    /// Where it was acquired.
    pub site: SiteId,
    /// Its place in the declared order of its class, if there is one.
    pub rank: Option<u64>,
    /// Whether its guard may have moved to another thread without being declared, so that the entry is no proof.
    pub may_have_left: bool,
}

/// An acquisition that is about to happen, or has just happened without waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Acquisition {
    /// Class and subclass.
    pub node: Node,
    /// The lock object.
    pub instance: Instance,
    /// How it is wanted.
    pub want: Want,
    /// Whether it may wait.
    pub manner: Manner,
    /// Where.
    pub site: SiteId,
    /// The lock that serialises same-class nesting, if one was named.
    pub nest: Option<Instance>,
    /// Its place in the declared order of its class: locks of one class may nest in ascending order.
    pub rank: Option<u64>,
    /// Whether the raw lock lets its owner in again.
    pub reentrant: bool,
}

impl Acquisition {
    /// The entry of the held stack that it becomes.
    #[must_use]
    pub fn held(&self) -> Held {
        let Acquisition { node, instance, want, site, rank, .. } = *self;
        Held { node, instance, mode: want.mode(), site, rank, may_have_left: false }
    }
}

/// Who did it. Names only: they are printed, and they separate evidence by test; nothing is decided by a thread.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Actor {
    /// The process that numbered the instances.
    pub process: u32,
    /// The thread's name, as people know it.
    pub thread: Arc<str>,
    /// The test (or other unit of work) in which it ran; empty when unknown.
    pub test: Arc<str>,
    /// The spawn/join segment of the thread; segments of one process are ordered by the engine's segment order.
    pub segment: u32,
}
