//! What can be done to a file, as data.

use crate::thread::{OWN, REGION};
use pagecache::PAGE_SIZE;
use pagecache::workload::Random;

const PAGE: u64 = PAGE_SIZE as u64;

/// Where a thread does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In its region of the file that all share.
    Shared,
    /// In its own file.
    Own,
}

/// How bytes get into a file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Put {
    Write,
    Store,
    Direct,
    /// By a write whose source is a mapping of the same bytes.
    FromMapping,
}

/// How they get out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Get {
    Read,
    Sequential,
    Load,
    Direct,
    NoWait,
    NoIo,
    WaitQueue,
}

/// How a range gets what another has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Share {
    Clone,
    Dedupe,
    Copy,
    Exchange,
}

/// What changes nothing that can be read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Keep {
    Sync,
    DropCache,
    Invalidate,
    WillNeed,
    Freeze,
}

/// One step of a thread. Offsets are from the start of the place.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operation {
    Put { how: Put, place: Place, at: u64, len: u64, value: u8 },
    Get { how: Get, place: Place, at: u64, len: u64 },
    Share { how: Share, from: Place, at: u64, to: Place, to_at: u64, len: u64 },
    Punch { place: Place, at: u64, len: u64 },
    Zero { place: Place, at: u64, len: u64 },
    Truncate { len: u64 },
    Collapse { at: u64, len: u64 },
    Insert { at: u64, len: u64 },
    Keep { how: Keep, place: Place },
}

fn one_of<T: Copy>(random: &mut Random, all: &[T]) -> T {
    all[random.below(all.len() as u64) as usize]
}

/// What the seed says.
pub(crate) fn generate(seed: u64, count: usize) -> Vec<Operation> {
    let mut random = Random::new(seed);
    (0..count).map(|_| step(&mut random)).collect()
}

fn step(random: &mut Random) -> Operation {
    let places = [Place::Shared, Place::Own].map(|_| one_of(random, &[Place::Shared, Place::Own]));
    let size = |place| if place == Place::Shared { REGION } else { OWN };
    let [place, other] = places;
    let at = random.below(size(place));
    let len = 1 + random.below((3 * PAGE).min(size(place) - at));
    let aligned = at / PAGE * PAGE;
    let pages = |random: &mut Random, from: u64, size: u64| (1 + random.below(3)).min((size - from) / PAGE) * PAGE;
    match random.below(24) {
        0..6 => {
            let how = one_of(random, &[Put::Write, Put::Write, Put::Store, Put::Store, Put::Direct, Put::FromMapping]);
            let value = random.below(255) as u8 + 1;
            match how {
                Put::Direct => {
                    Operation::Put { how, place, at: aligned, len: pages(random, aligned, size(place)), value }
                }
                _ => Operation::Put { how, place, at, len, value },
            }
        }
        6..12 => {
            let all = [Get::Read, Get::Sequential, Get::Load, Get::Direct, Get::NoWait, Get::NoIo, Get::WaitQueue];
            match one_of(random, &all) {
                Get::Direct => {
                    Operation::Get { how: Get::Direct, place, at: aligned, len: pages(random, aligned, size(place)) }
                }
                how => Operation::Get { how, place, at, len },
            }
        }
        12..16 => {
            let how = one_of(random, &[Share::Clone, Share::Dedupe, Share::Copy, Share::Exchange]);
            let to_at = random.below(size(other)) / PAGE * PAGE;
            let len = pages(random, aligned, size(place)).min(size(other) - to_at);
            Operation::Share { how, from: place, at: aligned, to: other, to_at, len }
        }
        16 => Operation::Punch { place, at, len },
        17 => Operation::Zero { place, at, len },
        18 => Operation::Truncate { len: random.below(OWN) },
        19 => Operation::Collapse { at: random.below(OWN) / PAGE * PAGE, len: (1 + random.below(2)) * PAGE },
        20 => Operation::Insert { at: random.below(OWN) / PAGE * PAGE, len: (1 + random.below(2)) * PAGE },
        _ => {
            let all = [Keep::Sync, Keep::DropCache, Keep::DropCache, Keep::Invalidate, Keep::WillNeed, Keep::Freeze];
            Operation::Keep { how: one_of(random, &all), place }
        }
    }
}
