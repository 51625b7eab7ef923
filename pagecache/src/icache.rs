//! The files of a directory by number, those that are in memory and those that are not: `fs/inode.c`.
//!
//! A file that nobody uses and of which nothing is cached need not be in memory: its size and its blocks, which a device would keep, are
//! enough to have it again. Reclaim evicts such files. What it counts on: whoever uses a file has a reference to it, and gets one in the
//! table or from somebody who has one; so with the table locked, one reference is the table's, and nobody uses the file.
//!
//! **Invariant.** A file is in memory once at most. Whoever looks for one that is being evicted waits until that is over: `I_FREEING`.

use crate::error::{Error, Result};
use crate::hooks::Point;
use crate::inode::{DiskInode, Inode};
use crate::locks::{DIRECTORY_INODES, INODE_FREEING};
use crate::superblock::SuperBlock;
use crate::sync::plain::Condvar;
use crate::sync::{LockMap, Mutex, plain};
use std::collections::HashMap;
use std::mem::replace;
use std::sync::{Arc, Weak};

/// The files that have a name in one directory.
#[derive(Debug)]
pub(crate) struct InodeCache {
    /// What reclaim calls it.
    this: Weak<InodeCache>,
    sb: Arc<SuperBlock>,
    /// `inode_hash_lock`.
    inodes: Mutex<HashMap<u64, Slot>>,
    /// Held while a file is evicted, and passed through by whoever waits for that.
    freeing: LockMap,
    /// How many evictions have ended. Not instrumented: the pseudo-lock is what stands for the wait.
    evictions: plain::Mutex<u64>,
    ended: Condvar,
}

/// Where a file is.
#[derive(Debug)]
enum Slot {
    InMemory {
        inode: Arc<Inode>,
        /// Whether it was looked for since reclaim came by: `I_REFERENCED`.
        referenced: bool,
    },
    /// It is being evicted.
    Freeing,
    /// What a device has of it. Here it is in memory as well, and is a twentieth of what the file would be.
    OnDevice(DiskInode),
}

/// What came of an attempt to evict a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Eviction {
    Evicted,
    /// It is used, or was lately, or something of it is cached.
    Kept,
    /// It was not in memory.
    Absent,
}

impl InodeCache {
    pub(crate) fn new(sb: &Arc<SuperBlock>) -> Arc<InodeCache> {
        Arc::new_cyclic(|this| InodeCache {
            this: Weak::clone(this),
            sb: Arc::clone(sb),
            inodes: Mutex::named(&DIRECTORY_INODES, HashMap::new()),
            freeing: LockMap::new(&INODE_FREEING),
            evictions: plain::Mutex::new(0),
            ended: Condvar::new(),
        })
    }

    /// Takes in a new file: `insert_inode_hash`.
    #[track_caller]
    pub(crate) fn insert(&self, inode: &Arc<Inode>) {
        let slot = Slot::InMemory { inode: Arc::clone(inode), referenced: false };
        self.inodes.lock().insert(inode.ino(), slot);
        self.sb.memory().add_inode(&self.this, inode.ino(), self.sb.depth());
    }

    /// The file with a number: `iget_locked`.
    ///
    /// # Errors
    /// `NotFound`.
    #[track_caller]
    pub(crate) fn get(&self, ino: u64) -> Result<Arc<Inode>> {
        let (inode, is_new) = self.find(ino)?;
        if is_new {
            self.sb.memory().add_inode(&self.this, ino, self.sb.depth());
        }
        Ok(inode)
    }

    /// The same, and whether it was not in memory before.
    #[track_caller]
    fn find(&self, ino: u64) -> Result<(Arc<Inode>, bool)> {
        loop {
            // Before the look at the table: an eviction that ends after that ends the wait.
            let seen = *self.evictions.lock();
            match self.inodes.lock().get_mut(&ino).ok_or(Error::NotFound)? {
                Slot::InMemory { inode, referenced } => {
                    *referenced = true;
                    return Ok((Arc::clone(inode), false));
                }
                slot @ Slot::OnDevice(_) => {
                    let Slot::OnDevice(disk) = replace(slot, Slot::Freeing) else {
                        unreachable!("it is on the device")
                    };
                    let inode = self.sb.iget(ino, disk);
                    *slot = Slot::InMemory { inode: Arc::clone(&inode), referenced: false };
                    return Ok((inode, true));
                }
                Slot::Freeing if !recheck!("who looks for a file that is being evicted waits", true) => {
                    return Err(Error::NotFound);
                }
                Slot::Freeing => {}
            }
            self.sb.reach(Point::InodeAwaited, ino);
            self.wait_for_eviction(seen);
        }
    }

    /// Waits until more evictions have ended than were `seen`: `__wait_on_freeing_inode`.
    #[track_caller]
    fn wait_for_eviction(&self, seen: u64) {
        self.freeing.might_acquire();
        let mut evictions = self.evictions.lock();
        while *evictions == seen {
            self.ended.wait(&mut evictions);
        }
    }

    /// A file that somebody uses has no name any more, and is deleted with its last reference: `drop_nlink`.
    #[track_caller]
    pub(crate) fn remove(&self, inode: &Arc<Inode>) {
        let gone = self.inodes.lock().remove(&inode.ino());
        drop(gone);
    }

    /// No file has a name any more: `kill_litter_super`.
    #[track_caller]
    pub(crate) fn clear(&self) {
        let all: Vec<u64> = self.inodes.lock().keys().copied().collect();
        for ino in all {
            // Whoever is evicting it is waited for.
            if let Ok((inode, _)) = self.find(ino) {
                self.remove(&inode);
            }
        }
    }

    /// Evicts every file that can go. Returns how many.
    #[track_caller]
    pub(crate) fn evict_unused(&self) -> usize {
        let all: Vec<u64> = self.inodes.lock().keys().copied().collect();
        all.into_iter().filter(|ino| self.evict(*ino, false) == Eviction::Evicted).count()
    }

    /// Evicts a file that nobody uses and of which nothing is cached: `inode_lru_isolate`, `evict`. One that was looked for lately stays
    /// if it has a `second_chance`.
    #[track_caller]
    pub(crate) fn evict(&self, ino: u64, second_chance: bool) -> Eviction {
        let inode = match self.isolate(ino, second_chance) {
            Ok(inode) => inode,
            Err(outcome) => return outcome,
        };
        self.sb.reach(Point::InodeFreeing, ino);
        {
            let _freeing = self.freeing.acquire();
            let disk = inode.evict();
            self.inodes.lock().insert(ino, Slot::OnDevice(disk));
        }
        *self.evictions.lock() += 1;
        self.ended.notify_all();
        Eviction::Evicted
    }

    /// Takes a file out of the table, so that nobody but the caller has it.
    #[track_caller]
    fn isolate(&self, ino: u64, second_chance: bool) -> std::result::Result<Inode, Eviction> {
        let mut inodes = self.inodes.lock();
        let slot = inodes.get_mut(&ino).ok_or(Eviction::Absent)?;
        let Slot::InMemory { inode, referenced } = slot else { return Err(Eviction::Absent) };
        if second_chance && replace(referenced, false) || inode.is_needed() {
            return Err(Eviction::Kept);
        }
        let Slot::InMemory { inode, .. } = replace(slot, Slot::Freeing) else { unreachable!("it is in memory") };
        // The flusher has no reference in the table, and may get one now: either it does or this does.
        Arc::try_unwrap(inode).map_err(|inode| {
            *slot = Slot::InMemory { inode, referenced: false };
            Eviction::Kept
        })
    }

    /// How many files are in memory.
    pub(crate) fn in_memory(&self) -> usize {
        self.inodes.lock().values().filter(|slot| matches!(slot, Slot::InMemory { .. })).count()
    }
}
