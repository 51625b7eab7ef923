//! What a read that must not wait is told, by the state of the page: the table of `filemap_update_page`, and what is before it.

use pagecache::backing::{Faults, Faulty, MemoryBlocks};
use pagecache::hooks::{Hook, Point};
use pagecache::{Completion, Device, EXT, Error, Flags, Inode, LOG, Memory, MountOptions, PAGE_SIZE, SuperBlock};
use std::sync::{Arc, OnceLock, Weak};
use std::thread;

const PAGE: u64 = PAGE_SIZE as u64;
const NONE: Flags = Flags { nowait: false, noio: false, waitq: false, direct: false, dsync: false, append: false };
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

const DIRECT: Flags = Flags { direct: true, ..NONE };
const DIRECT_NOWAIT: Flags = Flags { direct: true, nowait: true, ..NONE };
const DSYNC: Flags = Flags { dsync: true, ..NONE };
const APPEND: Flags = Flags { append: true, ..NONE };

#[test]
fn each_state_of_a_page_has_its_answer_for_a_write_that_must_not_wait() {
    const ONE: &[u8] = &[9];
    const WHOLE: &[u8] = &[9; PAGE_SIZE];
    type Row = (State, Flags, &'static [u8], Result<usize, Error>);
    let table: [Row; 12] = [
        (State::Cached, NOWAIT, ONE, Ok(1)),
        (State::Cached, NOWAIT, WHOLE, Ok(PAGE_SIZE)),
        (State::Absent, NOWAIT, ONE, Err(Error::Again)),
        (State::Absent, NOWAIT, WHOLE, Ok(PAGE_SIZE)),
        (State::OnItsWay, NOWAIT, WHOLE, Err(Error::Again)),
        (State::WithoutContents, NOWAIT, ONE, Err(Error::Again)),
        (State::WithoutContents, NOWAIT, WHOLE, Ok(PAGE_SIZE)),
        (State::Cached, DIRECT_NOWAIT, WHOLE, Err(Error::Again)),
        (State::Absent, DIRECT_NOWAIT, WHOLE, Ok(PAGE_SIZE)),
        (State::OnItsWay, DIRECT_NOWAIT, WHOLE, Err(Error::Again)),
        (State::Absent, DIRECT_NOWAIT, ONE, Err(Error::Invalid)),
        (State::Absent, DIRECT, WHOLE, Ok(PAGE_SIZE)),
    ];
    for (state, flags, bytes, expected) in table {
        with_second_page(state, |file| {
            assert_eq!(file.write_with(bytes, PAGE, flags), expected, "{state:?}, {flags:?}, {} bytes", bytes.len());
        });
    }
}

#[test]
fn a_write_that_must_not_wait_waits_neither_for_another_nor_for_a_thaw() {
    let place: Arc<OnceLock<Weak<Inode>>> = Arc::default();
    let hook: Hook = {
        let place = Arc::clone(&place);
        Box::new(move |point, _| {
            if point == Point::PagesRemoved {
                let file = place.get().unwrap().upgrade().unwrap();
                let writes = move || {
                    assert_eq!(file.write_with(&[1], 0, NOWAIT), Err(Error::Again), "somebody punches");
                    let mut page = [0; PAGE_SIZE];
                    assert_eq!(file.read_with(&mut page, 0, DIRECT_NOWAIT), Err(Error::Again), "somebody punches");
                };
                thread::spawn(writes).join().unwrap();
            }
        })
    };
    let options = MountOptions { hook: Some(hook), ..MountOptions::default() };
    let sb = SuperBlock::mount(&EXT, Device::new(4), options);
    let file = sb.create();
    place.set(Arc::downgrade(&file)).unwrap();
    file.write_at(&[7; PAGE_SIZE], 0).unwrap();
    let frozen = sb.freeze();
    assert_eq!(file.write_with(&[1], 0, NOWAIT), Err(Error::Again));
    drop(frozen);
    assert_eq!(file.write_with(&[1], 0, NOWAIT), Ok(1));
    file.punch_hole(0, PAGE).unwrap();
}

#[test]
fn a_direct_read_that_must_not_wait_is_told_of_what_is_not_on_the_device_yet() {
    let file = SuperBlock::new(&EXT, Device::new(4)).create();
    file.write_at(&[7; PAGE_SIZE], 0).unwrap();
    let mut page = [0; PAGE_SIZE];
    assert_eq!(file.read_with(&mut page, 0, DIRECT_NOWAIT), Err(Error::Again));
    file.fsync().unwrap();
    assert_eq!((file.read_with(&mut page, 0, DIRECT_NOWAIT), page), (Ok(PAGE_SIZE), [7; PAGE_SIZE]));
}

#[test]
fn what_several_append_is_all_there() {
    let file = SuperBlock::new(&LOG, Device::new(64)).create();
    thread::scope(|scope| {
        for number in 1..=3 {
            let file = &file;
            scope.spawn(move || {
                (0..50).for_each(|_| assert_eq!(file.write_with(&[number; 100], 0, APPEND), Ok(100)));
            });
        }
    });
    let mut bytes = vec![0; 20_000];
    assert_eq!(file.read_at(&mut bytes, 0), Ok(15_000));
    for number in 1..=3 {
        assert_eq!(bytes.chunks(100).filter(|chunk| **chunk == [number; 100]).count(), 50);
    }
}

#[test]
fn a_write_that_is_to_be_kept_is_on_the_device_and_what_is_dirty_elsewhere_is_not() {
    let memory = Memory::new(64);
    let options = MountOptions { memory: Arc::clone(&memory), ..MountOptions::default() };
    let file = SuperBlock::mount(&EXT, Device::new(8), options).create();
    file.write_at(&[1; PAGE_SIZE], 0).unwrap();
    assert_eq!(file.write_with(&[2; PAGE_SIZE], PAGE, DSYNC), Ok(PAGE_SIZE));
    assert_eq!((memory.dirty(), file.blocks()), (1, 1));
    let tiny = SuperBlock::new(&EXT, Device::new(0)).create();
    assert_eq!(tiny.write_with(&[2], 0, DSYNC), Err(Error::NoSpace));
    assert_eq!(tiny.len(), 1, "it is in the cache all the same");
}
