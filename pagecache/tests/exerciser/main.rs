//! Everything that can be done to files, by several threads at once, against what they should read: fsx and fsstress in one.
//!
//! Each thread has a region of a file that all share, and a file of its own, whose size it changes; it knows what is in both, so that every
//! read is checked, while the others do what they like to the pages beside. No error is expected but those that the operation is there
//! to make, so one that nobody should see is as bad as a wrong byte. What a thread does is decided by the seed before it begins.
//! A run that fails is shrunk: what is left out of it as long as it still fails, and the rest is printed, and kept to be run again.
//!
//! ```text
//! cargo test -p pagecache --test exerciser                                              some seconds
//! PAGECACHE_SECONDS=3600 cargo test --release -p pagecache --test exerciser             an hour of new seeds
//! PAGECACHE_SEED=17 cargo test -p pagecache --test exerciser                            one run again
//! PAGECACHE_PLAN=FILE cargo test -p pagecache --test exerciser                          what is left of one, again and again
//! ```
//!
//! With `RUSTFLAGS="--cfg lockdep"` a release build watches its locks, too. So an hour was run (seeds from 0 on, 3 threads, one of 2 shared
//! cores with the lowest priority, 2026-11-26): 41,502 seeds, 18,675,900 operations, no wrong byte, no wrong error, no finding, no order
//! that is not documented.

mod operation;
mod plan;
mod shrink;
mod thread;

use lockdep::core::finding::Grade;
use lockdep::core::hierarchy::{Hierarchy, Verdict};
use lockdep::core::mode::Want;
use lockdep::core::snapshot::GraphText;
use pagecache::backing::MemoryBlocks;
use pagecache::locks::ORDER;
use pagecache::{Completion, Device, Directory, EXT, LOG, Memory, MountOptions, SuperBlock};
use plan::{Plan, THREADS};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use thread::{REGION, Worker};

const BLOCKS: usize = 512;
/// How often a plan that was kept is run: threads meet by chance.
const REPLAYS: usize = 1000;

/// A bug that is switched on is on for the whole process.
static ALONE: Mutex<()> = Mutex::new(());

/// Runs a plan on a file system that the seed chooses. Tells what went wrong.
fn run(plan: &Plan) -> Result<(), String> {
    let seed = plan.seed;
    let completion = if seed % 4 < 2 { Completion::Inline } else { Completion::Thread };
    let device = Device::with(MemoryBlocks::new(BLOCKS), completion);
    let memory = if seed.is_multiple_of(3) { Memory::unlimited() } else { Memory::new(40) };
    let options = MountOptions { memory, ..MountOptions::default() };
    let sb = SuperBlock::mount(if seed.is_multiple_of(2) { &EXT } else { &LOG }, Arc::clone(&device), options);
    let (directory, shared) = (Directory::new(&sb), sb.create());
    shared.truncate(THREADS * REGION).map_err(|error| error.to_string())?;
    let outcomes: Vec<Result<(), String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = plan
            .threads
            .iter()
            .enumerate()
            .map(|(number, operations)| {
                let (places, shared) = ((&sb, &*device, &directory), &shared);
                scope.spawn(move || Worker::new(places, shared, number as u64).work(operations))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("it panicked".to_owned()))).collect()
    });
    outcomes
        .into_iter()
        .enumerate()
        .try_for_each(|(number, outcome)| outcome.map_err(|error| format!("thread {number}: {error}")))?;
    drop((shared, directory, sb));
    // A file that is being written out in the background goes when that is done.
    device.write_out();
    match device.free_blocks() {
        BLOCKS => Ok(()),
        free => Err(format!("{} blocks are lost", BLOCKS - free)),
    }
}

/// Whether a plan fails in some runs. Threads meet by chance, so one that holds once says little.
fn fails(plan: &Plan) -> bool {
    (0..5).any(|_| run(plan).is_err())
}

/// The plan of a seed; if it fails, the least of it that does, and where that is kept.
fn exercise(seed: u64) -> Result<(), String> {
    let plan = Plan::of(seed);
    run(&plan).map_err(|first| {
        let with = |threads: &Vec<Vec<_>>| Plan { seed, threads: threads.clone() };
        let least = match fails(&plan) {
            true => with(&shrink::shrink(plan.threads, |threads| fails(&with(threads)))),
            false => plan,
        };
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("exerciser-{seed}.plan"));
        let kept = match std::fs::write(&path, least.to_string()) {
            Ok(()) => format!("PAGECACHE_PLAN={} runs it again", path.display()),
            Err(error) => format!("it could not be kept in {}: {error}", path.display()),
        };
        format!("PAGECACHE_SEED={seed}: {first}\n{kept}; what is left of it:\n{least}")
    })
}

/// Runs what was kept of a plan until it fails.
fn replay(path: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let plan: Plan = text.parse().map_err(|error| format!("{path}: {error}"))?;
    (1..=REPLAYS).try_for_each(|attempt| run(&plan).map_err(|error| format!("attempt {attempt}: {error}")))
}

/// Runs new seeds for a while. Returns how many.
fn soak(seconds: u64) -> Result<u64, String> {
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut seed = 0;
    while Instant::now() < end {
        exercise(seed)?;
        seed += 1;
    }
    Ok(seed)
}

#[test]
#[allow(clippy::print_stdout, reason = "how long it took and how much it was is told")]
fn threads_that_do_everything_at_once_read_what_they_wrote() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("it is a number"));
    let outcome = match (std::env::var("PAGECACHE_PLAN"), number("PAGECACHE_SEED"), number("PAGECACHE_SECONDS")) {
        (Ok(path), ..) => replay(&path),
        (_, Some(seed), _) => exercise(seed),
        (_, None, Some(seconds)) => soak(seconds).map(|seeds| {
            let operations = seeds * Plan::of(0).len() as u64;
            println!("{seeds} seeds, {operations} operations, in {seconds} s");
        }),
        (_, None, None) => (0..24).try_for_each(exercise),
    };
    outcome.unwrap_or_else(|error| panic!("{error}"));
    lockdep::assert_none_held!();
    let sure: Vec<_> = lockdep::findings().into_iter().filter(|finding| finding.grade >= Grade::Suspect).collect();
    assert!(sure.is_empty(), "{}", sure[0]);
    all_declared(&lockdep::graph());
}

/// Every order in a graph is in the document.
fn all_declared(graph: &GraphText) {
    let order = Hierarchy::parse(ORDER).expect("the document is well-formed");
    for (from, to) in graph.edges.keys().filter(|(from, _)| !from.starts_with("context:")) {
        assert_eq!(order.check(from, to, Want::Write), Verdict::Declared, "{from} -> {to}");
    }
}

/// What threads show of each other's locks depends on who waits for whom, so of the whole exerciser only the document can be asked. Of one
/// thread the orders are the same every time: each operation there is, and then many of them.
#[cfg(debug_assertions)]
#[test]
fn one_thread_that_does_everything_shows_the_same_orders_every_time() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let scope = lockdep::testing::scope();
    for fs in [&EXT, &LOG] {
        let device = Device::new(BLOCKS);
        let sb = SuperBlock::new(fs, Arc::clone(&device));
        let (directory, shared) = (Directory::new(&sb), sb.create());
        shared.truncate(REGION).expect("it has no pages");
        let steps = [operation::every(1), operation::generate(1, 1000), operation::every(2)].concat();
        Worker::new((&sb, &device, &directory), &shared, 0)
            .work(&steps)
            .unwrap_or_else(|error| panic!("{}: {error}", fs.name));
    }
    assert_eq!(scope.findings(), []);
    all_declared(&scope.graph());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../snapshots/graphs");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("exerciser", scope.graph()));
}

/// With a bug in the page cache, the exerciser finds it, and says what matters: so few steps, of which one is this.
#[cfg(feature = "mutants")]
#[test]
fn a_bug_is_found_and_shrunk_to_a_few_operations_that_fail_again() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let bugs = [
        ("a shared block is not written", ["clone", "copy", "dedupe", "exchange"].as_slice()),
        ("an error is told once", &["sync", "write-dsync", "write-direct-dsync"]),
        ("a dirty page is not dropped", &["drop-cache"]),
    ];
    for (bug, culprits) in bugs {
        pagecache::without(bug, || {
            let found = (0..50).find_map(|seed| exercise(seed).err()).unwrap_or_else(|| panic!("nobody misses: {bug}"));
            let (_, least) = found.split_once("what is left of it:\n").expect("it is told");
            let least: Plan = least.parse().expect("it is a plan");
            assert!((1..20).contains(&least.len()), "{bug}: {found}");
            assert!(culprits.iter().any(|verb| found.contains(&format!(" {verb} "))), "{bug}: {found}");
            assert!(fails(&least), "{bug}: {found}");
        });
    }
}
