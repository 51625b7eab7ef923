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

/// What a library has.
#[derive(Debug, Default)]
pub struct Books(pub u32);

/// Who reads it.
#[derive(Debug, Default)]
pub struct Members(pub u32);

/// A library. Its readers (parking_lot 0.12 and 0.13) wait behind a writer that waits.
#[derive(Debug, Default)]
pub struct Library {
    books: old::RwLock<Books>,
    members: parking_lot::RwLock<Members>,
}

impl Library {
    /// Somebody joins and brings a book.
    pub fn join(&self) {
        self.members.write().0 += 1;
        self.books.write().0 += 1;
    }

    /// The members, then the books, both read.
    pub fn lend(&self) -> bool {
        self.members.read().0 <= self.books.read().0
    }

    /// The books, then the members, both read.
    pub fn count(&self) -> u32 {
        self.books.read().0 + self.members.read().0
    }
}

/// What is on the left of a shelf.
#[derive(Debug, Default)]
pub struct Left(pub u32);

/// What is on its right.
#[derive(Debug, Default)]
pub struct Right(pub u32);

/// A shelf of which nothing is wrong.
#[derive(Debug, Default)]
pub struct Shelf {
    left: old::RwLock<Left>,
    right: old::RwLock<Right>,
    owner: old::ReentrantMutex<()>,
    key: old::Mutex<()>,
    lamp: parking_lot::FairMutex<bool>,
}

impl Shelf {
    /// Recursive readers pass a waiting writer, so their order does not matter.
    pub fn look(&self) -> u32 {
        self.left.write().0 += 1;
        self.right.write().0 += 1;
        let there = self.left.read_recursive().0 + self.right.read_recursive().0;
        let back = self.right.read_recursive().0 + self.left.read_recursive().0;
        there + back
    }

    /// The owner may come in again, whatever was taken in between.
    pub fn tidy(&self) {
        let _owner = self.owner.lock();
        let _key = self.key.lock();
        let _again = self.owner.lock();
    }

    /// Who gives up soon is not stuck.
    pub fn read_at_night(&self) {
        let key = self.key.lock();
        *self.lamp.lock() = true;
        drop(key);
        let _lamp = self.lamp.lock();
        let _key = self.key.try_lock_for(std::time::Duration::from_millis(5));
    }
}

/// Where one waits.
#[derive(Debug, Default)]
pub struct Room(pub u32);

/// What is written there.
#[derive(Debug, Default)]
pub struct Chart(pub u32);

/// A clinic, in which the room is left for a while with the chart in hand.
#[derive(Debug, Default)]
pub struct Clinic {
    old_room: old::Mutex<Room>,
    room: parking_lot::RwLock<Room>,
    chart: parking_lot::Mutex<Chart>,
}

impl Clinic {
    /// With parking_lot 0.12.
    pub fn leave_old(&self) -> u32 {
        let mut room = self.old_room.lock();
        let chart = self.chart.lock();
        old::MutexGuard::unlocked(&mut room, || chart.0)
    }

    /// With parking_lot 0.13.
    pub fn leave(&self) -> u32 {
        let mut room = self.room.write();
        let chart = self.chart.lock();
        parking_lot::RwLockWriteGuard::unlocked(&mut room, || chart.0)
    }
}

/// What a program is told.
#[derive(Debug, Default)]
pub struct Settings(pub u32);

/// A program that sets itself up once (parking_lot 0.12), twice (0.13) and a third time (std), with settings.
#[derive(Debug)]
pub struct Setup {
    old_once: old::Once,
    once: parking_lot::Once,
    std_once: std::sync::Once,
    settings: std::sync::Mutex<Settings>,
}

impl Setup {
    /// Nothing is set up.
    pub const fn new() -> Setup {
        Setup {
            old_once: old::Once::new(),
            once: parking_lot::Once::new(),
            std_once: std::sync::Once::new(),
            settings: std::sync::Mutex::new(Settings(0)),
        }
    }

    /// What is made once takes the settings.
    pub fn begin(&self) {
        self.old_once.call_once(|| self.settings.lock().unwrap().0 += 1);
        self.once.call_once(|| self.settings.lock().unwrap().0 += 1);
        self.std_once.call_once(|| self.settings.lock().unwrap().0 += 1);
    }

    /// Who has the settings waits for it.
    pub fn change(&self) {
        let mut settings = self.settings.lock().unwrap();
        self.old_once.call_once(|| ());
        self.once.call_once(|| ());
        self.std_once.call_once(|| ());
        settings.0 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{Board, Cache, Clinic, Library, Setup, Shelf};

    #[test]
    fn a_program_is_set_up() {
        let setup = Setup::new();
        setup.begin();
        setup.begin();
    }

    #[test]
    fn a_program_is_set_up_again() {
        let setup = Setup::new();
        setup.begin();
        setup.change();
    }

    #[test]
    fn sizes_are_told() {
        let old = [size_of::<old::Mutex<u64>>(), size_of::<old::RwLock<u64>>()];
        let new = [size_of::<parking_lot::Mutex<u64>>(), size_of::<parking_lot::RwLock<u64>>()];
        println!("sizes: {old:?} {new:?}");
    }

    #[test]
    fn a_patient_leaves_for_a_while() {
        let clinic = Clinic::default();
        assert_eq!((clinic.leave_old(), clinic.leave()), (0, 0));
    }

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

    #[test]
    fn a_library_lends() {
        let library = Library::default();
        library.join();
        assert_eq!((library.lend(), library.count()), (true, 2));
    }

    #[test]
    fn a_shelf_is_used() {
        let shelf = Shelf::default();
        assert_eq!(shelf.look(), 4);
        shelf.tidy();
        shelf.read_at_night();
    }
}
