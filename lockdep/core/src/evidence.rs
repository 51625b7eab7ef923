//! The evidence behind one dependency: a set of occurrences, joined by union.
//!
//! Joining is commutative, associative and idempotent, so logs can be merged in any order and any number of times:
//! occurrences are never reduced while they are few, and once there are more than [`SAMPLES`] different ones the
//! smallest are kept and the set is *saturated*. A saturated set excuses nothing: it counts as seen unguarded too.

use crate::acquisition::{Acquisition, Held, Instance};
use crate::class::{ClassRegistry, Node, SiteId};
use crate::mode::{Manner, Mode, TIMED_BLOCKS_FROM_MS, Want};
use crate::rule::rule;
use crate::segment::Phase;
use std::cmp::Ordering;

/// How many different occurrences of one dependency are kept.
pub const SAMPLES: usize = 32;

/// One observed acquisition, seen from one of the locks that were held then.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// The held lock.
    pub held: Held,
    /// The wanted lock.
    pub next: Acquisition,
    /// Everything else that was held, oldest first.
    pub others: Box<[Held]>,
    /// Index of the actor in the engine's table.
    pub actor: u32,
    /// When it happened; part of the evidence's identity.
    pub phase: Phase,
}

impl Occurrence {
    /// Compares what two occurrences say, sites and threads left out: equal ones are one piece of evidence.
    fn compare(&self, other: &Occurrence) -> Ordering {
        fn brief(held: &Held) -> impl Ord + use<> {
            (held.node, held.instance, held.mode, held.may_have_left)
        }
        fn whole(seen: &Occurrence) -> impl Ord + use<> {
            let next = (seen.next.node, seen.next.instance, seen.next.want, seen.is_short_timed());
            (brief(&seen.held), next, seen.phase)
        }
        let others = || self.others.iter().map(brief).cmp(other.others.iter().map(brief));
        whole(self).cmp(&whole(other)).then_with(others)
    }

    /// Whether the wait ends by itself soon, so that it cannot complete a deadlock.
    #[must_use]
    pub fn is_short_timed(&self) -> bool {
        matches!(self.next.manner, Manner::Timed(ms) if ms < TIMED_BLOCKS_FROM_MS)
    }

    /// A lock that both occurrences hold in modes that exclude each other, so that the two cannot happen at the same
    /// time. Nodes that are exempt do not count.
    #[must_use]
    pub fn gate(&self, other: &Occurrence, is_exempt: impl Fn(Node) -> bool) -> Option<Node> {
        let excludes =
            |mine: &Held, theirs: &Held| mine.as_gate() == theirs.as_gate() && shuts_out(mine.mode, theirs.mode);
        let shared = |mine: &&Held| other.gates(&is_exempt).any(|theirs| excludes(mine, theirs));
        self.gates(&is_exempt).find(shared).map(|mine| mine.node)
    }

    /// What is held that could be a gate.
    pub(crate) fn gates(&self, is_exempt: impl Fn(Node) -> bool) -> impl Iterator<Item = &Held> {
        self.all_held().filter(move |held| !held.may_have_left && !is_exempt(held.node))
    }

    /// Whether this lock is held in this mode.
    #[must_use]
    pub fn holds(&self, instance: Instance, mode: Mode) -> bool {
        self.all_held().any(|held| held.instance == instance && held.mode == mode && !held.may_have_left)
    }

    fn all_held(&self) -> impl Iterator<Item = &Held> {
        self.others.iter().chain([&self.held])
    }

    /// An order over everything that is printed, so that equal evidence prints equally whatever came first.
    fn print_key<'a>(&self, registry: &'a ClassRegistry) -> (&'a crate::class::Site, &'a crate::class::Site) {
        let site = |id: SiteId| registry.site_at(id);
        (site(self.held.site), site(self.next.site))
    }
}

/// What two holds have in common that can be one gate.
pub(crate) type GateKey = (Option<Instance>, Option<Node>);

impl Held {
    /// What it is as a gate.
    pub(crate) fn as_gate(&self) -> GateKey {
        match rule!("a gate is one instance", true) {
            true => (Some(self.instance), None),
            false => (None, Some(self.node)),
        }
    }
}

/// Whether nobody can hold a gate in one of these modes while it is held in the other.
pub(crate) fn shuts_out(one: Mode, other: Mode) -> bool {
    one.excludes(other) || !rule!("readers are no gate", true)
}

/// The evidence of one dependency.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    occurrences: Vec<Occurrence>,
    saturated: bool,
    pairs: PairSet,
}

impl Evidence {
    /// Takes in one occurrence. Returns whether the evidence changed.
    pub fn join(&mut self, new: Occurrence, registry: &ClassRegistry) -> bool {
        let mut changed = self.pairs.insert(new.held.mode, new.next.want);
        match self.occurrences.binary_search_by(|known| known.compare(&new)) {
            Ok(place) => {
                let known = &mut self.occurrences[place];
                if new.print_key(registry) < known.print_key(registry) {
                    *known = new;
                }
            }
            Err(SAMPLES) => {
                changed |= !self.saturated;
                self.saturated = true;
            }
            Err(place) => {
                changed = true;
                // Most dependencies have one occurrence for ever.
                if self.occurrences.is_empty() {
                    self.occurrences.reserve_exact(1);
                }
                self.occurrences.insert(place, new);
                if self.occurrences.len() > SAMPLES {
                    self.occurrences.pop();
                    self.saturated = true;
                }
            }
        }
        changed
    }

    /// The occurrences kept.
    #[must_use]
    pub fn occurrences(&self) -> &[Occurrence] {
        &self.occurrences
    }

    /// Whether more samples would still be taken in.
    #[must_use]
    pub fn wants_samples(&self) -> bool {
        !self.saturated && self.occurrences.len() < SAMPLES
    }

    /// Whether there were more different occurrences than are kept.
    #[must_use]
    pub fn is_saturated(&self) -> bool {
        self.saturated
    }

    /// All combinations of held mode and want that were seen.
    #[must_use]
    pub fn pairs(&self) -> PairSet {
        self.pairs
    }
}

/// A set of (held mode, want) combinations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairSet(u32);

impl PairSet {
    fn bit(held: Mode, want: Want) -> u32 {
        1 << (held as u32 * Want::ALL.len() as u32 + want as u32)
    }

    /// Adds a combination. Returns whether it is new.
    pub fn insert(&mut self, held: Mode, want: Want) -> bool {
        let bit = Self::bit(held, want);
        let new = self.0 & bit == 0;
        self.0 |= bit;
        new
    }

    /// Whether the combination was seen.
    #[must_use]
    pub fn contains(self, held: Mode, want: Want) -> bool {
        self.0 & Self::bit(held, want) != 0
    }

    /// All combinations in the set.
    pub fn iter(self) -> impl Iterator<Item = (Mode, Want)> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let bit = (left != 0).then_some(left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some((Mode::ALL[bit / Want::ALL.len()], Want::ALL[bit % Want::ALL.len()]))
        })
    }
}

impl FromIterator<(Mode, Want)> for PairSet {
    fn from_iter<I: IntoIterator<Item = (Mode, Want)>>(pairs: I) -> PairSet {
        let mut set = PairSet::default();
        for (held, want) in pairs {
            set.insert(held, want);
        }
        set
    }
}
