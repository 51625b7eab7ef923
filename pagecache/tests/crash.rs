//! What is left when the power goes, between any two commands that a device gets: what was synced is there.

use pagecache::backing::{Attributes, Blocks, MemoryBlocks};
use pagecache::page::PageData;
use pagecache::workload::Random;
use pagecache::{
    Completion, Device, EXT, FileSystemType, Inode, LOG, Memory, Mm, MountOptions, PAGE_SIZE, Result, Sharing,
    SuperBlock,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread;

const PAGE: u64 = PAGE_SIZE as u64;
/// Where in a page its version is.
const VERSION_AT: usize = 100;

/// What a device with a write cache was told, in order.
#[derive(Clone, Debug)]
enum Command {
    Write(u64, u8),
    Keep(u64, Attributes),
    Flush,
}

type Commands = Arc<Mutex<Vec<Command>>>;

#[derive(Debug)]
struct Recorder(MemoryBlocks, Commands);

impl Recorder {
    fn note(&self, command: Command) {
        self.1.lock().unwrap().push(command);
    }
}

impl Blocks for Recorder {
    fn count(&self) -> u64 {
        self.0.count()
    }

    fn read(&self, block: u64, page: &PageData) -> Result<()> {
        self.0.read(block, page)
    }

    fn write(&self, block: u64, page: &PageData) -> Result<()> {
        let mut version = [0];
        page.read(VERSION_AT, &mut version);
        self.note(Command::Write(block, version[0]));
        self.0.write(block, page)
    }

    fn keep_attributes(&self, ino: u64, attributes: Attributes) -> Result<()> {
        self.note(Command::Keep(ino, attributes));
        Ok(())
    }

    fn flush(&self) -> Result<()> {
        self.note(Command::Flush);
        Ok(())
    }
}

/// What is there after a crash: what the device was told before the last flush, and of the rest any part.
#[derive(Default)]
struct Left {
    blocks: BTreeMap<u64, u8>,
    /// Of each file, and which command it was.
    attributes: BTreeMap<u64, (usize, Attributes)>,
}

impl Left {
    fn after(commands: &[Command], random: &mut Random) -> Left {
        let flushed = commands.iter().rposition(|command| matches!(command, Command::Flush)).unwrap_or(0);
        let mut left = Left::default();
        for (at, command) in commands.iter().enumerate() {
            if at >= flushed && random.below(2) == 0 {
                continue;
            }
            match command {
                Command::Write(block, version) => drop(left.blocks.insert(*block, *version)),
                Command::Keep(ino, attributes) => drop(left.attributes.insert(*ino, (at, *attributes))),
                Command::Flush => {}
            }
        }
        left
    }
}

/// A sync of a file.
#[derive(Clone, Debug)]
struct Synced {
    /// How many commands there were before it and after it.
    began: usize,
    over: usize,
    /// Whether it was more than of the data.
    in_full: bool,
    /// What the file was then.
    size: u64,
    version: u64,
    pages: BTreeMap<u64, u8>,
}

/// A file whose pages have versions, and what was synced of it.
struct Subject {
    file: Arc<Inode>,
    mm: Mm,
    mapped: u64,
    pages: BTreeMap<u64, u8>,
    syncs: Vec<Synced>,
}

impl Subject {
    const PAGES: u64 = 12;

    fn new(sb: &Arc<SuperBlock>) -> Subject {
        let (file, mm) = (sb.create(), Mm::new());
        let mapped = mm.map(&file, 0, Subject::PAGES, Sharing::Shared).unwrap();
        Subject { file, mm, mapped, pages: BTreeMap::new(), syncs: Vec::new() }
    }

    /// One random write, store, sync, or growth.
    fn step(&mut self, random: &mut Random, commands: &Commands) {
        let page = random.below(Subject::PAGES);
        let version = self.pages.get(&page).map_or(1, |version| version + 1);
        match random.below(11) {
            0 => self.sync(true, commands),
            1 | 2 => self.sync(false, commands),
            3 => self.file.truncate(self.file.len().max(page * PAGE)).unwrap(),
            4..7 if (page + 1) * PAGE <= self.file.len() => {
                self.mm.store(self.mapped + page * PAGE, &[version; 2 * VERSION_AT]).unwrap();
                self.pages.insert(page, version);
            }
            _ => {
                assert_eq!(self.file.write_at(&[version; PAGE_SIZE], page * PAGE), Ok(PAGE_SIZE));
                self.pages.insert(page, version);
            }
        }
    }

    fn sync(&mut self, in_full: bool, commands: &Commands) {
        let count = || commands.lock().unwrap().len();
        let began = count();
        let (size, version) = (self.file.len(), self.file.version());
        if in_full { self.file.fsync() } else { self.file.fdatasync() }.unwrap();
        self.syncs.push(Synced { began, over: count(), in_full, size, version, pages: self.pages.clone() });
    }

    /// The block at the bottom that a page has come to.
    fn block_of(&self, page: u64, images: &[Arc<Inode>]) -> u64 {
        let file_and_images = std::iter::once(&self.file).chain(images.iter().rev());
        file_and_images.fold(page, |page, file| file.block_of(page).expect("a synced page has a block"))
    }

    fn check_pages(&self, pages: &BTreeMap<u64, u8>, left: &Left, images: &[Arc<Inode>], when: &str) {
        for (page, version) in pages {
            let found = left.blocks.get(&self.block_of(*page, images));
            let is_there = found.is_some_and(|found| (version..=&self.pages[page]).contains(&found));
            assert!(is_there, "{when}: page {page} was synced as {version} and is {found:?}");
        }
    }

    /// What was synced before so many commands is there, and the size of no byte that is not.
    fn check(&self, crash: usize, left: &Left, when: &str) {
        let Some(last) = self.syncs.iter().rfind(|sync| sync.over <= crash) else { return };
        self.check_pages(&last.pages, left, &[], when);
        let (at, kept) = left.attributes.get(&self.file.ino()).expect("the device keeps a file that was synced");
        assert!(kept.size >= last.size, "{when}: a size of {} was synced and is {}", last.size, kept.size);
        let in_full = self.syncs.iter().rfind(|sync| sync.over <= crash && sync.in_full);
        assert!(in_full.is_none_or(|sync| kept.version >= sync.version), "{when}: {in_full:?} and {kept:?}");
        let by = self.syncs.iter().find(|sync| (sync.began..sync.over).contains(at)).expect("a sync said it");
        self.check_pages(&by.pages, left, &[], when);
    }
}

fn mount(fs: &'static FileSystemType, device: Arc<Device>, memory: &Arc<Memory>) -> Arc<SuperBlock> {
    SuperBlock::mount(fs, device, MountOptions { memory: Arc::clone(memory), ..MountOptions::default() })
}

/// One random history in a small cache, and a crash after each command that its device got.
fn history(seed: u64) {
    let (mut random, commands) = (Random::new(seed), Commands::default());
    let completion = if seed.is_multiple_of(2) { Completion::Inline } else { Completion::Thread };
    let device = Device::with(Recorder(MemoryBlocks::new(64), Arc::clone(&commands)), completion);
    let fs = if seed.is_multiple_of(3) { &LOG } else { &EXT };
    let mut subject = Subject::new(&mount(fs, device, &Memory::new(8)));
    for _ in 0..60 {
        subject.step(&mut random, &commands);
    }
    subject.sync(true, &commands);
    let commands = commands.lock().unwrap().clone();
    for crash in 0..=commands.len() {
        let left = Left::after(&commands[..crash], &mut random);
        subject.check(crash, &left, &format!("seed {seed}, crash after {crash}"));
    }
}

fn each_seed(count: u64, history: fn(u64)) {
    match std::env::var("PAGECACHE_SEED") {
        Ok(seed) => history(seed.parse().expect("PAGECACHE_SEED is a number")),
        Err(_) => (0..count).for_each(history),
    }
}

#[test]
fn what_was_synced_is_there_after_a_crash_between_any_two_commands() {
    each_seed(40, history);
}

#[test]
fn the_data_alone_is_synced_without_what_is_not_needed_to_reach_it() {
    for fs in [&EXT, &LOG] {
        let commands = Commands::default();
        let device = Device::with(Recorder(MemoryBlocks::new(64), Arc::clone(&commands)), Completion::Inline);
        let file = SuperBlock::new(fs, device).create();
        let told = |sync: fn(&Inode) -> Result<()>| {
            let before = commands.lock().unwrap().len();
            sync(&file).unwrap();
            let commands = commands.lock().unwrap();
            assert!(matches!(commands.last(), Some(Command::Flush)), "the device has to keep it");
            commands[before..].iter().filter(|command| matches!(command, Command::Keep(..))).count()
        };
        file.write_at(&[1; PAGE_SIZE], 2 * PAGE).unwrap();
        assert_eq!(told(Inode::fdatasync), 1, "nobody knows of the file");
        file.write_at(&[2; PAGE_SIZE], 2 * PAGE).unwrap();
        assert_eq!(told(Inode::fdatasync), 0, "only that it was changed is new");
        assert_eq!((told(Inode::fsync), told(Inode::fsync)), (1, 0), "which is told when all is synced");
        file.write_at(&[3; PAGE_SIZE], 3 * PAGE).unwrap();
        assert_eq!((told(Inode::fdatasync), told(Inode::fdatasync)), (1, 0), "there are bytes that the old size hides");
        file.write_at(&[4; PAGE_SIZE], 0).unwrap();
        assert_eq!((told(Inode::fdatasync), told(Inode::fdatasync)), (1, 0), "there was a hole");
        file.truncate(6 * PAGE).unwrap();
        assert_eq!(told(Inode::fdatasync), 1, "there are more bytes, and no more blocks");
        file.truncate(3 * PAGE).unwrap();
        assert_eq!(told(Inode::fdatasync), 1, "there are fewer");
    }
}

/// Threads with a file each on a stack in little memory. What is synced above is on the device at the bottom.
fn stacked_history(seed: u64) {
    let (commands, memory) = (Commands::default(), Memory::new(24));
    let completion = if seed.is_multiple_of(2) { Completion::Inline } else { Completion::Thread };
    let mut device = Device::with(Recorder(MemoryBlocks::new(256), Arc::clone(&commands)), completion);
    let mut images = Vec::new();
    for level in 0..1 + seed % 2 {
        let sb = mount(if (seed + level).is_multiple_of(3) { &LOG } else { &EXT }, device, &memory);
        let image = sb.create();
        image.truncate((120 - 40 * level) * PAGE).unwrap();
        device = Device::over(&image).unwrap();
        images.push(image);
    }
    let sb = mount(&EXT, device, &memory);
    let work = |number: u64| {
        let (mut random, mut subject) = (Random::new(seed * 16 + number), Subject::new(&sb));
        for _ in 0..40 {
            subject.step(&mut random, &commands);
        }
        subject.sync(true, &commands);
        subject
    };
    let subjects: Vec<Subject> = thread::scope(|scope| {
        let threads = [0, 1, 2].map(|number| scope.spawn(move || work(number)));
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(memory.evicted() > 0 && memory.pages() <= memory.limit() + images.len());
    let (mut random, commands) = (Random::new(seed), commands.lock().unwrap().clone());
    for crash in 0..=commands.len() {
        let left = Left::after(&commands[..crash], &mut random);
        for (number, subject) in subjects.iter().enumerate() {
            let when = format!("seed {seed}, crash after {crash}, file {number}");
            if let Some(last) = subject.syncs.iter().rfind(|sync| sync.over <= crash) {
                subject.check_pages(&last.pages, &left, &images, &when);
            }
        }
    }
    lockdep::assert_none_held!();
}

#[test]
fn what_was_synced_on_a_stack_is_there_after_a_crash_of_what_is_at_the_bottom() {
    each_seed(12, stacked_history);
}
