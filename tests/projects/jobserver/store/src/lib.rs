//! What survives a restart: a log before a table, and a cache before both.

use lockdep::parking_lot::{Mutex, RwLock};
use metrics::Metrics;
use std::collections::BTreeMap;
use std::sync::Arc;

lockdep::lock_classes! {
    CATALOG = "Store::catalog";
    TABLE = "Store::table";
    INDEX = "Store::index";
    CACHE = "Store::cache";
    WAL = "Store::wal";
    SEGMENTS = "Store::segments";
    CHECKPOINT = "Store::checkpoint";
    FREE = "Store::free";
    QUOTA = "Store::quota";
    BACKUPS = "Store::backups";
}

/// The store.
pub struct Store {
    catalog: RwLock<Vec<&'static str>>,
    table: RwLock<BTreeMap<u64, String>>,
    index: RwLock<BTreeMap<String, u64>>,
    cache: Mutex<BTreeMap<u64, String>>,
    wal: Mutex<Vec<u64>>,
    segments: Mutex<usize>,
    checkpoint: Mutex<usize>,
    free: Mutex<Vec<u64>>,
    quota: Mutex<usize>,
    backups: Mutex<Vec<usize>>,
    metrics: Arc<Metrics>,
}

impl Store {
    /// An empty store.
    pub fn new(metrics: Arc<Metrics>) -> Store {
        Store {
            catalog: RwLock::named(&CATALOG, vec!["jobs"]),
            table: RwLock::named(&TABLE, BTreeMap::new()),
            index: RwLock::named(&INDEX, BTreeMap::new()),
            cache: Mutex::named(&CACHE, BTreeMap::new()),
            wal: Mutex::named(&WAL, Vec::new()),
            segments: Mutex::named(&SEGMENTS, 1),
            checkpoint: Mutex::named(&CHECKPOINT, 0),
            free: Mutex::named(&FREE, Vec::new()),
            quota: Mutex::named(&QUOTA, 1000),
            backups: Mutex::named(&BACKUPS, Vec::new()),
            metrics,
        }
    }

    /// Writes a row.
    pub fn put(&self, key: u64, value: &str) -> bool {
        let _catalog = self.catalog.read();
        let mut table = self.table.write();
        {
            let mut quota = self.quota.lock();
            let Some(left) = quota.checked_sub(value.len()) else { return false };
            *quota = left;
        }
        let mut wal = self.wal.lock();
        wal.push(self.free.lock().pop().unwrap_or(key));
        if wal.len() % 8 == 0 {
            *self.segments.lock() += 1;
            self.metrics.count("segments");
        }
        drop(wal);
        self.index.write().insert(value.to_owned(), key);
        self.cache.lock().remove(&key);
        table.insert(key, value.to_owned());
        self.metrics.count("puts");
        true
    }

    /// Reads a row.
    pub fn get(&self, key: u64) -> Option<String> {
        let table = self.table.read();
        let mut cache = self.cache.lock();
        self.metrics.count("gets");
        let value = table.get(&key)?;
        Some(cache.entry(key).or_insert_with(|| value.clone()).clone())
    }

    /// The row with this value.
    pub fn find(&self, value: &str) -> Option<u64> {
        let _table = self.table.read();
        self.index.read().get(value).copied()
    }

    /// Removes a row.
    pub fn remove(&self, key: u64) {
        let mut table = self.table.write();
        let Some(value) = table.remove(&key) else { return };
        self.index.write().remove(&value);
        self.cache.lock().remove(&key);
        self.free.lock().push(key);
        *self.quota.lock() += value.len();
    }

    /// Makes the log short.
    pub fn checkpoint(&self) {
        let catalog = self.catalog.write();
        let mut checkpoint = self.checkpoint.lock();
        let table = self.table.read();
        let mut wal = self.wal.lock();
        *checkpoint += wal.len();
        wal.clear();
        *self.segments.lock() = 1;
        self.backups.lock().push(table.len() * catalog.len());
        self.metrics.took("checkpoint");
    }
}

#[test]
fn rows_come_and_go() {
    let store = Store::new(Arc::default());
    assert!((0..20).all(|key| store.put(key, &format!("row {key}"))));
    assert_eq!((store.get(3).as_deref(), store.find("row 4")), (Some("row 3"), Some(4)));
    store.remove(3);
    store.checkpoint();
    assert_eq!((store.get(3), *store.checkpoint.lock()), (None, 20));
    assert!(!store.put(99, &"x".repeat(2000)));
}
