//! Who does the jobs.

use lockdep::parking_lot::{Mutex, RwLock};
use metrics::Metrics;
use queue::Queue;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::Store;

lockdep::lock_classes! {
    WORKERS = "Pool::workers";
    SLOTS = "Pool::slots";
    RUNNING = "Pool::running";
    RESULTS = "Pool::results";
    HEARTBEATS = "Pool::heartbeats";
    BACKOFF = "Pool::backoff";
    LIMITS = "Pool::limits";
    CANCELLED = "Pool::cancelled";
    HANDLERS = "Pool::handlers";
    LOG = "Pool::log";
}

/// What does a job of a kind.
type Handler = fn(u64) -> bool;

/// The workers.
pub struct Pool {
    workers: RwLock<Vec<u64>>,
    slots: Mutex<usize>,
    running: Mutex<BTreeMap<u64, u64>>,
    results: Mutex<BTreeMap<u64, bool>>,
    heartbeats: Mutex<BTreeMap<u64, u64>>,
    backoff: Mutex<BTreeMap<u64, u64>>,
    limits: RwLock<usize>,
    cancelled: Mutex<BTreeSet<u64>>,
    handlers: RwLock<Vec<Handler>>,
    log: Mutex<Vec<String>>,
    queue: Arc<Queue>,
    store: Arc<Store>,
    metrics: Arc<Metrics>,
}

impl Pool {
    /// So many workers.
    pub fn new(workers: u64, queue: Arc<Queue>, store: Arc<Store>, metrics: Arc<Metrics>) -> Pool {
        Pool {
            workers: RwLock::named(&WORKERS, (0..workers).collect()),
            slots: Mutex::named(&SLOTS, workers as usize),
            running: Mutex::named(&RUNNING, BTreeMap::new()),
            results: Mutex::named(&RESULTS, BTreeMap::new()),
            heartbeats: Mutex::named(&HEARTBEATS, BTreeMap::new()),
            backoff: Mutex::named(&BACKOFF, BTreeMap::new()),
            limits: RwLock::named(&LIMITS, 2),
            cancelled: Mutex::named(&CANCELLED, BTreeSet::new()),
            handlers: RwLock::named(&HANDLERS, vec![|job| job % 5 != 0]),
            log: Mutex::named(&LOG, Vec::new()),
            queue,
            store,
            metrics,
        }
    }

    /// Gives every worker a job, and waits for none.
    pub fn dispatch(&self) -> usize {
        let workers = self.workers.read();
        let mut slots = self.slots.lock();
        let limit = *self.limits.read();
        let mut begun = 0;
        for worker in workers.iter().take(limit.min(*slots)) {
            let mut running = self.running.lock();
            let Some(job) = self.queue.take(*worker) else { break };
            running.insert(job, *worker);
            *self.heartbeats.lock().entry(*worker).or_default() += 1;
            begun += 1;
        }
        *slots -= begun;
        begun
    }

    /// Does a job that was given.
    pub fn work(&self, job: u64) {
        let handlers = self.handlers.read();
        let is_cancelled = self.cancelled.lock().remove(&job);
        let row = self.store.get(job);
        let done = !is_cancelled && row.is_some() && handlers.iter().all(|handler| handler(job));
        let mut running = self.running.lock();
        running.remove(&job);
        self.queue.finish(job, done);
        self.results.lock().insert(job, done);
        if !done {
            *self.backoff.lock().entry(job).or_default() += 1;
        }
        self.metrics.took("job");
        drop(running);
        *self.slots.lock() += 1;
    }

    /// What is running.
    pub fn running(&self) -> Vec<u64> {
        self.running.lock().keys().copied().collect()
    }

    /// Gives a job up.
    pub fn cancel(&self, job: u64) {
        let mut cancelled = self.cancelled.lock();
        cancelled.insert(job);
        self.log.lock().push(format!("{job} is cancelled"));
    }
}

#[test]
fn jobs_are_done() {
    let metrics = Arc::<Metrics>::default();
    let store = Arc::new(Store::new(Arc::clone(&metrics)));
    let queue = Arc::new(Queue::new(Arc::clone(&store), Arc::clone(&metrics)));
    let pool = Pool::new(4, Arc::clone(&queue), store, metrics);
    (1..=6).for_each(|job| queue.push("mail", job, 0));
    pool.cancel(2);
    while pool.dispatch() > 0 {
        pool.running().into_iter().for_each(|job| pool.work(job));
    }
    let done = pool.results.lock().values().filter(|done| **done).count();
    assert_eq!(done, 4);
    assert_eq!(pool.log.lock().len(), 1);
}
