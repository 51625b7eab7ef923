//! Areas and their page tables, and the way from a page back to the tables that have it: `mm/rmap.c`.

use crate::folio::{Folio, FolioRef};
use crate::inode::Inode;
use crate::locks::PTE_LOCK;
use crate::mapping::Mapping;
use crate::page::PageData;
use lockdep::parking_lot::Mutex;
use std::ops::Range;
use std::sync::{Arc, Weak};

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
    /// The page table, one entry per page.
    pub(super) ptes: Mutex<Vec<Pte>>,
}

/// A page-table entry.
#[derive(Debug, Default)]
pub(super) enum Pte {
    /// A fault.
    #[default]
    None,
    /// A page of the file.
    File {
        folio: FolioRef,
        /// Whether a store needs no fault. Only while the page is dirty, so that no store is missed by whoever writes it out.
        writable: bool,
    },
    /// A private copy.
    Copy(Box<PageData>),
}

impl Vma {
    pub(super) fn new(start: u64, pages: u64, inode: Arc<Inode>, first: u64, sharing: Sharing) -> Vma {
        let ptes = (0..pages).map(|_| Pte::None).collect();
        Vma { start, pages, inode, first, sharing, ptes: Mutex::named(&PTE_LOCK, ptes) }
    }

    /// The page of the file at a page of the address space, which is one of the area's.
    pub(super) fn index_of(&self, page: u64) -> u64 {
        self.first + (page - self.start)
    }

    /// The entries of a range of the file's pages.
    fn slots(&self, range: &Range<u64>) -> Range<usize> {
        let end = self.first + self.pages;
        let (from, to) = (range.start.clamp(self.first, end), range.end.clamp(self.first, end));
        (from - self.first) as usize..(to.max(from) - self.first) as usize
    }

    /// Takes entries away.
    #[track_caller]
    fn zap(&self, range: &Range<u64>, cow: bool) {
        let mut ptes = self.ptes.lock();
        let slots = self.slots(range);
        for pte in &mut ptes[slots] {
            if cow || !matches!(pte, Pte::Copy(_)) {
                *pte = Pte::None;
            }
        }
    }

    /// The area is no more.
    #[track_caller]
    pub(super) fn leave(self: &Arc<Vma>) {
        let this = Arc::as_ptr(self);
        self.inode.mapping.i_mmap.write().retain(|other| !std::ptr::eq(Weak::as_ptr(other), this));
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
    let range = folio.index()..folio.index() + 1;
    let mapped = mapping.i_mmap.read();
    for area in mapped.iter().filter_map(Weak::upgrade) {
        let mut ptes = area.ptes.lock();
        let slots = area.slots(&range);
        for pte in &mut ptes[slots] {
            if let Pte::File { writable, .. } = pte {
                *writable = false;
            }
        }
    }
}
