//! Contexts: code that interrupts a thread wherever it is, such as a signal handler or an inline completion.
//!
//! The kernel keeps two bits per class and context, `USED_IN` and `ENABLED`, and searches for a path between classes that have
//! the one and the other. Here a context is a pseudo-lock, and the bits are dependencies:
//!
//! - a lock that is taken in the context is taken *under* the pseudo-lock (`USED_IN`): context -> lock;
//! - a lock that is held while the context can interrupt comes *before* it (`ENABLED`): lock -> context, because the holder may
//!   have to wait for the context to finish.
//!
//! **Theorem.** A cycle through a context is a deadlock: the context has interrupted the holder of its predecessor and waits, over
//! its successor and the rest of the cycle, for what that holder has. The kernel's one-lock rule is the cycle of two
//! edges, its two-lock rule any longer one, and its exclusion of readers is what makes a cycle strong.
//!
//! **Hole.** A context is seen to be able to interrupt only where it was declared before. Contexts that run on other threads
//! are no contexts; hand-over of guards describes them.

use crate::class::{ClassSpec, LockKind, Origin};

/// What the label of a context starts with.
pub const PREFIX: &str = "context:";

/// The class of the context with this name.
#[must_use]
pub fn class(name: &str) -> ClassSpec {
    ClassSpec { name: format!("{PREFIX}{name}").into(), origin: Origin::Key, kind: LockKind::Context, site: None }
}

/// The name of the context behind a label, if it is one's.
#[must_use]
pub fn name_in(label: &str) -> Option<&str> {
    label.strip_prefix(PREFIX)
}
