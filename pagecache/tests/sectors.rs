//! Pages of which only parts have contents.

use pagecache::backing::{Blocks, Faults, Faulty, MemoryBlocks};
use pagecache::page::PageData;
use pagecache::{
    Completion, Device, EXT, Error, FileSystemType, Flags, Inode, LOG, Mm, PAGE_SIZE, Result, SECTOR, Sharing,
    SuperBlock,
};
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::thread;

const PAGE: u64 = PAGE_SIZE as u64;
const AT: u64 = SECTOR as u64;

/// What was done with blocks.
#[derive(Debug, Default)]
struct Log(Mutex<Vec<String>>);

impl Log {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Blocks that write down what is done with them.
#[derive(Debug)]
struct Logged<B>(B, Arc<Log>);

impl<B: Blocks> Blocks for Logged<B> {
    fn count(&self) -> u64 {
        self.0.count()
    }

    fn read(&self, block: u64, page: &PageData) -> Result<()> {
        self.1.0.lock().unwrap().push(format!("read {block}"));
        self.0.read(block, page)
    }

    fn write(&self, block: u64, page: &PageData) -> Result<()> {
        self.1.0.lock().unwrap().push(format!("write {block}"));
        self.0.write(block, page)
    }

    fn write_part(&self, block: u64, page: &PageData, part: Range<usize>) -> Result<()> {
        self.1.0.lock().unwrap().push(format!("write {block} {part:?}"));
        self.0.write_part(block, page, part)
    }

    fn flush(&self) -> Result<()> {
        self.0.flush()
    }
}

/// A file of one page of `a` on the device, and not in the cache; the log is empty.
fn file(fs: &'static FileSystemType, completion: Completion) -> (Arc<Inode>, Arc<Log>, Arc<Faults>) {
    let (log, faults) = (Arc::new(Log::default()), Arc::new(Faults::default()));
    let blocks = Faulty::new(Logged(MemoryBlocks::new(8), Arc::clone(&log)), Arc::clone(&faults));
    let file = SuperBlock::new(fs, Device::with(blocks, completion)).create();
    file.write_at(&[b'a'; PAGE_SIZE], 0).unwrap();
    file.fsync().unwrap();
    file.drop_cache();
    assert_eq!(log.take(), ["write 0"]);
    (file, log, faults)
}

fn whole(file: &Inode) -> Vec<u8> {
    let mut bytes = vec![0; PAGE_SIZE];
    assert_eq!(file.read_at(&mut bytes, 0), Ok(PAGE_SIZE));
    bytes
}

fn everywhere(test: impl Fn(Arc<Inode>, Arc<Log>, Arc<Faults>)) {
    for fs in [&EXT, &LOG] {
        for completion in [Completion::Inline, Completion::Thread] {
            let (file, log, faults) = file(fs, completion);
            test(file, log, faults);
            lockdep::assert_none_held!();
        }
    }
}

#[test]
fn whole_sectors_are_written_and_read_again_without_the_rest_of_the_page() {
    everywhere(|file, log, _| {
        file.write_at(&[b'b'; 2 * SECTOR], AT).unwrap();
        let mut bytes = [0; SECTOR];
        let noio = Flags { noio: true, ..Flags::default() };
        assert_eq!(file.read_with(&mut bytes, 2 * AT, noio), Ok(SECTOR));
        assert_eq!((bytes, log.take()), ([b'b'; SECTOR], vec![]), "no input or output");
        assert_eq!(file.read_with(&mut bytes, 0, noio), Err(Error::Again), "what was not written has to be read");
        file.fsync().unwrap();
        assert_eq!(log.take(), ["write 0 512..1536"]);
        let bytes = whole(&file);
        assert_eq!(log.take(), ["read 0"]);
        file.drop_cache();
        assert_eq!(whole(&file), bytes, "what is on the device is what was in the cache");
        assert!(
            bytes.iter().enumerate().all(|(at, byte)| *byte == if (512..1536).contains(&at) { b'b' } else { b'a' })
        );
    });
}

#[test]
fn a_part_of_a_sector_needs_the_rest_of_the_page() {
    everywhere(|file, log, _| {
        file.write_at(&[b'b'; SECTOR - 1], AT).unwrap();
        assert_eq!(log.take(), ["read 0"]);
        file.fsync().unwrap();
        assert_eq!(log.take(), ["write 0"]);
    });
}

#[test]
fn a_page_whose_sectors_were_all_written_was_never_read() {
    everywhere(|file, log, _| {
        for sector in 0..8 {
            file.write_at(&[sector; SECTOR], u64::from(sector) * AT).unwrap();
        }
        let bytes = whole(&file);
        assert!(bytes.chunks(SECTOR).zip(0..).all(|(sector, value)| sector.iter().all(|byte| *byte == value)));
        assert_eq!(log.take(), Vec::<String>::new());
    });
}

#[test]
fn a_read_of_what_was_written_does_not_wait_for_the_rest() {
    let (file, _, faults) = file(&EXT, Completion::Thread);
    file.write_at(&[b'b'; SECTOR], AT).unwrap();
    faults.hold(0);
    thread::scope(|scope| {
        let rest = scope.spawn(|| whole(&file));
        faults.wait_for_waiter();
        let mut bytes = [0; SECTOR];
        assert_eq!(file.read_at(&mut bytes, AT), Ok(SECTOR));
        assert_eq!(bytes, [b'b'; SECTOR]);
        faults.heal();
        assert_eq!(rest.join().unwrap()[SECTOR..2 * SECTOR], bytes, "what comes from the device is older");
    });
}

#[test]
fn faults_truncation_and_holes_see_both_parts() {
    everywhere(|file, _, _| {
        file.write_at(&[b'b'; SECTOR], AT).unwrap();
        let mm = Mm::new();
        let address = mm.map(&file, 0, 1, Sharing::Shared).unwrap();
        let mut bytes = [0; 2 * SECTOR];
        mm.load(address, &mut bytes).unwrap();
        assert_eq!(bytes, *[[b'a'; SECTOR], [b'b'; SECTOR]].as_flattened());
        mm.store(address + 3 * AT, b"s").unwrap();
        file.truncate(3 * AT + 1).unwrap();
        file.punch_hole(0, AT / 2).unwrap();
        file.fsync().unwrap();
        file.invalidate(0, PAGE).unwrap();
        let mut bytes = [0xff; PAGE_SIZE];
        assert_eq!(file.read_at(&mut bytes, 0), Ok(3 * SECTOR + 1));
        assert_eq!((bytes[0], bytes[SECTOR / 2], bytes[SECTOR], bytes[3 * SECTOR]), (0, b'a', b'b', b's'));
    });
}

#[test]
fn what_a_page_had_is_gone_with_it() {
    everywhere(|file, log, _| {
        file.write_at(&[b'b'; SECTOR], AT).unwrap();
        file.truncate(0).unwrap();
        file.truncate(PAGE).unwrap();
        assert_eq!((whole(&file), log.take()), (vec![0; PAGE_SIZE], vec![]));
    });
}

#[test]
fn a_device_that_fails_costs_what_was_not_written_and_nothing_else() {
    everywhere(|file, _, faults| {
        faults.fail_reads(0);
        file.write_at(&[b'b'; SECTOR], AT).unwrap();
        assert_eq!(file.read_at(&mut [0], 0), Err(Error::Io));
        assert_eq!(file.read_at(&mut [0; SECTOR], AT), Ok(SECTOR));
        assert_eq!(file.write_at(b"x", 5), Err(Error::Io), "the rest of the page cannot be read");
        file.fsync().unwrap();
        faults.heal();
        let bytes = whole(&file);
        assert_eq!((bytes[0], bytes[SECTOR]), (b'a', b'b'));
    });
}
