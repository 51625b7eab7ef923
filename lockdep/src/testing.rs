//! A graph of its own for every test.
//!
//! `cargo test` runs tests side by side in one process, so [`lockdep::findings()`](crate::findings) in one test would show
//! what another one did. Inside a [`Scope`] a thread's orders make a graph of their own. Lock *classes* stay the
//! process's: a lock in a `static` is of one class in every scope, and each scope learns its orders anew.
//!
//! Threads do not inherit a scope by themselves. Those started with [`crate::thread::spawn`] or inside
//! [`crate::thread::scope`] do; a thread of a pool enters it by hand, with [`Handle::enter`], for as long as it works for the test.
//! What a pool's thread does outside of that belongs to the process.
//!
//! ```
//! use lockdep::parking_lot::Mutex;
//!
//! let scope = lockdep::testing::scope();
//! let (rook, knight) = (Mutex::new('r'), Mutex::new(64));
//! let _both = (rook.lock(), knight.lock());
//! assert!(scope.findings().is_empty());
//! # if cfg!(debug_assertions) {
//! assert_eq!(scope.graph().edges.len(), 1); // or: insta::assert_snapshot!(scope.graph())
//! # }
//! ```
//!
//! # The lock graph as a snapshot
//!
//! Three assertions make the order of locks part of a test suite:
//!
//! - [`graph`] of one sequential scenario, for `insta::assert_snapshot!`. A change of the order is then a diff in review.
//! - [`assert_subset_of`] for the graph of a whole suite, whose coverage varies: nothing new, while something may be missing.
//! - [`expect!`](crate::expect) for what must be found, and for what must not.
//!
//! Give the classes names first ([`lock_classes!`](crate::lock_classes)): the label of an unnamed class says its type and its
//! file, so moving it is a diff as well.

mod expect;

pub use expect::{assert_subset_of, expect, graph};

use crate::facade::chosen::IS_ON;
use crate::runtime::{self, close_scope, current_scope, enter_scope, leave_scope, open_scope, read_scope};
use lockdep_core::finding::Finding;
use lockdep_core::snapshot::GraphText;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// A scope that the thread which made it is in until this is dropped. Its facts also reach the graph of the process.
pub struct Scope {
    handle: Handle,
    _entered: Entered,
}

/// A scope, to be entered by other threads. The graph lives as long as any handle of it.
#[derive(Clone)]
pub struct Handle(Arc<Owner>);

/// Drops the graph with its last handle.
struct Owner(u32);

impl Drop for Owner {
    fn drop(&mut self) {
        close_scope(self.0);
    }
}

/// The calling thread's stay in a scope; ends when it is dropped. Stays nest, and may end in any order: the thread is in the scope
/// of its newest stay.
#[must_use = "the stay ends when this is dropped"]
pub struct Entered {
    /// `None` where nothing is tracked.
    scope: Option<u32>,
    /// A stay is the calling thread's.
    _not_send: PhantomData<*const ()>,
}

/// Starts a scope named after the calling thread, which is the test's name under `cargo test`.
#[must_use]
pub fn scope() -> Scope {
    Scope::start(false)
}

/// Starts a scope whose facts stay in it: they do not reach the graph of the process, its log or any sink. For tests that
/// break the rules on purpose.
///
/// ```
/// use lockdep::parking_lot::Mutex;
///
/// let scope = lockdep::testing::isolated();
/// let (rook, knight) = (Mutex::new('r'), Mutex::new(64));
/// drop((rook.lock(), knight.lock()));
/// drop((knight.lock(), rook.lock()));
/// # if cfg!(debug_assertions) {
/// assert_eq!(scope.findings().len(), 1);
/// # }
/// assert!(lockdep::findings().is_empty());
/// ```
#[must_use]
pub fn isolated() -> Scope {
    Scope::start(true)
}

/// Forgets all orders of the process and what was found in them, for tests that share a process and cannot have a scope. Scopes
/// keep theirs.
///
/// ```
/// use lockdep::parking_lot::Mutex;
///
/// let (rook, knight) = (Mutex::new('r'), Mutex::new(64));
/// drop((rook.lock(), knight.lock()));
/// lockdep::testing::reset();
/// drop((knight.lock(), rook.lock()));
/// assert!(lockdep::findings().is_empty());
/// ```
pub fn reset() {
    if IS_ON {
        runtime::reset();
    }
}

/// Moves the calling thread into a scope.
pub(crate) fn stay_of(scope: u32) -> Entered {
    let scope = Some(scope).filter(|&scope| enter_scope(scope));
    if runtime::current_segment() == 0 {
        runtime::root();
    }
    Entered { scope, _not_send: PhantomData }
}

impl Scope {
    fn start(isolated: bool) -> Scope {
        let thread = std::thread::current();
        let handle = Handle(Arc::new(Owner(open_scope(thread.name().unwrap_or("unnamed"), isolated))));
        let _entered = handle.enter();
        Scope { handle, _entered }
    }

    /// What was found in this scope so far, surest first.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        self.handle.findings()
    }

    /// The lock graph of this scope so far.
    #[must_use]
    pub fn graph(&self) -> GraphText {
        self.handle.graph()
    }

    /// The scope, for other threads.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

impl Handle {
    /// Moves the calling thread into the scope until the value is dropped.
    pub fn enter(&self) -> Entered {
        stay_of(self.0.0)
    }

    /// As [`Scope::findings`].
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        read_scope(self.0.0, |engine, registry| engine.findings(registry))
    }

    /// As [`Scope::graph`].
    #[must_use]
    pub fn graph(&self) -> GraphText {
        read_scope(self.0.0, |engine, registry| engine.graph(registry))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.scope.into_iter().for_each(leave_scope);
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scope").field(&self.handle.0.0).finish()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handle").field(&self.0.0).finish()
    }
}

impl fmt::Debug for Entered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered").field("scope", &current_scope()).finish_non_exhaustive()
    }
}
