//! Blocks that fail, take long or wait when they are told to.

use super::{Attributes, Blocks};
use crate::error::{Error, Result};
use crate::page::PageData;
use crate::sync::plain::{Condvar, Mutex};
use crate::sync::thread;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Which blocks fail, and how; shared with whoever decides. Not instrumented: it is no part of what is modelled.
pub struct Faults {
    plan: Mutex<Plan>,
    /// Something about held blocks has changed.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Plan {
    reads: BTreeSet<u64>,
    writes: BTreeSet<u64>,
    held: BTreeSet<u64>,
    /// How many wait for held blocks now.
    waiting: usize,
    delay: Duration,
}

impl Default for Faults {
    fn default() -> Faults {
        Faults { plan: Mutex::new(Plan::default()), changed: Condvar::new() }
    }
}

impl Faults {
    /// Makes every read of a block fail until [`Faults::heal`].
    pub fn fail_reads(&self, block: u64) {
        self.plan.lock().reads.insert(block);
    }

    /// Makes every write of a block fail until [`Faults::heal`].
    pub fn fail_writes(&self, block: u64) {
        self.plan.lock().writes.insert(block);
    }

    /// Makes every read and write of a block wait until [`Faults::heal`].
    pub fn hold(&self, block: u64) {
        self.plan.lock().held.insert(block);
    }

    /// Waits until somebody waits for a block that is held.
    pub fn wait_for_waiter(&self) {
        let mut plan = self.plan.lock();
        while plan.waiting == 0 {
            self.changed.wait(&mut plan);
        }
    }

    /// Makes every read and write take this much longer.
    pub fn delay(&self, delay: Duration) {
        self.plan.lock().delay = delay;
    }

    /// Ends all failures, waits and delays.
    pub fn heal(&self) {
        let mut plan = self.plan.lock();
        *plan = Plan { waiting: plan.waiting, ..Plan::default() };
        self.changed.notify_all();
    }

    /// Lets an access through, or not.
    fn pass(&self, block: u64, fails: impl Fn(&Plan) -> bool) -> Result<()> {
        let mut plan = self.plan.lock();
        while plan.held.contains(&block) {
            plan.waiting += 1;
            self.changed.notify_all();
            self.changed.wait(&mut plan);
            plan.waiting -= 1;
        }
        let (delay, fails) = (plan.delay, fails(&plan));
        drop(plan);
        if delay > Duration::ZERO {
            thread::sleep(delay);
        }
        if fails { Err(Error::Io) } else { Ok(()) }
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").field("plan", &self.plan).finish_non_exhaustive()
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
        self.faults.pass(block, |plan| plan.reads.contains(&block))?;
        self.inner.read(block, page)
    }

    fn write(&self, block: u64, page: &PageData) -> Result<()> {
        self.faults.pass(block, |plan| plan.writes.contains(&block))?;
        self.inner.write(block, page)
    }

    fn write_part(&self, block: u64, page: &PageData, part: Range<usize>) -> Result<()> {
        self.faults.pass(block, |plan| plan.writes.contains(&block))?;
        self.inner.write_part(block, page, part)
    }

    fn keep_attributes(&self, ino: u64, attributes: Attributes) -> Result<()> {
        self.inner.keep_attributes(ino, attributes)
    }

    fn flush(&self) -> Result<()> {
        self.inner.flush()
    }
}
