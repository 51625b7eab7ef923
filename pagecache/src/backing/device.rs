//! A device: blocks, which of them are free, and who says when I/O is done.

use super::{Blocks, MemoryBlocks};
use crate::error::{Error, Result};
use crate::folio::{FolioRef, InFlight};
use crate::locks::{COMPLETION, COMPLETION_WORK, FREE_BLOCKS};
use crate::mapping::Mapping;
use crate::page::PageData;
use crate::private::Sectors;
use crate::sync::atomic::AtomicBool;
use crate::sync::mpsc::{Receiver, Sender, channel};
use crate::sync::{LockMap, Mutex, thread};
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
    queue: Option<Sender<Bio>>,
    closed: Arc<AtomicBool>,
    writeback: Arc<Writeback>,
}

/// Who has which block.
#[derive(Debug)]
struct Space {
    /// Those that nobody has. The last one is used first.
    free: Vec<u64>,
    /// Those that more than one page has, and how many more.
    shared: HashMap<u64, u32>,
}

/// One block of I/O on its way.
#[derive(Debug)]
pub(crate) enum Bio {
    /// Fills what is missing of a locked folio, and unlocks it when that is done.
    Read { folio: InFlight, block: u64, missing: Sectors },
    /// Writes parts of a folio that is under writeback.
    Write { folio: FolioRef, mapping: Arc<Mapping>, block: u64, sectors: Sectors },
}

/// A bio that was carried out, and how that went.
pub(crate) struct Completed {
    bio: Bio,
    result: Result<()>,
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
        COMPLETION.declare();
        let blocks: Arc<dyn Blocks> = Arc::new(blocks);
        let space = Space { free: (0..blocks.count()).rev().collect(), shared: HashMap::new() };
        let closed = Arc::new(AtomicBool::new(false));
        let queue = (completion == Completion::Thread).then(|| {
            let (queue, work) = channel();
            let (blocks, closed) = (Arc::clone(&blocks), Arc::clone(&closed));
            let thread = thread::Builder::new().name("completion".into());
            thread.spawn(move || serve(&*blocks, &closed, &work)).expect("a thread can be started");
            queue
        });
        let writeback = Writeback::new();
        Arc::new(Device { blocks, space: Mutex::named(&FREE_BLOCKS, space), queue, closed, writeback })
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

    /// Reads what is missing of a page and waits for it.
    pub(crate) fn read(&self, block: u64, page: &PageData, missing: Sectors) -> Result<()> {
        self.check_open()?;
        read(&*self.blocks, block, page, missing)
    }

    /// Writes a page and waits for it.
    pub(crate) fn write(&self, block: u64, page: &PageData) -> Result<()> {
        self.check_open()?;
        self.blocks.write(block, page)
    }

    /// Makes what was written last.
    pub(crate) fn flush(&self) -> Result<()> {
        self.check_open()?;
        self.blocks.flush()
    }

    /// Starts I/O. Its completion unlocks or ends the writeback, before this returns or after.
    #[track_caller]
    pub(crate) fn submit(&self, bio: Bio) {
        match &self.queue {
            Some(queue) => queue.send(bio).expect("the thread runs as long as the device"),
            None => {
                let completed = carry_out(&*self.blocks, &self.closed, bio);
                let _inside = COMPLETION.enter();
                completed.end();
            }
        }
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.writeback.stop();
    }
}

/// Reads what is missing of a page. The rest of it is newer than the device's.
fn read(blocks: &dyn Blocks, block: u64, page: &PageData, missing: Sectors) -> Result<()> {
    if missing == Sectors::ALL {
        return blocks.read(block, page);
    }
    let old = Box::new(PageData::zeroed());
    blocks.read(block, &old)?;
    missing.ranges().for_each(|part| page.copy_part(&old, part));
    Ok(())
}

fn carry_out(blocks: &dyn Blocks, closed: &AtomicBool, bio: Bio) -> Completed {
    let result = match &bio {
        _ if closed.load(SeqCst) => Err(Error::Io),
        Bio::Read { folio, block, missing } => read(blocks, *block, folio.data(), *missing),
        Bio::Write { folio, block, sectors, .. } if *sectors == Sectors::ALL => blocks.write(*block, folio.data()),
        Bio::Write { folio, block, sectors, .. } => {
            sectors.ranges().try_for_each(|part| blocks.write_part(*block, folio.data(), part))
        }
    };
    Completed { bio, result }
}

impl Completed {
    /// Tells those who wait.
    pub(crate) fn end(self) {
        match self.bio {
            Bio::Read { folio, .. } => folio.end_read(self.result.is_ok()),
            Bio::Write { folio, mapping, .. } => mapping.end_writeback(folio, self.result),
        }
    }
}

/// The completion thread.
fn serve(blocks: &dyn Blocks, closed: &AtomicBool, work: &Receiver<Bio>) {
    let busy = LockMap::new(&COMPLETION_WORK);
    while let Ok(bio) = work.recv() {
        let completed = carry_out(blocks, closed, bio);
        let _held = busy.try_acquire();
        completed.end();
    }
}
