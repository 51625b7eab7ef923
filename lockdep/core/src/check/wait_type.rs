//! `wait-type`: something that may block more than what is held allows.
//!
//! **Theorem.** Every lock that is held restricts what may be waited for to its inner level. Whoever waits for more breaks a
//! promise that the lock's other users rely on: that its holder is not asleep, say.
//!
//! **Hole.** Locks and waits whose level nobody declared neither restrict nor break anything. A try does not wait.

use crate::acquisition::{Acquisition, Actor, Held};
use crate::class::{ClassRegistry, Site};
use crate::finding::{HeldLabel, Witness};
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

/// What there is to say of a call, no lock, that blocks at `level` with these locks held: a finding's title and witness.
#[must_use]
pub fn blocking(
    registry: &ClassRegistry,
    actor: &Actor,
    held: &[Held],
    level: u8,
    site: Site,
) -> Option<(String, Witness)> {
    let outer = below(registry, held, level)?;
    let labels = registry.labels();
    let label = HeldLabel::new(registry, &labels, outer);
    let title = format!("a call of wait type {level} blocks more than `{}`, which is held, allows", label.label);
    let witness = Witness {
        thread: actor.thread.clone(),
        test: actor.test.clone(),
        wanted: label.label.clone(),
        want: outer.mode.into(),
        manner: Manner::Block,
        site,
        also_held: HeldLabel::locks(registry, &labels, held).into_iter().filter(|also| *also != label).collect(),
        held: Some(label),
    };
    Some((title, witness))
}

/// The oldest held lock under which nothing of this level may be waited for.
#[must_use]
fn below<'a>(registry: &ClassRegistry, held: &'a [Held], level: u8) -> Option<&'a Held> {
    held.iter().find(|held| registry.get(held.node.class).wait.is_some_and(|wait| wait.inner < level))
}
