//! `generic_perform_write`: copy into locked pages and mark them dirty.

use super::fill::try_grab;
use super::{Flags, fill_now, grab, split};
use crate::PAGE_SIZE;
use crate::error::{Error, Result};
use crate::inode::{Inode, MAX_BYTES};
use crate::kill;
use crate::mm::might_fault;
use crate::page::PageData;
use crate::private::Private;
use crate::sync::assert_held;
use crate::truncate::zero_beyond_end;
use crate::writeback::{balance_dirty_pages, with_room};
use std::ops::Range;

/// Where the bytes of a write come from.
pub(crate) trait Source {
    /// How many there are.
    fn len(&self) -> usize;

    /// Sees to it that bytes from `at` on can be copied without waiting, one at least. May take `mmap_lock`, and any
    /// `invalidate_lock`.
    ///
    /// # Errors
    /// `BadAddress` if there is no memory there.
    fn fault_in(&self, at: usize) -> Result<()>;

    /// Copies bytes from `at` on into a page that is locked, and waits for nothing. Returns how many were copied.
    fn copy(&self, at: usize, page: &PageData, within: usize, count: usize) -> usize;
}

impl Source for [u8] {
    fn len(&self) -> usize {
        self.len()
    }

    fn fault_in(&self, _: usize) -> Result<()> {
        Ok(())
    }

    fn copy(&self, at: usize, page: &PageData, within: usize, count: usize) -> usize {
        page.write(within, &self[at..at + count]);
        count
    }
}

/// Memory of whoever calls. The bytes of a `[u8]` are the cache's own.
pub(crate) struct User<'a>(pub(crate) &'a [u8]);

impl Source for User<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn fault_in(&self, _: usize) -> Result<()> {
        might_fault();
        Ok(())
    }

    fn copy(&self, at: usize, page: &PageData, within: usize, count: usize) -> usize {
        self.0.copy(at, page, within, count)
    }
}

/// Copies in the whole range. Nothing is allocated: blocks are found when the pages are written out.
pub(crate) fn write(inode: &Inode, source: &(impl Source + ?Sized), offset: u64) -> Result<usize> {
    offset.checked_add(source.len() as u64).filter(|end| *end <= MAX_BYTES).ok_or(Error::TooBig)?;
    let _change = inode.start_change()?;
    perform_write(inode, source, offset, Flags::default())
}

/// The same for who has `i_rwsem`, and has checked the range.
pub(crate) fn perform_write(
    inode: &Inode,
    source: &(impl Source + ?Sized),
    offset: u64,
    flags: Flags,
) -> Result<usize> {
    assert_held!(inode.i_rwsem, exclusively);
    if offset > inode.len() && source.len() > 0 {
        match flags.nowait {
            // The rest of the last page may have to be read.
            true if split(inode.len()).1 != 0 => return Err(Error::Again),
            true => {}
            false => zero_beyond_end(inode)?,
        }
    }
    let mut done = 0;
    while done < source.len() {
        match write_page(inode, source, offset, done, flags) {
            Ok(count) => {
                done += count;
                if !flags.nowait {
                    balance_dirty_pages(inode);
                }
            }
            Err(error) if done == 0 => return Err(error),
            Err(_) => break,
        }
    }
    Ok(done)
}

/// Whether bytes of a page without contents can be written before the rest is read. If there is nothing to read, it is read, and if it will
/// be written to another block, too.
fn stands_alone(inode: &Inode, index: u64, part: &Range<usize>) -> bool {
    Private::covers_whole(part) && inode.blocks.own_block_of(index, &inode.sb.device).is_some()
}

/// Copies as much as fits into one page. The source is brought into memory first, and copied with no fault allowed: a fault on
/// this very page would wait for its lock for ever.
fn write_page(inode: &Inode, source: &(impl Source + ?Sized), offset: u64, done: usize, flags: Flags) -> Result<usize> {
    let at = offset + done as u64;
    let (index, within) = split(at);
    let mut count = (PAGE_SIZE - within).min(source.len() - done);
    loop {
        kill::check()?;
        let grabbed = || {
            source.fault_in(done)?;
            if flags.nowait { try_grab(inode, index) } else { grab(inode, index) }
        };
        let locked = with_room(inode, grabbed)?;
        let folio = locked.folio().clone();
        let part = within..within + count;
        if !folio.is_uptodate() && count < PAGE_SIZE && !stands_alone(inode, index, &part) {
            // The rest of the page is the file's.
            if flags.nowait && inode.blocks.block_of(index).is_some() {
                return Err(Error::Again);
            }
            fill_now(inode, &locked)?;
        }
        let end = inode.len();
        if split(end) == (index, within) && within != 0 {
            // What a mapping has stored beyond the end was never the file's.
            folio.data().zero(within..PAGE_SIZE);
        }
        let copied = source.copy(done, folio.data(), within, count);
        if copied == 0 {
            continue;
        }
        if copied < count && !folio.is_uptodate() {
            // The rest of the source is not in memory: this much can be had, and then the rest of the page has to be read.
            count = copied;
            continue;
        }
        if copied == PAGE_SIZE {
            locked.mark_uptodate();
        }
        inode.mapping.wrote(&locked, within..within + copied);
        if at + copied as u64 > inode.len() {
            inode.set_len(at + copied as u64);
        }
        return Ok(copied);
    }
}
