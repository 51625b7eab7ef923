//! The pages of one file: `struct address_space`.

use crate::folio::{Folio, FolioLock};
use crate::locks::I_PAGES;
use lockdep::LockClassKey;
use lockdep::parking_lot::{Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// The index of cached pages, and the lock that keeps it in step with the blocks underneath.
#[derive(Debug)]
pub struct Mapping {
    i_pages: Mutex<BTreeMap<u64, Arc<Folio>>>,
    invalidate_lock: RwLock<()>,
    /// False only where a test shows what goes wrong without the lock.
    locks_invalidation: bool,
}

impl Mapping {
    pub(crate) fn new(invalidate_lock_key: &'static LockClassKey, locks_invalidation: bool) -> Mapping {
        Mapping {
            i_pages: Mutex::named(&I_PAGES, BTreeMap::new()),
            invalidate_lock: RwLock::named(invalidate_lock_key, ()),
            locks_invalidation,
        }
    }

    /// Held while a page is added and filled: its block cannot be freed meanwhile.
    #[track_caller]
    pub(crate) fn invalidate_shared(&self) -> Option<RwLockReadGuard<'_, ()>> {
        if self.locks_invalidation { Some(self.invalidate_lock.read()) } else { None }
    }

    /// Held while pages are removed and their blocks freed: no page comes back from an old block meanwhile.
    #[track_caller]
    pub(crate) fn invalidate_exclusive(&self) -> Option<RwLockWriteGuard<'_, ()>> {
        if self.locks_invalidation { Some(self.invalidate_lock.write()) } else { None }
    }

    /// The page, if it is cached; it may be locked, and truncated at any time.
    pub(crate) fn lookup(&self, index: u64) -> Option<Arc<Folio>> {
        self.i_pages.lock().get(&index).cloned()
    }

    /// The first cached page in a range.
    pub(crate) fn first_in(&self, range: Range<u64>) -> Option<Arc<Folio>> {
        self.i_pages.lock().range(range).next().map(|(_, folio)| Arc::clone(folio))
    }

    /// Adds a locked folio: `filemap_add_folio`. False if there is one already.
    pub(crate) fn add(&self, folio: &FolioLock) -> bool {
        let mut pages = self.i_pages.lock();
        match pages.entry(folio.folio().index()) {
            std::collections::btree_map::Entry::Occupied(_) => false,
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(Arc::clone(folio.folio()));
                true
            }
        }
    }

    /// Takes a locked folio out, unless that has happened: `filemap_remove_folio`.
    pub(crate) fn remove(&self, folio: &FolioLock) {
        if !folio.folio().is_truncated() {
            folio.mark_truncated();
            folio.clear_dirty();
            self.i_pages.lock().remove(&folio.folio().index());
        }
    }

    /// How many pages are cached.
    #[must_use]
    pub fn cached_pages(&self) -> usize {
        self.i_pages.lock().len()
    }
}
