//! Areas and their page tables, and the way from a page back to the tables that have it: `mm/rmap.c`.

use super::anon::{AnonPage, AnonVma, Page};
use crate::folio::{Folio, FolioRef};
use crate::inode::Inode;
use crate::locks::PTE_LOCK;
use crate::mapping::Mapping;
use crate::sync::Mutex;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock, Weak};

/// Who sees stores into an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Everybody: `MAP_SHARED`.
    Shared,
    /// Only the address space: `MAP_PRIVATE`. A page that is stored to is copied first.
    Private,
}

/// Pages of a file at pages of an address space: `struct vm_area_struct`.
#[derive(Debug)]
pub struct Vma {
    /// The first page of the address space.
    pub(super) start: u64,
    pub(super) pages: u64,
    pub(super) inode: Arc<Inode>,
    /// The page of the file that is there.
    pub(super) first: u64,
    pub(super) sharing: Sharing,
    /// The page table: the entries of pages of the file. A page without one is a fault.
    pub(super) ptes: Mutex<BTreeMap<u64, Pte>>,
    /// With whom it may have private copies in common, once it has any.
    pub(super) anon_vma: OnceLock<Arc<AnonVma>>,
}

/// A page-table entry.
#[derive(Debug)]
pub(super) enum Pte {
    /// A page of the file.
    File {
        folio: FolioRef,
        /// Whether a store needs no fault. Only while the page is dirty, so that no store is missed by whoever writes it out.
        writable: bool,
    },
    /// A private copy, maybe of several.
    Copy(Arc<AnonPage>),
    /// A private copy whose memory has failed.
    Failed,
}

impl Pte {
    /// The entry that a fork has. Pages of the file come with its faults.
    pub(super) fn forked(&self) -> Option<Pte> {
        match self {
            Pte::File { .. } => None,
            Pte::Copy(page) => Some(Pte::Copy(Arc::clone(page))),
            Pte::Failed => Some(Pte::Failed),
        }
    }

    pub(super) fn page(&self) -> Option<Page> {
        match self {
            Pte::File { folio, .. } => Some(Page::File(folio.clone())),
            Pte::Copy(page) => Some(Page::Anon(Arc::clone(page))),
            Pte::Failed => None,
        }
    }
}

impl Vma {
    pub(super) fn new(start: u64, pages: u64, inode: Arc<Inode>, first: u64, sharing: Sharing) -> Vma {
        let ptes = Mutex::named(&PTE_LOCK, BTreeMap::new());
        Vma { start, pages, inode, first, sharing, ptes, anon_vma: OnceLock::new() }
    }

    /// The page of the file at a page of the address space, which is one of the area's.
    pub(super) fn index_of(&self, page: u64) -> u64 {
        self.first + (page - self.start)
    }

    /// Takes entries away.
    #[track_caller]
    fn zap(&self, range: &Range<u64>, cow: bool) {
        let mut ptes = self.ptes.lock();
        let gone = ptes.extract_if(range.clone(), |_, pte| cow || matches!(pte, Pte::File { .. }));
        // The last reference to a page may go with its entry, and then the page.
        let gone: Vec<(u64, Pte)> = gone.collect();
        drop(ptes);
        drop(gone);
    }

    /// The area is no more.
    #[track_caller]
    pub(super) fn leave(self: &Arc<Vma>) {
        let this = Arc::as_ptr(self);
        self.inode.mapping.i_mmap.write().retain(|other| !std::ptr::eq(Weak::as_ptr(other), this));
        if let Some(family) = self.anon_vma.get() {
            family.leave(self);
        }
        self.zap(&(0..u64::MAX), true);
    }
}

/// Takes the entries of a range of a file's pages out of all page tables: `unmap_mapping_range`. With `cow`, private copies too.
#[track_caller]
pub(crate) fn unmap(mapping: &Mapping, range: Range<u64>, cow: bool) {
    let mapped = mapping.i_mmap.read();
    for area in mapped.iter().filter_map(Weak::upgrade) {
        area.zap(&range, cow);
    }
}

/// Makes the next store to a page fault, wherever it is mapped: `folio_mkclean`. The folio is locked.
#[track_caller]
pub(crate) fn write_protect(mapping: &Mapping, folio: &Folio) {
    let mapped = mapping.i_mmap.read();
    for area in mapped.iter().filter_map(Weak::upgrade) {
        if let Some(Pte::File { writable, .. }) = area.ptes.lock().get_mut(&folio.index()) {
            *writable = false;
        }
    }
}
