//! The chains that the process knows: what no thread has to ask about again.
//!
//! Each thread has a small table of its own in its [`Block`](crate::Block); one that does not find a chain there looks here,
//! still without a lock, before it asks the cold side. The cold side alone adds chains and makes room, one thread at a time.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize};

/// The memory of the table: open addressing over a power of two of chain keys, 0 for a free place.
#[derive(Debug)]
pub struct Table {
    places: &'static [AtomicU64],
    used: AtomicUsize,
}

/// The newest table. Old ones stay readable for ever, because a thread may be reading them.
static TABLE: AtomicPtr<Table> = AtomicPtr::new(std::ptr::null_mut());

impl Table {
    /// A table in this memory.
    ///
    /// # Panics
    /// Unless the number of places is a power of two, and at least two.
    #[must_use]
    pub const fn new(places: &'static [AtomicU64]) -> Table {
        assert!(places.len().is_power_of_two() && places.len() > 1);
        Table { places, used: AtomicUsize::new(0) }
    }

    /// The places from where a key is looked for to the first that is free.
    fn probe(&self, key: u64) -> impl Iterator<Item = &'static AtomicU64> {
        let (places, mask) = (self.places, self.places.len() - 1);
        // The upper bits of a product are the mixed ones.
        let first = (key >> (u64::BITS - places.len().trailing_zeros())) as usize;
        (0..places.len()).map(move |step| &places[(first + step) & mask])
    }

    fn has(&self, key: u64) -> bool {
        let known = self.probe(key).map(|place| place.load(Relaxed)).find(|&known| known == 0 || known == key);
        known.is_some_and(|known| known != 0)
    }

    fn add(&self, key: u64) {
        if let Some(place) =
            self.probe(key).find(|place| matches!(place.load(Relaxed), 0) || place.load(Relaxed) == key)
        {
            if place.load(Relaxed) != key {
                place.store(key, Relaxed);
                self.used.store(self.used.load(Relaxed) + 1, Relaxed);
            }
        }
    }
}

fn table() -> Option<&'static Table> {
    // SAFETY: null, or what `grow` made from a `&'static Table`. Pairs with its release.
    unsafe { TABLE.load(Acquire).cast_const().as_ref() }
}

/// Whether the process knows a chain.
pub(crate) fn has(key: u64) -> bool {
    table().is_some_and(|table| table.has(key))
}

/// How many places the next table needs, if the one in use is half full. The cold side's, serialised.
#[must_use]
pub fn wanted() -> Option<usize> {
    match table() {
        None => Some(1 << 10),
        Some(table) => (table.used.load(Relaxed) * 2 >= table.places.len()).then(|| table.places.len() * 2),
    }
}

/// Goes on with a larger table. The cold side's, serialised.
pub fn grow(larger: &'static Table) {
    for place in table().map_or(&[][..], |table| table.places) {
        match place.load(Relaxed) {
            0 => {}
            key => larger.add(key),
        }
    }
    // Pairs with the acquire in `table`: who finds the table sees what is in it.
    TABLE.store(std::ptr::from_ref(larger).cast_mut(), Release);
}

/// Makes a chain known, if there is room. The cold side's, serialised.
pub fn add(key: u64) {
    if let Some(table) = table() {
        table.add(key);
    }
}

/// Forgets all chains; what threads remember of them is theirs to [forget](crate::Block::forget). The cold side's, serialised.
pub fn clear() {
    if let Some(table) = table() {
        table.places.iter().for_each(|place| place.store(0, Relaxed));
        table.used.store(0, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table_of(places: usize) -> Table {
        Table::new(Box::leak((0..places).map(|_| AtomicU64::new(0)).collect::<Box<_>>()))
    }

    #[test]
    fn keys_that_collide_are_all_found() {
        let table = table_of(16);
        let keys: Vec<u64> = (1..=8).map(|low| 0xf << 60 | low).collect();
        keys.iter().for_each(|&key| table.add(key));
        keys.iter().for_each(|&key| table.add(key));
        assert!(keys.iter().all(|&key| table.has(key)));
        assert_eq!(table.used.load(Relaxed), 8, "a key is counted once");
        assert!(!table.has(0xf << 60 | 9) && !table.has(0));
    }

    #[test]
    fn a_full_table_ends_its_search() {
        let table = table_of(2);
        [1, 2, 3].into_iter().for_each(|key| table.add(key));
        assert!(table.has(1) && table.has(2) && !table.has(3));
    }
}
