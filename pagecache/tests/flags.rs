//! What a read that must not wait is told, by the state of the page: the table of `filemap_update_page`, and what is before it.

use pagecache::backing::{Faults, Faulty, MemoryBlocks};
use pagecache::hooks::{Hook, Point};
use pagecache::{Completion, Device, EXT, Error, Flags, Inode, LOG, MountOptions, PAGE_SIZE, SuperBlock};
use std::sync::{Arc, OnceLock, Weak};
use std::thread;

const PAGE: u64 = PAGE_SIZE as u64;
const NONE: Flags = Flags { nowait: false, noio: false, waitq: false };
const NOWAIT: Flags = Flags { nowait: true, ..NONE };
const NOIO: Flags = Flags { noio: true, ..NONE };
const WAITQ: Flags = Flags { waitq: true, ..NONE };

/// The state of a page.
#[derive(Clone, Copy, Debug)]
enum State {
    Cached,
    Absent,
    /// Somebody reads it, and the device does not answer.
    OnItsWay,
    /// It could not be read when somebody wanted it, and could now.
    WithoutContents,
}

const TABLE: [(State, Flags, Result<usize, Error>); 15] = [
    (State::Cached, NONE, Ok(1)),
    (State::Cached, NOWAIT, Ok(1)),
    (State::Cached, NOIO, Ok(1)),
    (State::Cached, WAITQ, Ok(1)),
    (State::Absent, NONE, Ok(1)),
    (State::Absent, NOWAIT, Err(Error::Again)),
    (State::Absent, NOIO, Err(Error::Again)),
    (State::Absent, WAITQ, Err(Error::Again)),
    (State::OnItsWay, NOWAIT, Err(Error::Again)),
    (State::OnItsWay, NOIO, Err(Error::Again)),
    (State::OnItsWay, WAITQ, Err(Error::Queued)),
    (State::WithoutContents, NOWAIT, Err(Error::Again)),
    (State::WithoutContents, NOIO, Err(Error::Again)),
    (State::WithoutContents, WAITQ, Err(Error::Again)),
    (State::WithoutContents, NONE, Ok(1)),
];

/// Two pages, the first of them cached, the second in a state, while something is done.
fn with_second_page(state: State, act: impl FnOnce(&Inode)) {
    let faults = Arc::new(Faults::default());
    let device = Device::with(Faulty::new(MemoryBlocks::new(4), Arc::clone(&faults)), Completion::Inline);
    let file = SuperBlock::new(&EXT, device).create();
    file.write_at(&[7; 2 * PAGE_SIZE], 0).unwrap();
    file.fsync().unwrap();
    file.drop_cache();
    file.read_at(&mut [0], 0).unwrap();
    match state {
        State::Cached => drop(file.read_at(&mut [0], PAGE)),
        State::Absent => {}
        State::WithoutContents => {
            faults.fail_reads(1);
            assert_eq!(file.read_at(&mut [0], PAGE), Err(Error::Io));
            faults.heal();
        }
        State::OnItsWay => {
            return thread::scope(|scope| {
                faults.hold(1);
                let reader = scope.spawn(|| file.read_at(&mut [0], PAGE));
                faults.wait_for_waiter();
                act(&file);
                faults.heal();
                assert_eq!(reader.join().unwrap(), Ok(1));
            });
        }
    }
    act(&file);
    lockdep::assert_none_held!();
}

#[test]
fn each_state_of_a_page_has_its_answer_for_each_flag() {
    for (state, flags, expected) in TABLE {
        with_second_page(state, |file| {
            assert_eq!(file.read_with(&mut [0], PAGE, flags), expected, "{state:?}, {flags:?}");
        });
    }
}

#[test]
fn a_request_that_is_partly_served_tells_how_far_and_nothing_else() {
    for (state, flags, expected) in TABLE {
        with_second_page(state, |file| {
            let mut bytes = [0; PAGE_SIZE + 1];
            let read = file.read_with(&mut bytes, 0, flags);
            assert_eq!(read, Ok(PAGE_SIZE + expected.unwrap_or(0)), "{state:?}, {flags:?}");
        });
    }
}

/// While pages are removed the mapping's lock is taken: who must not wait for it does not, and who need not have it reads.
#[test]
fn who_must_not_wait_does_not_wait_for_invalidate_lock() {
    for fs in [&EXT, &LOG] {
        let place: Arc<OnceLock<Weak<Inode>>> = Arc::default();
        let hook: Hook = {
            let place = Arc::clone(&place);
            Box::new(move |point, _| {
                if point == Point::PagesRemoved {
                    let file = place.get().unwrap().upgrade().unwrap();
                    let reads = move || {
                        assert_eq!(file.read_with(&mut [0], 0, NOWAIT), Err(Error::Again), "it is gone");
                        assert_eq!(file.read_with(&mut [0], PAGE, NOWAIT), Err(Error::Again), "it has no contents");
                        assert_eq!(file.read_at(&mut [0], 2 * PAGE), Ok(1), "it needs no lock");
                    };
                    thread::spawn(reads).join().unwrap();
                }
            })
        };
        let faults = Arc::new(Faults::default());
        let device = Device::with(Faulty::new(MemoryBlocks::new(4), Arc::clone(&faults)), Completion::Inline);
        let options = MountOptions { hook: Some(hook), ..MountOptions::default() };
        let file = SuperBlock::mount(fs, device, options).create();
        place.set(Arc::downgrade(&file)).unwrap();
        file.write_at(&[7; 3 * PAGE_SIZE], 0).unwrap();
        file.fsync().unwrap();
        file.drop_cache();
        faults.fail_reads(1);
        assert_eq!(file.read_at(&mut [0], PAGE), Err(Error::Io));
        faults.heal();
        file.read_at(&mut [0], 2 * PAGE).unwrap();
        file.punch_hole(0, PAGE).unwrap();
    }
}
