//! From a fault to an entry of the page table: `do_read_fault`, `do_cow_fault`, `do_shared_fault`, `do_wp_page`.

use super::anon::AnonPage;
use super::filemap_fault::{Faulted, VmFault};
use super::vma::{Pte, Sharing, Vma};
use super::{Areas, Mm};
use crate::PAGE_SIZE;
use crate::error::{Error, Result};
use crate::filemap::page_after;
use crate::folio::{FolioRef, LockedFolio};
use crate::fs::TransactionRank;
use crate::hooks::Point;
use crate::sync::RwLockReadGuard;
use std::sync::Arc;

/// How many pages around a fault are mapped with it.
const AROUND: u64 = 16;

/// How memory is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Load,
    Store,
}

impl Mm {
    /// The area of a page, with `mmap_lock` held shared.
    ///
    /// # Errors
    /// `BadAddress` if there is none.
    pub(super) fn area_of(areas: &Areas, page: u64) -> Result<Arc<Vma>> {
        let (_, area) = areas.range(..=page).next_back().ok_or(Error::BadAddress)?;
        if page < area.start + area.pages { Ok(Arc::clone(area)) } else { Err(Error::BadAddress) }
    }

    /// Makes the entry of a page good for an access, as far as one attempt can: `handle_mm_fault`. Returns whether this was the
    /// last attempt that may let go of `mmap_lock`.
    ///
    /// # Errors
    /// `BadAddress` beyond the end of the file, `Io`, `NoMemory`, `NoSpace`.
    pub(super) fn handle_fault(
        areas: RwLockReadGuard<'_, Areas>,
        area: Arc<Vma>,
        page: u64,
        access: Access,
        tried: bool,
    ) -> Result<()> {
        let index = area.index_of(page);
        if access == Access::Load && !tried && area.map_around(page) {
            return Ok(());
        }
        if access == Access::Store && area.unshare(index) {
            return Ok(());
        }
        let mut fault = VmFault { areas: Some(areas), area, index, tried };
        let Faulted::Page(locked) = fault.filemap_fault()? else { return Ok(()) };
        let area = Arc::clone(&fault.area);
        debug_assert!(fault.areas.is_some(), "entries are made under mmap_lock");
        match (access, area.sharing) {
            (Access::Load, _) => area.set_file_page(page, &locked, false),
            (Access::Store, Sharing::Private) => area.set_copy(page, &locked),
            (Access::Store, Sharing::Shared) => {
                // The file system may start a transaction, which comes before the page's lock.
                let folio = locked.unlock();
                if let Some(locked) = area.page_mkwrite(&folio)? {
                    area.set_file_page(page, &locked, true);
                }
            }
        }
        Ok(())
    }
}

impl Vma {
    /// Puts the pages around a fault into the table that can be had without waiting: `filemap_map_pages`. Returns whether the page
    /// itself was one of them. No page is filled, so the mapping's lock is not needed.
    #[track_caller]
    fn map_around(&self, page: u64) -> bool {
        let mapping = &self.inode.mapping;
        let end = page_after(self.inode.len());
        let first = page.saturating_sub(AROUND / 2).max(self.start);
        let mut found = false;
        for at in first..(first + AROUND).min(self.start + self.pages) {
            let Some(folio) = mapping.lookup(self.index_of(at)) else { continue };
            if !folio.is_uptodate() || folio.is_readahead() {
                continue;
            }
            let Some(locked) = folio.try_lock() else { continue };
            if mapping.has(&folio) && folio.index() < end {
                self.set_file_page(at, &locked, false);
                found |= at == page;
            }
        }
        found
    }

    /// Puts a page into the table. It is locked, so it is the file's, and whoever truncates it comes after.
    #[track_caller]
    fn set_file_page(&self, page: u64, locked: &LockedFolio, writable: bool) {
        let mut ptes = self.ptes.lock();
        let kept = match ptes.get(&self.index_of(page)) {
            None => false,
            Some(Pte::Copy(_) | Pte::Failed) => true,
            Some(Pte::File { .. }) => !writable,
        };
        if !kept {
            ptes.insert(self.index_of(page), Pte::File { folio: locked.folio().clone(), writable });
        }
    }

    /// Puts a copy of a page into the table.
    #[track_caller]
    fn set_copy(self: &Arc<Vma>, page: u64, locked: &LockedFolio) {
        let index = self.index_of(page);
        let copy = AnonPage::copy_for(self, index, locked.folio().data());
        let mut ptes = self.ptes.lock();
        if !matches!(ptes.get(&index), Some(Pte::Copy(_) | Pte::Failed)) {
            ptes.insert(index, Pte::Copy(copy));
        }
    }

    /// Tells the file system of the first store to a page: it allocates the block now, so that what is stored can be written out.
    /// Returns the page locked and dirty; `None` if it was truncated meanwhile and the fault has to start anew.
    ///
    /// # Errors
    /// `NoSpace`, `TextBusy`.
    #[track_caller]
    fn page_mkwrite(&self, folio: &FolioRef) -> Result<Option<LockedFolio>> {
        let inode = &*self.inode;
        inode.sb.reach(Point::BeforeMkwrite, inode.ino());
        let _unfrozen = inode.sb.start_pagefault();
        let rank = inode.sb.fs.transaction;
        let _outer = (rank == TransactionRank::OutsideInvalidate).then(|| inode.sb.start_transaction());
        let _shared = inode.mapping.invalidate_shared();
        inode.check_writable()?;
        let _inner = (rank == TransactionRank::InsideInvalidate).then(|| inode.sb.start_transaction());
        let locked = folio.lock();
        let is_gone = !inode.mapping.has(folio) || folio.index() >= page_after(inode.len());
        if recheck!("mkwrite: the page is still the file's", is_gone) {
            return Ok(None);
        }
        inode.count_change();
        inode.blocks.allocate(folio.index(), &inode.sb.device)?;
        inode.mapping.wrote(&locked, 0..PAGE_SIZE);
        folio.wait_writeback();
        Ok(Some(locked))
    }
}
