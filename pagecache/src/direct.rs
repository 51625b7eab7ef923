//! Reading and writing past the cache, and what the cache has of the range: `O_DIRECT`, `generic_file_direct_write`.
//!
//! What is dirty is written first, what is cached is dropped before a write and again after it, because a fault or a reader can have
//! brought in the old blocks meanwhile. No `invalidate_lock` is held, so whoever mixes both kinds of access at once sees the one
//! or the other.

use crate::PAGE_SIZE;
use crate::backing::Allocated;
use crate::error::{Error, Result};
use crate::fallocate::whole_pages;
use crate::filemap::{Flags, perform_write};
use crate::index::Mark;
use crate::inode::{Inode, MAX_BYTES};
use crate::page::PageData;
use crate::private::Sectors;
use crate::truncate::{evict, zero_beyond_end};
use crate::writeback::write_back;
use std::ops::Range;

/// Writes what is dirty of a range to the device.
fn flush(inode: &Inode, pages: Range<u64>) {
    let _transaction = inode.sb.start_transaction();
    write_back(inode, pages);
}

/// Whether a page of a range has a mark.
fn has(inode: &Inode, mark: Mark, pages: &Range<u64>) -> bool {
    inode.mapping.next(mark, pages.clone()).is_some()
}

/// Reads blocks. `i_rwsem`, shared, keeps them from being freed.
pub(crate) fn read(inode: &Inode, buf: &mut [u8], offset: u64, flags: Flags) -> Result<usize> {
    let pages = whole_pages(offset, buf.len() as u64)?;
    let shared = if flags.nowait { inode.i_rwsem.try_read() } else { Some(inode.i_rwsem.read()) };
    let _shared = shared.ok_or(Error::Again)?;
    match flags.nowait {
        true if has(inode, Mark::Dirty, &pages) || has(inode, Mark::Writeback, &pages) => return Err(Error::Again),
        true => {}
        false => flush(inode, pages.clone()),
    }
    let count = usize::try_from(inode.len().saturating_sub(offset)).unwrap_or(usize::MAX).min(buf.len());
    let page = Box::new(PageData::zeroed());
    for (index, bytes) in pages.zip(buf[..count].chunks_mut(PAGE_SIZE)) {
        read_page(inode, index, &page)?;
        page.read(0, bytes);
    }
    Ok(count)
}

/// A page as it is on the device. One that shares its block can be written to another meanwhile, and then that one is the file's.
fn read_page(inode: &Inode, index: u64, page: &PageData) -> Result<()> {
    loop {
        let block = inode.blocks.block_of(index);
        match block {
            Some(block) => inode.sb.device.read(block, page, Sectors::ALL)?,
            None => page.zero(0..PAGE_SIZE),
        }
        if inode.blocks.block_of(index) == block {
            return Ok(());
        }
    }
}

/// Writes blocks, or through the cache where a page cannot be dropped.
pub(crate) fn write(inode: &Inode, bytes: &[u8], offset: u64) -> Result<usize> {
    whole_pages(offset, bytes.len() as u64)?;
    offset.checked_add(bytes.len() as u64).filter(|end| *end <= MAX_BYTES).ok_or(Error::TooBig)?;
    let _change = inode.start_change()?;
    perform_write_direct(inode, bytes, offset, Flags::default())
}

/// The same for who has `i_rwsem`, and has checked the end of the range.
pub(crate) fn perform_write_direct(inode: &Inode, bytes: &[u8], offset: u64, flags: Flags) -> Result<usize> {
    let pages = whole_pages(offset, bytes.len() as u64)?;
    if flags.nowait && (has(inode, Mark::Present, &pages) || offset > inode.len()) {
        return Err(Error::Again);
    }
    if offset > inode.len() {
        zero_beyond_end(inode)?;
    }
    flush(inode, pages.clone());
    if evict(inode, pages.clone(), |_| Ok(())).is_err() {
        return perform_write(inode, bytes, offset, flags);
    }
    let end = offset + bytes.len() as u64;
    let page = Box::new(PageData::zeroed());
    let mut done = 0;
    for (index, bytes) in pages.clone().zip(bytes.chunks(PAGE_SIZE)) {
        page.write(0, bytes);
        match write_page(inode, index, &page) {
            Ok(()) => done += bytes.len(),
            Err(error) if done == 0 => return Err(error),
            Err(_) => break,
        }
    }
    let end = if done == bytes.len() { end } else { offset + done as u64 };
    if end > inode.len() {
        inode.set_len(end);
    }
    // The write stands, and whoever has the old page may write it over it: an error for whoever syncs.
    if recheck!("what came back meanwhile is dropped again", evict(inode, pages, |_| Ok(())).is_err()) {
        inode.mapping.write_errors.set(Error::Io);
    }
    Ok(done)
}

fn write_page(inode: &Inode, index: u64, page: &PageData) -> Result<()> {
    let _transaction = inode.sb.start_transaction();
    let Allocated { block, .. } = inode.blocks.allocate(index, &inode.sb.device)?;
    inode.sb.reach(crate::hooks::Point::BlockMapped, inode.ino());
    inode.sb.device.write(block, page)
}
