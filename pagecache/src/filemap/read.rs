//! `filemap_read`: copy from pages that are up to date, fill those that are not.

use super::Flags;
use super::fill::{grab, read_folio};
use super::readahead::{self, Readahead};
use super::split;
use crate::PAGE_SIZE;
use crate::error::{Error, Result};
use crate::folio::FolioRef;
use crate::hooks::Point;
use crate::inode::Inode;
use crate::mm::might_fault;
use crate::reclaim::Effort;
use crate::writeback::with_room;
use std::ops::Range;

/// What is wanted of a page, and the last page that is wanted after it.
#[derive(Clone)]
struct Wanted {
    index: u64,
    part: Range<usize>,
    last: u64,
}

/// Copies out what there is of the range. No lock is held while bytes are copied.
pub(crate) fn read(
    inode: &Inode,
    mut ahead: Option<&mut Readahead>,
    buf: &mut [u8],
    offset: u64,
    mut flags: Flags,
) -> Result<usize> {
    let mut done = 0;
    while done < buf.len() {
        let at = offset.saturating_add(done as u64);
        let size = inode.len();
        if at >= size {
            break;
        }
        // A request that is partly served cannot say that it was queued.
        flags.nowait |= flags.waitq && done > 0;
        let (index, within) = split(at);
        let last = split(at + (buf.len() - done) as u64 - 1).0;
        let wanted = Wanted { index, part: within..PAGE_SIZE.min(within + buf.len() - done), last };
        let mut attempt = || get_page(inode, ahead.as_deref_mut(), wanted.clone(), flags);
        let folio = match if flags.must_not_wait() { attempt() } else { with_room(inode, attempt) } {
            Ok(folio) => folio,
            Err(error) if done == 0 => return Err(error),
            Err(_) => break,
        };
        // Only now, after the page was seen up to date: a size read before could be that of a longer file, whose tail a
        // truncation has cut off and zeroed since.
        let size = if recheck!("the size is read after the page", true) { inode.len() } else { size };
        let left = usize::try_from(size.saturating_sub(at)).unwrap_or(usize::MAX);
        let count = (PAGE_SIZE - within).min(buf.len() - done).min(left);
        if count == 0 {
            break;
        }
        might_fault();
        folio.data().read(within, &mut buf[done..done + count]);
        done += count;
    }
    Ok(done)
}

/// A page with its contents, for who has `invalidate_lock`, in whatever mode: `read_cache_page`. Some have it exclusively, so it cannot
/// be taken here.
///
/// # Errors
/// `Io`, `NoMemory`, `Interrupted`.
#[track_caller]
pub(crate) fn read_cache_page(inode: &Inode, index: u64) -> Result<FolioRef> {
    inode.mapping.assert_invalidate_held();
    if let Some(folio) = inode.mapping.lookup(index).filter(|folio| folio.is_uptodate()) {
        folio.mark_accessed();
        return Ok(folio);
    }
    let locked = grab(inode, index)?;
    let folio = locked.folio().clone();
    if !folio.is_uptodate() {
        read_folio(inode, locked)?;
    }
    Ok(folio)
}

/// The page with its contents: `filemap_get_pages`. It may leave the cache at any time; then the copy is older than that.
fn get_page(inode: &Inode, ahead: Option<&mut Readahead>, wanted: Wanted, flags: Flags) -> Result<FolioRef> {
    let Wanted { index, part, last } = wanted;
    let mut ahead = ahead;
    loop {
        let Some(folio) = inode.mapping.lookup(index) else {
            if flags.must_not_wait() {
                return Err(Error::Again);
            }
            match ahead.take() {
                Some(ahead) => readahead::read_sync(inode, ahead, index, last),
                None => {
                    if let Some(folio) = create(inode, index)? {
                        return Ok(folio);
                    }
                }
            }
            continue;
        };
        if folio.is_readahead()
            && let Some(ahead) = ahead.take()
        {
            if flags.noio {
                return Err(Error::Again);
            }
            readahead::read_async(inode, ahead, &folio, last);
        }
        if folio.is_uptodate() || update(inode, &folio, &part, flags)? {
            folio.mark_accessed();
            return Ok(folio);
        }
    }
}

/// Waits for whoever fills the page, and fills it if they did not: `filemap_update_page`. False if it has to be looked up again.
fn update(inode: &Inode, folio: &FolioRef, part: &Range<usize>, flags: Flags) -> Result<bool> {
    // The rest may be on its way, and is not wanted.
    if inode.mapping.private.is_partially_uptodate(folio, part) {
        return Ok(true);
    }
    let shared = match flags.nowait {
        true => inode.mapping.try_invalidate_shared()?,
        false => inode.mapping.invalidate_shared(),
    };
    let Some(locked) = folio.try_lock() else {
        // A puncher must not be made to wait for somebody else's I/O.
        drop(shared);
        if flags.nowait || flags.noio {
            return Err(Error::Again);
        }
        if flags.waitq {
            return Err(Error::Queued);
        }
        folio.wait_unlocked()?;
        return Ok(false);
    };
    if recheck!("update: the page is still the file's", !inode.mapping.has(folio)) {
        return Ok(false);
    }
    if folio.is_uptodate() {
        return Ok(true);
    }
    if flags.must_not_wait() {
        return Err(Error::Again);
    }
    read_folio(inode, locked).map(|()| true)
}

/// Adds and fills a page: `filemap_create_folio`. `invalidate_lock` is held from before the page can be found until it is
/// filled, so the block it is filled from is the file's. `None` if somebody else was faster.
fn create(inode: &Inode, index: u64) -> Result<Option<FolioRef>> {
    inode.sb.reach(Point::BeforeInvalidateLock, inode.ino());
    let _shared = inode.mapping.invalidate_shared();
    let locked = match inode.mapping.add_new(index, Effort::Full) {
        Err(Error::Busy) => return Ok(None),
        added => added?,
    };
    let folio = locked.folio().clone();
    read_folio(inode, locked)?;
    Ok(Some(folio))
}
