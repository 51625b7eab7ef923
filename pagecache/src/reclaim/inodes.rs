//! Which files go that nobody uses: `prune_icache_sb`.
//!
//! They are looked at in the order in which they came into memory. One that was looked for since, is used, or has pages goes around again;
//! pages go first, and then their file. A file whose name is gone is dropped from the queue where it is come by.

use crate::icache::{Eviction, InodeCache};
use crate::locks::INODE_LRU_LOCK;
use crate::sync::Mutex;
use std::collections::VecDeque;
use std::sync::Weak;

/// The files with names that are in memory: `s_inode_lru`, for all mounts that share a limit.
#[derive(Debug)]
pub(super) struct InodeLru {
    lru_lock: Mutex<VecDeque<Entry>>,
}

#[derive(Debug)]
struct Entry {
    cache: Weak<InodeCache>,
    ino: u64,
}

impl InodeLru {
    pub(super) fn new() -> InodeLru {
        InodeLru { lru_lock: Mutex::named(&INODE_LRU_LOCK, VecDeque::new()) }
    }

    /// Takes in a file. Returns how many there are.
    #[track_caller]
    pub(super) fn add(&self, cache: &Weak<InodeCache>, ino: u64) -> usize {
        let mut entries = self.lru_lock.lock();
        entries.push_back(Entry { cache: Weak::clone(cache), ino });
        entries.len()
    }

    pub(super) fn len(&self) -> usize {
        self.lru_lock.lock().len()
    }

    /// Looks at up to `count` files and evicts those that can go. Called in reclaim.
    #[track_caller]
    pub(super) fn prune(&self, count: usize) {
        let isolated: Vec<Entry> = {
            let mut entries = self.lru_lock.lock();
            let count = count.min(entries.len());
            entries.drain(..count).collect()
        };
        let mut kept = isolated;
        kept.retain(|entry| match entry.cache.upgrade() {
            Some(cache) => cache.evict(entry.ino, true) == Eviction::Kept,
            None => false,
        });
        if !kept.is_empty() {
            self.lru_lock.lock().extend(kept);
        }
    }
}
