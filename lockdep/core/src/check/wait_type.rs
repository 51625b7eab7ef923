//! `wait-type`: something that may block more than what is held allows.
//!
//! **Theorem.** Every lock that is held restricts what may be waited for to its inner level. Whoever waits for more breaks a
//! promise that the lock's other users rely on: that its holder is not asleep, say.
//!
//! **Hole.** Locks and waits whose level nobody declared neither restrict nor break anything. A try does not wait.

use crate::acquisition::{Acquisition, Held};
use crate::class::ClassRegistry;
use crate::mode::Manner;

/// The oldest held lock that forbids this acquisition.
#[must_use]
pub fn forbidding<'a>(registry: &ClassRegistry, held: &'a [Held], next: &Acquisition) -> Option<&'a Held> {
    if next.manner == Manner::Try {
        return None;
    }
    let wait = registry.get(next.node.class).wait?;
    below(registry, held, wait.outer)
}

/// The oldest held lock under which nothing of this level may be waited for.
#[must_use]
pub fn below<'a>(registry: &ClassRegistry, held: &'a [Held], level: u8) -> Option<&'a Held> {
    held.iter().find(|held| registry.get(held.node.class).wait.is_some_and(|wait| wait.inner < level))
}
