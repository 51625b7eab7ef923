//! Writing out in the background, and what is left when the power goes.

use pagecache::backing::{Blocks, Faults, Faulty, MemoryBlocks};
use pagecache::page::PageData;
use pagecache::workload::Random;
use pagecache::{
    Completion, Device, EXT, Error, Inode, LOG, Memory, Mm, MountOptions, PAGE_SIZE, Result, Sharing, SuperBlock,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

const PAGE: u64 = PAGE_SIZE as u64;

fn limited(limit: usize) -> (Arc<Memory>, MountOptions) {
    let memory = Memory::new(limit);
    (Arc::clone(&memory), MountOptions { memory, ..MountOptions::default() })
}

fn byte(file: &Inode, page: u64) -> u8 {
    let mut byte = [0xee];
    assert_eq!(file.read_at(&mut byte, page * PAGE + 9), Ok(1));
    byte[0]
}

#[test]
fn files_far_larger_than_the_cache_are_written_by_calls_and_by_stores() {
    for (fs, completion, limit) in [(&EXT, Completion::Inline, 10), (&LOG, Completion::Thread, 3)] {
        let (memory, options) = limited(limit);
        let sb = SuperBlock::mount(fs, Device::with(MemoryBlocks::new(512), completion), options);
        let files = [sb.create(), sb.create()];
        files[1].truncate(200 * PAGE).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                (0..200).for_each(|page| {
                    files[0].write_at(&[page as u8; PAGE_SIZE], page * PAGE).map(drop).unwrap();
                })
            });
            scope.spawn(|| {
                let mm = Mm::new();
                let mapped = mm.map(&files[1], 0, 200, Sharing::Shared).unwrap();
                (0..200).for_each(|page| mm.store(mapped + page * PAGE, &[page as u8; 64]).unwrap());
            });
        });
        assert!(memory.pages() <= limit, "{memory:?}");
        for page in 0..200 {
            assert_eq!([byte(&files[0], page), byte(&files[1], page)], [page as u8; 2]);
        }
        lockdep::assert_none_held!();
    }
}

#[test]
fn the_one_who_writes_waits_while_too_much_is_dirty() {
    let (memory, options) = limited(50);
    let file = SuperBlock::mount(&EXT, Device::new(200), options).create();
    for page in 0..200 {
        file.write_at(&[1; PAGE_SIZE], page * PAGE).unwrap();
        assert!(memory.dirty() <= 10, "{} pages are dirty", memory.dirty());
    }
}

#[test]
fn what_is_dirty_is_written_after_a_while_without_anybody_asking() {
    let device = Device::new(8);
    device.write_out_every(Duration::from_millis(1));
    let (memory, options) = limited(100);
    let file = SuperBlock::mount(&EXT, device, options).create();
    file.write_at(&[1; 3 * PAGE_SIZE], 0).unwrap();
    while file.blocks() < 3 || memory.dirty() > 0 {
        thread::yield_now();
    }
    assert_eq!(file.cached_pages(), 3);
}

#[test]
fn a_device_that_fails_or_is_full_keeps_nobody_waiting() {
    let faults = Arc::new(Faults::default());
    let (memory, options) = limited(10);
    let sb = SuperBlock::mount(
        &EXT,
        Device::with(Faulty::new(MemoryBlocks::new(4), Arc::clone(&faults)), Completion::Inline),
        options,
    );
    let file = sb.create();
    let opened = file.open();
    faults.fail_writes(2);
    let written = file.write_at(&[7; 40 * PAGE_SIZE], 0).unwrap();
    assert!((10 * PAGE_SIZE..40 * PAGE_SIZE).contains(&written), "{written}");
    assert_eq!(file.write_at(b"more", 39 * PAGE), Err(Error::NoMemory));
    assert!(memory.dirty() > memory.limit() / 2);
    assert_eq!(opened.sync(), Err(Error::NoSpace));
    file.truncate(0).unwrap();
    assert_eq!((memory.dirty(), memory.pages()), (0, 0));
    lockdep::assert_none_held!();
}

/// A page that was written and whose write failed is clean: the kernel drops it, too, and tells every opener.
#[test]
fn an_error_in_the_background_is_told_to_each_opener_once() {
    let faults = Arc::new(Faults::default());
    let (_, options) = limited(10);
    let sb = SuperBlock::mount(
        &EXT,
        Device::with(Faulty::new(MemoryBlocks::new(64), Arc::clone(&faults)), Completion::Inline),
        options,
    );
    let file = sb.create();
    let before = [file.open(), file.open()];
    faults.fail_writes(0);
    file.write_at(&[7; 40 * PAGE_SIZE], 0).unwrap();
    let late = file.open();
    assert_eq!(before[0].sync(), Err(Error::Io));
    assert_eq!(late.sync(), Err(Error::Io), "nobody had been told when it was opened");
    assert_eq!(file.open().sync(), Ok(()), "somebody had");
    assert_eq!((before[0].sync(), before[1].sync(), before[1].sync()), (Ok(()), Err(Error::Io), Ok(())));
}

/// What a device with a write cache was told, in order.
#[derive(Clone, Debug)]
enum Command {
    Write(u64, u8),
    Flush,
}

#[derive(Debug)]
struct Recorder(MemoryBlocks, Arc<Mutex<Vec<Command>>>);

impl Blocks for Recorder {
    fn count(&self) -> u64 {
        self.0.count()
    }

    fn read(&self, block: u64, page: &PageData) -> Result<()> {
        self.0.read(block, page)
    }

    fn write(&self, block: u64, page: &PageData) -> Result<()> {
        let mut version = [0];
        page.read(100, &mut version);
        self.1.lock().unwrap().push(Command::Write(block, version[0]));
        self.0.write(block, page)
    }

    fn flush(&self) -> Result<()> {
        self.1.lock().unwrap().push(Command::Flush);
        Ok(())
    }
}

/// The blocks after a crash: what was written before the last flush is there, and of the rest any part.
fn after_crash(commands: &[Command], random: &mut Random) -> BTreeMap<u64, u8> {
    let flushed = commands.iter().rposition(|command| matches!(command, Command::Flush)).unwrap_or(0);
    let mut blocks = BTreeMap::new();
    for (at, command) in commands.iter().enumerate() {
        if let Command::Write(block, version) = command
            && (at < flushed || random.below(2) == 0)
        {
            blocks.insert(*block, *version);
        }
    }
    blocks
}

/// One random history of writes, stores and syncs in a small cache, and a crash after each command that its device got.
fn history(seed: u64) {
    const PAGES: u64 = 12;
    let mut random = Random::new(seed);
    let commands = Arc::new(Mutex::new(Vec::new()));
    let device = Device::with(
        Recorder(MemoryBlocks::new(64), Arc::clone(&commands)),
        if seed.is_multiple_of(2) { Completion::Inline } else { Completion::Thread },
    );
    let (_, options) = limited(8);
    let sb = SuperBlock::mount(if seed.is_multiple_of(3) { &LOG } else { &EXT }, device, options);
    let (file, mm) = (sb.create(), Mm::new());
    file.truncate(PAGES * PAGE).unwrap();
    let mapped = mm.map(&file, 0, PAGES, Sharing::Shared).unwrap();
    // The versions of the pages, and for each sync when it was over and what they were.
    let (mut versions, mut syncs) = (BTreeMap::<u64, u8>::new(), Vec::new());
    for _ in 0..60 {
        let page = random.below(PAGES);
        let version = versions.get(&page).map_or(1, |version| version + 1);
        match random.below(8) {
            0 => {
                file.fsync().unwrap();
                syncs.push((commands.lock().unwrap().len(), versions.clone()));
            }
            1..4 => {
                mm.store(mapped + page * PAGE, &[version; 128]).unwrap();
                versions.insert(page, version);
            }
            _ => {
                file.write_at(&[version; PAGE_SIZE], page * PAGE).unwrap();
                versions.insert(page, version);
            }
        }
    }
    file.fsync().unwrap();
    let commands = commands.lock().unwrap();
    for crash in 0..=commands.len() {
        let blocks = after_crash(&commands[..crash], &mut random);
        let Some((_, synced)) = syncs.iter().rfind(|(over, _)| *over <= crash) else { continue };
        for (page, version) in synced {
            let block = file.block_of(*page).expect("a synced page has a block");
            let found = blocks.get(&block);
            assert!(
                found.is_some_and(|found| (version..=&versions[page]).contains(&found)),
                "seed {seed}, crash after {crash}: page {page} was synced as {version} and is {found:?}"
            );
        }
    }
}

#[test]
fn what_was_synced_is_there_after_a_crash_between_any_two_writes() {
    match std::env::var("PAGECACHE_SEED") {
        Ok(seed) => history(seed.parse().expect("PAGECACHE_SEED is a number")),
        Err(_) => (0..40).for_each(history),
    }
}

#[test]
fn pages_go_to_the_device_in_ascending_order() {
    let commands = Arc::new(Mutex::new(Vec::new()));
    let device = Device::with(Recorder(MemoryBlocks::new(64), Arc::clone(&commands)), Completion::Inline);
    let file = SuperBlock::new(&EXT, device).create();
    for page in [5, 3, 60, 1, 20] {
        file.write_at(&[page as u8; PAGE_SIZE], page * PAGE).unwrap();
    }
    file.fsync().unwrap();
    let commands = commands.lock().unwrap();
    let written: Vec<u8> = commands
        .iter()
        .filter_map(|command| match command {
            Command::Write(_, page) => Some(*page),
            Command::Flush => None,
        })
        .collect();
    assert_eq!(written, [1, 3, 5, 20, 60]);
    let blocks: BTreeSet<_> = [1, 3, 5, 20, 60].map(|page| file.block_of(page)).into();
    assert_eq!((blocks.len(), file.block_of(2)), (5, None));
}
