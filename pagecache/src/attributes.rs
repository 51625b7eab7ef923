//! What there is to know of a file besides its bytes, and whether its device knows it: `I_DIRTY_SYNC`, `I_DIRTY_DATASYNC`.
//!
//! A sync of all tells the device whatever is new; one of the data only what is needed to reach them. The device is told once it keeps the
//! bytes that are synced, so that after a crash it knows of none of them that never came. Where the blocks of a file are is not told: a file lives no
//! longer than the process, and what there is of its block map here is how often it was changed.

use crate::sync::plain::Mutex;

/// What a device is told of a file besides its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// How many bytes it has: `i_size`.
    pub size: u64,
    /// How often it was changed, or more: `i_version`.
    pub version: u64,
    /// How often it was changed which blocks it has.
    pub block_changes: u64,
}

/// What of a file is synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// `fsync`.
    All,
    /// What is needed to read what was written: `fdatasync`.
    Data,
}

/// What the device has been told of a file, and keeps. Not instrumented: nothing is done under it.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<Option<Attributes>>);

impl Kept {
    /// Whether a sync has to tell it of the file as it is now.
    pub(crate) fn lacks(&self, now: &Attributes, extent: Extent) -> bool {
        self.0.lock().is_none_or(|kept| match extent {
            Extent::All => kept != *now,
            Extent::Data => (kept.size, kept.block_changes) != (now.size, now.block_changes),
        })
    }

    /// It has been told, and keeps that when it is flushed.
    pub(crate) fn set(&self, told: Attributes) {
        *self.0.lock() = Some(told);
    }

    /// It may have lost what it was told.
    pub(crate) fn forget(&self) {
        *self.0.lock() = None;
    }
}
