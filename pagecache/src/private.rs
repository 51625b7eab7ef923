//! Pages of which only parts have contents: the private data of a page, as the buffer heads of `fs/buffer.c` and the
//! `struct iomap_folio_state` of `fs/iomap/buffered-io.c` are.
//!
//! A page is made of sectors. A write that covers whole ones need not read the rest of a page first: they alone have contents then, and
//! they alone are written out. A read of them is served at once, also while the rest is on its way. A page has private data from its
//! first such write until it leaves its mapping; it is changed under the page's lock and `private_lock`, so that who has either may look.

use crate::folio::{FolioId, FolioRef, LockedFolio};
use crate::locks::PRIVATE_LOCK;
use crate::sync::Mutex;
use std::collections::HashMap;
use std::ops::Range;

/// Bytes of a sector, the smallest part of a page that has contents by itself.
pub const SECTOR: usize = 512;

/// Some sectors of a page, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sectors(u8);

impl Sectors {
    pub(crate) const ALL: Sectors = Sectors(u8::MAX);
    const NONE: Sectors = Sectors(0);

    /// Those that a range of bytes touches.
    fn touched(range: &Range<usize>) -> Sectors {
        (range.start / SECTOR..range.end.div_ceil(SECTOR))
            .fold(Sectors::NONE, |all, sector| Sectors(all.0 | 1 << sector))
    }

    fn and(self, other: Sectors) -> Sectors {
        Sectors(self.0 | other.0)
    }

    fn without(self, other: Sectors) -> Sectors {
        Sectors(self.0 & !other.0)
    }

    fn has(self, other: Sectors) -> bool {
        self.0 & other.0 == other.0
    }

    /// The ranges of bytes that these are, neighbours together.
    pub(crate) fn ranges(self) -> impl Iterator<Item = Range<usize>> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let rest = u16::from(self.0) >> from;
            let start = from + rest.trailing_zeros().min(u16::BITS - from);
            if rest == 0 {
                return None;
            }
            let end = start + (u16::from(self.0) >> start).trailing_ones();
            from = end;
            Some(start as usize * SECTOR..end as usize * SECTOR)
        })
    }
}

/// What there is to know of the sectors of one page.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// Those with contents.
    uptodate: Sectors,
    /// Those that are newer than the device's.
    dirty: Sectors,
}

/// The private data of the pages of a mapping.
#[derive(Debug)]
pub(crate) struct Private {
    private_lock: Mutex<HashMap<FolioId, State>>,
}

impl Default for Private {
    fn default() -> Private {
        Private { private_lock: Mutex::named(&PRIVATE_LOCK, HashMap::new()) }
    }
}

impl Private {
    /// Whether a write of these bytes leaves no sector half written.
    pub(crate) fn covers_whole(range: &Range<usize>) -> bool {
        range.start.is_multiple_of(SECTOR) && range.end.is_multiple_of(SECTOR)
    }

    /// Bytes of a page were written: `iomap_set_range_uptodate`, `block_dirty_folio`. If the page had no contents, these are all it has;
    /// when nothing is missing any more, it is up to date.
    #[track_caller]
    pub(crate) fn wrote(&self, locked: &LockedFolio, range: &Range<usize>) {
        let folio = locked.folio();
        if folio.is_uptodate() && !folio.has_private() {
            return;
        }
        debug_assert!(folio.is_uptodate() || Private::covers_whole(range), "a sector is half written");
        let uptodate = if folio.is_uptodate() { Sectors::ALL } else { Sectors::touched(range) };
        let mut states = self.private_lock.lock();
        let state = states.entry(folio.id()).or_default();
        state.uptodate = state.uptodate.and(uptodate);
        state.dirty = state.dirty.and(Sectors::touched(range));
        let is_whole = state.uptodate == Sectors::ALL;
        drop(states);
        locked.set_private();
        if is_whole {
            locked.mark_uptodate();
        }
    }

    fn ask<T>(&self, folio: &FolioRef, answer: impl FnOnce(&State) -> T) -> Option<T> {
        if !folio.has_private() {
            return None;
        }
        self.private_lock.lock().get(&folio.id()).map(answer)
    }

    /// Whether these bytes have contents, of a page that has not: `is_partially_uptodate`.
    #[track_caller]
    pub(crate) fn is_partially_uptodate(&self, folio: &FolioRef, range: &Range<usize>) -> bool {
        self.ask(folio, |state| state.uptodate.has(Sectors::touched(range))).unwrap_or(false)
    }

    /// What has to be read before a locked page without contents has them.
    #[track_caller]
    pub(crate) fn missing(&self, locked: &LockedFolio) -> Sectors {
        self.ask(locked.folio(), |state| Sectors::ALL.without(state.uptodate)).unwrap_or(Sectors::ALL)
    }

    /// What of a locked page is to be written out, which is clean from now on.
    #[track_caller]
    pub(crate) fn take_dirty(&self, locked: &LockedFolio) -> Sectors {
        if !locked.folio().has_private() {
            return Sectors::ALL;
        }
        let mut states = self.private_lock.lock();
        states.get_mut(&locked.folio().id()).map_or(Sectors::ALL, |state| std::mem::take(&mut state.dirty))
    }

    /// Forgets what is known of a page that is leaving its mapping, locked and not on its way to the device: `invalidate_folio`, and
    /// `release_folio` of a page that is clean. What the page still has is not used any more: it comes from the device anew.
    #[track_caller]
    pub(crate) fn forget(&self, locked: &LockedFolio) {
        debug_assert!(!locked.folio().is_writeback(), "it is on its way to the device");
        if locked.folio().has_private() {
            self.private_lock.lock().remove(&locked.folio().id());
            locked.clear_private();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PAGE_SIZE;

    #[test]
    fn sectors_are_ranges_of_bytes_and_back() {
        assert_eq!(Sectors::ALL.ranges().last(), Some(0..PAGE_SIZE));
        assert_eq!(Sectors::NONE.ranges().count(), 0);
        assert_eq!(Sectors(0b1000_0110).ranges().collect::<Vec<_>>(), [512..1536, 3584..4096]);
        for bits in 0..=u8::MAX {
            let all = Sectors(bits).ranges().fold(Sectors::NONE, |all, range| all.and(Sectors::touched(&range)));
            assert_eq!(all, Sectors(bits));
        }
        assert_eq!(Sectors::touched(&(511..513)), Sectors(0b11));
        assert!(Private::covers_whole(&(512..2048)) && !Private::covers_whole(&(512..2047)));
    }
}
