//! Jobs that wait: ready, delayed, leased, dead.

use lockdep::parking_lot::{Mutex, RwLock};
use metrics::Metrics;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use store::Store;

lockdep::lock_classes! {
    TOPICS = "Queue::topics";
    READY = "Queue::ready";
    DELAYED = "Queue::delayed";
    LEASES = "Queue::leases";
    DEAD = "Queue::dead";
    RETRIES = "Queue::retries";
    PRIORITIES = "Queue::priorities";
    TICKS = "Queue::ticks";
    LISTENERS = "Queue::listeners";
    HISTORY = "Queue::history";
}

/// The queue.
pub struct Queue {
    topics: RwLock<BTreeMap<&'static str, u64>>,
    ready: Mutex<VecDeque<u64>>,
    delayed: Mutex<BTreeMap<u64, Vec<u64>>>,
    leases: Mutex<BTreeMap<u64, u64>>,
    dead: Mutex<Vec<u64>>,
    retries: Mutex<BTreeMap<u64, u32>>,
    priorities: RwLock<BTreeMap<u64, u8>>,
    ticks: Mutex<u64>,
    listeners: RwLock<Vec<fn(u64)>>,
    history: Mutex<Vec<u64>>,
    store: Arc<Store>,
    metrics: Arc<Metrics>,
}

impl Queue {
    /// An empty queue.
    pub fn new(store: Arc<Store>, metrics: Arc<Metrics>) -> Queue {
        Queue {
            topics: RwLock::named(&TOPICS, BTreeMap::new()),
            ready: Mutex::named(&READY, VecDeque::new()),
            delayed: Mutex::named(&DELAYED, BTreeMap::new()),
            leases: Mutex::named(&LEASES, BTreeMap::new()),
            dead: Mutex::named(&DEAD, Vec::new()),
            retries: Mutex::named(&RETRIES, BTreeMap::new()),
            priorities: RwLock::named(&PRIORITIES, BTreeMap::new()),
            ticks: Mutex::named(&TICKS, 0),
            listeners: RwLock::named(&LISTENERS, vec![|_| ()]),
            history: Mutex::named(&HISTORY, Vec::new()),
            store,
            metrics,
        }
    }

    /// A job for later, or for now.
    pub fn push(&self, topic: &'static str, job: u64, after: u64) {
        let mut topics = self.topics.write();
        *topics.entry(topic).or_default() += 1;
        if after > 0 {
            let mut delayed = self.delayed.lock();
            let due = *self.ticks.lock() + after;
            delayed.entry(due).or_default().push(job);
            return;
        }
        let mut ready = self.ready.lock();
        match self.priorities.read().get(&job) {
            Some(0) | None => ready.push_back(job),
            Some(_) => ready.push_front(job),
        }
        self.store.put(job, &format!("{topic} {job}"));
        self.metrics.set("ready", ready.len() as i64);
        self.listeners.read().iter().for_each(|listener| listener(job));
    }

    /// What is due becomes ready.
    pub fn tick(&self) {
        let mut delayed = self.delayed.lock();
        let mut ready = self.ready.lock();
        let mut ticks = self.ticks.lock();
        *ticks += 1;
        let later = delayed.split_off(&(*ticks + 1));
        ready.extend(std::mem::replace(&mut *delayed, later).into_values().flatten());
    }

    /// A job to be done.
    pub fn take(&self, worker: u64) -> Option<u64> {
        let job = self.ready.lock().pop_front()?;
        let mut leases = self.leases.lock();
        leases.insert(job, worker);
        self.metrics.count("leases");
        Some(job)
    }

    /// A job that was done, or that failed once more.
    pub fn finish(&self, job: u64, done: bool) {
        let mut leases = self.leases.lock();
        leases.remove(&job);
        if done {
            self.history.lock().push(job);
            self.store.remove(job);
            return;
        }
        let mut retries = self.retries.lock();
        let tries = retries.entry(job).or_default();
        *tries += 1;
        if *tries > 2 {
            self.dead.lock().push(job);
            self.metrics.count("dead");
        }
    }
}

#[test]
fn jobs_are_taken_in_turn() {
    let metrics = Arc::<Metrics>::default();
    let queue = Queue::new(Arc::new(Store::new(Arc::clone(&metrics))), metrics);
    queue.priorities.write().insert(2, 1);
    [(1, 0), (2, 0), (3, 1)].into_iter().for_each(|(job, after)| queue.push("mail", job, after));
    queue.tick();
    assert_eq!([queue.take(7), queue.take(7), queue.take(7), queue.take(7)], [Some(2), Some(1), Some(3), None]);
    queue.finish(1, true);
    (0..3).for_each(|_| queue.finish(3, false));
    assert_eq!(queue.dead.lock().len(), 1);
    assert_eq!(queue.history.lock().len(), 1);
}
