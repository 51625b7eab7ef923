//! The pages of one file: `struct address_space`.

use crate::error::{Error, ErrorSequence, Result};
use crate::folio::{Folio, FolioRef, LockedFolio};
use crate::index::{Index, Mark};
use crate::inode::Inode;
use crate::locks::{COMPLETION, I_MMAP_RWSEM, I_PAGES, SECOND};
use crate::mm::Vma;
use crate::private::{Private, Sectors};
use crate::reclaim::{Effort, Shadow};
use crate::superblock::SuperBlock;
use crate::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use crate::sync::{self, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, assert_held};
use std::ops::Range;
use std::sync::atomic::Ordering::{AcqRel, Relaxed};
use std::sync::{Arc, Weak};

/// The index of cached pages, and the lock that keeps it in step with the blocks underneath.
#[derive(Debug)]
pub struct Mapping {
    /// What reclaim calls it.
    this: Weak<Mapping>,
    /// The file whose pages these are.
    host: Weak<Inode>,
    /// What the folios of the mapping call it.
    number: u64,
    sb: Arc<SuperBlock>,
    index: Index,
    i_pages: Mutex<()>,
    pages: AtomicUsize,
    invalidate_lock: RwLock<()>,
    locks_invalidation: bool,
    /// Where the file is mapped.
    pub(crate) i_mmap: RwLock<Vec<Weak<Vma>>>,
    pub(crate) write_errors: ErrorSequence,
    pub(crate) private: Private,
    /// Whether the file is in its device's list of those with dirty pages.
    is_listed: AtomicBool,
    /// Whether the file is a device.
    is_device: AtomicBool,
}

/// The index, changed by nobody else. Completions are kept out, because they change it too.
struct Pages<'a> {
    _guard: MutexGuard<'a, ()>,
    _masked: sync::Masked,
}

static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);

impl Mapping {
    pub(crate) fn new(sb: Arc<SuperBlock>, host: Weak<Inode>, locks_invalidation: bool) -> Arc<Mapping> {
        let key = sb.keys().invalidate_lock;
        Arc::new_cyclic(|this| Mapping {
            this: Weak::clone(this),
            host,
            number: NEXT_NUMBER.fetch_add(1, Relaxed),
            sb,
            index: Index::default(),
            i_pages: Mutex::named(&I_PAGES, ()),
            pages: AtomicUsize::new(0),
            invalidate_lock: RwLock::named(key, ()),
            locks_invalidation,
            i_mmap: RwLock::named(&I_MMAP_RWSEM, Vec::new()),
            write_errors: ErrorSequence::default(),
            private: Private::default(),
            is_listed: AtomicBool::new(false),
            is_device: AtomicBool::new(false),
        })
    }

    /// Held while a page is added and filled: its block cannot be freed meanwhile. `filemap_invalidate_lock_shared`.
    #[track_caller]
    pub(crate) fn invalidate_shared(&self) -> Option<RwLockReadGuard<'_, ()>> {
        if self.locks_invalidation { Some(self.invalidate_lock.read()) } else { None }
    }

    /// The same without waiting: `filemap_invalidate_trylock_shared`.
    ///
    /// # Errors
    /// `Again` if pages are being removed.
    #[track_caller]
    pub(crate) fn try_invalidate_shared(&self) -> Result<Option<RwLockReadGuard<'_, ()>>> {
        match self.locks_invalidation {
            true => self.invalidate_lock.try_read().map(Some).ok_or(Error::Again),
            false => Ok(None),
        }
    }

    /// Held while pages are removed and their blocks freed: no page comes back from an old block meanwhile.
    /// `filemap_invalidate_lock`.
    #[track_caller]
    pub(crate) fn invalidate_exclusive(&self) -> Option<RwLockWriteGuard<'_, ()>> {
        if self.locks_invalidation { Some(self.invalidate_lock.write()) } else { None }
    }

    /// The same for two mappings, which may be one, always in the same order: `filemap_invalidate_lock_two`. The kernel orders
    /// them by address.
    #[track_caller]
    pub(crate) fn invalidate_two<'a>(one: &'a Mapping, two: &'a Mapping) -> [Option<RwLockWriteGuard<'a, ()>>; 2] {
        let (first, second) = if one.number <= two.number { (one, two) } else { (two, one) };
        let outer = first.invalidate_exclusive();
        let is_other = first.number != second.number && second.locks_invalidation;
        [outer, is_other.then(|| second.invalidate_lock.write_nested(SECOND))]
    }

    /// Whether it does, or is the mapping of a test that shows what happens without.
    pub(crate) fn locks_invalidation(&self) -> bool {
        self.locks_invalidation
    }

    /// The contract of whatever fills pages, but for writes, which `i_rwsem` keeps from those who free blocks.
    #[track_caller]
    pub(crate) fn assert_invalidate_held(&self) {
        if self.locks_invalidation {
            assert_held!(self.invalidate_lock);
        }
    }

    /// The contract of whatever removes pages.
    #[track_caller]
    pub(crate) fn assert_invalidate_exclusive(&self) {
        if self.locks_invalidation {
            assert_held!(self.invalidate_lock, exclusively);
        }
    }

    /// Whether the file is a device. Changed under `i_rwsem` and `invalidate_lock`, so relaxed.
    pub(crate) fn is_device(&self) -> bool {
        self.is_device.load(Relaxed)
    }

    pub(crate) fn set_device(&self, is_device: bool) {
        self.is_device.store(is_device, Relaxed);
    }

    #[track_caller]
    fn pages(&self) -> Pages<'_> {
        let _masked = COMPLETION.mask();
        Pages { _guard: self.i_pages.lock(), _masked }
    }

    /// Whether the folio is a page of this mapping; constant while it is locked.
    pub(crate) fn has(&self, folio: &Folio) -> bool {
        folio.belongs_to(self.number)
    }

    /// The page, if it is cached; it may be locked, and leave the mapping at any time.
    pub(crate) fn lookup(&self, index: u64) -> Option<FolioRef> {
        loop {
            let id = self.index.get(index)?;
            // A folio that is gone by now has left the index, or is about to.
            if let Some(folio) = FolioRef::get(id) {
                return Some(folio);
            }
            sync::spin_loop();
        }
    }

    /// The first cached page with a mark in a range.
    pub(crate) fn next(&self, mark: Mark, range: Range<u64>) -> Option<FolioRef> {
        let mut from = range.start;
        loop {
            let (number, id) = self.index.next(mark, from..range.end)?;
            match FolioRef::get(id) {
                Some(folio) => return Some(folio),
                // Somebody is about to take it out, or not.
                None if self.index.get(number) == Some(id) => sync::spin_loop(),
                None => from = number + 1,
            }
        }
    }

    /// A locked folio in the mapping, without contents: `filemap_add_folio`.
    ///
    /// # Errors
    /// `NoMemory` if there may be no more pages, `Busy` if there is a page with this number, `Interrupted`.
    #[track_caller]
    pub(crate) fn add_new(&self, index: u64, effort: Effort) -> Result<LockedFolio> {
        let effort = if self.is_device() && effort == Effort::Full { Effort::Reserve } else { effort };
        let depth = self.sb.depth();
        self.sb.memory().charge(effort, depth)?;
        let added = FolioRef::new_locked(index, depth).ok_or(Error::NoMemory).and_then(|locked| {
            let left = self.add(&locked)?;
            self.sb.memory().add(locked.folio(), &self.this, left);
            Ok(locked)
        });
        if added.is_err() {
            self.sb.memory().uncharge();
        }
        added
    }

    #[track_caller]
    fn add(&self, locked: &LockedFolio) -> Result<Option<Shadow>> {
        let folio = locked.folio();
        folio.set_mapping(self.number);
        let _pages = self.pages();
        let added = self.index.insert(folio.index(), folio.id());
        if added.is_ok() {
            folio.get_for_cache();
            self.pages.fetch_add(1, Relaxed);
        } else {
            folio.set_mapping(0);
        }
        added
    }

    /// Takes a locked folio out, unless that has happened: `filemap_remove_folio`.
    #[track_caller]
    pub(crate) fn remove(&self, locked: &LockedFolio) {
        if !self.has(locked.folio()) {
            return;
        }
        self.private.forget(locked);
        self.clear_dirty(locked);
        {
            let _pages = self.pages();
            self.detach(locked.folio(), None);
        }
        locked.folio().put_for_cache();
    }

    /// Takes a folio out of the index, with `i_pages` held.
    fn detach(&self, folio: &Folio, left: Option<Shadow>) {
        self.index.remove(folio.index(), left);
        folio.set_mapping(0);
        self.pages.fetch_sub(1, Relaxed);
        self.sb.memory().uncharge();
    }

    /// Takes out a locked folio that nobody else has and that is clean, and leaves a shadow if reclaim wants one. False if somebody
    /// does, or it is not: `remove_mapping`.
    #[track_caller]
    pub(crate) fn remove_unused(&self, locked: &LockedFolio, shadow: Option<impl FnOnce() -> Shadow>) -> bool {
        let folio = locked.folio();
        if recheck!("a dirty page is not dropped", folio.is_dirty()) || folio.is_writeback() {
            return false;
        }
        self.private.forget(locked);
        let _pages = self.pages();
        // First that nobody has it and nobody can get it, then whether it is dirty: who had it could dirty it, and let go, in between.
        if !self.has(folio) || !folio.freeze(FolioRef::UNUSED) {
            return false;
        }
        let is_needed = recheck!("a dirty page is not dropped", folio.is_dirty()) || folio.is_writeback();
        if is_needed {
            folio.unfreeze(FolioRef::UNUSED);
        } else {
            self.detach(folio, shadow.map(|shadow| shadow()));
            folio.unfreeze(FolioRef::UNUSED - 1);
        }
        !is_needed
    }

    /// Bytes of a locked folio were written: they have contents, and are dirty: `block_dirty_folio`.
    #[track_caller]
    pub(crate) fn wrote(&self, locked: &LockedFolio, range: Range<usize>) {
        self.private.wrote(locked, &range);
        self.set_dirty(locked);
    }

    /// Marks a locked folio dirty: `filemap_dirty_folio`. The kernel's need not be locked, and so has to look under `i_pages` whether the
    /// folio was truncated meanwhile.
    #[track_caller]
    pub(crate) fn set_dirty(&self, locked: &LockedFolio) {
        debug_assert!(self.has(locked.folio()), "a page becomes dirty that is none of the file's");
        if locked.test_set_dirty() {
            {
                let _pages = self.pages();
                self.index.set_mark(locked.folio().index(), Mark::Dirty, true);
            }
            self.sb.memory().count_dirty(1);
            self.join_dirty_list();
        }
    }

    /// The other way, for a locked folio: returns whether it was dirty. The mark stays for whoever writes it out, or takes it out.
    pub(crate) fn clear_dirty(&self, locked: &LockedFolio) -> bool {
        let was_dirty = locked.test_clear_dirty();
        if was_dirty {
            self.sb.memory().count_dirty(-1);
        }
        was_dirty
    }

    /// A locked page was written while nobody could make it dirty again.
    #[track_caller]
    pub(crate) fn cleaned(&self, locked: &LockedFolio) {
        self.private.take_dirty(locked);
        self.clear_dirty(locked);
        let _pages = self.pages();
        self.index.set_mark(locked.folio().index(), Mark::Dirty, false);
        self.index.set_mark(locked.folio().index(), Mark::ToWrite, false);
    }

    /// Puts the file into the list of those with dirty pages, unless it is in there: `__mark_inode_dirty`.
    #[track_caller]
    fn join_dirty_list(&self) {
        // Pairs with `leave_dirty_list`: who takes the file out of the list sees the marks of those who found it in there.
        if !self.is_listed.swap(true, AcqRel) {
            self.sb.device.writeback().add(&self.host);
        }
    }

    /// The file was taken out of the list, to be written.
    pub(crate) fn leave_dirty_list(&self) {
        self.is_listed.swap(false, AcqRel);
    }

    /// Puts it back if it is still dirty: `requeue_inode`.
    #[track_caller]
    pub(crate) fn rejoin_dirty_list(&self) {
        if self.is_dirty() {
            self.join_dirty_list();
        }
    }

    /// Whether there are dirty pages: `mapping_tagged`.
    pub(crate) fn is_dirty(&self) -> bool {
        self.index.next(Mark::Dirty, 0..u64::MAX).is_some()
    }

    /// Marks all dirty pages of a range as those that a sync has to write, so that it ends though others are dirtied:
    /// `tag_pages_for_writeback`.
    #[track_caller]
    pub(crate) fn tag_for_writeback(&self, range: Range<u64>) {
        let _pages = self.pages();
        let mut from = range.start;
        while let Some((number, _)) = self.index.next(Mark::Dirty, from..range.end) {
            self.index.set_mark(number, Mark::ToWrite, true);
            from = number + 1;
        }
    }

    /// A locked folio whose dirty bit was cleared is on its way to the device: `folio_start_writeback`. Returns which parts of it.
    #[track_caller]
    pub(crate) fn start_writeback(&self, locked: &LockedFolio) -> Sectors {
        let sectors = self.private.take_dirty(locked);
        let _pages = self.pages();
        let number = locked.folio().index();
        locked.set_writeback();
        self.index.set_mark(number, Mark::Writeback, true);
        self.index.set_mark(number, Mark::Dirty, locked.folio().is_dirty());
        self.index.set_mark(number, Mark::ToWrite, false);
        // On its way it still takes room that nobody else can have.
        self.sb.memory().count_dirty(1);
        sectors
    }

    /// It has arrived, or not: `folio_end_writeback`. Called by the completion.
    pub(crate) fn end_writeback(&self, folio: FolioRef, result: Result<()>) {
        {
            let _pages = self.pages();
            if self.has(&folio) {
                self.index.set_mark(folio.index(), Mark::Writeback, false);
            }
        }
        self.sb.memory().count_dirty(-1);
        if let Err(error) = result {
            folio.set_error();
            self.write_errors.set(error);
        }
        folio.end_writeback();
    }

    /// How many pages are cached.
    #[must_use]
    pub fn cached_pages(&self) -> usize {
        self.pages.load(Relaxed)
    }
}
