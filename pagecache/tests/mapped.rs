//! Files in memory: what is shared is seen by all, what is private by one, and what is gone is gone everywhere.

use pagecache::{Device, EXT, Error, FileSystemType, Inode, LOG, Mm, PAGE_SIZE, Sharing, SuperBlock};
use std::sync::Arc;
use std::thread;

const PAGE: u64 = PAGE_SIZE as u64;

fn file(fs: &'static FileSystemType, pages: usize) -> Arc<Inode> {
    let file = SuperBlock::new(fs, Device::new(64)).create();
    file.write_at(&vec![b'a'; pages * PAGE_SIZE], 0).unwrap();
    file.fsync().unwrap();
    file.drop_cache();
    file
}

fn byte(mm: &Mm, address: u64) -> Result<u8, Error> {
    let mut byte = [0];
    mm.load(address, &mut byte).map(|()| byte[0])
}

#[test]
fn stores_into_a_shared_mapping_are_the_file_s() {
    for fs in [&EXT, &LOG] {
        let file = file(fs, 2);
        let (mm, other) = (Mm::new(), Mm::new());
        let (here, there) =
            (mm.map(&file, 0, 2, Sharing::Shared).unwrap(), other.map(&file, 1, 1, Sharing::Shared).unwrap());
        mm.store(here + PAGE - 1, b"xy").unwrap();
        assert_eq!(byte(&other, there), Ok(b'y'));
        file.write_at(b"z", PAGE).unwrap();
        assert_eq!((byte(&mm, here + PAGE), byte(&other, there)), (Ok(b'z'), Ok(b'z')));
        file.fsync().unwrap();
        mm.store(here, b"1").unwrap();
        file.fsync().unwrap();
        file.invalidate(0, 2 * PAGE).unwrap();
        assert_eq!((file.cached_pages(), byte(&mm, here)), (0, Ok(b'1')), "both stores reached the device");
    }
}

#[test]
fn stores_into_a_private_mapping_are_not() {
    let file = file(&EXT, 1);
    let mm = Mm::new();
    let (private, shared) =
        (mm.map(&file, 0, 1, Sharing::Private).unwrap(), mm.map(&file, 0, 1, Sharing::Shared).unwrap());
    assert_eq!(byte(&mm, private), Ok(b'a'));
    mm.store(private, b"p").unwrap();
    mm.store(shared, b"s").unwrap();
    assert_eq!((byte(&mm, private), byte(&mm, shared)), (Ok(b'p'), Ok(b's')));
    file.punch_hole(0, PAGE).unwrap();
    assert_eq!((byte(&mm, private), byte(&mm, shared)), (Ok(b'p'), Ok(0)), "a hole leaves private copies alone");
    file.truncate(0).unwrap();
    assert_eq!((byte(&mm, private), byte(&mm, shared)), (Err(Error::BadAddress), Err(Error::BadAddress)));
}

#[test]
fn what_is_truncated_faults_and_comes_back_as_zeros() {
    let file = file(&LOG, 3);
    let mm = Mm::new();
    let address = mm.map(&file, 0, 3, Sharing::Shared).unwrap();
    mm.store(address + PAGE + 100, b"tail").unwrap();
    file.truncate(PAGE + 100).unwrap();
    assert_eq!(byte(&mm, address + 2 * PAGE), Err(Error::BadAddress));
    assert_eq!((byte(&mm, address + PAGE + 99), byte(&mm, address + PAGE + 100)), (Ok(b'a'), Ok(0)));
    file.truncate(3 * PAGE).unwrap();
    assert_eq!(byte(&mm, address + 2 * PAGE), Ok(0));
}

#[test]
fn what_is_stored_beyond_the_end_is_not_the_file_s_when_it_grows() {
    let grow: [fn(&Inode); 3] = [
        |file| file.truncate(PAGE).unwrap(),
        |file| assert_eq!(file.write_at(b"w", 200), Ok(1)),
        |file| file.zero_range(150, 10).unwrap(),
    ];
    for (grow, written_out) in grow.iter().flat_map(|grow| [(grow, false), (grow, true)]) {
        let file = file(&EXT, 1);
        file.truncate(100).unwrap();
        let mm = Mm::new();
        let address = mm.map(&file, 0, 1, Sharing::Shared).unwrap();
        mm.store(address + 90, &[b'x'; 100]).unwrap();
        if written_out {
            file.fsync().unwrap();
            file.invalidate(0, PAGE).unwrap();
        }
        grow(&file);
        let mut bytes = [0xff; 200];
        let read = file.read_at(&mut bytes, 0).unwrap();
        assert!(bytes[90..100].iter().all(|byte| *byte == b'x') && bytes[100..read].iter().all(|byte| *byte == 0));
    }
    let file = file(&EXT, 1);
    file.truncate(100).unwrap();
    let mm = Mm::new();
    mm.store(mm.map(&file, 0, 1, Sharing::Shared).unwrap() + 100, b"xx").unwrap();
    file.write_at(b"w", 100).unwrap();
    file.truncate(103).unwrap();
    let mut bytes = [0xff; 103];
    assert_eq!(file.read_at(&mut bytes, 0), Ok(103));
    assert_eq!(&bytes[99..], b"aw\0\0");
}

#[test]
fn a_fault_maps_what_is_cached_around_it() {
    let file = file(&EXT, 16);
    file.read_at(&mut [0; 16 * PAGE_SIZE], 0).unwrap();
    let mm = Mm::new();
    let address = mm.map(&file, 0, 16, Sharing::Shared).unwrap();
    assert_eq!(byte(&mm, address), Ok(b'a'));
    assert_eq!(file.drop_cache(), 0, "one load mapped all sixteen");
    file.punch_hole(0, PAGE).unwrap();
    assert_eq!((byte(&mm, address), byte(&mm, address + PAGE)), (Ok(0), Ok(b'a')));
}

#[test]
fn a_file_can_be_written_from_its_own_mapping() {
    let file = file(&EXT, 2);
    let mm = Mm::new();
    let address = mm.map(&file, 0, 2, Sharing::Shared).unwrap();
    mm.store(address, b"0123456789").unwrap();
    assert_eq!(mm.write_file(&file, address, 10, 5), Ok(10), "the page is its own source");
    file.invalidate(0, 2 * PAGE).unwrap();
    assert_eq!(mm.write_file(&file, address, PAGE_SIZE, PAGE), Ok(PAGE_SIZE), "the source has to be faulted in");
    assert_eq!(mm.read_file(&file, address + 1, 100, PAGE), Ok(100));
    assert_eq!(byte(&mm, address + PAGE + 1), byte(&mm, address + 2));
    lockdep::assert_none_held!();
}

#[test]
fn addresses_are_free_again_when_areas_go_and_pages_are_let_go() {
    let file = file(&EXT, 4);
    let mm = Mm::new();
    let address = mm.map(&file, 0, 4, Sharing::Shared).unwrap();
    mm.load(address, &mut [0; 4 * PAGE_SIZE]).unwrap();
    assert_eq!(file.drop_cache(), 0, "mapped pages are in use");
    mm.unmap(address).unwrap();
    assert_eq!((byte(&mm, address), file.drop_cache()), (Err(Error::BadAddress), 4));
}

#[test]
fn a_frozen_file_system_waits_with_stores_and_writes_and_lets_loads_through() {
    let sb = SuperBlock::new(&EXT, Device::new(8));
    let file = sb.create();
    file.write_at(&[1; PAGE_SIZE], 0).unwrap();
    let mm = Mm::new();
    let address = mm.map(&file, 0, 1, Sharing::Shared).unwrap();
    let frozen = sb.freeze();
    assert_eq!(byte(&mm, address), Ok(1));
    thread::scope(|scope| {
        let store = scope.spawn(|| mm.store(address, b"s"));
        let write = scope.spawn(|| file.write_at(b"w", 1));
        assert_eq!(byte(&mm, address + 1), Ok(1), "nobody has written");
        drop(frozen);
        assert_eq!((store.join().unwrap(), write.join().unwrap()), (Ok(()), Ok(1)));
    });
    assert_eq!((byte(&mm, address), byte(&mm, address + 1)), (Ok(b's'), Ok(b'w')));
}

/// Loads and stores beside truncation: every byte is one that was written, or the zero of a page that came anew.
#[test]
fn mappings_beside_truncation_see_what_was_written_or_nothing() {
    for fs in [&EXT, &LOG] {
        let file = file(fs, 4);
        let mm = Mm::new();
        let address = mm.map(&file, 0, 4, Sharing::Shared).unwrap();
        thread::scope(|scope| {
            for worker in 0..2u64 {
                let mm = &mm;
                scope.spawn(move || {
                    for round in 0..400u64 {
                        let at = address + (round * 37 + worker * 11) % 4 * PAGE;
                        match byte(mm, at) {
                            Ok(seen) => assert!(matches!(seen, 0 | b'a' | b's'), "{seen}"),
                            Err(error) => assert_eq!(error, Error::BadAddress),
                        }
                        match mm.store(at, b"s") {
                            Ok(()) | Err(Error::BadAddress) => {}
                            Err(error) => panic!("{error}"),
                        }
                    }
                });
            }
            for round in 0..200u64 {
                file.truncate(round % 4 * PAGE).unwrap();
                file.truncate(4 * PAGE).unwrap();
                file.punch_hole(round % 3 * PAGE, PAGE).unwrap();
                file.fsync().unwrap();
            }
        });
        lockdep::assert_none_held!();
    }
}

#[test]
fn a_fork_has_what_its_parent_had_and_neither_sees_what_the_other_stores() {
    for fs in [&EXT, &LOG] {
        let file = file(fs, 2);
        let parent = Mm::new();
        let private = parent.map(&file, 0, 2, Sharing::Private).unwrap();
        let shared = parent.map(&file, 0, 2, Sharing::Shared).unwrap();
        parent.store(private, b"p").unwrap();
        let child = parent.fork();
        let grandchild = child.fork();
        assert_eq!((byte(&child, private), byte(&grandchild, private)), (Ok(b'p'), Ok(b'p')));
        child.store(private, b"c").unwrap();
        parent.store(private, b"q").unwrap();
        parent.store(shared, b"s").unwrap();
        let seen = |address| [&parent, &child, &grandchild].map(|mm| byte(mm, address).unwrap());
        assert_eq!((seen(private), seen(shared)), (*b"qcp", *b"sss"));
        parent.store(private + PAGE, b"1").unwrap();
        assert_eq!(seen(private + PAGE), *b"1aa", "what was not copied before the fork is copied by one");
        child.unmap(private).unwrap();
        drop(child);
        assert_eq!((byte(&parent, private), byte(&grandchild, private)), (Ok(b'q'), Ok(b'p')));
        file.truncate(0).unwrap();
        for mm in [&parent, &grandchild] {
            assert_eq!((byte(mm, private), byte(mm, shared)), (Err(Error::BadAddress), Err(Error::BadAddress)));
        }
        lockdep::assert_none_held!();
    }
}

#[test]
fn memory_that_fails_is_told_to_all_who_have_the_copy_and_to_nobody_else() {
    let file = file(&EXT, 1);
    let (parent, stranger) = (Mm::new(), Mm::new());
    let address = parent.map(&file, 0, 1, Sharing::Private).unwrap();
    let elsewhere = stranger.map(&file, 0, 1, Sharing::Private).unwrap();
    stranger.store(elsewhere, b"x").unwrap();
    parent.store(address, b"p").unwrap();
    let (sharing, apart) = (parent.fork(), parent.fork());
    apart.store(address, b"q").unwrap();
    sharing.fail_memory(address).unwrap();
    for mm in [&parent, &sharing] {
        assert_eq!((byte(mm, address), mm.store(address, b"y")), (Err(Error::MemoryFailed), Err(Error::MemoryFailed)));
        assert_eq!(mm.fail_memory(address), Err(Error::BadAddress), "it is gone");
    }
    assert_eq!((byte(&apart, address), byte(&stranger, elsewhere)), (Ok(b'q'), Ok(b'x')));
    file.truncate(0).unwrap();
    file.truncate(PAGE).unwrap();
    assert_eq!(byte(&parent, address), Ok(0), "the page beyond the end was nobody's");
}

#[test]
fn memory_of_a_file_that_fails_is_read_again_and_what_was_not_written_out_is_told_as_lost() {
    for fs in [&EXT, &LOG] {
        let file = file(fs, 1);
        let mm = Mm::new();
        let address = mm.map(&file, 0, 1, Sharing::Shared).unwrap();
        assert_eq!(mm.fail_memory(address), Err(Error::BadAddress), "no page is there yet");
        byte(&mm, address).unwrap();
        mm.fail_memory(address).unwrap();
        assert_eq!((file.cached_pages(), byte(&mm, address), file.fsync()), (0, Ok(b'a'), Ok(())));
        mm.store(address, b"s").unwrap();
        mm.fail_memory(address).unwrap();
        assert_eq!((byte(&mm, address), file.fsync(), file.fsync()), (Ok(b'a'), Err(Error::Io), Ok(())));
        lockdep::assert_none_held!();
    }
}

/// The source begins within a page, and the page that it ends in is not in memory: the first part alone has to get somewhere.
#[test]
fn a_whole_page_is_written_from_two_pages_of_which_one_is_not_in_memory() {
    for fs in [&EXT, &LOG] {
        let sb = SuperBlock::new(fs, Device::new(16));
        let (source, target) = (sb.create(), sb.create());
        source.write_at(&[b's'; 2 * PAGE_SIZE], 0).unwrap();
        source.fsync().unwrap();
        source.drop_cache();
        let mm = Mm::new();
        let address = mm.map(&source, 0, 2, Sharing::Shared).unwrap();
        assert_eq!(mm.write_file(&target, address + 100, PAGE_SIZE, 0), Ok(PAGE_SIZE));
        let mut bytes = [0; PAGE_SIZE];
        assert_eq!((target.read_at(&mut bytes, 0), bytes), (Ok(PAGE_SIZE), [b's'; PAGE_SIZE]));
    }
}
