//! A device: blocks, which of them are free, and who says when I/O is done.

use super::{Blocks, MemoryBlocks};
use crate::error::{Error, Result};
use crate::folio::{FolioRef, InFlight};
use crate::locks::{COMPLETION, COMPLETION_WORK, FREE_BLOCKS};
use crate::mapping::Mapping;
use crate::page::PageData;
use crate::sync::mpsc::{Receiver, Sender, channel};
use crate::sync::{LockMap, Mutex, thread};
use std::sync::Arc;

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
    /// The last one is used first.
    free: Mutex<Vec<u64>>,
    queue: Option<Sender<Bio>>,
}

/// One block of I/O on its way.
#[derive(Debug)]
pub(crate) enum Bio {
    /// Fills a locked folio, and unlocks it when that is done.
    Read { folio: InFlight, block: u64 },
    /// Writes a folio that is under writeback.
    Write { folio: FolioRef, mapping: Arc<Mapping>, block: u64 },
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
        let free = (0..blocks.count()).rev().collect();
        let queue = (completion == Completion::Thread).then(|| {
            let (queue, work) = channel();
            let blocks = Arc::clone(&blocks);
            let thread = thread::Builder::new().name("completion".into());
            thread.spawn(move || serve(&*blocks, &work)).expect("a thread can be started");
            queue
        });
        Arc::new(Device { blocks, free: Mutex::named(&FREE_BLOCKS, free), queue })
    }

    /// How many blocks are free.
    #[must_use]
    pub fn free_blocks(&self) -> usize {
        self.free.lock().len()
    }

    pub(crate) fn allocate(&self) -> Result<u64> {
        self.free.lock().pop().ok_or(Error::NoSpace)
    }

    pub(crate) fn free(&self, blocks: impl IntoIterator<Item = u64>) {
        self.free.lock().extend(blocks);
    }

    /// Reads a block and waits for it.
    pub(crate) fn read(&self, block: u64, page: &PageData) -> Result<()> {
        self.blocks.read(block, page)
    }

    /// Starts I/O. Its completion unlocks or ends the writeback, before this returns or after.
    #[track_caller]
    pub(crate) fn submit(&self, bio: Bio) {
        match &self.queue {
            Some(queue) => queue.send(bio).expect("the thread runs as long as the device"),
            None => {
                let completed = carry_out(&*self.blocks, bio);
                let _inside = COMPLETION.enter();
                completed.end();
            }
        }
    }
}

fn carry_out(blocks: &dyn Blocks, bio: Bio) -> Completed {
    let result = match &bio {
        Bio::Read { folio, block } => blocks.read(*block, folio.data()),
        Bio::Write { folio, block, .. } => blocks.write(*block, folio.data()),
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
fn serve(blocks: &dyn Blocks, work: &Receiver<Bio>) {
    let busy = LockMap::new(&COMPLETION_WORK);
    while let Ok(bio) = work.recv() {
        let completed = carry_out(blocks, bio);
        let _held = busy.try_acquire();
        completed.end();
    }
}
