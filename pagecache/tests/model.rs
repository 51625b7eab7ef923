//! One file against a vector: whatever is done to both, through calls or through a mapping, they read the same.

use pagecache::PAGE_SIZE;
use pagecache::workload::Random;
use pagecache::{Device, EXT, Error, Inode, LOG, MAX_BYTES, Mm, Readahead, Result, Sharing, SuperBlock};
use std::sync::Arc;

const PAGE: u64 = PAGE_SIZE as u64;
const LIMIT: u64 = 20 * PAGE;

/// Puts bytes into a model, which grows if they end beyond it.
fn put(model: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if !bytes.is_empty() {
        model.resize(model.len().max(at + bytes.len()), 0);
        model[at..at + bytes.len()].copy_from_slice(bytes);
    }
}

/// One random operation that shares blocks between files or goes past the cache.
fn share(
    random: &mut Random,
    (file, model): (&Inode, &mut Vec<u8>),
    (other, other_model): (&Inode, &mut Vec<u8>),
    at: u64,
    count: u64,
) -> Result<()> {
    let (page, to, whole) = (at / PAGE * PAGE, random.below(6) * PAGE, (1 + random.below(3)) * PAGE);
    let ours = model.get(page as usize..(page + whole) as usize).map(<[u8]>::to_vec);
    match random.below(5) {
        0 => match file.clone_range(page, other, to, whole) {
            Err(Error::Invalid) => assert_eq!(ours, None),
            cloned => cloned.map(|()| put(other_model, to as usize, &ours.expect("it is within the file")))?,
        },
        1 => {
            let theirs = other_model.get(to as usize..(to + whole) as usize);
            match other.dedupe_range(to, file, page, whole) {
                Err(Error::Invalid) => assert!(ours.is_none() || theirs.is_none()),
                shared => assert_eq!(shared?, ours.as_deref() == theirs),
            }
        }
        2 => {
            let from = random.below(LIMIT);
            match file.copy_range(from, file, at, count) {
                Err(Error::Invalid) => assert!(from.abs_diff(at) < count),
                copied => {
                    let copied = copied? as usize;
                    let bytes = model.get(from as usize..).map(|rest| rest[..copied].to_vec());
                    put(model, at as usize, &bytes.unwrap_or_default());
                }
            }
        }
        3 => {
            let bytes: Vec<u8> = (0..whole).map(|_| random.below(255) as u8 + 1).collect();
            let written = file.write_direct(&bytes, page)?;
            put(model, page as usize, &bytes[..written]);
        }
        _ => {
            // What is dirty and has no block is not on the device.
            file.fsync()?;
            let mut buf = vec![0xee; whole as usize];
            let read = file.read_direct(&mut buf, page)?;
            let end = model.len().min((page + whole) as usize);
            assert!(buf[..read] == *model.get(page as usize..end).unwrap_or_default());
        }
    }
    Ok(())
}

/// Runs one random history. A failure names the seed; `PAGECACHE_SEED=n` runs only that one.
fn history(seed: u64) {
    let mut random = Random::new(seed);
    let blocks = if seed.is_multiple_of(3) { 4 } else { 64 };
    let device = Device::new(blocks);
    let sb = SuperBlock::new(if seed.is_multiple_of(2) { &EXT } else { &LOG }, device.clone());
    // Of the two the one or the other has the smaller number.
    let (mut file, mut other) = (sb.create(), sb.create());
    if seed.is_multiple_of(5) {
        std::mem::swap(&mut file, &mut other);
    }
    let mut model: Vec<u8> = Vec::new();
    let mut other_model: Vec<u8> = (0..6 * PAGE).map(|at| (at / 100) as u8).collect();
    other.write_at(&other_model, 0).unwrap();
    let mm = Mm::new();
    let mapped = mm.map(&file, 0, LIMIT / PAGE, Sharing::Shared).unwrap();
    let mut ahead = Readahead::default();
    for step in 0..200 {
        let (at, count) = (random.below(LIMIT), random.below(3 * PAGE_SIZE as u64));
        match random.below(25) {
            0..3 => {
                let bytes: Vec<u8> = (0..count).map(|_| random.below(255) as u8 + 1).collect();
                file.write_at(&bytes, at).unwrap();
                if count > 0 {
                    model.resize(model.len().max((at + count) as usize), 0);
                    model[at as usize..(at + count) as usize].copy_from_slice(&bytes);
                }
            }
            18 => {
                // Whole sectors, which may be all that a page has of contents.
                let (at, count) = (at / 512 * 512, (1 + count / 512) * 512);
                let bytes: Vec<u8> = (0..count).map(|_| random.below(255) as u8 + 1).collect();
                file.write_at(&bytes, at).unwrap();
                model.resize(model.len().max((at + count) as usize), 0);
                model[at as usize..(at + count) as usize].copy_from_slice(&bytes);
            }
            3 => {
                file.truncate(at).unwrap();
                model.resize(at as usize, 0);
            }
            4 => {
                file.punch_hole(at, count).unwrap();
                let end = model.len().min((at + count) as usize);
                model.get_mut(at as usize..end).into_iter().for_each(|hole| hole.fill(0));
            }
            5 => drop(file.fsync()),
            6 => drop(file.drop_cache()),
            7 => {
                file.zero_range(at, count).unwrap();
                model.resize(model.len().max((at + count) as usize), 0);
                model[at as usize..(at + count) as usize].fill(0);
            }
            8 => {
                let (at, count) = (at / PAGE * PAGE, count / PAGE * PAGE);
                match file.collapse_range(at, count) {
                    Ok(()) => drop(model.drain(at as usize..(at + count) as usize)),
                    Err(Error::Invalid) => assert!(count == 0 || at + count >= model.len() as u64, "seed {seed}"),
                    Err(error) => assert_eq!((error, blocks), (Error::NoSpace, 4), "seed {seed}, step {step}"),
                }
            }
            9 => {
                let (at, count) = (at / PAGE * PAGE, count / PAGE * PAGE);
                match file.insert_range(at, count) {
                    Ok(()) => drop(model.splice(at as usize..at as usize, vec![0; count as usize])),
                    Err(Error::Invalid) => assert!(count == 0 || at >= model.len() as u64, "seed {seed}"),
                    Err(error) => assert_eq!((error, blocks), (Error::NoSpace, 4), "seed {seed}, step {step}"),
                }
            }
            10 | 11 => {
                // Within the last page a store beyond the end is lost, and beyond that page it is refused.
                let end = (at + count).min(LIMIT).min(model.len() as u64);
                let bytes: Vec<u8> = (at..end).map(|_| random.below(255) as u8 + 1).collect();
                match mm.store(mapped + at, &bytes) {
                    Ok(()) => {
                        model.get_mut(at as usize..end as usize).into_iter().for_each(|to| to.copy_from_slice(&bytes))
                    }
                    Err(error) => {
                        assert_eq!((error, blocks), (Error::NoSpace, 4), "seed {seed}, step {step}");
                        // Pages before the one without a block were stored to.
                        let mut now = vec![0; bytes.len()];
                        assert_eq!(file.read_at(&mut now, at), Ok(now.len()));
                        model[at as usize..end as usize].copy_from_slice(&now);
                    }
                }
            }
            12 => {
                let end = (at + count).min(LIMIT).min(model.len() as u64).max(at);
                let mut buf = vec![0xee; (end - at) as usize];
                mm.load(mapped + at, &mut buf).unwrap();
                assert!(
                    buf == model.get(at as usize..end as usize).unwrap_or_default(),
                    "seed {seed}, step {step}: load at {at}"
                );
            }
            13 => {
                let mut buf = vec![0xee; count as usize];
                let read = file.read_sequentially(&mut ahead, &mut buf, at).unwrap();
                let end = model.len().min((at + count) as usize);
                assert!(buf[..read] == *model.get(at as usize..end).unwrap_or_default(), "seed {seed}, step {step}");
            }
            14 => {
                let (at, to) = (at / PAGE * PAGE, random.below(6) * PAGE);
                let count = (1 + random.below(3)) * PAGE;
                match file.exchange_range(at, &other, to, count) {
                    Ok(()) => model[at as usize..][..count as usize]
                        .swap_with_slice(&mut other_model[to as usize..][..count as usize]),
                    Err(Error::Invalid) => {
                        assert!(at + count > model.len() as u64 || to + count > other_model.len() as u64)
                    }
                    Err(error) => assert_eq!((error, blocks), (Error::NoSpace, 4), "seed {seed}, step {step}"),
                }
            }
            15 => {
                let (at, to) = (at / PAGE * PAGE, random.below(LIMIT) / PAGE * PAGE);
                match file.exchange_range(at, &file, to, PAGE) {
                    Ok(()) => (0..PAGE as usize).for_each(|byte| model.swap(at as usize + byte, to as usize + byte)),
                    Err(Error::Invalid) => assert!(at == to || at.max(to) + PAGE > model.len() as u64, "seed {seed}"),
                    Err(error) => assert_eq!((error, blocks), (Error::NoSpace, 4), "seed {seed}, step {step}"),
                }
            }
            20.. => {
                let outcome = share(&mut random, (&file, &mut model), (&other, &mut other_model), at, count);
                assert!(outcome.is_ok() || (outcome, blocks) == (Err(Error::NoSpace), 4), "seed {seed}, step {step}");
            }
            _ => {
                let mut buf = vec![0xee; count as usize];
                let read = file.read_at(&mut buf, at).unwrap();
                let end = model.len().min((at + count) as usize);
                let expected = model.get(at as usize..end).unwrap_or_default();
                assert!(buf[..read] == *expected, "seed {seed}, step {step}: read of {count} at {at}");
            }
        }
        assert_eq!(file.len(), model.len() as u64, "seed {seed}, step {step}");
    }
    let mut whole = vec![0xee; model.len() + 1];
    let read = file.read_at(&mut whole, 0).unwrap();
    assert!(whole[..read] == model, "seed {seed}, at the end");
    whole.resize(other_model.len(), 0);
    assert_eq!(other.read_at(&mut whole, 0), Ok(other_model.len()));
    assert!(whole == other_model, "seed {seed}, the other file at the end");
    drop((mm, file, other));
    assert_eq!(device.free_blocks(), blocks, "seed {seed}");
}

#[test]
fn a_file_reads_like_a_vector() {
    match std::env::var("PAGECACHE_SEED") {
        Ok(seed) => history(seed.parse().expect("PAGECACHE_SEED is a number")),
        Err(_) => (0..300).for_each(history),
    }
}

#[test]
fn a_full_device_keeps_what_it_cannot_write() {
    let device = Device::new(1);
    let file = SuperBlock::new(&EXT, device.clone()).create();
    file.write_at(&[7; 3 * PAGE_SIZE], 0).unwrap();
    assert_eq!(file.fsync(), Err(Error::NoSpace), "three pages and one block");
    assert_eq!(file.drop_cache(), 1, "two pages are still dirty");
    let mut whole = vec![0; 3 * PAGE_SIZE];
    assert_eq!(file.read_at(&mut whole, 0), Ok(whole.len()));
    assert!(whole.iter().all(|byte| *byte == 7));
    drop(file);
    assert_eq!(device.free_blocks(), 1, "a deleted file gives its blocks back");
}

#[test]
fn positions_at_the_end_of_the_range_are_no_trouble() {
    let file = SuperBlock::new(&EXT, Device::new(4)).create();
    assert_eq!(file.read_at(&mut [0; 10], u64::MAX), Ok(0));
    file.punch_hole(u64::MAX - 3, u64::MAX).unwrap();
    assert_eq!(file.truncate(u64::MAX), Err(Error::TooBig));
    assert_eq!(file.write_at(b"end", u64::MAX - 3), Err(Error::TooBig));
    assert_eq!(file.write_at(b"end", MAX_BYTES - 2), Err(Error::TooBig));
    file.write_at(b"end", MAX_BYTES - 3).unwrap();
    let mut end = [0; 8];
    assert_eq!(file.read_at(&mut end, MAX_BYTES - 3), Ok(3));
    assert_eq!(&end[..3], b"end");
    file.truncate(0).unwrap();
    assert_eq!((file.len(), file.cached_pages()), (0, 0));
}

/// A block keeps what it had, so one that is given to a page that nobody has written is zeroed first.
#[test]
fn what_is_allocated_reads_as_zeros_and_can_be_written_when_the_device_is_full() {
    for fs in [&EXT, &LOG] {
        let device = Device::new(4);
        let sb = SuperBlock::new(fs, Arc::clone(&device));
        let before = sb.create();
        before.write_at(&[b'x'; 4 * PAGE_SIZE], 0).unwrap();
        before.fsync().unwrap();
        drop(before);
        let (file, other) = (sb.create(), sb.create());
        file.write_at(b"a", PAGE).unwrap();
        file.allocate_range(10, PAGE, false).unwrap();
        assert_eq!((file.len(), file.blocks()), (PAGE + 10, 2));
        file.allocate_range(2 * PAGE, PAGE, true).unwrap();
        assert_eq!((file.len(), file.blocks()), (PAGE + 10, 3), "it keeps its size");
        other.write_at(&[1; 2 * PAGE_SIZE], 0).unwrap();
        assert_eq!(other.fsync(), Err(Error::NoSpace));
        file.write_at(b"end", 3 * PAGE - 3).unwrap();
        file.fsync().unwrap();
        file.drop_cache();
        let mut expected = vec![0; 3 * PAGE_SIZE];
        expected[PAGE_SIZE] = b'a';
        expected[3 * PAGE_SIZE - 3..].copy_from_slice(b"end");
        let mut bytes = vec![0xee; 3 * PAGE_SIZE];
        assert_eq!(file.read_at(&mut bytes, 0), Ok(3 * PAGE_SIZE));
        assert_eq!(bytes, expected, "{}", fs.name);
        drop((file, other));
        assert_eq!(device.free_blocks(), 4);
    }
}
