//! Two files that change places while others look.

use pagecache::{Device, EXT, Error, LOG, Mm, PAGE_SIZE, Sharing, SuperBlock};
use std::sync::Arc;
use std::thread;

const PAGE: u64 = PAGE_SIZE as u64;
const PAGES: u64 = 4;

/// Threads exchange in both directions, so that the second lock of one is the first of the other; every page that is read is whole, and
/// none is lost.
#[test]
fn both_directions_at_once_neither_deadlock_nor_lose_a_page() {
    for fs in [&EXT, &LOG] {
        let sb = SuperBlock::new(fs, Device::new(64));
        let files = [sb.create(), sb.create()];
        for (number, file) in files.iter().enumerate() {
            for page in 0..PAGES {
                file.write_at(&[1 + (number as u64 * PAGES + page) as u8; PAGE_SIZE], page * PAGE).unwrap();
            }
        }
        let first_words = |mm: &Mm, address: u64, page: u64| {
            let mut bytes = [0; PAGE_SIZE];
            mm.load(address + page * PAGE, &mut bytes).unwrap();
            assert!(bytes.iter().all(|byte| *byte == bytes[0]), "page {page} is of two pages");
            bytes[0]
        };
        thread::scope(|scope| {
            for way in 0..2 {
                let (one, other) = (&files[way], &files[1 - way]);
                scope.spawn(move || {
                    for turn in 0..100 {
                        one.exchange_range(turn % PAGES * PAGE, other, (turn + 1) % PAGES * PAGE, PAGE).unwrap();
                    }
                });
                scope.spawn(move || {
                    let mm = Mm::new();
                    let address = mm.map(one, 0, PAGES, Sharing::Shared).unwrap();
                    for turn in 0..400 {
                        first_words(&mm, address, turn % PAGES);
                    }
                });
            }
        });
        let mut all: Vec<u8> = Vec::new();
        for file in &files {
            let mm = Mm::new();
            let address = mm.map(file, 0, PAGES, Sharing::Shared).unwrap();
            all.extend((0..PAGES).map(|page| first_words(&mm, address, page)));
        }
        all.sort_unstable();
        assert_eq!(all, (1..=2 * PAGES as u8).collect::<Vec<u8>>());
    }
}

#[test]
fn ranges_that_cannot_move_are_refused() {
    let device = Device::new(16);
    let sb = SuperBlock::new(&EXT, Arc::clone(&device));
    let (file, other, elsewhere) = (sb.create(), sb.create(), SuperBlock::new(&EXT, device).create());
    for file in [&file, &other, &elsewhere] {
        file.write_at(&[1; 2 * PAGE_SIZE + 5], 0).unwrap();
    }
    let invalid = [(1, 0, PAGE), (0, 7, PAGE), (0, 0, 0), (0, 0, 5), (2 * PAGE, 0, PAGE), (u64::MAX - 1, 0, PAGE)];
    for (at, to, len) in invalid {
        assert_eq!(file.exchange_range(at, &other, to, len), Err(Error::Invalid), "{at} {to} {len}");
        assert_eq!(other.exchange_range(to, &file, at, len), Err(Error::Invalid), "{at} {to} {len}");
    }
    assert_eq!(file.exchange_range(0, &file, PAGE, 2 * PAGE), Err(Error::Invalid), "they overlap");
    assert_eq!(file.exchange_range(0, &elsewhere, 0, PAGE), Err(Error::OtherDevice));
    lockdep::assert_none_held!();
}
