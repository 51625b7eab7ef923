//! Files mapped into memory, in software: address spaces, page tables, faults.
//!
//! Loads and stores walk a page table as the hardware would, and fault where it has no entry. Everything a kernel does about that is
//! here: the fault path with its retries, copies on write, write faults that tell the file system, and the reverse map by which
//! truncation takes entries away from everybody.

mod access;
mod anon;
mod fault;
mod filemap_fault;
mod vma;

pub use vma::{Sharing, Vma};
pub(crate) use vma::{unmap, write_protect};

use crate::PAGE_SIZE;
use crate::error::{Error, Result};
use crate::inode::Inode;
use crate::locks::MMAP_LOCK;
use crate::sync::{self, RwLock};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The memory of whoever calls, which need not be in any [`Mm`].
static CALLER: RwLock<()> = RwLock::named(&MMAP_LOCK, ());

/// Says that memory of the caller is read or written here: in a kernel that may fault, and the fault takes `mmap_lock`. So no lock may be
/// held that a fault wants.
#[track_caller]
pub(crate) fn might_fault() {
    if sync::ENABLED {
        drop(CALLER.read());
    }
}

/// The areas of an address space by their first page.
type Areas = BTreeMap<u64, Arc<Vma>>;

/// An address space: `struct mm_struct`.
#[derive(Debug)]
pub struct Mm {
    /// Shared while a fault looks at the areas, exclusive while they change.
    mmap_lock: RwLock<Areas>,
}

impl Default for Mm {
    fn default() -> Mm {
        Mm::new()
    }
}

impl Mm {
    /// An empty address space.
    #[must_use]
    pub fn new() -> Mm {
        Mm { mmap_lock: RwLock::named(&MMAP_LOCK, BTreeMap::new()) }
    }

    /// Maps `pages` pages of a file, from its page `first` on. Returns the address: `mmap(2)`.
    ///
    /// # Errors
    /// `Invalid` if there are no pages, or more than a file can have; `NoMemory` if there are no addresses left.
    ///
    /// ```
    /// use pagecache::{Device, EXT, Mm, Sharing, SuperBlock};
    ///
    /// let file = SuperBlock::new(&EXT, Device::new(8)).create();
    /// file.write_at(b"hello", 0)?;
    /// let mm = Mm::new();
    /// let address = mm.map(&file, 0, 1, Sharing::Shared)?;
    /// mm.store(address, b"J")?;
    /// let mut text = [0; 5];
    /// file.read_at(&mut text, 0)?;
    /// assert_eq!(&text, b"Jello");
    /// # Ok::<(), pagecache::Error>(())
    /// ```
    pub fn map(&self, inode: &Arc<Inode>, first: u64, pages: u64, sharing: Sharing) -> Result<u64> {
        let limit = u64::MAX / PAGE_SIZE as u64 / 4;
        if pages == 0 || pages > limit || first > limit {
            return Err(Error::Invalid);
        }
        let mut areas = self.mmap_lock.write();
        // One page stays free before every area, and the first of all, so that nothing is mapped at address 0.
        let start = areas.values().next_back().map_or(1, |last| last.start + last.pages + 1);
        if start + pages > u64::MAX / PAGE_SIZE as u64 {
            return Err(Error::NoMemory);
        }
        let area = Arc::new(Vma::new(start, pages, Arc::clone(inode), first, sharing));
        inode.mapping.i_mmap.write().push(Arc::downgrade(&area));
        areas.insert(start, area);
        Ok(start * PAGE_SIZE as u64)
    }

    /// Unmaps the area that begins at an address: `munmap(2)`.
    ///
    /// # Errors
    /// `Invalid` if no area begins there.
    pub fn unmap(&self, address: u64) -> Result<()> {
        let mut areas = self.mmap_lock.write();
        let area = areas.remove(&(address / PAGE_SIZE as u64)).ok_or(Error::Invalid)?;
        area.leave();
        Ok(())
    }
}

impl Drop for Mm {
    fn drop(&mut self) {
        for area in std::mem::take(self.mmap_lock.get_mut()).into_values() {
            area.leave();
        }
    }
}
