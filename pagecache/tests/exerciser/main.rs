//! Everything that can be done to files, by several threads at once, against what they should read: fsx and fsstress in one.
//!
//! Each thread has a region of a file that all share, and a file of its own, whose size it changes; it knows what is in both, so that every
//! read is checked, while the others do what they like to the pages beside. What a thread does is decided by the seed before it begins.
//! A run that fails is shrunk: what is left out of it as long as it still fails, and the rest is printed.
//!
//! ```text
//! cargo test -p pagecache --test exerciser                                              some seconds
//! PAGECACHE_SECONDS=3600 cargo test --release -p pagecache --test exerciser             an hour of new seeds
//! PAGECACHE_SEED=17 cargo test -p pagecache --test exerciser                            one run again
//! ```
//!
//! With `RUSTFLAGS="--cfg lockdep"` a release build watches its locks, too.

mod operation;
mod shrink;
mod thread;

use lockdep::core::finding::Grade;
use lockdep::core::hierarchy::{Hierarchy, Verdict};
use lockdep::core::mode::Want;
use operation::{Operation, generate};
use pagecache::backing::MemoryBlocks;
use pagecache::locks::ORDER;
use pagecache::{Completion, Device, EXT, LOG, Memory, MountOptions, SuperBlock};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use thread::{REGION, Worker};

const THREADS: u64 = 3;
const OPERATIONS: usize = 150;

/// A bug that is switched on is on for the whole process.
static ALONE: Mutex<()> = Mutex::new(());

/// What each thread does.
type Plan = Vec<Vec<Operation>>;

/// Runs a plan on a file system that the seed chooses. Tells what went wrong.
fn run(seed: u64, plan: &Plan) -> Result<(), String> {
    let completion = if seed % 4 < 2 { Completion::Inline } else { Completion::Thread };
    let device = Device::with(MemoryBlocks::new(512), completion);
    let memory = if seed.is_multiple_of(3) { Memory::unlimited() } else { Memory::new(40) };
    let options = MountOptions { memory, ..MountOptions::default() };
    let sb = SuperBlock::mount(if seed.is_multiple_of(2) { &EXT } else { &LOG }, Arc::clone(&device), options);
    let shared = sb.create();
    shared.truncate(THREADS * REGION).map_err(|error| error.to_string())?;
    let outcomes: Vec<Result<(), String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = plan
            .iter()
            .enumerate()
            .map(|(number, operations)| {
                let (sb, shared) = (&sb, &shared);
                scope.spawn(move || Worker::new(sb, shared, number as u64).work(operations))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("it panicked".to_owned()))).collect()
    });
    outcomes
        .into_iter()
        .enumerate()
        .try_for_each(|(number, outcome)| outcome.map_err(|error| format!("thread {number}: {error}")))?;
    drop((shared, sb));
    // A file that is being written out in the background goes when that is done.
    let all_free = (0..10_000).any(|_| {
        let all_free = device.free_blocks() == 512;
        if !all_free {
            std::thread::sleep(Duration::from_millis(1));
        }
        all_free
    });
    if all_free { Ok(()) } else { Err("blocks are lost".to_owned()) }
}

/// The plan of a seed; if it fails, the least of it that does.
fn exercise(seed: u64) -> Result<(), String> {
    let plan: Plan = (0..THREADS).map(|thread| generate(seed * THREADS + thread, OPERATIONS)).collect();
    run(seed, &plan).map_err(|first| {
        // Threads meet by chance, so a plan counts as good only when it holds a few times.
        let fails = |plan: &Plan| (0..5).any(|_| run(seed, plan).is_err());
        let least = if fails(&plan) { shrink::shrink(plan, fails) } else { plan };
        let steps: Vec<String> = least
            .iter()
            .enumerate()
            .flat_map(|(thread, operations)| {
                operations.iter().map(move |operation| format!("  {thread}: {operation:?}"))
            })
            .collect();
        format!("PAGECACHE_SEED={seed}: {first}\nwhat is left of it:\n{}", steps.join("\n"))
    })
}

#[test]
fn threads_that_do_everything_at_once_read_what_they_wrote() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("it is a number"));
    match (number("PAGECACHE_SEED"), number("PAGECACHE_SECONDS")) {
        (Some(seed), _) => exercise(seed).unwrap_or_else(|error| panic!("{error}")),
        (None, Some(seconds)) => {
            let end = Instant::now() + Duration::from_secs(seconds);
            (0..).take_while(|_| Instant::now() < end).for_each(|seed| {
                exercise(seed).unwrap_or_else(|error| panic!("{error}"));
            });
        }
        (None, None) => (0..24).for_each(|seed| exercise(seed).unwrap_or_else(|error| panic!("{error}"))),
    }
    lockdep::assert_none_held!();
    let sure: Vec<_> = lockdep::findings().into_iter().filter(|finding| finding.grade >= Grade::Suspect).collect();
    assert!(sure.is_empty(), "{}", sure[0]);
    let order = Hierarchy::parse(ORDER).expect("the document is well-formed");
    for (from, to) in lockdep::graph().edges.keys().filter(|(from, _)| !from.starts_with("context:")) {
        assert_eq!(order.check(from, to, Want::Write), Verdict::Declared, "{from} -> {to}");
    }
}

/// With a bug in the page cache, the exerciser finds it, and says what matters.
#[cfg(feature = "mutants")]
#[test]
fn a_bug_is_found_and_shrunk_to_a_few_operations() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let found = pagecache::without("a shared block is not written", || (0..50).find_map(|seed| exercise(seed).err()));
    let found = found.expect("what is written to one file shows in the other");
    let steps = found.lines().skip(2).count();
    assert!((1..20).contains(&steps), "{found}");
}
