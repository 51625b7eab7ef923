//! The thread of a device that writes out in the background: `struct bdi_writeback`, `wb_workfn`.
//!
//! It works in passes. Who wants clean pages asks for one, and may wait for its end; a pass ends whatever happens, so nobody waits
//! for ever for a device that fails.

use super::pages;
use crate::inode::Inode;
use crate::locks::{WB_LIST_LOCK, WB_WORK};
use crate::sync::atomic::AtomicU64;
use crate::sync::plain::Condvar;
use crate::sync::{LockMap, Mutex, plain, thread};
use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// The most pages of one file that are written in one transaction: `MAX_WRITEBACK_PAGES`.
const MOST_PAGES: usize = 1024;

/// What a device has to write.
#[derive(Debug)]
pub(crate) struct Writeback {
    /// The files with dirty pages: `b_dirty`, under `wb.list_lock`.
    dirty: Mutex<VecDeque<Weak<Inode>>>,
    /// Held during a pass, and passed through by whoever waits for one.
    work: LockMap,
    /// Not instrumented: the pseudo-lock is what stands for the wait.
    passes: plain::Mutex<Passes>,
    changed: Condvar,
    written: AtomicU64,
}

#[derive(Debug, Default)]
struct Passes {
    wanted: u64,
    started: u64,
    finished: u64,
    has_thread: bool,
    interval: Option<Duration>,
    stop: bool,
}

/// A pass that was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pass(u64);

impl Writeback {
    /// Nothing, for a device at this depth of the stack.
    pub(crate) fn new(depth: usize) -> Arc<Writeback> {
        Arc::new(Writeback {
            dirty: Mutex::named(&WB_LIST_LOCK, VecDeque::new()),
            work: LockMap::new(&WB_WORK[depth]),
            passes: plain::Mutex::new(Passes::default()),
            changed: Condvar::new(),
            written: AtomicU64::new(0),
        })
    }

    /// A file has dirty pages, and is not in the list: `inode_io_list_move_locked`.
    #[track_caller]
    pub(crate) fn add(&self, inode: &Weak<Inode>) {
        let mut dirty = self.dirty.lock();
        if dirty.len() == dirty.capacity() {
            // Files that went without the flusher: even a weak reference keeps the memory of one.
            dirty.retain(|file| file.strong_count() > 0);
            let twice = dirty.len() + 1;
            dirty.reserve(twice);
        }
        dirty.push_back(Weak::clone(inode));
    }

    /// How many pages were written in the background so far.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Relaxed)
    }

    /// Asks for a pass that begins after this: `wb_start_background_writeback`.
    pub(crate) fn ask(self: &Arc<Writeback>) -> Pass {
        let mut passes = self.passes.lock();
        let next = passes.started + 1;
        passes.wanted = passes.wanted.max(next);
        self.wake(&mut passes);
        Pass(next)
    }

    /// Makes a pass begin whenever this time has gone by since the last: `dirty_writeback_interval`.
    pub(crate) fn every(self: &Arc<Writeback>, interval: Duration) {
        let mut passes = self.passes.lock();
        passes.interval = Some(interval);
        self.wake(&mut passes);
    }

    fn wake(self: &Arc<Writeback>, passes: &mut Passes) {
        if !passes.has_thread {
            let this = Arc::clone(self);
            let thread = thread::Builder::new().name("flusher".into());
            passes.has_thread = thread.spawn(move || this.work()).is_ok();
        }
        self.changed.notify_all();
    }

    /// Says that here is where this thread waits for a pass, whenever it has to: what a pass takes must not be held.
    #[track_caller]
    pub(crate) fn might_wait(&self) {
        self.work.might_acquire();
    }

    /// Waits for the end of a pass.
    pub(crate) fn wait(&self, Pass(number): Pass) {
        let mut passes = self.passes.lock();
        while passes.finished < number && passes.has_thread {
            self.changed.wait(&mut passes);
        }
    }

    /// The device is gone, and with it all files that could be dirty.
    pub(crate) fn stop(&self) {
        self.passes.lock().stop = true;
        self.changed.notify_all();
    }

    /// The thread.
    fn work(&self) {
        while let Some(number) = self.next_pass() {
            self.pass();
            self.passes.lock().finished = number;
            self.changed.notify_all();
        }
    }

    fn next_pass(&self) -> Option<u64> {
        let mut passes = self.passes.lock();
        while passes.wanted <= passes.started && !passes.stop {
            let timed_out = match passes.interval {
                Some(interval) => self.changed.wait_for(&mut passes, interval).timed_out(),
                None => {
                    self.changed.wait(&mut passes);
                    false
                }
            };
            if timed_out {
                passes.wanted = passes.started + 1;
            }
        }
        passes.started += 1;
        (!passes.stop).then_some(passes.started)
    }

    /// Visits each file that is in the list now once: `wb_writeback`, `__writeback_single_inode`.
    fn pass(&self) {
        let files = self.dirty.lock().len();
        for _ in 0..files {
            let Some(file) = self.dirty.lock().pop_front() else { return };
            let Some(inode) = file.upgrade() else { continue };
            // From here on, whoever dirties a page puts the file into the list again.
            inode.mapping.leave_dirty_list();
            {
                let _working = self.work.acquire();
                let transaction = inode.sb.start_transaction();
                let written = pages::cleanse(&inode, MOST_PAGES);
                drop(transaction);
                self.written.fetch_add(written as u64, Relaxed);
            }
            inode.mapping.rejoin_dirty_list();
            // This may be the last reference: then the file is deleted here, under no lock.
            drop(inode);
        }
    }
}
