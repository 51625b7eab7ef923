//! Waits that are given up leave nothing locked and lose nothing; those that nobody gives up come to their end.

use pagecache::backing::{Faults, Faulty, MemoryBlocks};
use pagecache::{Completion, Device, EXT, Error, FileSystemType, Inode, Kill, LOG, Mm, PAGE_SIZE, Sharing, SuperBlock};
use std::sync::Arc;
use std::thread;

const PAGE: u64 = PAGE_SIZE as u64;

/// What a thread does with the first page of a file while it is on its way from the device.
type Wait = fn(&Arc<Inode>) -> Result<(), Error>;

fn read(file: &Arc<Inode>) -> Result<(), Error> {
    file.read_at(&mut [0; 10], 0).map(|read| assert_eq!(read, 10))
}

fn load(file: &Arc<Inode>) -> Result<(), Error> {
    let mm = Mm::new();
    mm.load(mm.map(file, 0, 1, Sharing::Shared)?, &mut [0])
}

fn store(file: &Arc<Inode>) -> Result<(), Error> {
    let mm = Mm::new();
    mm.store(mm.map(file, 0, 1, Sharing::Private)?, b"p")
}

fn write_from_mapped_memory(file: &Arc<Inode>) -> Result<(), Error> {
    let (mm, other) = (Mm::new(), file.superblock().create());
    let address = mm.map(file, 0, 1, Sharing::Shared)?;
    mm.write_file(&other, address, 10, 0).map(|written| assert_eq!(written, 10))
}

const WAITS: [(&str, Wait); 4] =
    [("read", read), ("load", load), ("store", store), ("write from mapped memory", write_from_mapped_memory)];

/// A file of three pages of sevens, on a device that can be told to wait, and not in the cache.
fn file(fs: &'static FileSystemType, completion: Completion) -> (Arc<Inode>, Arc<Faults>) {
    let faults = Arc::new(Faults::default());
    let device = Device::with(Faulty::new(MemoryBlocks::new(16), Arc::clone(&faults)), completion);
    let file = SuperBlock::new(fs, device).create();
    file.write_at(&[7; 3 * PAGE_SIZE], 0).unwrap();
    file.fsync().unwrap();
    file.drop_cache();
    (file, faults)
}

/// Nothing is locked: every page can be dropped. Nothing is lost: they come back as they were.
fn is_whole(file: &Inode) {
    lockdep::assert_none_held!();
    let mut bytes = [0; 3 * PAGE_SIZE];
    assert_eq!(file.read_at(&mut bytes, 0), Ok(bytes.len()));
    assert!(bytes.iter().all(|byte| *byte == 7));
    file.fsync().unwrap();
    file.drop_cache();
    assert_eq!(file.cached_pages(), 0);
}

/// Somebody reads the first page, and the device keeps it; meanwhile somebody else waits for it, who is killed or not.
fn wait_beside_a_read(
    fs: &'static FileSystemType,
    completion: Completion,
    wait: Wait,
    is_killed: bool,
) -> Result<(), Error> {
    let (file, faults) = file(fs, completion);
    faults.hold(0);
    let outcome = thread::scope(|scope| {
        let reader = scope.spawn(|| file.read_at(&mut [0], 0));
        faults.wait_for_waiter();
        let kill = Kill::new();
        let waiter = scope.spawn({
            let (kill, file) = (kill.clone(), &file);
            move || kill.under(|| wait(file))
        });
        if is_killed {
            kill.kill();
        } else {
            faults.heal();
        }
        let outcome = waiter.join().unwrap();
        faults.heal();
        assert_eq!(reader.join().unwrap(), Ok(1), "nobody killed the reader");
        outcome
    });
    is_whole(&file);
    outcome
}

#[test]
fn waits_for_a_page_are_given_up_by_whoever_is_killed_and_by_nobody_else() {
    for fs in [&EXT, &LOG] {
        for completion in [Completion::Inline, Completion::Thread] {
            for (name, wait) in WAITS {
                let killed = wait_beside_a_read(fs, completion, wait, true);
                assert_eq!(killed, Err(Error::Interrupted), "{name}, {}, {completion:?}", fs.name);
                assert_eq!(wait_beside_a_read(fs, completion, wait, false), Ok(()), "{name}, {}", fs.name);
            }
        }
    }
}

#[test]
fn who_waits_for_a_read_of_its_own_gives_up_and_the_page_is_filled_nevertheless() {
    let (file, faults) = file(&EXT, Completion::Thread);
    faults.hold(0);
    let kill = Kill::new();
    thread::scope(|scope| {
        let reader = scope.spawn(|| kill.under(|| file.read_at(&mut [0], 0)));
        faults.wait_for_waiter();
        kill.kill();
        assert_eq!(reader.join().unwrap(), Err(Error::Interrupted));
    });
    faults.heal();
    assert_eq!(file.read_at(&mut [0], 0), Ok(1));
    is_whole(&file);
}

#[test]
fn a_write_that_is_killed_says_how_far_it_came() {
    let (file, faults) = file(&EXT, Completion::Inline);
    // The rest of the first page has to be read.
    faults.hold(0);
    let kill = Kill::new();
    thread::scope(|scope| {
        let writer = scope.spawn(|| kill.under(|| file.write_at(&[7; 2 * PAGE_SIZE], 100)));
        faults.wait_for_waiter();
        kill.kill();
        faults.heal();
        assert_eq!(writer.join().unwrap(), Ok(PAGE_SIZE - 100), "the page that was begun");
    });
    assert_eq!(kill.under(|| file.write_at(&[8; PAGE_SIZE], 0)), Err(Error::Interrupted), "nothing was begun");
    assert_eq!(kill.under(|| file.punch_hole(0, 0)), Ok(()), "nothing there is given up");
    is_whole(&file);
}

#[test]
fn a_fault_at_the_mark_of_readahead_reads_on_and_at_any_other_page_does_not() {
    let file = SuperBlock::new(&EXT, Device::new(64)).create();
    file.write_at(&[7; 64 * PAGE_SIZE], 0).unwrap();
    file.fsync().unwrap();
    file.drop_cache();
    let mm = Mm::new();
    let address = mm.map(&file, 0, 64, Sharing::Shared).unwrap();
    let load = |page: u64| mm.load(address + page * PAGE, &mut [0]).unwrap();
    load(0);
    assert_eq!(file.cached_pages(), 4, "what is read around the fault");
    load(2);
    assert_eq!(file.cached_pages(), 4, "no mark");
    load(3);
    assert_eq!(file.cached_pages(), 4 + 32, "the mark, and the window after it");
    load(3);
    assert_eq!(file.cached_pages(), 4 + 32, "a mark is good for once");
}
