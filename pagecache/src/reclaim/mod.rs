//! A limit on pages, and which of them go when it is reached: `mm/vmscan.c`, `mm/workingset.c`.
//!
//! Reclaim runs on the thread that needs a page, under whatever locks that thread has. So it takes none of a file system's: it waits
//! for pages, takes them out of page tables and out of indices, and no more. Every allocation says so, whether it has to reclaim or
//! not, by passing through the pseudo-lock `fs_reclaim`: a lock that is held here must never be one that reclaim wants.
//!
//! A page of a file that is on a file comes and goes only with the help of those below, who may need a page for that. So whoever needs a
//! page waits for none of a file system above, of which the kernel's loop device sees to it with a mask on the file underneath
//! (`mapping_set_gfp_mask` without `__GFP_IO`); there is a pseudo-lock for each depth.

mod inodes;
mod lru;
mod shadow;
mod shrink;

pub(crate) use shadow::Shadow;

use crate::error::{Error, Result};
use crate::folio::FolioRef;
use crate::icache::InodeCache;
use crate::kill;
use crate::locks::{FS_RECLAIM, LRU_LOCK, MAX_STACK_DEPTH};
use crate::mapping::Mapping;
use crate::sync::atomic::{AtomicIsize, AtomicU64, AtomicUsize};
use crate::sync::{LockMap, Mutex, plain, thread};
use crate::writeback::Writeback;
use inodes::InodeLru;
use lru::Queues;
use shrink::Shrunk;
use std::fmt;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// The most pages that go at once: `SWAP_CLUSTER_MAX`.
const BATCH: usize = 32;
/// How much of the cache may be dirty: one page in five.
const DIRTY: usize = 5;
/// How often reclaim looks again when every page is in use: at first at once, because uses are short, then every [`PAUSE`], because
/// whoever uses them may not be running.
const ATTEMPTS: usize = 2000;
const AT_ONCE: usize = 100;
const PAUSE: Duration = Duration::from_millis(1);
/// How often it looks before it takes from the reserve.
const BEFORE_RESERVE: usize = 2;

/// How much is done for one page: the kernel's `gfp_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// What is free is taken: `GFP_NOWAIT`.
    None,
    /// One attempt, for a page that may as well not be there: `__GFP_NORETRY`.
    Once,
    /// As many as it takes: `GFP_KERNEL`, but that no file system is entered.
    Full,
    /// A few, and then a page beyond the limit: for a file that is a device, whose pages are what makes others clean. `__GFP_MEMALLOC`.
    Reserve,
}

/// The pages that the files of some mounts may have in the cache together: a memory control group with its `lruvec`.
///
/// ```
/// use pagecache::{Device, EXT, Memory, MountOptions, SuperBlock};
///
/// let memory = Memory::new(16);
/// let options = MountOptions { memory: memory.clone(), ..MountOptions::default() };
/// let file = SuperBlock::mount(&EXT, Device::new(64), options).create();
/// for page in 0..64 {
///     file.write_at(&[page; 4096], u64::from(page) * 4096)?;
/// }
/// let mut bytes = [0; 4096];
/// file.read_at(&mut bytes, 7 * 4096)?;
/// assert_eq!(bytes, [7; 4096]);
/// assert!(memory.pages() <= 16 && memory.evicted() >= 48);
/// # Ok::<(), pagecache::Error>(())
/// ```
pub struct Memory {
    limit: usize,
    pages: AtomicUsize,
    dirty: AtomicIsize,
    /// Where dirty pages go. Not instrumented: nothing is done under it.
    devices: plain::Mutex<Vec<Weak<Writeback>>>,
    fs_reclaim: [LockMap; MAX_STACK_DEPTH + 1],
    lru_lock: Mutex<Queues>,
    inodes: InodeLru,
    evicted: AtomicU64,
    /// How many of them have left shadows.
    shadows: AtomicU64,
    refaulted: AtomicU64,
}

impl Memory {
    /// Room for this many pages.
    ///
    /// # Panics
    /// If there is no room for one.
    #[must_use]
    pub fn new(limit: usize) -> Arc<Memory> {
        assert!(limit > 0, "a cache needs room for one page at least");
        Arc::new(Memory {
            limit,
            pages: AtomicUsize::new(0),
            dirty: AtomicIsize::new(0),
            devices: plain::Mutex::new(Vec::new()),
            fs_reclaim: FS_RECLAIM.each_ref().map(LockMap::new),
            lru_lock: Mutex::named(&LRU_LOCK, Queues::default()),
            inodes: InodeLru::new(),
            evicted: AtomicU64::new(0),
            shadows: AtomicU64::new(0),
            refaulted: AtomicU64::new(0),
        })
    }

    /// Room for as many pages as the machine has; none are reclaimed, and nothing is remembered of their use.
    #[must_use]
    pub fn unlimited() -> Arc<Memory> {
        Memory::new(usize::MAX)
    }

    /// How many pages there may be.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// How many pages there are.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.pages.load(Relaxed)
    }

    /// How many files with names are in memory, if there is a limit: as many as there may be pages, and those that are used.
    #[must_use]
    pub fn inodes(&self) -> usize {
        self.inodes.len()
    }

    /// How many pages reclaim has taken so far.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.evicted.load(Relaxed)
    }

    /// How many pages came back so soon that they would better have stayed: `workingset_refault`.
    #[must_use]
    pub fn refaulted(&self) -> u64 {
        self.refaulted.load(Relaxed)
    }

    /// How many pages have to be written, or are being.
    #[must_use]
    pub fn dirty(&self) -> usize {
        self.dirty.load(Relaxed).max(0).unsigned_abs()
    }

    /// How many there may be before who makes more has to wait: `dirty_ratio`.
    pub(crate) fn dirty_limit(&self) -> usize {
        self.limit.div_ceil(DIRTY)
    }

    pub(crate) fn count_dirty(&self, change: isize) {
        self.dirty.fetch_add(change, Relaxed);
    }

    pub(crate) fn add_device(&self, device: &Arc<Writeback>) {
        let mut devices = self.devices.lock();
        devices.retain(|known| known.strong_count() > 0 && !Weak::ptr_eq(known, &Arc::downgrade(device)));
        devices.push(Arc::downgrade(device));
    }

    pub(crate) fn devices(&self) -> Vec<Arc<Writeback>> {
        self.devices.lock().iter().filter_map(Weak::upgrade).collect()
    }

    /// Counts one more page, of a file at this depth of the stack, after making room for it if need be: `mem_cgroup_charge`. Waits for pages
    /// of that depth and below, so none of them may be locked.
    ///
    /// # Errors
    /// `NoMemory` if all pages are dirty or in use, `Interrupted`.
    #[track_caller]
    pub(crate) fn charge(&self, effort: Effort, depth: usize) -> Result<()> {
        self.fs_reclaim[depth].might_acquire();
        let (mut attempts, mut dirty) = (0, 0);
        while !self.try_charge() {
            if effort == Effort::None {
                return Err(Error::NoMemory);
            }
            let shrunk = self.reclaim(depth);
            if shrunk.freed > 0 {
                (attempts, dirty) = (0, 0);
                continue;
            }
            dirty += shrunk.dirty;
            attempts += 1;
            if effort == Effort::Reserve && attempts >= BEFORE_RESERVE {
                self.pages.fetch_add(1, Relaxed);
                return Ok(());
            }
            if effort == Effort::Once || attempts > ATTEMPTS || dirty > 2 * self.pages() {
                return Err(Error::NoMemory);
            }
            kill::check()?;
            match attempts {
                ..AT_ONCE => thread::yield_now(),
                _ => thread::sleep(PAUSE),
            }
        }
        Ok(())
    }

    fn try_charge(&self) -> bool {
        let within = |pages: usize| (pages < self.limit).then_some(pages + 1);
        self.pages.fetch_update(Relaxed, Relaxed, within).is_ok()
    }

    pub(crate) fn uncharge(&self) {
        self.pages.fetch_sub(1, Relaxed);
    }

    /// A page was added; `left` is what its last eviction left in its place: `folio_add_lru`.
    #[track_caller]
    pub(crate) fn add(&self, folio: &FolioRef, mapping: &Weak<Mapping>, left: Option<Shadow>) {
        if self.limit == usize::MAX {
            return;
        }
        let refaulted = left.is_some_and(|left| left.age(self.shadows.load(Relaxed)) < self.limit as u64);
        if refaulted {
            self.refaulted.fetch_add(1, Relaxed);
        }
        self.lru_lock.lock().add(folio.id(), mapping, refaulted, self.limit);
    }

    /// A file with a name came into memory; others go, if there are more of them than there may be pages: `inode_lru_list_add`, and a
    /// control group that is charged for inodes.
    #[track_caller]
    pub(crate) fn add_inode(&self, cache: &Weak<InodeCache>, ino: u64, depth: usize) {
        self.fs_reclaim[depth].might_acquire();
        if self.limit != usize::MAX && self.inodes.add(cache, ino) > self.limit {
            let _reclaiming = self.fs_reclaim[depth].acquire();
            self.inodes.prune(BATCH);
        }
    }

    /// Takes some pages, and some files that have none any more: `shrink_lruvec`, `shrink_slab`.
    #[track_caller]
    fn reclaim(&self, depth: usize) -> Shrunk {
        let _reclaiming = self.fs_reclaim[depth].acquire();
        let batch = BATCH.min(self.limit.div_ceil(16));
        let isolated = self.lru_lock.lock().isolate(batch, self.limit);
        let (kept, shrunk) = shrink::shrink(isolated, depth, || Shadow::new(self.shadows.fetch_add(1, Relaxed)));
        self.evicted.fetch_add(shrunk.freed as u64, Relaxed);
        if !kept.is_empty() {
            self.lru_lock.lock().put_back(kept);
        }
        self.inodes.prune(batch);
        shrunk
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("limit", &self.limit).field("pages", &self.pages).finish_non_exhaustive()
    }
}
