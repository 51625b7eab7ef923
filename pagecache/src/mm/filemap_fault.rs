//! `filemap_fault`: the page of a fault, locked and with its contents, or the word that the fault has to start anew.
//!
//! F0 to F10 number the steps as the kernel's function has them; each re-check says what it is there for. A retry (R) lets go of
//! everything, and the second attempt keeps `mmap_lock`.

use super::Areas;
use super::vma::Vma;
use crate::error::{Error, Result};
use crate::filemap::{page_after, read_around, read_folio, read_on};
use crate::folio::{FolioRef, LockedFolio};
use crate::hooks::Point;
use crate::inode::Inode;
use crate::mapping::Mapping;
use crate::reclaim::Effort;
use crate::sync::RwLockReadGuard;
use std::sync::Arc;

/// A fault that is being handled: `struct vm_fault`.
#[derive(Debug)]
pub(super) struct VmFault<'m> {
    /// `mmap_lock`, held shared; `None` once it was let go of to wait for I/O, after which the area may be gone.
    pub(super) areas: Option<RwLockReadGuard<'m, Areas>>,
    pub(super) area: Arc<Vma>,
    /// The page of the file.
    pub(super) index: u64,
    /// Whether this is not the first attempt; then `mmap_lock` is kept: `FAULT_FLAG_TRIED`.
    pub(super) tried: bool,
}

/// What came of a fault.
#[derive(Debug)]
pub(super) enum Faulted {
    /// The page, which is the file's as long as it is locked.
    Page(LockedFolio),
    /// `VM_FAULT_RETRY`: `mmap_lock` was let go of.
    Retry,
}

impl VmFault<'_> {
    /// Lets go of `mmap_lock` before a long wait, on the first attempt: `maybe_unlock_mmap_for_io`.
    fn unlock_for_io(&mut self) {
        if !self.tried {
            self.areas = None;
        }
    }

    fn was_unlocked(&self) -> bool {
        self.areas.is_none()
    }

    /// # Errors
    /// `BadAddress` beyond the end of the file, `Io`, `NoMemory`, `Interrupted`.
    pub(super) fn filemap_fault(&mut self) -> Result<Faulted> {
        let inode = Arc::clone(&self.area.inode);
        let (inode, mapping): (&Inode, &Mapping) = (&inode, &inode.mapping);
        // F0
        if self.index >= page_after(inode.len()) {
            return Err(Error::BadAddress);
        }
        // F1
        let mut found = mapping.lookup(self.index);
        let mut shared = None;
        if let Some(folio) = found.as_ref().filter(|folio| folio.is_readahead()) {
            self.unlock_for_io();
            read_on(inode, folio);
        }
        match &found {
            // F2: only who fills a page needs the mapping's lock. A page that is there cannot go without its own.
            Some(folio) if !folio.is_uptodate() => shared = Some(mapping.invalidate_shared()),
            Some(_) => {}
            // F3
            None => {
                self.unlock_for_io();
                read_around(inode, self.index);
            }
        }
        loop {
            let folio = match found.take() {
                Some(folio) => folio,
                // F4
                None => {
                    if shared.is_none() {
                        inode.sb.reach(Point::BeforeInvalidateLock, inode.ino());
                        shared = Some(mapping.invalidate_shared());
                    }
                    match find_or_add(mapping, self.index) {
                        Ok(folio) => folio,
                        Err(_) if self.was_unlocked() => return Ok(Faulted::Retry),
                        Err(error) => return Err(error),
                    }
                }
            };
            // F5
            inode.sb.reach(Point::BeforeFolioLock, inode.ino());
            let locked = match folio.try_lock() {
                Some(locked) => locked,
                None => {
                    self.unlock_for_io();
                    folio.lock_killable()?
                }
            };
            // F6: it can have been truncated between the lookup and the lock.
            if recheck!("F6: the page is still the file's", !mapping.has(&folio)) {
                continue;
            }
            if !folio.is_uptodate() {
                // F7: it had contents when it was found and has lost them since, so nobody keeps its block where it is.
                if recheck!("F7: who fills a page has the mapping's lock", shared.is_none()) {
                    continue;
                }
                // F10
                self.unlock_for_io();
                let outcome = read_folio(inode, locked);
                if self.was_unlocked() {
                    return Ok(Faulted::Retry);
                }
                outcome?;
                continue;
            }
            // F8: without `mmap_lock` the area may be gone.
            if recheck!("F8: the area is still there", self.was_unlocked()) {
                return Ok(Faulted::Retry);
            }
            // F9: a truncation that shrank the file after F0 waits for this page, or has gone by and the size says so.
            drop(shared);
            if recheck!("F9: the page is within the file", self.index >= page_after(inode.len())) {
                return Err(Error::BadAddress);
            }
            inode.sb.reach(Point::BeforePageTable, inode.ino());
            return Ok(Faulted::Page(locked));
        }
    }
}

/// The page, unlocked and maybe without contents: `pagecache_get_page` with `FGP_CREAT | FGP_FOR_MMAP`.
fn find_or_add(mapping: &Mapping, index: u64) -> Result<FolioRef> {
    loop {
        if let Some(folio) = mapping.lookup(index) {
            return Ok(folio);
        }
        match mapping.add_new(index, Effort::Full) {
            Ok(locked) => return Ok(locked.unlock()),
            Err(Error::Busy) => {}
            Err(error) => return Err(error),
        }
    }
}
