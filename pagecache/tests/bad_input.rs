//! Whatever is asked for and cannot be had gets the error that the kernel has for it, changes nothing, and leaves no page locked and no
//! lock held: one table.

use pagecache::backing::{Faults, Faulty, MemoryBlocks};
use pagecache::{
    Completion, Device, Directory, EXT, Error, FileSystemType, Inode, Kill, LOG, MAX_BYTES, Memory, Mm, MountOptions,
    PAGE_SIZE, Result, Sharing, SuperBlock,
};
use std::sync::Arc;

const PAGE: u64 = PAGE_SIZE as u64;
/// Three pages with a block each, a hole of one page, a little more.
const LEN: u64 = 4 * PAGE + 100;

/// What is wrong besides the arguments.
#[derive(Clone, Copy, Debug, PartialEq)]
enum With {
    Nothing,
    /// No block is free.
    Full,
    /// Reads fail.
    BrokenReads,
    /// The device is gone.
    Closed,
    /// Whoever calls was told to give up.
    Killed,
    /// There may be no more pages.
    Crowded,
}

struct World {
    file: Arc<Inode>,
    other: Arc<Inode>,
    elsewhere: Arc<Inode>,
    directory: Directory,
    mm: Mm,
    shared: u64,
    private: u64,
    device: Arc<Device>,
    faults: Arc<Faults>,
    kill: Kill,
}

type Operation = fn(&World) -> Result<()>;

const TABLE: &[(With, Error, &str, Operation)] = {
    use Error::*;
    use With::*;
    &[
        (Nothing, TooBig, "write past the limit", |w| w.file.write_at(b"x", MAX_BYTES).map(drop)),
        (Nothing, TooBig, "write past the range", |w| w.file.write_at(b"xy", u64::MAX).map(drop)),
        (Nothing, TooBig, "truncate past the limit", |w| w.file.truncate(MAX_BYTES + 1)),
        (Nothing, TooBig, "zero past the limit", |w| w.file.zero_range(MAX_BYTES - 1, 2)),
        (Nothing, TooBig, "zero past the range", |w| w.file.zero_range(u64::MAX, 2)),
        (Nothing, TooBig, "allocate past the limit", |w| w.file.allocate_range(MAX_BYTES - 1, 2, true)),
        (Nothing, Invalid, "allocate nothing", |w| w.file.allocate_range(0, 0, false)),
        (Nothing, TooBig, "insert past the limit", |w| w.file.insert_range(0, MAX_BYTES / PAGE * PAGE)),
        (Nothing, Invalid, "collapse from within a page", |w| w.file.collapse_range(1, PAGE)),
        (Nothing, Invalid, "collapse of a part of a page", |w| w.file.collapse_range(0, 1)),
        (Nothing, Invalid, "collapse of nothing", |w| w.file.collapse_range(0, 0)),
        (Nothing, Invalid, "collapse to the end", |w| w.file.collapse_range(3 * PAGE, 2 * PAGE)),
        (Nothing, Invalid, "collapse beyond the end", |w| w.file.collapse_range(9 * PAGE, PAGE)),
        (Nothing, Invalid, "collapse past the range", |w| w.file.collapse_range(u64::MAX - PAGE + 1, PAGE)),
        (Nothing, Invalid, "insert within a page", |w| w.file.insert_range(1, PAGE)),
        (Nothing, Invalid, "insert of a part of a page", |w| w.file.insert_range(0, 1)),
        (Nothing, Invalid, "insert of nothing", |w| w.file.insert_range(0, 0)),
        (Nothing, Invalid, "insert beyond the end", |w| w.file.insert_range(5 * PAGE, PAGE)),
        (Nothing, Invalid, "exchange from within a page", |w| w.file.exchange_range(1, &w.other, 0, PAGE)),
        (Nothing, Invalid, "exchange into a page", |w| w.file.exchange_range(0, &w.other, 1, PAGE)),
        (Nothing, Invalid, "exchange of nothing", |w| w.file.exchange_range(0, &w.other, 0, 0)),
        (Nothing, Invalid, "exchange of the last page", |w| w.file.exchange_range(4 * PAGE, &w.other, 0, PAGE)),
        (Nothing, Invalid, "exchange past the range", |w| w.file.exchange_range(0, &w.other, u64::MAX - 1, PAGE)),
        (Nothing, Invalid, "exchange with itself", |w| w.file.exchange_range(0, &w.file, PAGE, 2 * PAGE)),
        (Nothing, OtherDevice, "exchange across mounts", |w| w.file.exchange_range(0, &w.elsewhere, 0, PAGE)),
        (Nothing, Invalid, "clone from within a page", |w| w.file.clone_range(1, &w.other, 0, PAGE)),
        (Nothing, Invalid, "clone into a page", |w| w.file.clone_range(0, &w.other, 1, PAGE)),
        (Nothing, Invalid, "clone of nothing", |w| w.file.clone_range(0, &w.other, 0, 0)),
        (Nothing, Invalid, "clone of a part of a page into a file", |w| w.file.clone_range(4 * PAGE, &w.other, 0, 100)),
        (Nothing, Invalid, "clone past the end", |w| w.file.clone_range(4 * PAGE, &w.other, 0, PAGE)),
        (Nothing, Invalid, "clone over itself", |w| w.file.clone_range(0, &w.file, PAGE, 2 * PAGE)),
        (Nothing, TooBig, "clone past the limit", |w| w.file.clone_range(0, &w.other, MAX_BYTES, PAGE)),
        (Nothing, OtherDevice, "clone across mounts", |w| w.file.clone_range(0, &w.elsewhere, 0, PAGE)),
        (Nothing, Invalid, "dedupe past the end", |w| w.file.dedupe_range(0, &w.other, 0, 3 * PAGE).map(drop)),
        (Nothing, Invalid, "copy over itself", |w| w.file.copy_range(0, &w.file, 1, PAGE).map(drop)),
        (Nothing, TooBig, "copy past the limit", |w| w.file.copy_range(0, &w.other, MAX_BYTES, PAGE).map(drop)),
        (Nothing, Invalid, "direct read of a part of a page", |w| w.file.read_direct(&mut [0; 100], 0).map(drop)),
        (Nothing, Invalid, "direct write within a page", |w| w.file.write_direct(&[0; PAGE_SIZE], 1).map(drop)),
        (Full, NoSpace, "clone of a dirty hole", |w| {
            dirty_hole(w, |w| w.file.clone_range(3 * PAGE, &w.other, 0, PAGE))
        }),
        (BrokenReads, Io, "dedupe", |w| w.file.dedupe_range(0, &w.other, 0, PAGE).map(drop)),
        (BrokenReads, Io, "direct read", |w| w.file.read_direct(&mut [0; PAGE_SIZE], 0).map(drop)),
        (Closed, Io, "direct write", |w| w.file.write_direct(&[7; PAGE_SIZE], 0).map(drop)),
        (Nothing, Invalid, "map of no pages", |w| w.mm.map(&w.file, 0, 0, Sharing::Shared).map(drop)),
        (Nothing, Invalid, "map past the limit", |w| w.mm.map(&w.file, u64::MAX, 1, Sharing::Shared).map(drop)),
        (Nothing, Invalid, "map of too many", |w| w.mm.map(&w.file, 0, u64::MAX, Sharing::Shared).map(drop)),
        (Nothing, Invalid, "unmap of nothing", |w| w.mm.unmap(7)),
        (Nothing, BadAddress, "load from nowhere", |w| w.mm.load(0, &mut [0])),
        (Nothing, BadAddress, "load past the range", |w| w.mm.load(u64::MAX, &mut [0; 2])),
        (Nothing, BadAddress, "load beyond the end", |w| w.mm.load(w.shared + 5 * PAGE, &mut [0])),
        (Nothing, BadAddress, "store to nowhere", |w| w.mm.store(0, b"x")),
        (Nothing, BadAddress, "store past the range", |w| w.mm.store(u64::MAX, b"xy")),
        (Nothing, BadAddress, "store beyond the end", |w| w.mm.store(w.shared + 5 * PAGE, b"x")),
        (Nothing, BadAddress, "private store beyond the end", |w| w.mm.store(w.private + 5 * PAGE, b"x")),
        (Nothing, BadAddress, "write from nowhere", |w| w.mm.write_file(&w.file, 0, 1, 0).map(drop)),
        (Nothing, BadAddress, "write from past the range", |w| w.mm.write_file(&w.file, u64::MAX, 9, 0).map(drop)),
        (Nothing, BadAddress, "read to nowhere", |w| w.mm.read_file(&w.file, 0, 1, 0).map(drop)),
        (Nothing, Exists, "create of a name that is there", |w| w.directory.create("name").map(drop)),
        (Nothing, BadName, "create of no name", |w| w.directory.create("").map(drop)),
        (Nothing, BadName, "create of a long name", |w| w.directory.create(&"x".repeat(99)).map(drop)),
        (Nothing, NotFound, "lookup of no file", |w| w.directory.lookup("other").map(drop)),
        (Nothing, NotFound, "unlink of no file", |w| w.directory.unlink("other")),
        (Full, NoSpace, "allocate a hole", |w| w.file.allocate_range(0, 8 * PAGE, false)),
        (Full, NoSpace, "store to a hole", |w| w.mm.store(w.shared + 3 * PAGE, b"x")),
        (Full, NoSpace, "collapse with a dirty hole", |w| dirty_hole(w, |w| w.file.collapse_range(0, PAGE))),
        (Full, NoSpace, "insert with a dirty hole", |w| dirty_hole(w, |w| w.file.insert_range(0, PAGE))),
        (Full, NoSpace, "exchange of a dirty hole", |w| {
            dirty_hole(w, |w| w.file.exchange_range(3 * PAGE, &w.other, 0, PAGE))
        }),
        (Full, NoSpace, "fsync of a dirty hole", |w| dirty_hole(w, |w| w.file.fsync())),
        (BrokenReads, Io, "read", |w| w.file.read_at(&mut [0], 0).map(drop)),
        (BrokenReads, Io, "write of a part of a page", |w| w.file.write_at(b"x", 5).map(drop)),
        (BrokenReads, Io, "truncate within a page", |w| w.file.truncate(PAGE + 5)),
        (BrokenReads, Io, "growth from within a page", |w| w.file.truncate(LEN + 5)),
        (BrokenReads, Io, "punch within a page", |w| w.file.punch_hole(5, 5)),
        (BrokenReads, Io, "punch from page to page", |w| w.file.punch_hole(5, PAGE)),
        (BrokenReads, Io, "zero within a page", |w| w.file.zero_range(5, 5)),
        (BrokenReads, Io, "load", |w| w.mm.load(w.shared, &mut [0])),
        (BrokenReads, Io, "store", |w| w.mm.store(w.shared, b"x")),
        (BrokenReads, Io, "private store", |w| w.mm.store(w.private, b"x")),
        (BrokenReads, Io, "write from memory", |w| w.mm.write_file(&w.other, w.shared, 9, 0).map(drop)),
        (BrokenReads, Io, "lookup", |w| w.directory.lookup("name").map(drop)),
        (BrokenReads, Io, "create", |w| w.directory.create("other").map(drop)),
        (BrokenReads, Io, "unlink", |w| w.directory.unlink("name")),
        (BrokenReads, Io, "names", |w| w.directory.names().map(drop)),
        (Closed, Io, "read", |w| w.file.read_at(&mut [0], 0).map(drop)),
        (Closed, Io, "write of a part of a page", |w| w.file.write_at(b"x", 5).map(drop)),
        (Closed, Io, "truncate within a page", |w| w.file.truncate(PAGE + 5)),
        (Closed, Io, "load", |w| w.mm.load(w.shared, &mut [0])),
        (Closed, Io, "store to a hole", |w| w.mm.store(w.shared + 3 * PAGE, b"x")),
        (Closed, Io, "fsync of a dirty hole", |w| dirty_hole(w, |w| w.file.fsync())),
        (Closed, Io, "collapse with a dirty hole", |w| dirty_hole(w, |w| w.file.collapse_range(0, PAGE))),
        (Closed, Io, "lookup", |w| w.directory.lookup("name").map(drop)),
        (Killed, Interrupted, "write", |w| w.file.write_at(b"x", 0).map(drop)),
        (Killed, Interrupted, "write from memory", |w| w.mm.write_file(&w.file, w.shared, 9, 0).map(drop)),
        (Killed, Interrupted, "create", |w| w.directory.create("other").map(drop)),
        (Crowded, NoMemory, "read", |w| w.file.read_at(&mut [0], 0).map(drop)),
        (Crowded, NoMemory, "write", |w| w.file.write_at(b"x", 0).map(drop)),
        (Crowded, NoMemory, "truncate within a page", |w| w.file.truncate(PAGE + 5)),
        (Crowded, NoMemory, "load", |w| w.mm.load(w.shared, &mut [0])),
        (Crowded, NoMemory, "store", |w| w.mm.store(w.private, b"x")),
        (Crowded, NoMemory, "lookup", |w| w.directory.lookup("name").map(drop)),
    ]
};

/// With the hole written to, which has no block.
fn dirty_hole(world: &World, operation: Operation) -> Result<()> {
    world.file.write_at(&[9; PAGE_SIZE], 3 * PAGE).expect("there is memory");
    operation(world)
}

impl World {
    fn new(fs: &'static FileSystemType, completion: Completion, memory: &Arc<Memory>) -> World {
        let faults = Arc::new(Faults::default());
        let device = Device::with(Faulty::new(MemoryBlocks::new(64), Arc::clone(&faults)), completion);
        let mount = || {
            let options = MountOptions { memory: Arc::clone(memory), ..MountOptions::default() };
            SuperBlock::mount(fs, Arc::clone(&device), options)
        };
        let sb = mount();
        let (file, other, elsewhere) = (sb.create(), sb.create(), mount().create());
        file.write_at(&[7; 3 * PAGE_SIZE], 0).unwrap();
        file.write_at(&[7; 100], 4 * PAGE).unwrap();
        other.write_at(&[5; 2 * PAGE_SIZE], 0).unwrap();
        elsewhere.write_at(&[3; PAGE_SIZE], 0).unwrap();
        let directory = Directory::new(&sb);
        directory.create("name").unwrap();
        for file in [&file, &other, &elsewhere] {
            file.fsync().unwrap();
            file.drop_cache();
        }
        directory.fsync().unwrap();
        directory.drop_cache();
        let mm = Mm::new();
        let shared = mm.map(&file, 0, 8, Sharing::Shared).unwrap();
        let private = mm.map(&file, 0, 8, Sharing::Private).unwrap();
        World { file, other, elsewhere, directory, mm, shared, private, device, faults, kill: Kill::new() }
    }

    /// A file that has all blocks that were free.
    fn fill_device(&self) -> Arc<Inode> {
        let hog = self.file.superblock().create();
        hog.write_at(&vec![1; self.device.free_blocks() * PAGE_SIZE], 0).unwrap();
        hog.fsync().unwrap();
        hog
    }

    fn run(&self, with: With, memory: &Memory, operation: Operation) -> Result<()> {
        match with {
            With::Nothing => operation(self),
            With::Full => {
                let _hog = self.fill_device();
                operation(self)
            }
            With::BrokenReads => {
                (0..64).for_each(|block| self.faults.fail_reads(block));
                operation(self)
            }
            With::Closed => {
                self.device.close();
                operation(self)
            }
            With::Killed => {
                self.kill.kill();
                self.kill.under(|| operation(self))
            }
            With::Crowded => {
                // What is dirty and has no block cannot go.
                let _hog = self.fill_device();
                let dirty = self.file.superblock().create();
                assert!(
                    dirty.write_at(&vec![1; 2 * memory.limit() * PAGE_SIZE], 0).unwrap()
                        < 2 * memory.limit() * PAGE_SIZE
                );
                operation(self)
            }
        }
    }

    /// Every page is as it was, or the nine that was put into the hole; nothing is locked, so all of them can go in the end.
    fn is_whole(&self, with: With, what: &str) {
        lockdep::assert_none_held!();
        self.faults.heal();
        assert_eq!((self.file.len(), self.other.len(), self.elsewhere.len()), (LEN, 2 * PAGE, PAGE));
        if with != With::Closed {
            let mut bytes = vec![0xee; LEN as usize];
            assert_eq!(self.file.read_at(&mut bytes, 0), Ok(bytes.len()));
            let hole = 3 * PAGE_SIZE..4 * PAGE_SIZE;
            assert!(bytes[hole.clone()].iter().all(|byte| *byte == bytes[hole.start] && [0, 9].contains(byte)));
            assert!(bytes[..hole.start].iter().chain(&bytes[hole.end..]).all(|byte| *byte == 7));
            assert_eq!(self.directory.names().unwrap(), ["name"]);
        }
        for address in [self.shared, self.private] {
            self.mm.unmap(address).unwrap();
        }
        // A page that was left locked would be waited for here, for ever.
        for file in [&self.file, &self.other, &self.elsewhere] {
            file.truncate(0).unwrap();
            assert_eq!(file.cached_pages(), 0, "{what}, {with:?}");
        }
    }
}

#[test]
fn what_cannot_be_had_gets_its_error_changes_nothing_and_leaves_nothing_locked() {
    for (number, (with, error, what, operation)) in TABLE.iter().enumerate() {
        let fs = if number % 2 == 0 { &EXT } else { &LOG };
        for completion in [Completion::Inline, Completion::Thread] {
            let memory = if *with == With::Crowded { Memory::new(24) } else { Memory::unlimited() };
            let world = World::new(fs, completion, &memory);
            let outcome = world.run(*with, &memory, *operation);
            assert_eq!(outcome, Err(*error), "{what}, {with:?}, {}, {completion:?}", fs.name);
            if *with != With::Crowded {
                world.is_whole(*with, what);
            }
            lockdep::assert_none_held!();
        }
    }
}

#[test]
fn the_same_is_done_where_nothing_is_wrong() {
    for (with, _, what, operation) in TABLE.iter().filter(|(with, ..)| *with != With::Nothing) {
        let world = World::new(&EXT, Completion::Inline, &Memory::unlimited());
        if !matches!(*what, "create" | "unlink") {
            assert_eq!(operation(&world), Ok(()), "{what}, without {with:?}");
        }
    }
}
