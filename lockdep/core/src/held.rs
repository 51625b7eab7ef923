//! A thread's held stack, for drivers that execute events one by one.

use crate::acquisition::{Held, Instance};
use crate::mode::Mode;
use std::collections::BTreeSet;

/// One acquisition on a held stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What is held.
    pub held: Held,
    /// The name that a scenario gave this acquisition, to release exactly it.
    pub name: Option<String>,
    /// How often a reentrant lock was taken again on top of this acquisition.
    pub again: u32,
}

/// What one thread holds, oldest first. Acquisitions may be released in any order.
#[derive(Clone, Debug, Default)]
pub struct HeldStack {
    entries: Vec<Entry>,
    /// The contexts that are running, outermost first: their names, and where their pseudo-locks are in the stack.
    contexts: Vec<(String, usize)>,
    masked: BTreeSet<String>,
}

impl HeldStack {
    /// The acquisitions, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What the engine wants to see: the held locks alone, since the running context began. What it interrupted is not its
    /// doing.
    #[must_use]
    pub fn held(&self) -> Vec<Held> {
        let base = self.contexts.last().map_or(0, |(_, base)| *base);
        self.entries[base..].iter().map(|entry| entry.held).collect()
    }

    /// A context interrupts; `entry` stands for it.
    pub fn enter(&mut self, name: &str, entry: Entry) {
        self.contexts.push((name.to_owned(), self.entries.len()));
        self.entries.push(entry);
    }

    /// The innermost context is done. Returns what it leaves locked; `None` if another one, or none, is running.
    pub fn exit(&mut self, name: &str) -> Option<Vec<Entry>> {
        let (_, base) = self.contexts.pop_if(|(running, _)| running == name)?;
        Some(self.entries.drain(base..).skip(1).collect())
    }

    /// Keeps a context out, or lets it in again.
    pub fn mask(&mut self, name: &str, masked: bool) {
        match masked {
            true => drop(self.masked.insert(name.to_owned())),
            false => drop(self.masked.remove(name)),
        }
    }

    /// Whether a context could interrupt now: it is not kept out, and not running already.
    #[must_use]
    pub fn can_be_interrupted_by(&self, name: &str) -> bool {
        !self.masked.contains(name) && self.contexts.iter().all(|(running, _)| running != name)
    }

    /// Adds the newest acquisition.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// The newest acquisition of a lock, by name if one is given.
    pub fn newest(&mut self, instance: Instance, name: Option<&str>) -> Option<&mut Entry> {
        let matches =
            |entry: &&mut Entry| entry.held.instance == instance && (name.is_none() || entry.name.as_deref() == name);
        self.entries.iter_mut().rev().find(matches)
    }

    /// Removes the newest acquisition of a lock, by name if one is given.
    pub fn remove(&mut self, instance: Instance, name: Option<&str>) -> Option<Entry> {
        let matches =
            |entry: &Entry| entry.held.instance == instance && (name.is_none() || entry.name.as_deref() == name);
        let place = self.entries.iter().rposition(matches)?;
        self.contexts.iter_mut().filter(|(_, base)| *base > place).for_each(|(_, base)| *base -= 1);
        Some(self.entries.remove(place))
    }

    /// Whether the lock is held in a mode that satisfies `mode`; any mode does if it is `None`.
    #[must_use]
    pub fn holds(&self, instance: Instance, mode: Option<Mode>) -> bool {
        self.entries.iter().any(|entry| {
            let fits = match mode {
                None => true,
                Some(Mode::Write) => entry.held.mode == Mode::Write,
                Some(_) => entry.held.mode != Mode::Write,
            };
            entry.held.instance == instance && fits
        })
    }
}
