//! A device: blocks, which of them are free, and who says when I/O is done.

use super::bio::{self, Bio};
use super::stacked::StackedBlocks;
use super::worker::Worker;
use super::{Attributes, Blocks, MemoryBlocks};
use crate::error::{Error, Result};
use crate::inode::Inode;
use crate::locks::{COMPLETION, FREE_BLOCKS, STACKED_WORK};
use crate::page::PageData;
use crate::private::Sectors;
use crate::sync::Mutex;
use crate::sync::atomic::AtomicBool;
use crate::writeback::Writeback;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

/// Who completes I/O.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// The thread that submits it, before it goes on: the completion comes in the middle of whatever the thread is doing, like an
    /// interrupt.
    Inline,
    /// A thread of the device. It takes over the page locks that were submitted, and must not sleep on any lock.
    Thread,
}

/// A device of a fixed number of blocks of one page each. A freed block keeps its contents, as on a disk, and is the first
/// to be used again, so that whoever still reads it sees somebody else's data soon.
#[derive(Debug)]
pub struct Device {
    blocks: Arc<dyn Blocks>,
    space: Mutex<Space>,
    worker: Option<Worker>,
    closed: Arc<AtomicBool>,
    writeback: Arc<Writeback>,
    /// The file that it is, if it is one.
    file: Option<Arc<Inode>>,
    depth: usize,
}

/// Who has which block.
#[derive(Debug)]
struct Space {
    /// Those that nobody has. The last one is used first.
    free: Vec<u64>,
    /// Those that more than one page has, and how many more.
    shared: HashMap<u64, u32>,
}

impl Device {
    /// An empty device of this many blocks, in memory, with inline completion.
    #[must_use]
    pub fn new(blocks: usize) -> Arc<Device> {
        Device::with(MemoryBlocks::new(blocks), Completion::Inline)
    }

    /// A device on these blocks, all of them free.
    ///
    /// # Panics
    /// If the thread that completes I/O cannot be started.
    #[must_use]
    pub fn with(blocks: impl Blocks + 'static, completion: Completion) -> Arc<Device> {
        let blocks: Arc<dyn Blocks> = Arc::new(blocks);
        let closed = Arc::default();
        let worker = (completion == Completion::Thread).then(|| Worker::start(&blocks, &closed, None));
        Device::assemble(blocks, worker, closed, None)
    }

    /// A file as a device, for a file system that is mounted on it: a loop device. It has as many blocks as the file has whole pages. What
    /// is written to it is in the cache of the file, dirty, until the file system above is synced, or the flusher of the device underneath
    /// comes by. Until the device is dropped, nobody else changes the file.
    ///
    /// # Errors
    /// `TooDeep` if there are [`MAX_STACK_DEPTH`](crate::locks::MAX_STACK_DEPTH) file systems between the file and the device at the bottom
    /// already; `TextBusy` if the file is a device; `Io`, `NoSpace` if what was written to it could not be written out.
    ///
    /// # Panics
    /// If the thread of the device cannot be started.
    ///
    /// ```
    /// use pagecache::{Device, EXT, Error, LOG, SuperBlock};
    ///
    /// let image = SuperBlock::new(&EXT, Device::new(64)).create();
    /// image.truncate(32 * 4096)?;
    /// let file = SuperBlock::new(&LOG, Device::over(&image)?).create();
    /// file.write_at(b"text", 0)?;
    /// file.fsync()?;
    /// assert_eq!(image.blocks(), 1, "the rest of it is a hole");
    /// assert_eq!(image.truncate(0), Err(Error::TextBusy));
    /// drop(file);
    /// image.truncate(0)?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn over(file: &Arc<Inode>) -> Result<Arc<Device>> {
        let depth = file.superblock().depth() + 1;
        let key = STACKED_WORK.get(depth).ok_or(Error::TooDeep)?;
        file.become_device()?;
        let blocks: Arc<dyn Blocks> = Arc::new(StackedBlocks::new(file));
        let closed = Arc::default();
        let worker = Worker::start(&blocks, &closed, Some(key));
        Ok(Device::assemble(blocks, Some(worker), closed, Some(Arc::clone(file))))
    }

    fn assemble(
        blocks: Arc<dyn Blocks>,
        worker: Option<Worker>,
        closed: Arc<AtomicBool>,
        file: Option<Arc<Inode>>,
    ) -> Arc<Device> {
        COMPLETION.declare();
        let space = Space { free: (0..blocks.count()).rev().collect(), shared: HashMap::new() };
        let depth = file.as_ref().map_or(0, |file| file.superblock().depth() + 1);
        let (space, writeback) = (Mutex::named(&FREE_BLOCKS, space), Writeback::new(depth));
        Arc::new(Device { blocks, space, worker, closed, writeback, file, depth })
    }

    /// How many file systems there are between this device and the one at the bottom.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// How many blocks there are.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.blocks.count()
    }

    /// How many blocks are free.
    #[must_use]
    pub fn free_blocks(&self) -> usize {
        self.space.lock().free.len()
    }

    /// Takes the device away: from now on its blocks can neither be read nor written nor had, and all that is `Io`. What is cached
    /// stays, and cannot be written out any more.
    pub fn close(&self) {
        self.closed.store(true, SeqCst);
    }

    fn check_open(&self) -> Result<()> {
        if self.closed.load(SeqCst) { Err(Error::Io) } else { Ok(()) }
    }

    /// Writes out in the background whenever so much time has gone by, and not only when there are too many dirty pages.
    pub fn write_out_every(&self, interval: Duration) {
        self.writeback.every(interval);
    }

    /// Writes out in the background what is dirty now, and returns when that thread is through with it: `wakeup_flusher_threads`. Errors
    /// are those of the files. No file is used by it any more, and one that nobody else has is gone. No lock may be held.
    #[track_caller]
    pub fn write_out(&self) {
        self.writeback.might_wait();
        self.writeback.wait(self.writeback.ask());
    }

    /// What its files have to write.
    pub(crate) fn writeback(&self) -> &Arc<Writeback> {
        &self.writeback
    }

    pub(crate) fn allocate(&self) -> Result<u64> {
        self.check_open()?;
        self.space.lock().free.pop().ok_or(Error::NoSpace)
    }

    /// Gives up blocks. One that is shared stays with the others who have it.
    pub(crate) fn free(&self, blocks: impl IntoIterator<Item = u64>) {
        let Space { free, shared } = &mut *self.space.lock();
        for block in blocks {
            match shared.get_mut(&block) {
                None => free.push(block),
                Some(1) => drop(shared.remove(&block)),
                Some(more) => *more -= 1,
            }
        }
    }

    /// One more page has each of these blocks.
    pub(crate) fn share(&self, blocks: impl IntoIterator<Item = u64>) {
        let mut space = self.space.lock();
        blocks.into_iter().for_each(|block| *space.shared.entry(block).or_default() += 1);
    }

    /// Whether a block must not be written, because others have it.
    pub(crate) fn is_shared(&self, block: u64) -> bool {
        self.space.lock().shared.contains_key(&block)
    }

    /// The thread that has to do all that is asked of this device, if it is a file.
    fn stacked(&self) -> Option<&Worker> {
        self.worker.as_ref().filter(|_| self.file.is_some())
    }

    /// Reads what is missing of a page and waits for it.
    #[track_caller]
    pub(crate) fn read(&self, block: u64, page: &PageData, missing: Sectors) -> Result<()> {
        self.check_open()?;
        let Some(worker) = self.stacked() else { return bio::read(&*self.blocks, block, page, missing) };
        let old = worker.call(move |blocks| {
            let page = Box::new(PageData::zeroed());
            blocks.read(block, &page).map(|()| page)
        })?;
        missing.ranges().for_each(|part| page.copy_part(&old, part));
        Ok(())
    }

    /// Writes a page and waits for it.
    #[track_caller]
    pub(crate) fn write(&self, block: u64, page: &PageData) -> Result<()> {
        self.check_open()?;
        let Some(worker) = self.stacked() else { return self.blocks.write(block, page) };
        let copy = Box::new(PageData::zeroed());
        copy.copy_from(page);
        worker.call(move |blocks| blocks.write(block, &copy))
    }

    /// Keeps what there is to know of a file besides its bytes.
    #[track_caller]
    pub(crate) fn keep_attributes(&self, ino: u64, attributes: Attributes) -> Result<()> {
        self.check_open()?;
        match self.stacked() {
            Some(worker) => worker.call(move |blocks| blocks.keep_attributes(ino, attributes)),
            None => self.blocks.keep_attributes(ino, attributes),
        }
    }

    /// Makes what was written last.
    #[track_caller]
    pub(crate) fn flush(&self) -> Result<()> {
        self.check_open()?;
        match self.stacked() {
            Some(worker) => worker.call(|blocks| blocks.flush()),
            None => self.blocks.flush(),
        }
    }

    /// Starts I/O. Its completion unlocks or ends the writeback, before this returns or after.
    #[track_caller]
    pub(crate) fn submit(&self, bio: Bio) {
        match &self.worker {
            Some(worker) => worker.submit(bio),
            None => {
                let completed = bio.carry_out(&*self.blocks, &self.closed);
                let _inside = COMPLETION.enter();
                completed.end();
            }
        }
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.writeback.stop();
        // Nothing is on its way any more that would write: who waits for a write has the device.
        if let Some(file) = &self.file {
            file.mapping.set_device(false);
        }
    }
}
