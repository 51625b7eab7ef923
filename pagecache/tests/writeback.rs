//! Writing out in the background.

use pagecache::backing::{Blocks, Faults, Faulty, MemoryBlocks};
use pagecache::page::PageData;
use pagecache::{
    Completion, Device, EXT, Error, Inode, LOG, Memory, Mm, MountOptions, PAGE_SIZE, Result, Sharing, SuperBlock,
};
use std::collections::BTreeSet;
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

/// The first bytes of the pages that a device was given, in order.
#[derive(Debug)]
struct Recorder(MemoryBlocks, Arc<Mutex<Vec<u8>>>);

impl Blocks for Recorder {
    fn count(&self) -> u64 {
        self.0.count()
    }

    fn read(&self, block: u64, page: &PageData) -> Result<()> {
        self.0.read(block, page)
    }

    fn write(&self, block: u64, page: &PageData) -> Result<()> {
        let mut first = [0];
        page.read(0, &mut first);
        self.1.lock().unwrap().push(first[0]);
        self.0.write(block, page)
    }

    fn flush(&self) -> Result<()> {
        Ok(())
    }
}

#[test]
fn pages_go_to_the_device_in_ascending_order() {
    let written = Arc::default();
    let device = Device::with(Recorder(MemoryBlocks::new(64), Arc::clone(&written)), Completion::Inline);
    let file = SuperBlock::new(&EXT, device).create();
    for page in [5, 3, 60, 1, 20] {
        file.write_at(&[page as u8; PAGE_SIZE], page * PAGE).unwrap();
    }
    file.fsync().unwrap();
    assert_eq!(*written.lock().unwrap(), [1, 3, 5, 20, 60]);
    let blocks: BTreeSet<_> = [1, 3, 5, 20, 60].map(|page| file.block_of(page)).into();
    assert_eq!((blocks.len(), file.block_of(2)), (5, None));
}
