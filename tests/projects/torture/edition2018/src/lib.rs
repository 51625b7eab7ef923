//! Uniform paths, groups and globs.

use std::{
    collections::HashMap,
    sync::{self, atomic::AtomicUsize, *},
};

/// A cache.
#[derive(Debug, Default)]
pub struct Cache {
    entries: RwLock<HashMap<u32, Arc<Mutex<u32>>>>,
    hits: AtomicUsize,
}

impl Cache {
    /// The entry for a key.
    pub fn get(&self, key: u32) -> Arc<sync::Mutex<u32>> {
        self.hits.fetch_add(1, sync::atomic::Ordering::Relaxed);
        if let Some(entry) = self.entries.read().unwrap().get(&key) {
            return Arc::clone(entry);
        }
        Arc::clone(self.entries.write().unwrap().entry(key).or_default())
    }
}

#[test]
fn entries_are_shared() {
    let cache = Cache::default();
    *cache.get(1).lock().unwrap() += 1;
    assert_eq!(*cache.get(1).lock().unwrap(), 1);
    assert!(format!("{:?}", cache).contains("RwLock"));
}
