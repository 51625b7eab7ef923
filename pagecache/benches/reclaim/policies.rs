//! Policies as plain models: which keys a cache has, and nothing else.

use std::collections::{BTreeSet, HashMap, VecDeque};

/// A cache as far as hits go.
pub(crate) trait Policy {
    /// Uses a key, and brings it in if it is not there. Returns whether it was.
    fn access(&mut self, key: u64) -> bool;
}

/// The least recently used one goes.
pub(crate) struct Lru {
    limit: usize,
    now: u64,
    used: HashMap<u64, u64>,
    order: BTreeSet<(u64, u64)>,
}

impl Lru {
    pub(crate) fn new(limit: usize) -> Lru {
        Lru { limit, now: 0, used: HashMap::new(), order: BTreeSet::new() }
    }
}

impl Policy for Lru {
    fn access(&mut self, key: u64) -> bool {
        self.now += 1;
        let before = self.used.insert(key, self.now);
        match before {
            Some(before) => drop(self.order.remove(&(before, key))),
            None if self.order.len() == self.limit => {
                let (_, oldest) = self.order.pop_first().expect("it is full");
                self.used.remove(&oldest);
            }
            None => {}
        }
        self.order.insert((self.now, key));
        before.is_some()
    }
}

/// The oldest one goes that was not used since it was looked at last.
pub(crate) struct Clock {
    limit: usize,
    used: HashMap<u64, bool>,
    queue: VecDeque<u64>,
}

impl Clock {
    pub(crate) fn new(limit: usize) -> Clock {
        Clock { limit, used: HashMap::new(), queue: VecDeque::new() }
    }
}

impl Policy for Clock {
    fn access(&mut self, key: u64) -> bool {
        if let Some(used) = self.used.get_mut(&key) {
            *used = true;
            return true;
        }
        while self.queue.len() >= self.limit {
            let oldest = self.queue.pop_front().expect("it is full");
            match self.used.insert(oldest, false) {
                Some(true) => self.queue.push_back(oldest),
                _ => drop(self.used.remove(&oldest)),
            }
        }
        self.queue.push_back(key);
        self.used.insert(key, false);
        false
    }
}

/// As CLOCK, but the hand does not move what it passes: new keys come in behind it (Zhang et al., NSDI 2024).
pub(crate) struct Sieve {
    limit: usize,
    used: HashMap<u64, bool>,
    /// From the newest to the oldest.
    queue: Vec<u64>,
    hand: usize,
}

impl Sieve {
    pub(crate) fn new(limit: usize) -> Sieve {
        Sieve { limit, used: HashMap::new(), queue: Vec::new(), hand: 0 }
    }
}

impl Policy for Sieve {
    fn access(&mut self, key: u64) -> bool {
        if let Some(used) = self.used.get_mut(&key) {
            *used = true;
            return true;
        }
        if self.queue.len() == self.limit {
            // The vector begins with the oldest, and the hand goes up.
            loop {
                self.hand %= self.queue.len();
                let used = self.used.get_mut(&self.queue[self.hand]).expect("it is in the queue");
                if !std::mem::take(used) {
                    break;
                }
                self.hand += 1;
            }
            let gone = self.queue.remove(self.hand);
            self.used.remove(&gone);
        }
        self.queue.push(key);
        self.used.insert(key, false);
        false
    }
}

/// A small queue, a main queue and a queue of ghosts (Yang et al., SOSP 2023), as the paper has it.
pub(crate) struct S3Fifo {
    limit: usize,
    uses: HashMap<u64, u8>,
    small: VecDeque<u64>,
    main: VecDeque<u64>,
    ghosts: VecDeque<u64>,
}

impl S3Fifo {
    pub(crate) fn new(limit: usize) -> S3Fifo {
        let [small, main, ghosts] = [(); 3].map(|()| VecDeque::new());
        S3Fifo { limit, uses: HashMap::new(), small, main, ghosts }
    }

    fn evict(&mut self) {
        while !self.small.is_empty() && (self.small.len() * 10 > self.limit || self.main.is_empty()) {
            let key = self.small.pop_front().expect("it is not empty");
            if self.uses[&key] > 1 {
                self.uses.insert(key, 0);
                self.main.push_back(key);
                continue;
            }
            self.uses.remove(&key);
            self.ghosts.push_back(key);
            if self.ghosts.len() > self.limit * 9 / 10 {
                self.ghosts.pop_front();
            }
            return;
        }
        while let Some(key) = self.main.pop_front() {
            let uses = self.uses.get_mut(&key).expect("it is in the queue");
            if *uses == 0 {
                self.uses.remove(&key);
                return;
            }
            *uses -= 1;
            self.main.push_back(key);
        }
    }
}

impl Policy for S3Fifo {
    fn access(&mut self, key: u64) -> bool {
        if let Some(uses) = self.uses.get_mut(&key) {
            *uses = 3.min(*uses + 1);
            return true;
        }
        if self.small.len() + self.main.len() == self.limit {
            self.evict();
        }
        match self.ghosts.iter().position(|ghost| *ghost == key) {
            Some(at) => {
                self.ghosts.remove(at);
                self.main.push_back(key);
            }
            None => self.small.push_back(key),
        }
        self.uses.insert(key, 0);
        false
    }
}

/// The one goes that is used last of all, which only who knows the future can tell: no policy is better.
pub(crate) struct Belady {
    limit: usize,
    at: usize,
    /// For each access, when the same key comes next.
    next: Vec<usize>,
    cached: HashMap<u64, usize>,
    order: BTreeSet<(usize, u64)>,
}

impl Belady {
    pub(crate) fn new(limit: usize, trace: &[u64]) -> Belady {
        let mut later = HashMap::new();
        let mut next: Vec<usize> =
            (0..trace.len()).rev().map(|at| later.insert(trace[at], at).unwrap_or(usize::MAX)).collect();
        next.reverse();
        Belady { limit, at: 0, next, cached: HashMap::new(), order: BTreeSet::new() }
    }
}

impl Policy for Belady {
    fn access(&mut self, key: u64) -> bool {
        let next = self.next[self.at];
        self.at += 1;
        let before = self.cached.insert(key, next);
        match before {
            Some(before) => drop(self.order.remove(&(before, key))),
            None if self.order.len() == self.limit => {
                let (_, last) = self.order.pop_last().expect("it is full");
                self.cached.remove(&last);
            }
            None => {}
        }
        self.order.insert((next, key));
        before.is_some()
    }
}
