//! Blocks that several pages have, and access past the cache, beside everything else that may happen to a file.

use pagecache::{Device, EXT, Error, FileSystemType, Inode, LOG, Mm, PAGE_SIZE, Sharing, SuperBlock};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

const PAGE: u64 = PAGE_SIZE as u64;

fn two(fs: &'static FileSystemType, blocks: usize) -> (Arc<Device>, Arc<Inode>, Arc<Inode>) {
    let device = Device::new(blocks);
    let sb = SuperBlock::new(fs, Arc::clone(&device));
    (device, sb.create(), sb.create())
}

fn byte(file: &Inode, page: u64) -> u8 {
    let mut byte = [0xee];
    assert_eq!(file.read_at(&mut byte, page * PAGE), Ok(1));
    byte[0]
}

#[test]
fn clones_need_no_room_until_they_are_written_and_give_it_back() {
    for fs in [&EXT, &LOG] {
        let (device, file, other) = two(fs, 5);
        file.write_at(&[1; 4 * PAGE_SIZE], 0).unwrap();
        file.clone_range(0, &other, 0, 4 * PAGE).unwrap();
        file.clone_range(0, &file, 4 * PAGE, 2 * PAGE).unwrap();
        assert_eq!((device.free_blocks(), file.blocks(), other.blocks()), (1, 6, 4));
        other.write_at(&[2; PAGE_SIZE], PAGE).unwrap();
        assert_eq!(other.fsync(), Ok(()));
        assert_eq!(device.free_blocks(), 0);
        file.write_at(b"more", 2 * PAGE).unwrap();
        assert_eq!(file.fsync(), Err(Error::NoSpace));
        assert_eq!((byte(&file, 1), byte(&file, 5), byte(&other, 1), byte(&other, 2)), (1, 1, 2, 1));
        drop(other);
        assert_eq!(file.fsync(), Ok(()), "nobody else has the block any more");
        drop(file);
        assert_eq!(device.free_blocks(), 5);
    }
}

#[test]
fn a_clone_can_end_where_both_files_do() {
    let (_, file, other) = two(&EXT, 8);
    file.write_at(b"hello, world", 0).unwrap();
    assert_eq!(file.clone_range(0, &other, 0, 12), Ok(()));
    assert_eq!(other.len(), 12);
    other.truncate(20).unwrap();
    let mut bytes = [0xee; 20];
    assert_eq!((other.read_at(&mut bytes, 0), &bytes), (Ok(20), b"hello, world\0\0\0\0\0\0\0\0"));
}

/// Somebody counts in all pages of a file, one after the other, by stores through a mapping: a clone has to be as the file was at one
/// moment.
#[test]
fn a_clone_beside_stores_is_as_the_file_was_at_one_moment() {
    for fs in [&EXT, &LOG] {
        let (_, file, other) = two(fs, 64);
        file.truncate(4 * PAGE).unwrap();
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                let mm = Mm::new();
                let mapped = mm.map(&file, 0, 4, Sharing::Shared).unwrap();
                for number in (1..u64::MAX).take_while(|_| !done.load(SeqCst)) {
                    (0..4).for_each(|page| mm.store(mapped + page * PAGE, &number.to_ne_bytes()).unwrap());
                }
            });
            for _ in 0..200 {
                file.clone_range(0, &other, 0, 4 * PAGE).unwrap();
                let numbers = [0, 1, 2, 3].map(|page| {
                    let mut bytes = [0; 8];
                    other.read_at(&mut bytes, page * PAGE).unwrap();
                    u64::from_ne_bytes(bytes)
                });
                assert!(numbers.is_sorted_by(|one, two| one >= two) && numbers[0] - numbers[3] <= 1, "{numbers:?}");
            }
            done.store(true, SeqCst);
        });
        lockdep::assert_none_held!();
    }
}

#[test]
fn clones_in_both_directions_at_once_do_not_deadlock() {
    for fs in [&EXT, &LOG] {
        let (_, one, other) = two(fs, 64);
        for file in [&one, &other] {
            file.write_at(&[1; 4 * PAGE_SIZE], 0).unwrap();
        }
        thread::scope(|scope| {
            for (from, to) in [(&one, &other), (&other, &one)] {
                scope.spawn(move || {
                    for turn in 0..100 {
                        from.clone_range(turn % 4 * PAGE, to, (turn + 1) % 4 * PAGE, PAGE).unwrap();
                        assert!(from.dedupe_range(0, to, PAGE, PAGE).unwrap());
                    }
                });
            }
        });
    }
}

#[test]
fn only_what_reads_the_same_is_shared() {
    for fs in [&EXT, &LOG] {
        let (device, file, other) = two(fs, 8);
        for file in [&file, &other] {
            file.write_at(&[1; 2 * PAGE_SIZE], 0).unwrap();
        }
        other.write_at(b"x", 2 * PAGE - 1).unwrap();
        assert_eq!(file.dedupe_range(0, &other, 0, 2 * PAGE), Ok(false));
        assert_eq!((device.free_blocks(), file.dedupe_range(0, &other, 0, PAGE)), (4, Ok(true)));
        assert_eq!((device.free_blocks(), byte(&other, 0)), (5, 1));
    }
}

#[test]
fn a_copy_of_any_range_is_what_the_source_has() {
    for fs in [&EXT, &LOG] {
        let (device, file, other) = two(fs, 64);
        let text: Vec<u8> = (0..5 * PAGE_SIZE + 77).map(|at| (at / 50) as u8).collect();
        file.write_at(&text, 0).unwrap();
        assert_eq!(file.copy_range(PAGE, &other, 0, u64::MAX), Ok(4 * PAGE + 77));
        let mut bytes = vec![0; 4 * PAGE_SIZE + 77];
        assert_eq!((other.read_at(&mut bytes, 0), &bytes[..]), (Ok(bytes.len()), &text[PAGE_SIZE..]));
        assert_eq!(device.free_blocks(), 64 - 4, "whole pages are shared, and nothing else is written yet");
        assert_eq!(file.copy_range(3, &other, PAGE + 1, 5000), Ok(5000));
        assert_eq!(other.read_at(&mut bytes, 0), Ok(bytes.len()));
        assert!(bytes[PAGE_SIZE + 1..][..5000] == text[3..][..5000]);
    }
}

#[test]
fn both_ways_to_the_device_see_each_other() {
    for fs in [&EXT, &LOG] {
        let (_, file, _) = two(fs, 16);
        file.write_at(&[1; 2 * PAGE_SIZE], 0).unwrap();
        let mut bytes = [0; PAGE_SIZE];
        assert_eq!((file.read_direct(&mut bytes, PAGE), bytes), (Ok(PAGE_SIZE), [1; PAGE_SIZE]));
        let mm = Mm::new();
        let mapped = mm.map(&file, 0, 4, Sharing::Shared).unwrap();
        mm.store(mapped, b"stored").unwrap();
        assert_eq!((file.read_direct(&mut bytes, 0), &bytes[..6]), (Ok(PAGE_SIZE), &b"stored"[..]));
        assert_eq!(file.write_direct(&[2; 2 * PAGE_SIZE], PAGE), Ok(2 * PAGE_SIZE));
        let mut found = [0; 2];
        mm.load(mapped + PAGE, &mut found[..1]).unwrap();
        mm.load(mapped + 2 * PAGE, &mut found[1..]).unwrap();
        assert_eq!((found, file.len(), byte(&file, 1)), ([2; 2], 3 * PAGE, 2));
        file.truncate(2 * PAGE + 10).unwrap();
        assert_eq!(file.read_direct(&mut bytes, 2 * PAGE), Ok(10));
        assert_eq!(file.read_direct(&mut bytes, 8 * PAGE), Ok(0));
    }
}

/// A store goes to a page that is the file's alone when it is done, and to no other file: it waits for whoever compares and shares.
#[test]
fn what_is_stored_beside_a_dedupe_is_neither_lost_nor_shared() {
    for fs in [&EXT, &LOG] {
        let (_, file, other) = two(fs, 64);
        for file in [&file, &other] {
            file.write_at(&[0; 2 * PAGE_SIZE], 0).unwrap();
        }
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                let mm = Mm::new();
                let mapped = mm.map(&other, 0, 2, Sharing::Shared).unwrap();
                // Back to zeros in the end of each turn, so that both read the same at times.
                for number in (1u64..u64::MAX).take_while(|_| !done.load(SeqCst)) {
                    for stored in [number, 0] {
                        mm.store(mapped, &stored.to_ne_bytes()).unwrap();
                        let mut bytes = [0xee; 8];
                        mm.load(mapped, &mut bytes).unwrap();
                        assert_eq!(u64::from_ne_bytes(bytes), stored);
                    }
                }
            });
            for _ in 0..200 {
                file.dedupe_range(0, &other, 0, 2 * PAGE).unwrap();
                assert_eq!(byte(&file, 0), 0, "what is stored to another file");
            }
            done.store(true, SeqCst);
        });
        file.drop_cache();
        assert_eq!(byte(&file, 0), 0);
        lockdep::assert_none_held!();
    }
}

#[test]
fn what_cannot_be_laundered_stays_and_the_rest_goes() {
    for fs in [&EXT, &LOG] {
        let (_, file, _) = two(fs, 2);
        file.write_at(&[1; 4 * PAGE_SIZE], 0).unwrap();
        assert_eq!(file.invalidate(0, u64::MAX), Err(Error::NoSpace));
        assert_eq!((file.cached_pages(), file.blocks()), (2, 2), "there are two blocks");
        assert_eq!([0, 1, 2, 3].map(|page| byte(&file, page)), [1; 4]);
    }
}

/// `invalidate_mapping_pages` is a hint: it waits for nobody, and what is dirty or mapped stays.
#[test]
fn only_what_is_clean_and_not_mapped_is_dropped() {
    for fs in [&EXT, &LOG] {
        let (_, file, _) = two(fs, 8);
        file.write_at(&[1; 3 * PAGE_SIZE], 0).unwrap();
        file.fsync().unwrap();
        file.write_at(b"dirty", 0).unwrap();
        let mm = Mm::new();
        let mapped = mm.map(&file, 1, 1, Sharing::Shared).unwrap();
        mm.load(mapped, &mut [0]).unwrap();
        assert_eq!((file.drop_cache(), file.cached_pages()), (1, 2));
        mm.unmap(mapped).unwrap();
        assert_eq!((file.drop_cache(), file.cached_pages()), (1, 1));
        file.fsync().unwrap();
        assert_eq!((file.drop_cache(), file.cached_pages()), (1, 0));
    }
}

#[test]
fn a_dirty_page_gets_its_block_when_it_is_asked_for() {
    for fs in [&EXT, &LOG] {
        let (device, file, _) = two(fs, 1);
        file.write_at(&[1; PAGE_SIZE], 2 * PAGE).unwrap();
        assert_eq!((file.block_of(0), file.blocks(), file.block_of(u64::MAX)), (None, 0, None));
        assert_eq!((file.block_of(2), device.free_blocks()), (Some(0), 0));
        file.write_at(&[1; PAGE_SIZE], 0).unwrap();
        assert_eq!(file.block_of(0), None, "the device is full");
        assert_eq!((file.fsync(), byte(&file, 0)), (Err(Error::NoSpace), 1), "which whoever syncs is told");
    }
}

#[test]
fn pages_that_are_stored_to_all_the_time_can_be_invalidated() {
    for fs in [&EXT, &LOG] {
        let (_, file, _) = two(fs, 16);
        file.truncate(2 * PAGE).unwrap();
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                let mm = Mm::new();
                let mapped = mm.map(&file, 0, 2, Sharing::Shared).unwrap();
                while !done.load(SeqCst) {
                    mm.store(mapped + PAGE, b"again").unwrap();
                }
            });
            for _ in 0..100 {
                // A fault can have the page in its hands.
                assert!(matches!(file.invalidate(0, 2 * PAGE), Ok(()) | Err(Error::Busy)));
            }
            done.store(true, SeqCst);
        });
        assert_eq!((file.invalidate(0, u64::MAX), file.cached_pages()), (Ok(()), 0));
    }
}
