//! What can be done to a file, as data, and as text that can be read back.

use crate::thread::{OWN, REGION};
use pagecache::PAGE_SIZE;
use pagecache::workload::Random;
use std::fmt;
use std::str::{FromStr, SplitWhitespace};

const PAGE: u64 = PAGE_SIZE as u64;

/// Things that have names, and all of them.
macro_rules! words {
    ($($(#[$doc:meta])* $Name:ident { $($(#[$each:meta])* $Variant:ident = $word:literal),* $(,)? })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $Name { $($(#[$each])* $Variant),* }

        impl $Name {
            pub(crate) const ALL: &[$Name] = &[$($Name::$Variant),*];

            fn named(word: &str) -> Option<$Name> {
                match word { $($word => Some($Name::$Variant),)* _ => None }
            }
        }

        impl fmt::Display for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($Name::$Variant => $word),* })
            }
        }
    )* };
}

words! {
    /// Where a thread does something.
    Place {
        /// In its region of the file that all share.
        Shared = "shared",
        /// In its own file.
        Own = "own",
    }

    /// How bytes get into a file.
    Put {
        Write = "write",
        Store = "store",
        /// By a write whose source is a mapping of the same bytes.
        FromMapping = "write-from-mapping",
        /// At the end of its own file.
        Append = "append",
        NoWait = "write-nowait",
        Synced = "write-dsync",
        Direct = "write-direct",
        DirectNoWait = "write-direct-nowait",
        DirectSynced = "write-direct-dsync",
    }

    /// How they get out.
    Get {
        Read = "read",
        Sequential = "read-ahead",
        Load = "load",
        /// Through a private mapping, which is stored to then.
        Private = "load-private",
        /// In a fork.
        Forked = "load-forked",
        NoWait = "read-nowait",
        NoIo = "read-noio",
        WaitQueue = "read-waitq",
        Direct = "read-direct",
        DirectNoWait = "read-direct-nowait",
    }

    /// How a range gets what another has.
    Share {
        Clone = "clone",
        Dedupe = "dedupe",
        Copy = "copy",
        Exchange = "exchange",
        /// By a read whose buffer is a mapping of the other range.
        IntoMapping = "read-into-mapping",
    }

    /// What happens to a range.
    Range {
        Punch = "punch",
        Zero = "zero",
        Allocate = "allocate",
        /// Beyond the end as well, where it cannot be seen.
        Reserve = "reserve",
        /// Only in its own file, as the next.
        Collapse = "collapse",
        Insert = "insert",
    }

    /// What changes nothing that can be read.
    Keep {
        Sync = "sync",
        DropCache = "drop-cache",
        Invalidate = "invalidate",
        WillNeed = "will-need",
        BlockMap = "bmap",
        Freeze = "freeze",
        WriteOut = "write-out",
        /// It uses its own file no more, has all files evicted that nobody uses, and looks its own up again.
        Evict = "evict",
    }
}

/// One step of a thread. Offsets are from the start of the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Put { how: Put, place: Place, at: u64, len: u64, value: u8 },
    Get { how: Get, place: Place, at: u64, len: u64 },
    Share { how: Share, from: Place, at: u64, to: Place, to_at: u64, len: u64 },
    Range { how: Range, place: Place, at: u64, len: u64 },
    Truncate { len: u64 },
    Keep { how: Keep, place: Place },
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operation::Put { how, place, at, len, value } => write!(f, "{how} {place} {at} {len} {value}"),
            Operation::Get { how, place, at, len } => write!(f, "{how} {place} {at} {len}"),
            Operation::Share { how, from, at, to, to_at, len } => write!(f, "{how} {from} {at} {to} {to_at} {len}"),
            Operation::Range { how, place, at, len } => write!(f, "{how} {place} {at} {len}"),
            Operation::Truncate { len } => write!(f, "truncate {len}"),
            Operation::Keep { how, place } => write!(f, "{how} {place}"),
        }
    }
}

impl FromStr for Operation {
    type Err = String;

    fn from_str(text: &str) -> Result<Operation, String> {
        parse(&mut text.split_whitespace()).ok_or_else(|| format!("`{text}` is no operation"))
    }
}

fn parse(words: &mut SplitWhitespace<'_>) -> Option<Operation> {
    fn number<T: FromStr>(words: &mut SplitWhitespace<'_>) -> Option<T> {
        words.next()?.parse().ok()
    }
    fn place(words: &mut SplitWhitespace<'_>) -> Option<Place> {
        Place::named(words.next()?)
    }
    let verb = words.next()?;
    let operation = if let Some(how) = Put::named(verb) {
        let (place, at, len) = (place(words)?, number(words)?, number(words)?);
        Operation::Put { how, place, at, len, value: number(words)? }
    } else if let Some(how) = Get::named(verb) {
        Operation::Get { how, place: place(words)?, at: number(words)?, len: number(words)? }
    } else if let Some(how) = Share::named(verb) {
        let (from, at) = (place(words)?, number(words)?);
        Operation::Share { how, from, at, to: place(words)?, to_at: number(words)?, len: number(words)? }
    } else if let Some(how) = Range::named(verb) {
        Operation::Range { how, place: place(words)?, at: number(words)?, len: number(words)? }
    } else if let Some(how) = Keep::named(verb) {
        Operation::Keep { how, place: place(words)? }
    } else if verb == "truncate" {
        Operation::Truncate { len: number(words)? }
    } else {
        return None;
    };
    words.next().is_none().then_some(operation)
}

fn one_of<T: Copy>(random: &mut Random, all: &[T]) -> T {
    all[random.below(all.len() as u64) as usize]
}

fn size(place: Place) -> u64 {
    if place == Place::Shared { REGION } else { OWN }
}

/// What the seed says.
pub(crate) fn generate(seed: u64, count: usize) -> Vec<Operation> {
    let mut random = Random::new(seed);
    (0..count).map(|_| step(&mut random)).collect()
}

fn step(random: &mut Random) -> Operation {
    let place = one_of(random, Place::ALL);
    match random.below(24) {
        0..7 => put(random, one_of(&mut random.clone(), Put::ALL), place),
        7..13 => get(random, one_of(&mut random.clone(), Get::ALL), place),
        13..17 => share(random, one_of(&mut random.clone(), Share::ALL), place),
        17..20 => range(random, one_of(&mut random.clone(), Range::ALL), place),
        20 => Operation::Truncate { len: random.below(OWN) },
        _ => Operation::Keep { how: one_of(random, Keep::ALL), place },
    }
}

/// Every operation there is, in each place, in order; where, the seed says.
pub(crate) fn every(seed: u64) -> Vec<Operation> {
    let random = &mut Random::new(seed);
    let mut all = Vec::new();
    for &place in Place::ALL {
        all.extend(Put::ALL.iter().map(|how| put(random, *how, place)));
        all.extend(Share::ALL.iter().map(|how| share(random, *how, place)));
        all.extend(Keep::ALL.iter().map(|how| Operation::Keep { how: *how, place }));
        all.extend(Get::ALL.iter().map(|how| get(random, *how, place)));
        all.extend(Range::ALL.iter().map(|how| range(random, *how, place)));
    }
    all.push(Operation::Truncate { len: random.below(OWN) });
    all
}

/// A range of bytes, and one of whole pages.
fn bytes(random: &mut Random, place: Place) -> (u64, u64) {
    let at = random.below(size(place));
    (at, 1 + random.below((3 * PAGE).min(size(place) - at)))
}

fn pages(random: &mut Random, place: Place) -> (u64, u64) {
    let at = random.below(size(place) / PAGE) * PAGE;
    (at, (1 + random.below(3)).min((size(place) - at) / PAGE) * PAGE)
}

fn put(random: &mut Random, how: Put, place: Place) -> Operation {
    let (at, len) = match how {
        Put::Direct | Put::DirectNoWait | Put::DirectSynced => pages(random, place),
        _ => bytes(random, place),
    };
    Operation::Put { how, place, at, len, value: random.below(255) as u8 + 1 }
}

fn get(random: &mut Random, how: Get, place: Place) -> Operation {
    let (at, len) = match how {
        Get::Direct | Get::DirectNoWait => pages(random, place),
        _ => bytes(random, place),
    };
    Operation::Get { how, place, at, len }
}

fn share(random: &mut Random, how: Share, from: Place) -> Operation {
    let to = one_of(random, Place::ALL);
    let ((at, len), (to_at, _)) = (pages(random, from), pages(random, to));
    Operation::Share { how, from, at, to, to_at, len: len.min(size(to) - to_at) }
}

fn range(random: &mut Random, how: Range, place: Place) -> Operation {
    let (place, (at, len)) = match how {
        Range::Punch | Range::Zero | Range::Allocate | Range::Reserve => (place, bytes(random, place)),
        Range::Collapse | Range::Insert => (Place::Own, pages(random, Place::Own)),
    };
    Operation::Range { how, place, at, len }
}

#[test]
fn an_operation_is_read_back_as_it_was_printed() {
    for operation in every(1).into_iter().chain(generate(2, 1000)) {
        assert_eq!(operation.to_string().parse(), Ok(operation));
    }
    for wrong in ["", "write", "write shared 1 2", "write shared 1 2 3 4", "eat shared", "sync everything"] {
        assert!(wrong.parse::<Operation>().is_err(), "{wrong}");
    }
}
