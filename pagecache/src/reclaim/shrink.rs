//! Evicting pages: `shrink_folio_list`.
//!
//! A page may go while it is unlocked, clean and used by nobody, also while somebody who fills others holds `invalidate_lock`: who finds
//! it gone fills it again.

use super::Shadow;
use super::lru::Isolated;
use crate::folio::{self, FolioRef};
use crate::mm;

/// What came of an attempt to evict some pages.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shrunk {
    /// How many are gone.
    pub(super) freed: usize,
    /// How many have to be written first.
    pub(super) dirty: usize,
    /// How many are used, or on their way to or from the device.
    pub(super) in_use: usize,
}

/// What came of one page.
enum Outcome {
    Freed,
    InUse,
    Dirty,
}

/// Evicts what can go, and leaves shadows. Returns the others. If none could go because of I/O under way, waits for some of that, on pages
/// that are no deeper in the stack than the one that is wanted.
#[track_caller]
pub(super) fn shrink(isolated: Vec<Isolated>, depth: usize, shadow: impl Fn() -> Shadow) -> (Vec<Isolated>, Shrunk) {
    let can_wait_for = |page: &&Isolated| !page.folio.is_dirty() && page.folio.depth() <= depth;
    folio::might_wait(depth);
    let (mut kept, mut shrunk) = (Vec::new(), Shrunk::default());
    for page in isolated {
        let count = match evict(&page, &shadow) {
            Outcome::Freed => {
                shrunk.freed += 1;
                continue;
            }
            Outcome::InUse => &mut shrunk.in_use,
            Outcome::Dirty => &mut shrunk.dirty,
        };
        *count += 1;
        kept.push(page);
    }
    if shrunk.freed == 0
        && let Some(page) = kept.iter().find(can_wait_for)
    {
        // Who was told to give up finds out where it comes back to.
        page.folio.wait_writeback();
        let _ = page.folio.wait_unlocked();
    }
    (kept, shrunk)
}

#[track_caller]
fn evict(page: &Isolated, shadow: impl Fn() -> Shadow) -> Outcome {
    let folio = &page.folio;
    // Without its mapping, the page is on its way out.
    let Some(mapping) = page.mapping.upgrade() else { return Outcome::Freed };
    let Some(locked) = folio.try_lock() else { return Outcome::InUse };
    if !mapping.has(folio) {
        return Outcome::Freed;
    }
    if folio.is_writeback() {
        return Outcome::InUse;
    }
    if folio.is_dirty() {
        return Outcome::Dirty;
    }
    if folio.references() > FolioRef::UNUSED {
        mm::unmap(&mapping, folio.index()..folio.index() + 1, false);
    }
    // A page of the main queue had its time.
    if mapping.remove_unused(&locked, (!page.from_main).then_some(shadow)) { Outcome::Freed } else { Outcome::InUse }
}
