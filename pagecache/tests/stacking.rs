//! A file as the device of another file system, of its own type or of another.

use pagecache::backing::{Faults, Faulty, MemoryBlocks};
use pagecache::locks::MAX_STACK_DEPTH;
use pagecache::{
    Completion, Device, EXT, Error, FileSystemType, Inode, LOG, Memory, Mm, MountOptions, PAGE_SIZE, Sharing,
    SuperBlock,
};
use std::sync::Arc;
use std::thread;

const PAGE: u64 = PAGE_SIZE as u64;

/// A file for each type, on a file of the one before, the first of them on a device in memory.
fn stack(types: &[&'static FileSystemType]) -> Vec<Arc<Inode>> {
    let mut device = Device::with(MemoryBlocks::new(64), Completion::Thread);
    let mut files: Vec<Arc<Inode>> = Vec::new();
    for (depth, fs) in types.iter().enumerate() {
        if let Some(below) = files.last() {
            below.truncate(48 * PAGE).unwrap();
            device = Device::over(below).unwrap();
        }
        let sb = SuperBlock::new(fs, Arc::clone(&device));
        assert_eq!(sb.depth(), depth);
        files.push(sb.create());
    }
    files
}

fn read(file: &Inode, offset: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0xee; len];
    assert_eq!(file.read_at(&mut bytes, offset), Ok(len));
    bytes
}

fn drop_caches(files: &[&Arc<Inode>]) {
    for file in files {
        file.drop_cache();
    }
}

#[test]
fn what_is_written_above_is_read_above_and_is_on_the_device_at_the_bottom() {
    for types in [[&EXT, &LOG, &EXT], [&EXT, &EXT, &EXT], [&LOG, &LOG, &LOG], [&LOG, &EXT, &LOG]] {
        let files = stack(&types);
        let top = &files[2];
        top.write_at(&[7; 3 * PAGE_SIZE + 10], 100).unwrap();
        top.fsync().unwrap();
        top.drop_cache();
        top.write_at(&[8; 512], PAGE + 512).unwrap();
        assert!(top.punch_hole(2 * PAGE, PAGE).is_ok() && top.fsync().is_ok());
        for file in files.iter().rev() {
            file.drop_cache();
            assert_eq!(file.cached_pages(), 0, "what was synced is clean all the way down");
        }
        assert_eq!(read(top, PAGE + 500, 12), [7; 12]);
        assert_eq!(read(top, PAGE + 512, 512), [8; 512]);
        assert_eq!((read(top, 2 * PAGE, 5), read(top, 3 * PAGE, 110)), (vec![0; 5], vec![7; 110]));
        assert_eq!(top.write_direct(&[9; PAGE_SIZE], PAGE), Ok(PAGE_SIZE));
        let mut bytes = [0; PAGE_SIZE];
        assert_eq!((top.read_direct(&mut bytes, PAGE), bytes), (Ok(PAGE_SIZE), [9; PAGE_SIZE]));
        lockdep::assert_none_held!();
    }
}

#[test]
fn a_stack_that_is_too_deep_is_refused() {
    let files = stack(&[&EXT; MAX_STACK_DEPTH + 1]);
    assert_eq!(Device::over(&files[MAX_STACK_DEPTH]).unwrap_err(), Error::TooDeep);
    assert_eq!(files[MAX_STACK_DEPTH].write_at(b"a file like any other", 0), Ok(21));
}

#[test]
fn nobody_else_changes_a_file_that_is_a_device() {
    for fs in [&EXT, &LOG] {
        let sb = SuperBlock::new(fs, Device::new(64));
        let (image, other, mm) = (sb.create(), sb.create(), Mm::new());
        for file in [&image, &other] {
            file.write_at(&[1; 4 * PAGE_SIZE], 0).unwrap();
        }
        let mapped = mm.map(&image, 0, 4, Sharing::Shared).unwrap();
        mm.store(mapped, b"stored").unwrap();
        let device = Device::over(&image).unwrap();
        assert_eq!(Device::over(&image).unwrap_err(), Error::TextBusy);
        let refused = [
            image.write_at(b"x", 0).map(drop),
            image.write_direct(&[0; PAGE_SIZE], 0).map(drop),
            image.truncate(0),
            image.punch_hole(0, PAGE),
            image.zero_range(0, PAGE),
            image.collapse_range(0, PAGE),
            image.insert_range(0, PAGE),
            image.exchange_range(0, &other, 0, PAGE),
            other.exchange_range(0, &image, 0, PAGE),
            other.clone_range(0, &image, 0, PAGE),
            other.copy_range(1, &image, 0, PAGE).map(drop),
            mm.store(mapped, b"x"),
            mm.store(mapped + PAGE, b"x"),
        ];
        assert_eq!(refused, [Err(Error::TextBusy); 13]);
        assert_eq!(read(&image, 0, 6), b"stored");
        assert_eq!(image.clone_range(0, &other, 0, 4 * PAGE), Ok(()), "it can be read in every way");
        drop(device);
        assert_eq!((image.write_at(b"x", 0), mm.store(mapped + 1, b"y")), (Ok(1), Ok(())));
        assert_eq!(read(&image, 0, 3), b"xyo");
        lockdep::assert_none_held!();
    }
}

#[test]
fn what_cannot_be_written_below_is_told_above_once() {
    let faults = Arc::new(Faults::default());
    let device = Device::with(Faulty::new(MemoryBlocks::new(2), Arc::clone(&faults)), Completion::Inline);
    let image = SuperBlock::new(&EXT, device).create();
    image.truncate(16 * PAGE).unwrap();
    let file = SuperBlock::new(&LOG, Device::over(&image).unwrap()).create();
    file.write_at(&[1; 3 * PAGE_SIZE], 0).unwrap();
    assert_eq!(file.fsync(), Err(Error::NoSpace), "there are two blocks at the bottom");
    file.truncate(2 * PAGE).unwrap();
    assert_eq!(file.fsync(), Err(Error::NoSpace), "the page of the image stays dirty, and was tried again");
    faults.fail_reads(0);
    drop_caches(&[&file, &image]);
    assert_eq!(file.read_at(&mut [0], 0), Err(Error::Io));
    faults.heal();
    assert_eq!(read(&file, 0, 2 * PAGE_SIZE), [1; 2 * PAGE_SIZE]);
}

#[test]
fn a_device_that_is_taken_away_is_told_above_and_keeps_nobody_waiting() {
    for fs in [&EXT, &LOG] {
        let bottom = Device::new(64);
        let image = SuperBlock::new(fs, Arc::clone(&bottom)).create();
        image.truncate(16 * PAGE).unwrap();
        let middle = Device::over(&image).unwrap();
        let file = SuperBlock::new(fs, Arc::clone(&middle)).create();
        file.write_at(&[1; 2 * PAGE_SIZE], 0).unwrap();
        file.fsync().unwrap();
        bottom.close();
        drop_caches(&[&file, &image]);
        assert_eq!(file.read_at(&mut [0], 0), Err(Error::Io));
        file.write_at(&[2; PAGE_SIZE], 0).unwrap();
        assert_eq!((file.fsync(), read(&file, 0, 9)), (Err(Error::Io), vec![2; 9]));
        middle.close();
        file.write_at(&[3; PAGE_SIZE], 0).unwrap();
        assert_eq!((file.fsync(), read(&file, 0, 9)), (Err(Error::Io), vec![3; 9]));
        lockdep::assert_none_held!();
    }
}

#[test]
fn a_stack_goes_with_its_last_reference_dirty_or_not() {
    for fs in [&EXT, &LOG] {
        let (bottom, memory) = (Device::new(64), Memory::new(32));
        let options = || MountOptions { memory: Arc::clone(&memory), ..MountOptions::default() };
        let image = SuperBlock::mount(fs, Arc::clone(&bottom), options()).create();
        image.truncate(16 * PAGE).unwrap();
        let file = SuperBlock::mount(fs, Device::over(&image).unwrap(), options()).create();
        drop(image);
        file.write_at(&[1; 8 * PAGE_SIZE], 0).unwrap();
        file.fsync().unwrap();
        file.write_at(&[2; 8 * PAGE_SIZE], 0).unwrap();
        assert!(bottom.free_blocks() < 64);
        drop(file);
        // The thread of the device has the image until it ends.
        while memory.pages() > 0 || bottom.free_blocks() < 64 {
            thread::yield_now();
        }
    }
}

/// Freezing the file system underneath keeps the pages above on their way to it.
#[test]
fn who_needs_a_page_below_waits_for_no_page_above() {
    let memory = Memory::new(4);
    let options = || MountOptions { memory: Arc::clone(&memory), ..MountOptions::default() };
    let below = SuperBlock::mount(&EXT, Device::new(64), options());
    let (image, plain) = (below.create(), below.create());
    image.truncate(16 * PAGE).unwrap();
    plain.write_at(&[1; 8 * PAGE_SIZE], 0).unwrap();
    plain.fsync().unwrap();
    let file = SuperBlock::mount(&EXT, Device::over(&image).unwrap(), options()).create();
    let frozen = below.freeze();
    thread::scope(|scope| {
        scope.spawn(|| {
            file.write_at(&[2; 2 * PAGE_SIZE], 0).unwrap();
            file.fsync().unwrap();
        });
        while file.blocks() == 0 {
            thread::yield_now();
        }
        assert_eq!(read(&plain, 0, 8 * PAGE_SIZE), [1; 8 * PAGE_SIZE]);
        drop(frozen);
    });
    assert_eq!(read(&file, 0, 2 * PAGE_SIZE), [2; 2 * PAGE_SIZE]);
}

/// The source of a write below is mapped from above, the file system is about to be frozen, and what is above is cut off and written out:
/// all that can be in each other's way across the depths.
#[test]
fn writes_from_memory_that_is_mapped_above_get_along_with_freezing() {
    for fs in [&EXT, &LOG] {
        let memory = Memory::new(8);
        let options = || MountOptions { memory: Arc::clone(&memory), ..MountOptions::default() };
        let below = SuperBlock::mount(fs, Device::new(64), options());
        let (image, plain) = (below.create(), below.create());
        image.truncate(16 * PAGE).unwrap();
        let file = SuperBlock::mount(fs, Device::over(&image).unwrap(), options()).create();
        file.write_at(&[3; 8 * PAGE_SIZE], 0).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                let mm = Mm::new();
                let mapped = mm.map(&file, 0, 2, Sharing::Shared).unwrap();
                for turn in 0..100 {
                    mm.write_file(&plain, mapped + turn % 2 * PAGE, PAGE_SIZE, turn % 8 * PAGE).unwrap();
                    mm.store(mapped + PAGE, &[3; 100]).unwrap();
                }
            });
            scope.spawn(|| (0..100).for_each(|_| drop(below.freeze())));
            scope.spawn(|| {
                for turn in 0..100 {
                    file.truncate((2 + turn % 6) * PAGE).unwrap();
                    file.write_at(&[3; 3 * PAGE_SIZE], PAGE).unwrap();
                    file.fsync().unwrap();
                }
            });
        });
        assert_eq!(read(&plain, 0, 8 * PAGE_SIZE), [3; 8 * PAGE_SIZE]);
        lockdep::assert_none_held!();
    }
}
