//! The page cache, over a scheduler that chooses every step: small cases, many interleavings, failing ones repeated.
//!
//! ```text
//! schedules                                  all cases, by name
//! schedules CASE                             as many schedules as the case has, from its seed on
//! schedules CASE --without RECHECK           the same with a re-check switched off
//! schedules CASE [--without RECHECK] --replay SCHEDULE
//! ```
//!
//! A schedule that fails is printed, and the exit status is 1. The sources are those of the package `pagecache`; what differs is `sync`.
#![allow(dead_code, unused_imports, unreachable_pub, reason = "most of what the package offers is not used here")]
#![allow(clippy::large_enum_variant, reason = "the locks of the scheduler are larger than those of the package")]
#![allow(clippy::drop_non_drop, reason = "what the books hold is nothing here")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a program is for")]

#[macro_use]
#[path = "../../src/recheck.rs"]
mod recheck;
mod sync;

#[path = "../../src/error.rs"]
mod error;
#[path = "../../src/fs.rs"]
pub mod fs;
#[path = "../../src/locks.rs"]
pub mod locks;
#[path = "../../src/page.rs"]
pub mod page;

#[path = "../../src/folio/mod.rs"]
mod folio;
#[path = "../../src/index.rs"]
mod index;
#[path = "../../src/kill.rs"]
mod kill;

#[path = "../../src/backing/mod.rs"]
pub mod backing;
#[path = "../../src/hooks.rs"]
pub mod hooks;
#[path = "../../src/private.rs"]
mod private;

#[path = "../../src/mapping.rs"]
mod mapping;
#[path = "../../src/reclaim/mod.rs"]
mod reclaim;
#[path = "../../src/writeback/mod.rs"]
mod writeback;

#[path = "../../src/attributes.rs"]
mod attributes;
#[path = "../../src/change.rs"]
mod change;
#[path = "../../src/file.rs"]
mod file;
#[path = "../../src/freeze.rs"]
mod freeze;
#[path = "../../src/inode.rs"]
mod inode;
#[path = "../../src/superblock.rs"]
mod superblock;

#[path = "../../src/direct.rs"]
mod direct;
#[path = "../../src/fallocate.rs"]
mod fallocate;
#[path = "../../src/filemap/mod.rs"]
mod filemap;
#[path = "../../src/remap.rs"]
mod remap;
#[path = "../../src/truncate.rs"]
mod truncate;

#[path = "../../src/directory.rs"]
mod directory;
#[path = "../../src/icache.rs"]
mod icache;
#[path = "../../src/mm/mod.rs"]
mod mm;

#[path = "../../src/seeded.rs"]
pub mod seeded;

mod cases;

pub use backing::{Completion, Device};
pub use directory::{Directory, MAX_NAME};
pub use error::{Error, Result};
pub use filemap::{Flags, Readahead};
pub use freeze::Frozen;
pub use fs::{EXT, FileSystemType, LOG};
pub use inode::{Inode, MAX_BYTES};
pub use kill::Kill;
pub use mapping::Mapping;
pub use mm::{Mm, Sharing, Vma};
pub use reclaim::Memory;
pub use superblock::{MountOptions, SuperBlock};

/// As in the package.
pub const PAGE_SIZE: usize = 4096;

use cases::{CASES, Case, Search};
use shuttle::scheduler::{DfsScheduler, PctScheduler, ReplayScheduler};
use shuttle::{Config, MaxSteps, Runner};
use std::process::ExitCode;
use std::sync::OnceLock;

/// What the first panic said.
static REASON: OnceLock<String> = OnceLock::new();

fn explore(case: &Case, replay: Option<&str>) {
    let mut config = Config::new();
    config.stack_size = 1 << 18;
    config.silence_warnings = true;
    config.max_steps = MaxSteps::FailAfter(100_000);
    // The schedule that is told ends where the case failed, and so does its repetition.
    config.ungraceful_shutdown_config.immediately_return_on_panic = true;
    let run = case.run;
    let schedules = match (replay, case.search) {
        (Some(schedule), _) => Runner::new(ReplayScheduler::new_from_encoded(schedule), config).run(run),
        (None, Search::All) => Runner::new(DfsScheduler::new(None, false), config).run(run),
        (None, Search::Some { seed, schedules }) => {
            Runner::new(PctScheduler::new_from_seed(seed, 3, schedules), config).run(run)
        }
    };
    println!("{}: {schedules} schedules", case.name);
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    let Some(name) = args.first() else {
        CASES.iter().for_each(|case| println!("{}", case.name));
        return ExitCode::SUCCESS;
    };
    let Some(case) = CASES.iter().find(|case| case.name == name) else {
        eprintln!("error: there is no case `{name}`; without arguments the cases are listed");
        return ExitCode::from(2);
    };
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.payload_as_str().and_then(|text| text.lines().next()).unwrap_or("a panic");
        let _ = REASON.set(text.to_owned());
        eprintln!("{panic}");
    }));
    let recheck: &'static str = option("--without").map_or("", |name| String::leak(name.clone()));
    let replay = option("--replay").map(String::as_str);
    match std::panic::catch_unwind(|| recheck::without(recheck, || explore(case, replay))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => {
            println!("{name}: failed: {}", REASON.get().map_or("a panic", String::as_str));
            ExitCode::FAILURE
        }
    }
}
