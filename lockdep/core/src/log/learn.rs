//! The first pass over a log: its classes, and how many locks there are of each, which everything else is understood by.

use super::{ClassRecord, Record};
use crate::class::{ClassId, ClassRegistry};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// How many locks of a class are told apart where no line says how many there are; any number above one is judged alike, and a
/// log of any length fits into memory.
const TOLD_APART: usize = 1024;

/// What was learnt about one process, by whatever number of logs.
#[derive(Default)]
pub(super) struct Process {
    pub(super) acquisitions: Option<u64>,
    instances: BTreeMap<ClassId, u64>,
    seen: FxHashMap<ClassId, FxHashSet<u64>>,
}

impl Process {
    /// How many instances of a class it had: what it said last, or, where that line was lost, what its chains show, up to
    /// [`TOLD_APART`].
    fn count(&self, class: ClassId) -> Option<u64> {
        let seen = self.seen.get(&class).map(|serials| serials.len() as u64);
        self.instances.get(&class).copied().max(seen)
    }
}

/// What the first pass over one log collects, by the log's own numbers.
#[derive(Default)]
pub(super) struct First {
    classes: Vec<ClassRecord>,
    instances: FxHashMap<u32, u64>,
    seen: FxHashMap<u32, FxHashSet<u64>>,
    acquisitions: Option<u64>,
    facts: Vec<Record>,
    dropped: bool,
}

impl First {
    /// Takes in one record, and keeps it if it is a fact and there is room.
    pub(super) fn take(&mut self, record: Record, room: &mut usize) {
        match record {
            Record::Class(class) => self.classes.push(class),
            Record::Instances { class, n } => {
                let total = self.instances.entry(class).or_default();
                *total = (*total).max(n);
            }
            Record::Exit { acquisitions } => self.acquisitions = self.acquisitions.max(Some(acquisitions)),
            Record::Chain(_) | Record::Fault { .. } | Record::Segment(_) => {
                if let Record::Chain(chain) = &record {
                    let held = chain.held.iter().map(|held| (held.class, held.instance));
                    for (class, serial) in held.chain([(chain.next.class, chain.next.instance)]) {
                        let seen = self.seen.entry(class).or_default();
                        if seen.len() < TOLD_APART {
                            seen.insert(serial);
                        }
                    }
                }
                self.keep(record, room);
            }
            Record::Finding { .. } => {}
        }
    }

    fn keep(&mut self, record: Record, room: &mut usize) {
        if *room == 0 {
            self.dropped = true;
            self.facts = Vec::new();
        } else if !self.dropped {
            *room -= 1;
            self.facts.push(record);
        }
    }

    /// Enters the classes, of which one is static only if every log says so, and adds the totals to the process's;
    /// running totals only grow, so the largest is the last. Returns the meaning of the log's numbers, and its facts.
    pub(super) fn learn(
        self,
        registry: &mut ClassRegistry,
        process: &mut Process,
    ) -> (FxHashMap<u32, ClassId>, Option<Vec<Record>>) {
        let mut classes = FxHashMap::default();
        for class in self.classes {
            let known = registry.len();
            let (number, is_static, novalidate, wait) = (class.id, class.is_static, class.novalidate, class.wait);
            let id = registry.register(class.identity());
            let is_new = registry.len() > known;
            let entry = registry.get_mut(id);
            entry.is_static = is_static && (is_new || entry.is_static);
            entry.novalidate |= novalidate;
            entry.wait = entry.wait.or(wait);
            classes.insert(number, id);
        }
        // Two numbers may turn out to be one class, as elements of a static array do.
        let mut totals: BTreeMap<ClassId, u64> = BTreeMap::new();
        for (class, n) in self.instances {
            if let Some(&id) = classes.get(&class) {
                let total = totals.entry(id).or_default();
                *total = total.saturating_add(n);
            }
        }
        for (id, n) in totals {
            let total = process.instances.entry(id).or_default();
            *total = (*total).max(n);
        }
        for (class, serials) in self.seen {
            if let Some(&id) = classes.get(&class) {
                let seen = process.seen.entry(id).or_default();
                let room = TOLD_APART.saturating_sub(seen.len());
                seen.extend(serials.into_iter().take(room));
            }
        }
        process.acquisitions = process.acquisitions.max(self.acquisitions);
        (classes, (!self.dropped).then_some(self.facts))
    }
}

/// A sum that ends at the largest number, whatever a log claims.
pub(super) fn total(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(0, u64::saturating_add)
}

/// Counts the instances of every class over all processes. Returns, by class, whether its one instance is the same lock
/// in every process: it is static, and no process has two of it, which could not be told apart.
pub(super) fn count_instances(registry: &mut ClassRegistry, processes: &[Process]) -> Vec<bool> {
    let ids: Vec<ClassId> = registry.iter().map(|(id, _)| id).collect();
    let mut shared = Vec::with_capacity(ids.len());
    for id in ids {
        let counts = || processes.iter().filter_map(|process| process.count(id));
        let is_shared = registry.get(id).is_static && counts().all(|count| count <= 1);
        let total = if is_shared { counts().max().unwrap_or(0) } else { total(counts()) };
        registry.get_mut(id).instances = total;
        shared.push(is_shared);
    }
    shared
}
