//! Writing dirty pages to the device, when somebody asks and before: `mm/page-writeback.c`, `fs/fs-writeback.c`.
//!
//! A page is written under its lock alone, with neither `i_rwsem` nor `invalidate_lock`: whoever removes pages waits for the lock and the
//! writeback bit. So it can be done by a thread of the device for whoever is short of clean pages, whatever that one holds, but for what
//! writing out takes: the transaction, and what is below.

mod flusher;
mod pages;
mod throttle;

pub(crate) use flusher::Writeback;
pub(crate) use pages::{launder, sync, sync_range, write_back};
pub(crate) use throttle::{balance_dirty_pages, with_room};
