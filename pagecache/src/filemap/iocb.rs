//! Reads and writes by their flags: `struct kiocb`, `generic_file_read_iter`, `generic_file_write_iter`.

use super::{User, page_after, perform_write, read, split};
use crate::attributes::Extent;
use crate::direct;
use crate::error::{Error, Result};
use crate::inode::{Inode, MAX_BYTES};
use crate::writeback::sync_range;

/// How a read or a write goes about it: the kernel's `IOCB` flags.
///
/// ```
/// use pagecache::{Device, EXT, Flags, SuperBlock};
///
/// let file = SuperBlock::new(&EXT, Device::new(8)).create();
/// file.write_at(b"hello", 0)?;
/// let flags = Flags { append: true, dsync: true, ..Flags::default() };
/// assert_eq!(file.write_with(b", world", 0, flags)?, 7);
/// assert_eq!((file.len(), file.blocks()), (12, 1));
/// # Ok::<(), pagecache::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `IOCB_NOWAIT`: neither wait for a lock nor for the device; `Again` instead. Unlike the kernel's it does not wait for
    /// `invalidate_lock` on a miss either. With `direct`, the device is waited for: I/O past the cache has nobody else to tell when it is
    /// done.
    pub nowait: bool,
    /// `IOCB_NOIO`, of a read: start no I/O; `Again` instead.
    pub noio: bool,
    /// `IOCB_WAITQ`, of a read: do not wait for a page that somebody else is filling, nor fill one; `Queued` instead.
    pub waitq: bool,
    /// `IOCB_DIRECT`: past the cache, as [`Inode::read_direct`] and [`Inode::write_direct`].
    pub direct: bool,
    /// `IOCB_DSYNC`, of a write: it is on the device when this returns, and the device keeps it.
    pub dsync: bool,
    /// `IOCB_APPEND`, of a write: at the end of the file, wherever that is by then; the offset says nothing.
    pub append: bool,
}

impl Flags {
    pub(super) fn must_not_wait(self) -> bool {
        self.nowait || self.noio || self.waitq
    }
}

/// Reads as the flags say.
pub(crate) fn read_iter(inode: &Inode, buf: &mut [u8], offset: u64, flags: Flags) -> Result<usize> {
    if flags.direct { direct::read(inode, buf, offset, flags) } else { read(inode, None, buf, offset, flags) }
}

/// Writes as the flags say.
pub(crate) fn write_iter(inode: &Inode, bytes: &[u8], offset: u64, flags: Flags) -> Result<usize> {
    let (offset, written) = {
        let _change = if flags.nowait { inode.try_start_change() } else { inode.start_change() }?;
        // Nobody else makes the file longer from here on.
        let offset = if flags.append { inode.len() } else { offset };
        offset.checked_add(bytes.len() as u64).filter(|end| *end <= MAX_BYTES).ok_or(Error::TooBig)?;
        let written = match flags.direct {
            true => direct::perform_write_direct(inode, bytes, offset, flags)?,
            false => perform_write(inode, &User(bytes), offset, flags)?,
        };
        (offset, written)
    };
    if flags.dsync && written > 0 {
        let pages = split(offset).0..page_after(offset + written as u64);
        sync_range(inode, pages, Extent::Data, &inode.errors_seen)?;
    }
    Ok(written)
}
