//! Threads that use files of two types in every way at once, through calls and through mappings, and check what they read.

use crate::PAGE_SIZE;
use crate::backing::Device;
use crate::error::Error;
use crate::filemap::Readahead;
use crate::fs::{EXT, LOG};
use crate::inode::Inode;
use crate::mm::{Mm, Sharing};
use crate::seeded;
use crate::superblock::SuperBlock;
use std::sync::Arc;

/// How much, and how.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Threads.
    pub threads: u64,
    /// Operations per thread.
    pub operations: u64,
    /// Where the random numbers start.
    pub seed: u64,
    /// Whether [`seeded::inversion`] happens once at the end.
    pub inversion: bool,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Bytes read and checked.
    pub read: u64,
    /// Bytes written.
    pub written: u64,
    /// Truncations and holes.
    pub invalidations: u64,
    /// Times the device was full.
    pub full: u64,
}

const FILES: usize = 4;
const WORDS: u64 = 64 * PAGE_SIZE as u64 / 8;

/// The random numbers of Marsaglia's xorshift64.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Starts at a seed.
    #[must_use]
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }
}

/// What the aligned word `number` of file `ino` holds, unless it is zero.
fn word(ino: u64, number: u64) -> u64 {
    ino << 32 | (number + 1)
}

/// Runs the workload.
///
/// # Panics
/// When a file shows a word that was never written there.
#[must_use]
pub fn run(options: Options) -> Tally {
    // Too small for all files at once, so that blocks change hands and the device is full at times.
    let device = Device::new(FILES * 64 / 4);
    let mounts = [SuperBlock::new(&EXT, Arc::clone(&device)), SuperBlock::new(&LOG, device)];
    let files: Vec<Arc<Inode>> = (0..FILES).map(|number| mounts[number % 2].create()).collect();
    let tallies = std::thread::scope(|scope| {
        let start = |number: u64| {
            let (files, random) = (&files, Random::new(options.seed.wrapping_add(number)));
            let thread = std::thread::Builder::new().name(format!("worker-{number}"));
            thread.spawn_scoped(scope, move || work(files, random, options.operations)).expect("a thread starts")
        };
        let threads: Vec<_> = (0..options.threads).map(start).collect();
        threads.into_iter().map(|thread| thread.join().expect("a worker saw a wrong word")).collect::<Vec<_>>()
    });
    for file in &files {
        check(file, 0, WORDS);
    }
    if options.inversion {
        seeded::inversion(&files[0]);
    }
    tallies.into_iter().fold(Tally::default(), |sum, next| Tally {
        read: sum.read + next.read,
        written: sum.written + next.written,
        invalidations: sum.invalidations + next.invalidations,
        full: sum.full + next.full,
    })
}

fn work(files: &[Arc<Inode>], mut random: Random, operations: u64) -> Tally {
    let (mut tally, mm, mut ahead) = (Tally::default(), Mm::new(), Readahead::default());
    let map = |file: &Arc<Inode>| mm.map(file, 0, WORDS * 8 / PAGE_SIZE as u64, Sharing::Shared).expect("it has pages");
    let mapped: Vec<u64> = files.iter().map(map).collect();
    for _ in 0..operations {
        let which = random.below(files.len() as u64) as usize;
        let file = &files[which];
        let (at, count) = (random.below(WORDS), 1 + random.below(1500));
        match random.below(26) {
            0..10 => tally.read += check(file, at, count),
            10..14 => {
                let words = (at..at + count).flat_map(|number| word(file.ino(), number).to_ne_bytes());
                file.write_at(&words.collect::<Vec<u8>>(), at * 8).expect("there is memory");
                tally.written += count * 8;
            }
            14 => {
                file.truncate(at * 8).expect("a device in memory does not fail");
                tally.invalidations += 1;
            }
            15 | 16 => {
                file.punch_hole(at * 8, count * 8).expect("a device in memory does not fail");
                tally.invalidations += 1;
            }
            20..22 => match mm.store(mapped[which] + at * 8, &word(file.ino(), at).to_ne_bytes()) {
                Ok(()) => tally.written += 8,
                Err(Error::NoSpace) => tally.full += 1,
                Err(error) => assert_eq!(error, Error::BadAddress),
            },
            22..24 => {
                let mut bytes = [0; 8];
                match mm.load(mapped[which] + at * 8, &mut bytes) {
                    Ok(()) => tally.read += agree(file, at, &bytes),
                    Err(error) => assert_eq!(error, Error::BadAddress),
                }
            }
            24 => {
                let mut buf = vec![0xff; count as usize * 8];
                let read =
                    file.read_sequentially(&mut ahead, &mut buf, at * 8).expect("a device in memory does not fail");
                tally.read += agree(file, at, &buf[..read]);
            }
            17 | 18 => tally.full += u64::from(file.fsync().is_err()),
            _ => drop(file.drop_cache()),
        }
    }
    tally
}

/// Reads words, each of which has to be its own or zero. Returns how many bytes there were.
fn check(file: &Inode, at: u64, count: u64) -> u64 {
    let mut buf = vec![0xff; count as usize * 8];
    let read = file.read_at(&mut buf, at * 8).expect("a device in memory does not fail");
    agree(file, at, &buf[..read])
}

/// Each word has to be its own or zero. Returns how many bytes there are.
fn agree(file: &Inode, at: u64, bytes: &[u8]) -> u64 {
    for (number, bytes) in (at..).zip(bytes.chunks_exact(8)) {
        let found = u64::from_ne_bytes(bytes.try_into().expect("eight bytes"));
        assert!(found == 0 || found == word(file.ino(), number), "word {number} of file {} is {found:#x}", file.ino());
    }
    bytes.len() as u64
}
