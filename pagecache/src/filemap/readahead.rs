//! Reading pages before they are asked for: `mm/readahead.c`.
//!
//! A window of pages is read at once, and one of them is marked: whoever comes to the mark starts the next window, so that a reader
//! who goes straight on never waits.
//!
//! Pages are made under `invalidate_lock`, which the kernel does in a `memalloc_nofs` scope, lest reclaim wants the same lock. Here there
//! is no scope to enter: reclaim enters a file system for nobody, and says so to the checker at every allocation (`reclaim`).

use super::fill::start_read;
use super::page_after;
use crate::error::Error;
use crate::folio::FolioRef;
use crate::hooks::Point;
use crate::inode::Inode;
use crate::reclaim::Effort;

/// The largest window, in pages.
const MAX_WINDOW: u64 = 32;
/// The first window of a reader, in pages.
const FIRST_WINDOW: u64 = 4;

/// What one reader of a file has read ahead: `struct file_ra_state`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readahead {
    start: u64,
    size: u64,
    /// How many pages before the end of the window the mark is.
    ahead: u64,
}

impl Readahead {
    fn next_size(&self) -> u64 {
        (self.size * 2).clamp(FIRST_WINDOW, MAX_WINDOW)
    }
}

/// A page was wanted that is not there: `page_cache_sync_ra`. A reader that goes straight on gets twice the window it had; any
/// other begins anew.
#[track_caller]
pub(crate) fn read_sync(inode: &Inode, ahead: &mut Readahead, index: u64, last: u64) {
    let wanted = last.saturating_sub(index) + 1;
    let goes_on = index == 0 || index == ahead.start + ahead.size;
    let size = if goes_on { ahead.next_size() } else { 1 }.max(wanted.min(MAX_WINDOW));
    *ahead = Readahead { start: index, size, ahead: if goes_on { size / 2 } else { 0 } };
    read_window(inode, index, size, size - ahead.ahead);
}

/// The mark was come to: `page_cache_async_ra`.
#[track_caller]
pub(crate) fn read_async(inode: &Inode, ahead: &mut Readahead, folio: &FolioRef, _last: u64) {
    // A page that is being written has the bit for another reason.
    if folio.is_writeback() || !folio.clear_readahead() {
        return;
    }
    let (start, size) = (ahead.start + ahead.size, ahead.next_size());
    let start = start.max(folio.index() + 1);
    *ahead = Readahead { start, size, ahead: size };
    read_window(inode, start, size, 0);
}

/// The pages around one that a mapping has faulted on: the read-around of `do_sync_mmap_readahead`. The last one is marked.
#[track_caller]
pub(crate) fn read_around(inode: &Inode, index: u64) {
    let start = index.saturating_sub(FIRST_WINDOW / 2);
    read_window(inode, start, FIRST_WINDOW, FIRST_WINDOW - 1);
}

/// A fault came to the mark: `do_async_mmap_readahead`. A window has its mark at its end, so the next begins after it.
#[track_caller]
pub(crate) fn read_on(inode: &Inode, folio: &FolioRef) {
    if !folio.is_writeback() && folio.clear_readahead() {
        read_window(inode, folio.index() + 1, MAX_WINDOW, MAX_WINDOW - 1);
    }
}

/// Somebody says what will be wanted: `force_page_cache_ra`, in chunks, so that whoever removes pages gets in between.
pub(crate) fn force(inode: &Inode, offset: u64, len: u64) {
    let (mut at, end) = (super::split(offset).0, page_after(offset.saturating_add(len)));
    while at < end && at < page_after(inode.len()) {
        let size = MAX_WINDOW.min(end - at);
        read_window(inode, at, size, u64::MAX);
        at += size;
    }
}

/// Starts reading the pages of a window that are not cached: `page_cache_ra_unbounded`. They stay locked until they are read. Errors
/// are nobody's: whoever wants the page reads it again, and is told.
#[track_caller]
fn read_window(inode: &Inode, start: u64, size: u64, mark: u64) {
    inode.sb.reach(Point::BeforeInvalidateLock, inode.ino());
    let end = start.saturating_add(size).min(page_after(inode.len()));
    if start >= end {
        return;
    }
    let _shared = inode.mapping.invalidate_shared();
    for index in start..end {
        if inode.mapping.lookup(index).is_some() {
            continue;
        }
        match inode.mapping.add_new(index, Effort::Once) {
            Ok(locked) => {
                if index - start == mark {
                    locked.folio().set_readahead();
                }
                start_read(inode, locked);
            }
            Err(Error::Busy) => {}
            Err(_) => return,
        }
    }
}
