//! Each re-check, switched off, is missed: the race that it is there for is driven step by step, and an oracle sees what comes of it.

use pagecache::backing::{Blocks, MemoryBlocks};
use pagecache::hooks::{Hook, Point};
use pagecache::page::PageData;
use pagecache::{
    Completion, Device, Directory, EXT, Error, Inode, Mm, MountOptions, PAGE_SIZE, Sharing, SuperBlock, seeded, without,
};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

/// A file of one page full of `a`, in the cache or not, and what another thread does to it once, when a point is reached for the `nth`
/// time.
fn interrupted(point: Point, nth: usize, cached: bool, act: impl Fn(&Inode) + Send + Sync + 'static) -> Arc<Inode> {
    let armed = Arc::new(AtomicUsize::new(usize::MAX));
    let place: Arc<OnceLock<std::sync::Weak<Inode>>> = Arc::default();
    let hook: Hook = {
        let (armed, place, act) = (Arc::clone(&armed), Arc::clone(&place), Arc::new(act));
        Box::new(move |at, _| {
            if at == point && armed.fetch_sub(1, SeqCst) == 1 {
                let (file, act) = (place.get().unwrap().upgrade().unwrap(), Arc::clone(&act));
                thread::spawn(move || act(&file)).join().unwrap();
            }
        })
    };
    let options = MountOptions { hook: Some(hook), ..MountOptions::default() };
    let file = SuperBlock::mount(&EXT, Device::new(16), options).create();
    file.write_at(&[b'a'; PAGE_SIZE], 0).unwrap();
    file.fsync().unwrap();
    if !cached {
        file.drop_cache();
    }
    place.set(Arc::downgrade(&file)).unwrap();
    armed.store(nth, SeqCst);
    file
}

/// Another file comes to the place of this one.
fn replace(file: &Inode) {
    file.truncate(0).unwrap();
    file.write_at(&[b'b'; PAGE_SIZE], 0).unwrap();
}

fn load(mm: &Mm, address: u64) -> Result<u8, Error> {
    let mut byte = [0];
    mm.load(address, &mut byte).map(|()| byte[0])
}

fn a_fault_beside_a_truncation_maps_the_page_that_is_the_file_s() -> bool {
    let file = interrupted(Point::BeforeFolioLock, 1, true, replace);
    let mm = Mm::new();
    let address = mm.map(&file, 0, 1, Sharing::Private).unwrap();
    mm.store(address + 1, b"p").unwrap();
    load(&mm, address) == Ok(b'b')
}

fn a_fault_beside_a_truncation_is_refused_beyond_the_end() -> bool {
    // The second attempt, which does not let go of `mmap_lock` any more, finds the page and loses it.
    let file = interrupted(Point::BeforeFolioLock, 2, false, |file| file.truncate(0).unwrap());
    let mm = Mm::new();
    load(&mm, mm.map(&file, 0, 1, Sharing::Shared).unwrap()) == Err(Error::BadAddress)
}

fn a_fault_whose_page_loses_its_contents_fills_it_under_the_lock() -> bool {
    let scope = lockdep::testing::isolated();
    let file = interrupted(Point::BeforeFolioLock, 1, true, |file| seeded::loss(file, 0));
    let mm = Mm::new();
    mm.store(mm.map(&file, 0, 1, Sharing::Private).unwrap() + 1, b"p").unwrap();
    scope.findings().is_empty()
}

fn a_store_beside_a_truncation_is_not_lost() -> bool {
    let file = interrupted(Point::BeforeMkwrite, 1, true, replace);
    let mm = Mm::new();
    mm.store(mm.map(&file, 0, 1, Sharing::Shared).unwrap(), b"s").unwrap();
    let mut bytes = [0; 2];
    file.read_at(&mut bytes, 0).unwrap();
    bytes == *b"sb"
}

fn a_read_beside_a_truncation_ends_where_the_file_does() -> bool {
    let file = interrupted(Point::BeforeInvalidateLock, 1, false, |file| file.truncate(10).unwrap());
    file.read_at(&mut [0; PAGE_SIZE], 0) == Ok(10)
}

fn what_was_not_written_out_is_not_dropped() -> bool {
    let file = SuperBlock::new(&EXT, Device::new(4)).create();
    file.write_at(b"dirty", 0).unwrap();
    file.drop_cache();
    let mut bytes = [0; 5];
    file.read_at(&mut bytes, 0).unwrap();
    bytes == *b"dirty"
}

/// The fault has its page locked and checked when the truncation begins; the truncation has unmapped everything before the fault
/// makes its copy, and waits for the page.
fn a_private_copy_beside_a_truncation_goes_with_its_page() -> bool {
    let (unmapped, wait) = channel();
    let wait: Mutex<Receiver<()>> = Mutex::new(wait);
    let truncation: Arc<Mutex<Option<thread::JoinHandle<()>>>> = Arc::default();
    let place: Arc<OnceLock<std::sync::Weak<Inode>>> = Arc::default();
    let hook: Hook = {
        let (truncation, place) = (Arc::clone(&truncation), Arc::clone(&place));
        Box::new(move |at, _| match at {
            Point::BeforePageTable => {
                let file = place.get().unwrap().upgrade().unwrap();
                *truncation.lock().unwrap() = Some(thread::spawn(move || file.truncate(0).unwrap()));
                wait.lock().unwrap().recv().unwrap();
            }
            Point::PagesUnmapped => unmapped.send(()).unwrap(),
            _ => {}
        })
    };
    let options = MountOptions { hook: Some(hook), ..MountOptions::default() };
    let file = SuperBlock::mount(&EXT, Device::new(16), options).create();
    file.write_at(&[b'a'; PAGE_SIZE], 0).unwrap();
    place.set(Arc::downgrade(&file)).unwrap();
    let mm = Mm::new();
    let address = mm.map(&file, 0, 1, Sharing::Private).unwrap();
    let stored = mm.store(address, b"p");
    truncation.lock().unwrap().take().unwrap().join().unwrap();
    assert!(matches!(stored, Ok(()) | Err(Error::BadAddress)));
    load(&mm, address) == Err(Error::BadAddress)
}

fn what_is_written_to_a_clone_is_not_in_the_original() -> bool {
    let sb = SuperBlock::new(&EXT, Device::new(4));
    let (file, other) = (sb.create(), sb.create());
    file.write_at(b"one", 0).unwrap();
    file.clone_range(0, &other, 0, 3).unwrap();
    other.write_at(b"two", 0).unwrap();
    other.fsync().unwrap();
    file.drop_cache();
    let mut bytes = [0; 3];
    file.read_at(&mut bytes, 0).unwrap();
    bytes == *b"one"
}

fn what_is_written_past_the_cache_is_read_through_it() -> bool {
    let read = |file: &Inode| {
        let mut byte = [0];
        file.read_at(&mut byte, 0).unwrap();
        byte[0]
    };
    let file = interrupted(Point::BlockMapped, 1, false, move |file| assert_eq!(read(file), b'a'));
    file.write_direct(&[b'b'; PAGE_SIZE], 0).unwrap();
    read(&file) == b'b'
}

fn who_syncs_again_is_told_of_nothing_again() -> bool {
    let file = SuperBlock::new(&EXT, Device::new(1)).create();
    file.write_at(&[1; 2 * PAGE_SIZE], 0).unwrap();
    file.fsync() == Err(Error::NoSpace) && file.truncate(1).is_ok() && file.fsync().is_ok()
}

fn a_file_on_its_way_out_is_found() -> bool {
    let (told, tell) = channel();
    let tell = Mutex::new(tell);
    let place: Arc<OnceLock<Arc<Directory>>> = Arc::default();
    let (outcome, found) = channel();
    let hook: Hook = {
        let place = Arc::clone(&place);
        Box::new(move |at, _| match at {
            Point::InodeFreeing => {
                let (directory, outcome, told) = (Arc::clone(place.get().unwrap()), outcome.clone(), told.clone());
                thread::spawn(move || {
                    outcome.send(directory.lookup("name").is_ok()).unwrap();
                    let _ = told.send(());
                });
                tell.lock().unwrap().recv().unwrap();
            }
            Point::InodeAwaited => told.send(()).unwrap(),
            _ => {}
        })
    };
    let options = MountOptions { hook: Some(hook), ..MountOptions::default() };
    let directory = Arc::new(Directory::new(&SuperBlock::mount(&EXT, Device::new(4), options)));
    drop(directory.create("name").unwrap());
    assert!(place.set(Arc::clone(&directory)).is_ok());
    directory.evict_unused();
    found.recv().unwrap()
}

/// Blocks that are written when the device is told to keep them, and not before.
#[derive(Debug)]
struct Late(MemoryBlocks, Mutex<Vec<(u64, PageData)>>);

impl Blocks for Late {
    fn count(&self) -> u64 {
        self.0.count()
    }

    fn read(&self, block: u64, page: &PageData) -> pagecache::Result<()> {
        self.0.read(block, page)
    }

    fn write(&self, block: u64, page: &PageData) -> pagecache::Result<()> {
        let copy = PageData::zeroed();
        copy.copy_from(page);
        self.1.lock().unwrap().push((block, copy));
        Ok(())
    }

    fn flush(&self) -> pagecache::Result<()> {
        let late = std::mem::take(&mut *self.1.lock().unwrap());
        late.iter().try_for_each(|(block, page)| self.0.write(*block, page))
    }
}

fn what_was_synced_is_on_the_device() -> bool {
    let device = Device::with(Late(MemoryBlocks::new(4), Mutex::default()), Completion::Inline);
    let file = SuperBlock::new(&EXT, device).create();
    file.write_at(b"synced", 0).unwrap();
    file.fsync().unwrap();
    file.drop_cache();
    let mut bytes = [0; 6];
    file.read_at(&mut bytes, 0).unwrap();
    bytes == *b"synced"
}

type Oracle = fn() -> bool;

/// Those that a search of schedules misses: `schedules/tests/schedules.rs`.
const SCHEDULES: &str = include_str!("../schedules/re-checks.txt");

const ORACLES: [(&str, Oracle); 12] = [
    ("F6: the page is still the file's", a_fault_beside_a_truncation_maps_the_page_that_is_the_file_s),
    ("F7: who fills a page has the mapping's lock", a_fault_whose_page_loses_its_contents_fills_it_under_the_lock),
    ("F9: the page is within the file", a_fault_beside_a_truncation_is_refused_beyond_the_end),
    ("a dirty page is not dropped", what_was_not_written_out_is_not_dropped),
    ("a shared block is not written", what_is_written_to_a_clone_is_not_in_the_original),
    ("an error is told once", who_syncs_again_is_told_of_nothing_again),
    ("a sync makes the device keep it", what_was_synced_is_on_the_device),
    ("mkwrite: the page is still the file's", a_store_beside_a_truncation_is_not_lost),
    ("private copies are unmapped again", a_private_copy_beside_a_truncation_goes_with_its_page),
    ("the size is read after the page", a_read_beside_a_truncation_ends_where_the_file_does),
    ("who looks for a file that is being evicted waits", a_file_on_its_way_out_is_found),
    ("what came back meanwhile is dropped again", what_is_written_past_the_cache_is_read_through_it),
];

#[test]
fn every_re_check_is_missed_when_it_is_off() {
    for (name, oracle) in ORACLES {
        assert!(oracle(), "{name}, although nothing is off");
    }
    for (name, oracle) in ORACLES {
        // A contract that is broken is as good as a wrong answer.
        let fine = without(name, || std::panic::catch_unwind(oracle).unwrap_or(false));
        assert!(!fine, "nobody misses: {name}");
    }
}

#[test]
fn the_list_has_every_re_check() {
    fn names(folder: &std::path::Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                names(&path, found);
            } else if !path.ends_with("recheck.rs") {
                let text = std::fs::read_to_string(path).unwrap();
                found.extend(
                    text.split("recheck!(").skip(1).filter_map(|rest| rest.split('"').nth(1)).map(str::to_owned),
                );
            }
        }
    }
    let mut found = BTreeSet::new();
    names(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut found);
    let in_schedules = SCHEDULES.lines().map(|line| line.split_once(" | ").unwrap().1);
    let all: BTreeSet<String> = ORACLES.iter().map(|(name, _)| *name).chain(in_schedules).map(str::to_owned).collect();
    assert_eq!(found, all);
}
