//! What threads bring about for others, such as messages: who waits for it waits for all that is held where it is brought about.
//!
//! For the graph, what is brought about is held, in a mode that keeps nobody else out, and what its thread holds then comes after
//! it; a wait wants it exclusively. So a wait with a lock under which others bring about what is waited for is a cycle.
//!
//! **Hole.** What was taken and released before, on the way there, is not seen.

use super::state::{State, Work, manner};
use super::{Busy, UNNAMED, held_in, how, instance, node, state, to_site};
use lockdep_core::acquisition::{Acquisition, Held};
use lockdep_core::class::LockKind;
use lockdep_core::mode::{Mode, Want};
use lockdep_rt::{Beside, Block, ClassWord, Entry, How};
use std::panic::Location;

const PROVIDED: How = how(Want::RecursiveRead, 0);

/// This thread is about to bring something about that others may wait for, with what it holds.
///
/// # Panics
/// If a finding is to be denied and the policy is to panic.
pub(crate) fn provide(word: &ClassWord, kind: LockKind, site: &'static Location<'static>) {
    if lockdep_rt::check(word, PROVIDED, Beside::default()) {
        return;
    }
    let Some(busy) = Busy::start() else { return };
    let mut work = Work::new();
    {
        let mut state = state();
        let bound = state.bind(word, kind, UNNAMED, &mut work);
        state.provide(busy.0, word, bound, site, &mut work);
    }
    busy.finish(work);
}

impl State {
    fn provide(&mut self, block: &Block, word: &ClassWord, bound: usize, site: &Location<'_>, work: &mut Work) {
        let chain = block.chain(bound, PROVIDED, Beside::default());
        word.mark_used(bound, false);
        if block.knows(chain) {
            return;
        }
        let site = self.registry.site(to_site(site));
        let (node, instance) = (node(bound, PROVIDED), instance(bound));
        let provided = Held { node, instance, mode: Mode::RecursiveRead, site, rank: None, may_have_left: false };
        let mut cacheable = true;
        let mut findings = Vec::new();
        for entry in block.held().iter().filter(|entry| entry.is_lock()) {
            // A thread is waited for by its end alone.
            let held = held_in(&mut self.registry, entry).filter(|held| !self.registry.is_thread(held.node.class));
            let Some(next) = held.map(|held| needed(held, entry)) else { continue };
            let mut outcome = self.judge(block, &[provided], &next, work);
            cacheable &= outcome.cacheable;
            findings.append(&mut outcome.findings);
        }
        work.findings.append(&mut findings);
        work.known = cacheable.then_some(chain);
    }
}

/// What is held, as it was acquired.
fn needed(held: Held, entry: &Entry) -> Acquisition {
    Acquisition {
        node: held.node,
        instance: held.instance,
        want: held.mode.into(),
        manner: manner(entry.how()),
        site: held.site,
        nest: None,
        rank: held.rank,
        reentrant: false,
    }
}
