//! Loads and stores, and copies between files and mapped memory.

use super::fault::Access;
use super::vma::Pte;
use super::{Areas, Mm};
use crate::PAGE_SIZE;
use crate::error::{Error, Result};
use crate::filemap::{Source, split, write};
use crate::inode::Inode;
use crate::kill;
use crate::page::PageData;
use crate::writeback::{balance_dirty_pages, with_room};
use std::sync::Arc;

impl Mm {
    /// Loads bytes.
    ///
    /// # Errors
    /// `BadAddress` where nothing is mapped or the file has ended, `Io`, `NoMemory`. Some bytes may have been loaded.
    pub fn load(&self, address: u64, buf: &mut [u8]) -> Result<()> {
        let mut done = 0;
        while done < buf.len() {
            let (page, within) = split(address.checked_add(done as u64).ok_or(Error::BadAddress)?);
            let count = (PAGE_SIZE - within).min(buf.len() - done);
            let bytes = &mut buf[done..done + count];
            self.with_page(page, Access::Load, |data| data.read(within, bytes))?;
            done += count;
        }
        Ok(())
    }

    /// Stores bytes.
    ///
    /// # Errors
    /// As [`Mm::load`], and `NoSpace` where the file has no block and the device none free. Some bytes may have been stored.
    pub fn store(&self, address: u64, bytes: &[u8]) -> Result<()> {
        let mut done = 0;
        while done < bytes.len() {
            let (page, within) = split(address.checked_add(done as u64).ok_or(Error::BadAddress)?);
            let count = (PAGE_SIZE - within).min(bytes.len() - done);
            self.with_page(page, Access::Store, |data| data.write(within, &bytes[done..done + count]))?;
            done += count;
        }
        Ok(())
    }

    /// Writes mapped memory into a file: `write(2)` whose buffer is a mapping, maybe of the very pages that are written.
    ///
    /// # Errors
    /// As [`Inode::write_at`], and `BadAddress` if nothing is mapped at the start.
    pub fn write_file(&self, inode: &Inode, address: u64, len: usize, offset: u64) -> Result<usize> {
        write(inode, &Memory { mm: self, address, len }, offset)
    }

    /// Reads a file into mapped memory: `read(2)` whose buffer is a mapping. No lock is held while bytes are stored.
    ///
    /// # Errors
    /// As [`Inode::read_at`] and [`Mm::store`].
    pub fn read_file(&self, inode: &Inode, address: u64, len: usize, offset: u64) -> Result<usize> {
        let mut done = 0;
        let mut bytes = [0; PAGE_SIZE];
        while done < len {
            let count = inode.read_at(&mut bytes[..PAGE_SIZE.min(len - done)], offset + done as u64)?;
            if count == 0 {
                break;
            }
            self.store(address + done as u64, &bytes[..count])?;
            done += count;
        }
        Ok(done)
    }

    /// Does something with the bytes of a page, once its entry allows that.
    fn with_page(&self, page: u64, access: Access, mut use_it: impl FnMut(&PageData)) -> Result<()> {
        let mut tried = false;
        loop {
            let area = {
                let areas = self.mmap_lock.read();
                let area = Mm::area_of(&areas, page)?;
                if try_page(&areas, page, access, &mut use_it)? {
                    drop(areas);
                    if tried && access == Access::Store {
                        // Not before: a page that was written out meanwhile would have to be faulted on again.
                        balance_dirty_pages(&area.inode);
                    }
                    return Ok(());
                }
                area
            };
            if tried {
                kill::check()?;
            }
            with_room(&area.inode, || {
                let areas = self.mmap_lock.read();
                let area = Mm::area_of(&areas, page)?;
                Mm::handle_fault(areas, area, page, access, std::mem::replace(&mut tried, true))
            })?;
        }
    }
}

/// Does something with the bytes of a page if its entry allows that now. The table is locked meanwhile, so that whoever takes the
/// entry away knows that no store comes after.
fn try_page(areas: &Areas, page: u64, access: Access, use_it: &mut dyn FnMut(&PageData)) -> Result<bool> {
    let area = Mm::area_of(areas, page)?;
    let ptes = area.ptes.lock();
    let folio = match (ptes.get(&area.index_of(page)), access) {
        // One that nobody else has can be stored to: only a fork makes more of them, and it needs this lock.
        (Some(Pte::Copy(page)), access) if access == Access::Load || Arc::strong_count(page) == 1 => {
            use_it(&page.data);
            return Ok(true);
        }
        (Some(Pte::Failed), _) => return Err(Error::MemoryFailed),
        (Some(Pte::File { folio, .. }), Access::Load) => folio,
        (Some(Pte::File { folio, writable: true }), Access::Store) => folio,
        _ => return Ok(false),
    };
    // The accessed bit of the entry, which reclaim would come and look for.
    folio.mark_accessed();
    use_it(folio.data());
    Ok(true)
}

/// Mapped memory as what is written.
struct Memory<'a> {
    mm: &'a Mm,
    address: u64,
    len: usize,
}

impl Source for Memory<'_> {
    fn len(&self) -> usize {
        self.len
    }

    fn fault_in(&self, at: usize) -> Result<()> {
        let address = self.address.checked_add(at as u64).ok_or(Error::BadAddress)?;
        self.mm.load(address, &mut [0])
    }

    fn copy(&self, at: usize, page: &PageData, within: usize, count: usize) -> usize {
        // With a page locked `mmap_lock` must not be waited for: who has it may wait for the page.
        let Some(areas) = self.mm.mmap_lock.try_read() else { return 0 };
        let mut done = 0;
        while done < count {
            let (from, skip) = split(self.address + (at + done) as u64);
            let part = (PAGE_SIZE - skip).min(count - done);
            let mut bytes = [0; PAGE_SIZE];
            let mut take = |data: &PageData| data.read(skip, &mut bytes[..part]);
            if !matches!(try_page(&areas, from, Access::Load, &mut take), Ok(true)) {
                break;
            }
            page.write(within + done, &bytes[..part]);
            done += part;
        }
        done
    }
}
