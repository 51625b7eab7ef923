//! Private copies that several address spaces have: `anon_vma`, `do_wp_page`, `memory_failure`.
//!
//! A fork shares the private copies of its parent; whoever stores to one next gets a copy of his own. From a shared copy back to the tables
//! that have it leads an [`AnonVma`], which the areas of a family of forks have in common. It is what finds everybody who has to be told
//! when the memory of a copy fails.

use super::vma::{Pte, Vma};
use super::{Areas, Mm};
use crate::PAGE_SIZE;
use crate::error::{Error, Result};
use crate::folio::FolioRef;
use crate::locks::{ANON_VMA, SECOND};
use crate::mapping::Mapping;
use crate::page::PageData;
use crate::sync::RwLock;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

/// The areas that may have private copies of each other: `struct anon_vma`, one for a family of forks.
#[derive(Debug)]
pub(super) struct AnonVma {
    rwsem: RwLock<Vec<Weak<Vma>>>,
}

/// A private copy of a page of a file.
#[derive(Debug)]
pub(super) struct AnonPage {
    pub(super) data: PageData,
    family: Arc<AnonVma>,
    index: u64,
}

impl AnonVma {
    fn of(area: &Arc<Vma>) -> Arc<AnonVma> {
        Arc::new(AnonVma { rwsem: RwLock::named(&ANON_VMA, vec![Arc::downgrade(area)]) })
    }

    /// Takes an area in: `anon_vma_fork`.
    fn join(&self, area: &Arc<Vma>) {
        self.rwsem.write().push(Arc::downgrade(area));
    }

    /// An area is no more: `unlink_anon_vmas`.
    pub(super) fn leave(&self, area: &Arc<Vma>) {
        self.rwsem.write().retain(|other| !std::ptr::eq(Weak::as_ptr(other), Arc::as_ptr(area)));
    }
}

impl AnonPage {
    /// A copy of a page for an area: `anon_vma_prepare`, `copy_user_highpage`.
    pub(super) fn copy_for(area: &Arc<Vma>, index: u64, from: &PageData) -> Arc<AnonPage> {
        let family = Arc::clone(area.anon_vma.get_or_init(|| AnonVma::of(area)));
        let copy = AnonPage { data: PageData::zeroed(), family, index };
        copy.data.copy_from(from);
        Arc::new(copy)
    }

    /// Takes the page out of all tables that have it; who uses it next is told: `hwpoison_user_mappings`.
    #[track_caller]
    fn fail(self: &Arc<AnonPage>) {
        let areas = self.family.rwsem.read();
        for area in areas.iter().filter_map(Weak::upgrade) {
            let mut ptes = area.ptes.lock();
            if matches!(ptes.get(&self.index), Some(Pte::Copy(page)) if Arc::ptr_eq(page, self)) {
                ptes.insert(self.index, Pte::Failed);
            }
        }
    }
}

impl Vma {
    /// Gives the area a copy of its own of a private copy that others have as well: `do_wp_page`. False if there is nothing to copy.
    #[track_caller]
    pub(super) fn unshare(self: &Arc<Vma>, index: u64) -> bool {
        let mut ptes = self.ptes.lock();
        let Some(Pte::Copy(page)) = ptes.get_mut(&index) else { return false };
        *page = AnonPage::copy_for(self, index, &page.data);
        true
    }

    /// The same area in another address space, with the private copies that this one has: `copy_page_range`. Those of the file's pages
    /// that are mapped come with the faults.
    #[track_caller]
    fn fork(&self) -> Arc<Vma> {
        let child = Arc::new(Vma::new(self.start, self.pages, Arc::clone(&self.inode), self.first, self.sharing));
        // After its parent, so that a truncation comes to the child after it has been to the parent: nothing is copied behind its back.
        self.inode.mapping.i_mmap.write().push(Arc::downgrade(&child));
        if let Some(family) = self.anon_vma.get() {
            let family = child.anon_vma.get_or_init(|| Arc::clone(family));
            family.join(&child);
            let ours = self.ptes.lock();
            let copies = ours.iter().filter_map(|(index, pte)| pte.forked().map(|pte| (*index, pte)));
            child.ptes.lock_nested(SECOND).extend(copies);
        }
        child
    }
}

impl Mm {
    /// An address space with the same areas: `fork(2)`. Shared mappings stay shared; private copies are of both, until one of them stores.
    ///
    /// ```
    /// use pagecache::{Device, EXT, Mm, Sharing, SuperBlock};
    ///
    /// let file = SuperBlock::new(&EXT, Device::new(8)).create();
    /// file.write_at(b"hello", 0)?;
    /// let parent = Mm::new();
    /// let address = parent.map(&file, 0, 1, Sharing::Private)?;
    /// parent.store(address, b"J")?;
    /// let child = parent.fork();
    /// child.store(address, b"C")?;
    /// let mut bytes = [0; 2];
    /// parent.load(address, &mut bytes[..1])?;
    /// child.load(address, &mut bytes[1..])?;
    /// assert_eq!(&bytes, b"JC");
    /// # Ok::<(), pagecache::Error>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn fork(&self) -> Mm {
        let child = Mm::new();
        {
            let areas = self.mmap_lock.write();
            let mut forked = child.mmap_lock.write_nested(SECOND);
            *forked = areas.iter().map(|(start, area)| (*start, area.fork())).collect::<BTreeMap<_, _>>();
        }
        child
    }

    /// The memory of the page at an address has failed: `madvise(2)` with `MADV_HWPOISON`. A private copy is lost to everybody who has it,
    /// and is an error from then on. A page of the file is read again by whoever needs it; what was stored to it and not written out is
    /// lost, and the next [`Inode::fsync`](crate::Inode::fsync) says so.
    ///
    /// # Errors
    /// `BadAddress` if there is no page.
    pub fn fail_memory(&self, address: u64) -> Result<()> {
        let page = address / PAGE_SIZE as u64;
        // With nothing locked: whoever has the page may wait for any of that.
        let (found, area) = {
            let areas: &Areas = &self.mmap_lock.read();
            let area = Mm::area_of(areas, page)?;
            let found = area.ptes.lock().get(&area.index_of(page)).and_then(Pte::page);
            (found.ok_or(Error::BadAddress)?, area)
        };
        match found {
            Page::Anon(page) => page.fail(),
            Page::File(folio) => fail_folio(&area.inode.mapping, &folio),
        }
        Ok(())
    }
}

/// What an entry leads to.
pub(super) enum Page {
    Anon(Arc<AnonPage>),
    File(FolioRef),
}

/// `me_pagecache_clean`, `me_pagecache_dirty`.
#[track_caller]
fn fail_folio(mapping: &Mapping, folio: &FolioRef) {
    let locked = folio.lock();
    folio.wait_writeback();
    if !mapping.has(folio) {
        return;
    }
    if folio.is_dirty() {
        mapping.write_errors.set(Error::Io);
    }
    super::unmap(mapping, folio.index()..folio.index() + 1, false);
    mapping.remove(&locked);
}
