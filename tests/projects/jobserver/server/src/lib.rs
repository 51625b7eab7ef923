//! What the outside sees.

use lockdep::parking_lot::{Mutex, RwLock};
use metrics::Metrics;
use queue::Queue;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Store;
use worker::Pool;

lockdep::lock_classes! {
    CONFIG = "Server::config";
    SESSIONS = "Server::sessions";
    USERS = "Server::users";
    TOKENS = "Server::tokens";
    ROUTES = "Server::routes";
    RATES = "Server::rates";
    AUDIT = "Server::audit";
    WEBHOOKS = "Server::webhooks";
    UPLOADS = "Server::uploads";
    NUMBERS = "Server::numbers";
}

/// The server.
pub struct Server {
    config: RwLock<u32>,
    sessions: RwLock<BTreeMap<u64, u64>>,
    users: RwLock<BTreeMap<u64, &'static str>>,
    tokens: Mutex<Vec<u64>>,
    routes: RwLock<Vec<&'static str>>,
    rates: Mutex<BTreeMap<u64, u32>>,
    audit: Mutex<Vec<String>>,
    webhooks: RwLock<Vec<fn(u64)>>,
    uploads: Mutex<BTreeMap<u64, Vec<u8>>>,
    numbers: Mutex<u64>,
    pool: Arc<Pool>,
    queue: Arc<Queue>,
    store: Arc<Store>,
    metrics: Arc<Metrics>,
}

impl Server {
    /// A server with everything behind it.
    pub fn new() -> Server {
        let metrics = Arc::<Metrics>::default();
        let store = Arc::new(Store::new(Arc::clone(&metrics)));
        let queue = Arc::new(Queue::new(Arc::clone(&store), Arc::clone(&metrics)));
        let pool = Arc::new(Pool::new(4, Arc::clone(&queue), Arc::clone(&store), Arc::clone(&metrics)));
        Server {
            config: RwLock::named(&CONFIG, 10),
            sessions: RwLock::named(&SESSIONS, BTreeMap::new()),
            users: RwLock::named(&USERS, BTreeMap::from([(1, "ada"), (2, "grace")])),
            tokens: Mutex::named(&TOKENS, vec![11, 12]),
            routes: RwLock::named(&ROUTES, vec!["mail", "image"]),
            rates: Mutex::named(&RATES, BTreeMap::new()),
            audit: Mutex::named(&AUDIT, Vec::new()),
            webhooks: RwLock::named(&WEBHOOKS, vec![|_| ()]),
            uploads: Mutex::named(&UPLOADS, BTreeMap::new()),
            numbers: Mutex::named(&NUMBERS, 0),
            pool,
            queue,
            store,
            metrics,
        }
    }

    /// A session for a user who has a token.
    pub fn login(&self, user: u64) -> Option<u64> {
        let mut sessions = self.sessions.write();
        let users = self.users.read();
        let name = users.get(&user)?;
        let token = self.tokens.lock().pop()?;
        sessions.insert(token, user);
        self.audit.lock().push(format!("{name} is here"));
        Some(token)
    }

    /// Takes a job.
    pub fn submit(&self, session: u64, route: &'static str, payload: &[u8]) -> Option<u64> {
        let config = self.config.read();
        let sessions = self.sessions.read();
        let user = *sessions.get(&session)?;
        self.routes.read().iter().find(|known| **known == route)?;
        let mut rates = self.rates.lock();
        let rate = rates.entry(user).or_default();
        *rate += 1;
        if *rate > *config {
            self.metrics.count("refused");
            return None;
        }
        let mut numbers = self.numbers.lock();
        *numbers += 1;
        self.uploads.lock().insert(*numbers, payload.to_owned());
        self.queue.push(route, *numbers, payload.len() as u64 % 2);
        Some(*numbers)
    }

    /// One round of everything.
    pub fn turn(&self) {
        self.queue.tick();
        self.pool.dispatch();
        for job in self.pool.running() {
            self.pool.work(job);
            let webhooks = self.webhooks.read();
            self.uploads.lock().remove(&job);
            webhooks.iter().for_each(|hook| hook(job));
        }
        self.metrics.flush();
    }

    /// Ends a session, and a job with it.
    pub fn logout(&self, session: u64, job: u64) {
        let mut sessions = self.sessions.write();
        sessions.remove(&session);
        self.tokens.lock().push(session);
        self.pool.cancel(job);
    }

    /// Other limits, in a store that has been tidied up.
    pub fn reload(&self, rate: u32) {
        let mut config = self.config.write();
        *config = rate;
        self.store.checkpoint();
        self.rates.lock().clear();
    }
}

impl Default for Server {
    fn default() -> Server {
        Server::new()
    }
}
