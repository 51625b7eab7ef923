//! The blocks of the process, by which other threads find whose an acquisition is.

use crate::block::Block;
use crate::entry::{Token, PLACE_BITS};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicU32};

/// All blocks, and the names of their stacks' places. All bits of an empty one are zero.
#[derive(Debug)]
pub(crate) struct Blocks {
    /// Blocks are never freed, so the list only grows, by one block per thread that runs at once.
    newest: AtomicPtr<Block>,
    /// The names of places that have been given out. It orders nothing.
    places: AtomicU32,
}

impl Blocks {
    pub(crate) const fn new() -> Blocks {
        Blocks { newest: AtomicPtr::new(std::ptr::null_mut()), places: AtomicU32::new(0) }
    }
}

/// This copy's own.
static OWN: Blocks = Blocks::new();
/// Those of all copies of this crate in the process, once it is known that they have them in common.
static SHARED: AtomicPtr<Blocks> = AtomicPtr::new(std::ptr::null_mut());

fn all() -> &'static Blocks {
    // SAFETY: null, or what `share` made from a `&'static Blocks`. Pairs with its release.
    unsafe { SHARED.load(Acquire).cast_const().as_ref() }.unwrap_or(&OWN)
}

/// Goes on with blocks that other copies of this crate use as well. To be called before this copy has any.
#[cfg(feature = "foreign")]
pub(crate) fn share(blocks: &'static Blocks) {
    // Pairs with the acquire in `all`.
    SHARED.store(std::ptr::from_ref(blocks).cast_mut(), Release);
}

/// Names for so many places that no other place of the process has; returns the first. `None` if more places are in use than tokens
/// can name, which is sixteen million.
pub(crate) fn name_places(count: u32) -> Option<u32> {
    let next = |used: u32| used.checked_add(count).filter(|&used| used < 1 << PLACE_BITS);
    // 0 names none: with no uses it is the token of what is not tracked.
    all().places.fetch_update(Relaxed, Relaxed, next).ok().map(|used| used + 1)
}

/// Lets other threads find a block by its tokens.
pub fn publish(block: &'static Block) {
    let newest = &all().newest;
    let mut head = newest.load(Relaxed);
    loop {
        block.next.store(head, Relaxed);
        // Pairs with the acquire in `blocks`: who finds the block sees it initialised.
        let this = std::ptr::from_ref(block).cast_mut();
        match newest.compare_exchange_weak(head, this, Release, Relaxed) {
            Ok(_) => return,
            Err(newer) => head = newer,
        }
    }
}

/// All blocks that were ever published, newest first.
pub fn blocks() -> impl Iterator<Item = &'static Block> {
    // Pairs with the release in `publish`.
    let mut block = all().newest.load(Acquire);
    std::iter::from_fn(move || {
        // SAFETY: null, or a published block; invariant 1.
        let found: &'static Block = unsafe { block.as_ref() }?;
        block = found.next.load(Relaxed);
        Some(found)
    })
}

/// The block on which an acquisition was put.
#[must_use]
pub fn owner_of(token: Token) -> Option<&'static Block> {
    blocks().find(|block| block.stack().names(token))
}
