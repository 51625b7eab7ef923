//! The cases: what a few threads do at once, and what is true afterwards whatever the schedule.

use crate::backing::{Faults, Faulty, MemoryBlocks};
use crate::folio::{FolioId, FolioRef};
use crate::sync::atomic::AtomicU64;
use crate::sync::thread;
use crate::{
    Completion, Device, Directory, EXT, Error, Inode, Kill, LOG, Mm, MountOptions, PAGE_SIZE, Sharing, SuperBlock,
    seeded,
};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

const PAGE: u64 = PAGE_SIZE as u64;

/// A case.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) search: Search,
    pub(crate) run: fn(),
}

/// Which schedules are tried.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Search {
    /// Every one.
    All,
    /// This many, by probabilistic concurrency testing with three changes of priority (Burckhardt et al., ASPLOS 2010).
    Some { seed: u64, schedules: usize },
}

const fn some(name: &'static str, run: fn()) -> Case {
    Case { name, search: Search::Some { seed: 1, schedules: 1000 }, run }
}

pub(crate) static CASES: [Case; 17] = [
    some("folio-lock-excludes", folio_lock_excludes),
    Case { name: "folio-wait-ends", search: Search::All, run: folio_wait_ends },
    Case { name: "folio-names-one-folio", search: Search::All, run: folio_names_one_folio },
    some("killed-wait-ends", killed_wait_ends),
    some("read-beside-truncation", || read_beside_truncation(false)),
    some("second-read-beside-truncation", || read_beside_truncation(true)),
    some("read-beside-punch", || read_beside_punch(true)),
    some("read-beside-punch-without-invalidate-lock", || read_beside_punch(false)),
    some("load-beside-truncation", || fault_beside_truncation(false, Sharing::Shared, |mm, at| mm.load(at, &mut [0]))),
    some("copy-beside-replacement", copy_beside_replacement),
    some("store-beside-truncation", || fault_beside_truncation(true, Sharing::Shared, |mm, at| mm.store(at, b"s"))),
    some("copy-beside-truncation", || fault_beside_truncation(true, Sharing::Private, |mm, at| mm.store(at, b"p"))),
    some("fault-beside-unmapping", fault_beside_unmapping),
    some("fork-beside-truncation", fork_beside_truncation),
    some("fault-beside-a-loss", fault_beside_a_loss),
    some("exchange-both-ways", exchange_both_ways),
    some("lookup-beside-eviction", lookup_beside_eviction),
];

fn at_once<const N: usize>(work: [Box<dyn FnOnce() + Send>; N]) {
    let threads = work.map(thread::spawn);
    threads.into_iter().for_each(|thread| thread.join().expect("its own panic was told"));
}

/// Two threads that lock one folio are never in it together, and each of them gets it.
fn folio_lock_excludes() {
    let folio = FolioRef::new_locked(0, 0).expect("there is room").unlock();
    let count = Arc::new(AtomicU64::new(0));
    at_once([(); 2].map(|()| {
        let (folio, count) = (folio.clone(), Arc::clone(&count));
        Box::new(move || {
            let _locked = folio.lock();
            let before = count.load(SeqCst);
            count.store(before + 1, SeqCst);
        }) as Box<dyn FnOnce() + Send>
    }));
    assert_eq!(count.load(SeqCst), 2);
}

/// Who waits for a folio to be unlocked is woken.
fn folio_wait_ends() {
    let locked = FolioRef::new_locked(0, 0).expect("there is room");
    let folio = locked.folio().clone();
    at_once([Box::new(move || drop(locked)), Box::new(move || folio.wait_unlocked().expect("nobody is killed"))]);
}

/// A name that was found gives the folio it is of, or none: not the next one in the same frame.
fn folio_names_one_folio() {
    let first = FolioRef::new_locked(1, 0).expect("there is room").unlock();
    let id: FolioId = first.id();
    at_once([
        Box::new(move || {
            drop(first);
            drop(FolioRef::new_locked(2, 0).expect("there is room"));
        }),
        Box::new(move || {
            if let Some(folio) = FolioRef::get(id) {
                assert_eq!(folio.index(), 1, "another folio");
            }
        }),
    ]);
}

/// Who is told to give up does, though nobody unlocks.
fn killed_wait_ends() {
    let locked = FolioRef::new_locked(0, 0).expect("there is room");
    let (folio, kill) = (locked.folio().clone(), Kill::new());
    let killed = kill.clone();
    at_once([
        Box::new(move || assert_eq!(killed.under(|| folio.wait_unlocked()), Err(Error::Interrupted))),
        Box::new(move || kill.kill()),
    ]);
    drop(locked);
}

/// A file of one page of `a` that is on the device, and not in the cache.
fn file(sb: &Arc<SuperBlock>) -> Arc<Inode> {
    let file = sb.create();
    file.write_at(&[b'a'; PAGE_SIZE], 0).expect("there is room");
    file.fsync().expect("the device works");
    file.drop_cache();
    file
}

/// A read beside a truncation sees the page as it was, or the end.
fn read_beside_truncation(fails_first: bool) {
    let faults = Arc::new(Faults::default());
    let device = Device::with(Faulty::new(MemoryBlocks::new(1), Arc::clone(&faults)), Completion::Inline);
    let file = file(&SuperBlock::new(&EXT, device));
    if fails_first {
        faults.fail_reads(0);
        assert_eq!(file.read_at(&mut [0], 0), Err(Error::Io), "the page is there, and has no contents");
        faults.heal();
    }
    let reader = Arc::clone(&file);
    at_once([
        Box::new(move || {
            let mut bytes = [0xff; PAGE_SIZE];
            let read = reader.read_at(&mut bytes, 0).expect("the device works");
            assert!(read == 0 || read == PAGE_SIZE, "{read} bytes");
            assert!(bytes[..read].iter().all(|byte| *byte == b'a'), "bytes that the file never had");
        }),
        Box::new(move || file.truncate(0).expect("the device works")),
    ]);
}

/// A read beside a punch sees the page or the hole, and never what another file puts into the block.
fn read_beside_punch(locks_invalidation: bool) {
    let device = Device::new(1);
    let options = MountOptions { locks_invalidation, ..MountOptions::default() };
    let file = file(&SuperBlock::mount(&EXT, Arc::clone(&device), options));
    let reader = Arc::clone(&file);
    at_once([
        Box::new(move || {
            let mut byte = [0xff];
            reader.read_at(&mut byte, 0).expect("the device works");
            assert!(byte == [b'a'] || byte == [0], "another file's data");
        }),
        Box::new(move || {
            file.punch_hole(0, PAGE).expect("the device works");
            let other = SuperBlock::new(&LOG, device).create();
            other.write_at(&[b's'; PAGE_SIZE], 0).expect("there is room");
            other.fsync().expect("the block is free");
            let mut byte = [0xff];
            file.read_at(&mut byte, 0).expect("the device works");
            assert_eq!(byte, [0], "a stale page");
        }),
    ]);
}

/// A fault beside a truncation leaves no entry of a page that is beyond the end.
fn fault_beside_truncation(cached: bool, sharing: Sharing, access: fn(&Mm, u64) -> crate::Result<()>) {
    let file = file(&SuperBlock::new(&EXT, Device::new(4)));
    if cached {
        file.read_at(&mut [0], 0).expect("the device works");
    }
    let mm = Arc::new(Mm::new());
    let address = mm.map(&file, 0, 1, sharing).expect("there are addresses");
    let (faulting, truncating) = (Arc::clone(&mm), Arc::clone(&file));
    at_once([
        Box::new(move || {
            let outcome = access(&faulting, address);
            assert!(matches!(outcome, Ok(()) | Err(Error::BadAddress)), "{outcome:?}");
        }),
        Box::new(move || truncating.truncate(0).expect("the device works")),
    ]);
    assert_eq!(mm.load(address, &mut [0]), Err(Error::BadAddress), "an entry beyond the end");
    let cached = file.cached_pages();
    assert_eq!(file.drop_cache(), cached, "nobody has what there may be of pages");
}

/// A private copy that is made beside a truncation, after which the file grows again, is of the page that the file has.
fn copy_beside_replacement() {
    let file = file(&SuperBlock::new(&EXT, Device::new(4)));
    file.read_at(&mut [0], 0).expect("the device works");
    let mm = Arc::new(Mm::new());
    let address = mm.map(&file, 0, 1, Sharing::Private).expect("there are addresses");
    let (faulting, replacing) = (Arc::clone(&mm), Arc::clone(&file));
    at_once([
        Box::new(move || {
            let outcome = faulting.store(address + 1, b"p");
            assert!(matches!(outcome, Ok(()) | Err(Error::BadAddress)), "{outcome:?}");
        }),
        Box::new(move || {
            replacing.truncate(0).expect("the device works");
            replacing.write_at(b"b", 0).expect("there is room");
        }),
    ]);
    let mut byte = [0];
    mm.load(address, &mut byte).expect("the file has a page");
    assert_eq!(byte, *b"b", "a copy of the page that was");
}

/// A fault beside `munmap` makes no entry in an area that is gone.
fn fault_beside_unmapping() {
    let file = file(&SuperBlock::new(&EXT, Device::new(4)));
    let mm = Arc::new(Mm::new());
    let address = mm.map(&file, 0, 1, Sharing::Shared).expect("there are addresses");
    let loading = Arc::clone(&mm);
    at_once([
        Box::new(move || match loading.load(address, &mut [0]) {
            Ok(()) => {}
            Err(error) => assert_eq!(error, Error::BadAddress),
        }),
        Box::new(move || mm.unmap(address).expect("the area is there")),
    ]);
    let cached = file.cached_pages();
    assert_eq!(file.drop_cache(), cached, "nobody has the page");
}

/// A fork beside a truncation leaves no private copy of a page that is beyond the end, in the parent or in the child.
fn fork_beside_truncation() {
    let file = file(&SuperBlock::new(&EXT, Device::new(4)));
    let mm = Mm::new();
    let address = mm.map(&file, 0, 1, Sharing::Private).expect("there are addresses");
    mm.store(address, b"p").expect("the page is within the file");
    let (parent, truncating) = (Arc::new(mm), Arc::clone(&file));
    let forking = Arc::clone(&parent);
    let child = thread::spawn(move || forking.fork());
    let truncation = thread::spawn(move || truncating.truncate(0).expect("the device works"));
    let child = child.join().expect("its own panic was told");
    truncation.join().expect("its own panic was told");
    for mm in [&*parent, &child] {
        assert_eq!(mm.load(address, &mut [0]), Err(Error::BadAddress), "a copy beyond the end");
    }
}

/// A fault whose page loses its contents before it is locked fills it as any other: with the mapping's lock.
fn fault_beside_a_loss() {
    let file = file(&SuperBlock::new(&EXT, Device::new(4)));
    file.read_at(&mut [0], 0).expect("the device works");
    let mm = Mm::new();
    let address = mm.map(&file, 0, 1, Sharing::Shared).expect("there are addresses");
    at_once([
        Box::new(move || {
            let mut byte = [0];
            mm.load(address, &mut byte).expect("the page is within the file");
            assert_eq!(byte, [b'a']);
        }),
        Box::new(move || seeded::loss(&file, 0)),
    ]);
}

/// Two files change places in both directions at once: neither waits for ever, and no page is lost.
fn exchange_both_ways() {
    let sb = SuperBlock::new(&EXT, Device::new(4));
    let (one, other) = (file(&sb), file(&sb));
    other.write_at(&[b'b'; PAGE_SIZE], 0).expect("there is room");
    let (here, there) = ((Arc::clone(&one), Arc::clone(&other)), (Arc::clone(&other), Arc::clone(&one)));
    at_once([here, there].map(|(from, to)| {
        Box::new(move || from.exchange_range(0, &to, 0, PAGE).expect("both have a page")) as Box<dyn FnOnce() + Send>
    }));
    let mut bytes = [0; 2];
    one.read_at(&mut bytes[..1], 0).expect("the device works");
    other.read_at(&mut bytes[1..], 0).expect("the device works");
    assert_eq!(&bytes, b"ab", "twice exchanged is as before");
}

/// A file is evicted twice, looked up and written: it is found every time, and reads as what was written.
fn lookup_beside_eviction() {
    let device = Device::new(4);
    let directory = Arc::new(Directory::new(&SuperBlock::new(&LOG, Arc::clone(&device))));
    drop(directory.create("name").unwrap());
    let (one, other) = (Arc::clone(&directory), Arc::clone(&directory));
    let evict = move || {
        one.evict_unused();
    };
    let write = move || {
        let file = other.lookup("name").unwrap();
        file.write_at(b"text", 0).unwrap();
        file.fsync().unwrap();
        file.drop_cache();
        drop(file);
        other.evict_unused();
        let mut text = [0; 4];
        assert_eq!((other.lookup("name").unwrap().read_at(&mut text, 0), &text), (Ok(4), b"text"));
    };
    at_once([Box::new(evict), Box::new(write)]);
    drop(directory);
    assert_eq!(device.free_blocks(), 4);
}
