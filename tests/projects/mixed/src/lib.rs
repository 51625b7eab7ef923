//! A project that has never heard of lockdep, with locks of four libraries. Its tests pass.

/// Where pages are.
#[derive(Debug, Default)]
pub struct Index(pub Vec<usize>);

/// What they hold.
#[derive(Debug, Default)]
pub struct Pages(pub Vec<u8>);

/// Who waits for them.
#[derive(Debug, Default)]
pub struct Waiters(pub usize);

/// What has happened.
#[derive(Debug, Default)]
pub struct Journal(pub Vec<String>);

/// A cache of pages.
#[derive(Debug, Default)]
pub struct Cache {
    index: std::sync::Mutex<Index>,
    pages: old::RwLock<Pages>,
    waiters: old::Mutex<Waiters>,
    ready: old::Condvar,
    journal: parking_lot::Mutex<Journal>,
}

impl Cache {
    /// The index (std), then the pages (parking_lot 0.12).
    pub fn put(&self, page: u8) {
        let mut index = self.index.lock().unwrap();
        let mut pages = self.pages.write();
        index.0.push(pages.0.len());
        pages.0.push(page);
    }

    /// The pages, then the index.
    pub fn evict(&self) {
        let pages = self.pages.upgradable_read();
        self.index.lock().unwrap().0.clear();
        old::RwLockUpgradableReadGuard::upgrade(pages).0.clear();
    }

    /// The waiters (parking_lot 0.12), which are taken again after the wait, under the journal (parking_lot 0.13).
    pub fn wait(&self) {
        let mut waiters = self.waiters.lock();
        let mut journal = self.journal.lock();
        waiters.0 += 1;
        self.ready.wait_for(&mut waiters, std::time::Duration::from_millis(1));
        journal.0.push("waited".to_owned());
    }
}

/// Two locks whose readers pass a waiting writer (spin), so that the order in which they are read does not matter.
#[derive(Debug)]
pub struct Board {
    white: spin::lock_api::RwLock<u64>,
    black: spin::lock_api::RwLock<u64>,
}

impl Board {
    /// Nobody has moved.
    pub const fn new() -> Board {
        Board {
            white: spin::lock_api::RwLock::new(0),
            black: spin::lock_api::RwLock::new(0),
        }
    }

    /// White moves, then black.
    pub fn play(&self) {
        *self.white.write() += 1;
        *self.black.write() += 1;
    }

    /// White, then black.
    pub fn sum(&self) -> u64 {
        *self.white.read() + *self.black.read()
    }

    /// Black, then white.
    pub fn difference(&self) -> u64 {
        *self.black.read() - *self.white.read()
    }
}

#[cfg(test)]
mod tests {
    use super::{Board, Cache};

    #[test]
    fn pages_come_and_go() {
        let cache = Cache::default();
        cache.put(1);
        cache.evict();
    }

    #[test]
    fn somebody_waits() {
        Cache::default().wait();
    }

    #[test]
    fn a_board_is_read_in_any_order() {
        let board = Board::new();
        board.play();
        assert_eq!((board.sum(), board.difference()), (2, 0));
    }
}
