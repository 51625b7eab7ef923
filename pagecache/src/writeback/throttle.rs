//! Keeping dirty pages from filling the cache: `balance_dirty_pages`.
//!
//! Beyond half of the limit the flusher is woken; at the limit, who makes more pages dirty waits for it. So reclaim, which must not wait for
//! a file system, finds clean pages; and where it finds none all the same, whoever wanted one comes back without its locks and waits
//! here.

use crate::error::{Error, Result};
use crate::inode::Inode;
use crate::kill;
use crate::reclaim::Effort;

/// Called by whoever has made a page dirty, with no page locked and no transaction running. `i_rwsem` may be held.
#[track_caller]
pub(crate) fn balance_dirty_pages(inode: &Inode) {
    let (memory, writeback) = (inode.sb.memory(), inode.sb.device.writeback());
    writeback.might_wait();
    let limit = memory.dirty_limit();
    if memory.dirty() <= limit / 2 {
        return;
    }
    let mut pass = writeback.ask();
    while memory.dirty() > limit && kill::check().is_ok() {
        let before = writeback.written();
        writeback.wait(pass);
        if writeback.written() == before {
            // The device is full or fails, or others are dirty; then reclaim is the limit.
            return;
        }
        pass = writeback.ask();
    }
}

/// Tries again, once there is room, what needs a page and can be begun anew when it gets none. Called under the same conditions.
///
/// # Errors
/// Those of the attempt, and of [`make_room`].
#[track_caller]
pub(crate) fn with_room<T>(inode: &Inode, mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
    loop {
        match attempt() {
            Err(Error::NoMemory) => make_room(inode)?,
            done => return done,
        }
    }
}

/// No page could be had, because all are dirty or in use: waits until some are clean. Called under the same conditions.
///
/// # Errors
/// `NoMemory` if none could be written, `Interrupted`.
#[track_caller]
fn make_room(inode: &Inode) -> Result<()> {
    kill::check()?;
    if inode.mapping.is_device() {
        // It had the reserve; and the threads of what is above wait for whoever writes to a device.
        return Err(Error::NoMemory);
    }
    let memory = inode.sb.memory();
    let (dirty, devices) = (memory.dirty(), memory.devices());
    devices.iter().for_each(|device| device.might_wait());
    let before: u64 = devices.iter().map(|device| device.written()).sum();
    let passes: Vec<_> = devices.iter().map(|device| (device, device.ask())).collect();
    passes.into_iter().for_each(|(device, pass)| device.wait(pass));
    let after: u64 = devices.iter().map(|device| device.written()).sum();
    if after > before || memory.dirty() < dirty {
        return Ok(());
    }
    // All may have been written before this was called: then a page can be had now.
    memory.charge(Effort::Full, inode.sb.depth())?;
    memory.uncharge();
    Ok(())
}
