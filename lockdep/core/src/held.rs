//! A thread's held stack, for drivers that execute events one by one.

use crate::acquisition::{Held, Instance};
use crate::mode::Mode;

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
}

impl HeldStack {
    /// The acquisitions, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What the engine wants to see: the held locks alone.
    #[must_use]
    pub fn held(&self) -> Vec<Held> {
        self.entries.iter().map(|entry| entry.held).collect()
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
