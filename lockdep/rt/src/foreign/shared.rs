//! One state for a process, however many copies of this runtime are in it.
//!
//! A program, a plugin that it loads, a library that brings all it needs: each has the statics of this crate once more. The locks that
//! their threads hold, and the orders that follow, are those of the process. So what is known lives outside of all copies, in memory at
//! an address that they agree on: the copy that takes the first lock maps it, whoever comes later is told by the system that something is
//! there, and goes on with that. No symbol is exported and none is looked up, so it does not matter who loads whom, or how.
//!
//! The hot path has no part in it: a thread's block is found once for each copy, and is then that copy's own thread-local pointer.
//!
//! Invariants, cited in SAFETY comments:
//! - S1. It is whole before it has a version, and is not looked at before.
//! - S2. Who uses one has the same source and was built by the same compiler, so that the layout of all that is in it is the same:
//!   [`VERSION`] covers both. A copy of another version has another address, or finds another version there, and stays alone.
//! - S3. Nothing in it points into a program or library, all of which but the program can be unloaded: text is copied, and
//!   of the places at which locks are held a library [takes its own along](super::process). There are no functions in it.
//!
//! Where the memory cannot be had, because something else is there, a copy goes on alone, with a log of its own.
//! What two logs of one process say of each other, [its execution](execution), lets their reader see that.

use super::leaf::{Leaf, Taken};
use super::process::Forks;
use super::state::{hash, State};
use super::sys::{self, MappedAt};
use crate::blocks::{self, Blocks};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64};

/// What is shared.
#[repr(C)]
pub(super) struct Shared {
    /// Zero until all is there.
    version: AtomicU64,
    blocks: Blocks,
    /// How many copies write to the log.
    pub(super) copies: AtomicU32,
    pub(super) forks: Forks,
    state: Leaf<State>,
}

impl Shared {
    const fn new() -> Shared {
        Shared {
            version: AtomicU64::new(0),
            blocks: Blocks::new(),
            copies: AtomicU32::new(0),
            forks: Forks::new(),
            state: Leaf::new(State::new()),
        }
    }
}

/// For a copy that is alone.
static OWN: Shared = Shared::new();

/// What this copy uses.
static SHARED: AtomicPtr<Shared> = AtomicPtr::new(std::ptr::from_ref(&OWN).cast_mut());

/// The interface between copies: whoever builds this for a program names its source and the compiler.
const VERSION: u64 = hash(match option_env!("LOCKDEP_RT_VERSION") {
    Some(version) => version.as_bytes(),
    None => b"of no program",
});

/// Where memory is looked for: between 64 and 128 GiB, which is far above what a program without position-independent code has, and
/// far below where systems put everything else. Each version has a place of its own.
const REGION: usize = 1 << 36;
const PLACES: u64 = 1 << 16;
const DISTANCE: usize = 1 << 20;
const PLACE: usize = REGION + (VERSION % PLACES) as usize * DISTANCE;
/// How often the maker, which has little to do, is waited for.
const PATIENCE: u32 = 100_000;
const _: () = assert!(size_of::<Shared>() <= DISTANCE && VERSION != 0);

/// What this copy uses.
pub(super) fn shared() -> &'static Shared {
    // SAFETY: `OWN`, or what `find` has found. Pairs with the release in `attach`.
    unsafe { &*SHARED.load(Acquire) }
}

/// What is known of the process.
pub(super) fn state() -> Taken<'static, State> {
    shared().state.take()
}

/// Ends what a [`state`] that was forgotten has begun.
///
/// # Safety
/// There is such a one, and nobody uses it any more.
pub(super) unsafe fn give_back_state() {
    // SAFETY: the caller's.
    unsafe { shared().state.give_back() }
}

/// Goes on with what the process has in common, or begins it. To be called before this copy knows anything.
pub(super) fn attach() {
    if let Some(found) = find() {
        // Pairs with the acquire in `shared`.
        SHARED.store(std::ptr::from_ref(found).cast_mut(), Release);
    }
    blocks::share(&shared().blocks);
    shared().copies.fetch_add(1, Relaxed);
}

fn find() -> Option<&'static Shared> {
    match sys::map_at(PLACE, size_of::<Shared>()) {
        MappedAt::New(at) => {
            let at = at.cast::<Shared>();
            // SAFETY: it is large enough, aligned to pages and never unmapped, and nobody looks at more than the version yet; S1.
            let made = unsafe {
                at.write(Shared::new());
                &*at
            };
            // Pairs with the acquire below.
            made.version.store(VERSION, Release);
            Some(made)
        }
        MappedAt::Taken(at) => {
            // SAFETY: the system can read it, so this can; it is the version of a `Shared`, or whatever somebody else has there.
            let version = unsafe { &*at.cast::<AtomicU64>() };
            let is_ours = (0..PATIENCE).any(|_| {
                // Pairs with the release above.
                let there = version.load(Acquire);
                if there == 0 {
                    sys::pause();
                }
                there == VERSION
            });
            // SAFETY: it has the version, so it is whole; S1, S2.
            is_ours.then(|| unsafe { &*at.cast::<Shared>() })
        }
        MappedAt::Not => None,
    }
}

/// A number that all copies in a process have in common, and with what replaces it by `exec` it has not; 0 if there is none.
pub(super) fn execution() -> u64 {
    match sys::random() {
        [] => 0,
        random => hash(random),
    }
}
