//! One cached page: its data, its state bits, and its lock, which is one of the bits: `struct folio`.
//!
//! A folio is found by number, referenced, and freed with its last reference; the cache has one reference of its own. Its lock
//! belongs to no thread: who locked a folio for reading hands it to the device, and the completion unlocks it.

mod arena;
mod memory;
mod wait;

pub(crate) use arena::FolioId;
pub(crate) use wait::wake_all;

use crate::error::Result;
use crate::kill;
use crate::locks::{FOLIO_LOCK, FOLIO_WRITEBACK, MAX_STACK_DEPTH};
use crate::page::PageData;
use crate::sync::atomic::{AtomicU8, AtomicU32, AtomicU64};
use crate::sync::{Held, LockMap};
use arena::Frame;
use std::convert::Infallible;
use std::fmt;
use std::ops::Deref;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

const LOCKED: u32 = 1;
const WAITERS: u32 = 1 << 1;
const UPTODATE: u32 = 1 << 2;
const DIRTY: u32 = 1 << 3;
const WRITEBACK: u32 = 1 << 4;
const ERROR: u32 = 1 << 5;
const READAHEAD: u32 = 1 << 6;
const PRIVATE: u32 = 1 << 7;

/// One page of a file in the cache.
#[derive(Debug)]
pub(crate) struct Folio {
    state: AtomicU32,
    /// How often it was used since reclaim looked last.
    uses: AtomicU8,
    /// How deep in the stack its file system is.
    depth: AtomicU8,
    /// Stays when the folio leaves its mapping: truncation relies on it.
    index: AtomicU64,
    /// The number of the mapping it belongs to, 0 for none. Changed under the folio's lock and the mapping's `i_pages`.
    mapping: AtomicU64,
    lock: LockMap,
    writeback: LockMap,
    data: &'static PageData,
}

/// A reference to a folio. The folio is not reused before it is dropped; it may leave its mapping at any time.
pub(crate) struct FolioRef(&'static Frame);

/// The locked state of a folio; unlocks when dropped, on whatever thread that is.
#[derive(Debug)]
#[must_use = "dropping it unlocks"]
pub(crate) struct LockedFolio {
    /// What the books of this thread have of it.
    held: Option<Held>,
    folio: FolioRef,
    /// Whether the lock is somebody else's now.
    handed_over: bool,
}

/// A locked folio on its way through a device. Whoever completes the I/O takes it over, and unlocks it by dropping this.
#[derive(Debug)]
pub(crate) struct InFlight(Option<FolioRef>);

/// The lock and the writeback bit of some page or other, by its depth in the stack.
static SOME: [[LockMap; 2]; MAX_STACK_DEPTH + 1] = [
    [LockMap::new(&FOLIO_LOCK[0]), LockMap::new(&FOLIO_WRITEBACK[0])],
    [LockMap::new(&FOLIO_LOCK[1]), LockMap::new(&FOLIO_WRITEBACK[1])],
    [LockMap::new(&FOLIO_LOCK[2]), LockMap::new(&FOLIO_WRITEBACK[2])],
];

/// Says that here is where this thread waits for some page at this depth of the stack, or below, whenever it has to.
#[track_caller]
pub(crate) fn might_wait(depth: usize) {
    // Who waits for a page above waits for those below it.
    SOME[depth].iter().for_each(LockMap::might_acquire);
}

impl Folio {
    /// A folio that nobody has, with these bytes.
    fn empty(data: &'static PageData) -> Folio {
        Folio {
            state: AtomicU32::new(0),
            uses: AtomicU8::new(0),
            depth: AtomicU8::new(0),
            index: AtomicU64::new(0),
            mapping: AtomicU64::new(0),
            lock: LockMap::new(&FOLIO_LOCK[0]),
            writeback: LockMap::new(&FOLIO_WRITEBACK[0]),
            data,
        }
    }

    /// Which page of its file it is.
    pub(crate) fn index(&self) -> u64 {
        self.index.load(Relaxed)
    }

    /// How deep in the stack its file system is.
    pub(crate) fn depth(&self) -> usize {
        self.depth.load(Relaxed).into()
    }

    fn has(&self, bit: u32) -> bool {
        // Pairs with the releases that set the bits: who sees the bit sees what came before it.
        self.state.load(Acquire) & bit != 0
    }

    /// Whether its contents are the file's.
    pub(crate) fn is_uptodate(&self) -> bool {
        self.has(UPTODATE)
    }

    fn mark_uptodate(&self) {
        self.state.fetch_or(UPTODATE, Release);
    }

    /// Whether its contents are newer than the device's.
    pub(crate) fn is_dirty(&self) -> bool {
        self.has(DIRTY)
    }

    /// Whether it is being written to the device.
    pub(crate) fn is_writeback(&self) -> bool {
        self.has(WRITEBACK)
    }

    /// Whether its mapping knows something of its parts.
    pub(crate) fn has_private(&self) -> bool {
        self.has(PRIVATE)
    }

    pub(crate) fn is_readahead(&self) -> bool {
        self.has(READAHEAD)
    }

    pub(crate) fn set_readahead(&self) {
        self.state.fetch_or(READAHEAD, Relaxed);
    }

    /// Takes the mark that says where to read ahead next. Returns whether it was there.
    pub(crate) fn clear_readahead(&self) -> bool {
        self.state.fetch_and(!READAHEAD, Relaxed) & READAHEAD != 0
    }

    /// Whether it belongs to the mapping with this number; constant while the folio is locked.
    pub(crate) fn belongs_to(&self, mapping: u64) -> bool {
        // Pairs with the release in `set_mapping`.
        self.mapping.load(Acquire) == mapping
    }

    pub(crate) fn set_mapping(&self, mapping: u64) {
        self.mapping.store(mapping, Release);
    }

    /// The bytes. They may change while they are read.
    pub(crate) fn data(&self) -> &PageData {
        self.data
    }

    /// It is used: `folio_mark_accessed`. Two at once may count as one: what matters is that a page that is used often writes
    /// nothing.
    pub(crate) fn mark_accessed(&self) {
        let uses = self.uses.load(Relaxed);
        if uses < FolioRef::MOST_USES {
            self.uses.store(uses + 1, Relaxed);
        }
    }

    /// Forgets one use. Returns whether there was one.
    pub(crate) fn take_use(&self) -> bool {
        let uses = self.uses.load(Relaxed);
        self.uses.store(uses.saturating_sub(1), Relaxed);
        uses > 0
    }

    /// Forgets all uses if there were at least so many, and returns whether there were.
    pub(crate) fn take_uses(&self, enough: u8) -> bool {
        let taken = self.uses.load(Relaxed) >= enough;
        if taken {
            self.uses.store(0, Relaxed);
        }
        taken
    }

    pub(crate) fn set_error(&self) {
        self.state.fetch_or(ERROR, Relaxed);
    }
}

impl FolioRef {
    /// How often a use is counted.
    pub(crate) const MOST_USES: u8 = 3;
    /// How many references there are to a folio that nobody uses, while somebody has it locked to look: the cache's, the looker's,
    /// and the lock's.
    pub(crate) const UNUSED: u32 = 3;

    /// A locked folio without contents, of a file at this depth of the stack, which no other thread knows yet. `None` if there is no room
    /// for one.
    #[track_caller]
    pub(crate) fn new_locked(index: u64, depth: usize) -> Option<LockedFolio> {
        let folio = FolioRef(arena::allocate()?);
        folio.index.store(index, Relaxed);
        folio.depth.store(u8::try_from(depth).expect("a stack is not so deep"), Relaxed);
        folio.mapping.store(0, Relaxed);
        folio.state.store(LOCKED, Relaxed);
        folio.uses.store(0, Relaxed);
        // What was in the frame before is another folio, and so another lock.
        folio.lock.renew(&FOLIO_LOCK[depth]);
        folio.writeback.renew(&FOLIO_WRITEBACK[depth]);
        let held = folio.lock.try_acquire();
        Some(LockedFolio { held: Some(held), folio, handed_over: false })
    }

    /// The folio with this name, if it is still one.
    pub(crate) fn get(id: FolioId) -> Option<FolioRef> {
        arena::try_get(id).map(FolioRef)
    }

    pub(crate) fn id(&self) -> FolioId {
        self.0.id()
    }

    /// The cache has a reference from now on.
    pub(crate) fn get_for_cache(&self) {
        self.0.get();
    }

    /// The cache has none any more.
    pub(crate) fn put_for_cache(&self) {
        self.0.put();
    }

    /// Takes all references, if there are so many: from now on nobody gets one. False, and nothing is changed, if there are others.
    pub(crate) fn freeze(&self, references: u32) -> bool {
        self.0.freeze(references)
    }

    /// Gives references back after [`FolioRef::freeze`].
    pub(crate) fn unfreeze(&self, references: u32) {
        self.0.unfreeze(references);
    }

    /// How many references there are, the cache's included.
    pub(crate) fn references(&self) -> u32 {
        self.0.count()
    }

    /// Locks the folio, waiting for its bit. Who gets it has to look whether the folio has left its mapping.
    #[track_caller]
    pub(crate) fn lock(&self) -> LockedFolio {
        let held = self.lock.acquire();
        if !self.try_set_locked() {
            let Ok(()) = self.0.wait_to_lock(never);
        }
        self.locked(held)
    }

    /// As [`FolioRef::lock`], for who may be told to give up: `folio_lock_killable`.
    ///
    /// # Errors
    /// `Interrupted`.
    #[track_caller]
    pub(crate) fn lock_killable(&self) -> Result<LockedFolio> {
        let held = self.lock.acquire();
        if !self.try_set_locked() {
            self.0.wait_to_lock(kill::check)?;
        }
        Ok(self.locked(held))
    }

    /// Locks the folio if nobody has it.
    #[track_caller]
    pub(crate) fn try_lock(&self) -> Option<LockedFolio> {
        let locked = self.try_set_locked();
        locked.then(|| self.locked(self.lock.try_acquire()))
    }

    fn locked(&self, held: Held) -> LockedFolio {
        LockedFolio { held: Some(held), folio: self.clone(), handed_over: false }
    }

    fn try_set_locked(&self) -> bool {
        // Pairs with the release in `clear_and_wake`.
        self.state.fetch_or(LOCKED, Acquire) & LOCKED == 0
    }

    /// Waits until nobody has it locked, and does not lock it: `folio_wait_locked_killable`.
    ///
    /// # Errors
    /// `Interrupted`.
    #[track_caller]
    pub(crate) fn wait_unlocked(&self) -> Result<()> {
        self.lock.might_acquire();
        self.0.wait_for(LOCKED, kill::check)
    }

    /// Ends the write of the folio to the device: `folio_end_writeback`, after the mapping's mark is gone.
    pub(crate) fn end_writeback(self) {
        self.put_and_clear(WRITEBACK);
    }

    /// Gives the reference back and clears a bit that keeps the folio in its mapping, and so alive. In this order, because who waits for
    /// the bit may want to see that nobody else has the folio.
    fn put_and_clear(self, bit: u32) {
        let FolioRef(frame) = self;
        drop(self);
        frame.clear_and_wake(bit);
    }

    /// Who writes it to the device, which takes locks for that: who waits for the end of it waits for those.
    pub(crate) fn adopt_writeback(&self) -> Held {
        self.writeback.try_acquire()
    }

    /// Waits until it is not being written to the device.
    #[track_caller]
    pub(crate) fn wait_writeback(&self) {
        self.writeback.might_acquire();
        let Ok(()) = self.0.wait_for(WRITEBACK, never);
    }
}

/// What those go by whose wait has to come to its end.
fn never() -> std::result::Result<(), Infallible> {
    Ok(())
}

impl Clone for FolioRef {
    fn clone(&self) -> FolioRef {
        self.0.get();
        FolioRef(self.0)
    }
}

impl Drop for FolioRef {
    fn drop(&mut self) {
        self.0.put();
    }
}

impl Deref for FolioRef {
    type Target = Folio;

    fn deref(&self) -> &Folio {
        &self.0.folio
    }
}

impl fmt::Debug for FolioRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "folio {} ({:#x})", self.index(), self.state.load(Relaxed))
    }
}

impl LockedFolio {
    /// The folio.
    pub(crate) fn folio(&self) -> &FolioRef {
        &self.folio
    }

    /// Unlocks it and keeps the reference.
    pub(crate) fn unlock(self) -> FolioRef {
        self.folio.clone()
    }

    pub(crate) fn mark_uptodate(&self) {
        self.folio.mark_uptodate();
    }

    pub(crate) fn set_private(&self) {
        self.folio.state.fetch_or(PRIVATE, Release);
    }

    pub(crate) fn clear_private(&self) {
        self.folio.state.fetch_and(!PRIVATE, Relaxed);
    }

    pub(crate) fn clear_error(&self) {
        self.folio.state.fetch_and(!ERROR, Relaxed);
    }

    /// The contents are gone, and the page is still the file's.
    pub(crate) fn lose_contents(&self) {
        self.folio.state.fetch_and(!UPTODATE, Relaxed);
    }

    /// Marks it dirty. Returns whether it was clean. The mapping has to be told, see `Mapping::set_dirty`.
    pub(crate) fn test_set_dirty(&self) -> bool {
        self.folio.state.fetch_or(DIRTY, Release) & DIRTY == 0
    }

    /// Returns whether it was dirty. The mark in the mapping stays for whoever writes it out.
    pub(crate) fn test_clear_dirty(&self) -> bool {
        self.folio.state.fetch_and(!DIRTY, Relaxed) & DIRTY != 0
    }

    pub(crate) fn set_writeback(&self) {
        self.folio.state.fetch_or(WRITEBACK, Relaxed);
    }

    /// Gives the lock away with the I/O: from here on it is not this thread that holds it.
    pub(crate) fn submit(mut self) -> InFlight {
        self.held = None;
        self.handed_over = true;
        InFlight(Some(self.folio.clone()))
    }
}

impl InFlight {
    /// Where the bytes go.
    pub(crate) fn data(&self) -> &PageData {
        self.folio().data()
    }

    fn folio(&self) -> &FolioRef {
        self.0.as_ref().expect("only its drop takes it")
    }

    /// Who reads it from the device, which takes locks for that: who waits for the folio waits for those.
    pub(crate) fn adopt(&self) -> Held {
        self.folio().lock.try_acquire()
    }

    /// The read is over: `folio_end_read`. Unlocks, on whatever thread that is.
    #[track_caller]
    pub(crate) fn end_read(self, succeeded: bool) {
        let folio = self.folio();
        drop(folio.lock.try_acquire());
        match succeeded {
            true => folio.mark_uptodate(),
            false => folio.set_error(),
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(folio) = self.0.take() {
            folio.put_and_clear(LOCKED);
        }
    }
}
