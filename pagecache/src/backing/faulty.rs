//! Blocks that fail when they are told to.

use super::Blocks;
use crate::error::{Error, Result};
use crate::page::PageData;
use crate::sync::plain::Mutex;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which blocks fail, and how; shared with whoever decides. Not instrumented: it is no part of what is modelled.
#[derive(Debug, Default)]
pub struct Faults {
    reads: Mutex<BTreeSet<u64>>,
    writes: Mutex<BTreeSet<u64>>,
}

impl Faults {
    /// Makes every read of a block fail until [`Faults::heal`].
    pub fn fail_reads(&self, block: u64) {
        self.reads.lock().insert(block);
    }

    /// Makes every write of a block fail until [`Faults::heal`].
    pub fn fail_writes(&self, block: u64) {
        self.writes.lock().insert(block);
    }

    /// Ends all failures.
    pub fn heal(&self) {
        self.reads.lock().clear();
        self.writes.lock().clear();
    }
}

/// Other blocks, with faults.
#[derive(Debug)]
pub struct Faulty<B> {
    inner: B,
    faults: Arc<Faults>,
}

impl<B: Blocks> Faulty<B> {
    /// `inner`, failing as `faults` says.
    pub fn new(inner: B, faults: Arc<Faults>) -> Faulty<B> {
        Faulty { inner, faults }
    }
}

impl<B: Blocks> Blocks for Faulty<B> {
    fn count(&self) -> u64 {
        self.inner.count()
    }

    fn read(&self, block: u64, page: &PageData) -> Result<()> {
        if self.faults.reads.lock().contains(&block) {
            return Err(Error::Io);
        }
        self.inner.read(block, page)
    }

    fn write(&self, block: u64, page: &PageData) -> Result<()> {
        if self.faults.writes.lock().contains(&block) {
            return Err(Error::Io);
        }
        self.inner.write(block, page)
    }
}
