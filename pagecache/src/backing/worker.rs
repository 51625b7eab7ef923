//! The thread of a device.
//!
//! It carries out what is submitted, takes over the page locks that come with it, and tells those who wait. The thread of a device that is a
//! file does everything that is asked of the device, as the worker of a loop device does (`loop_process_work`). It takes locks of the file
//! system underneath for that, and may have to wait there, which whoever waits for it does as well: the pseudo-lock `Stacked::work`, and the
//! page that is on its way, are held meanwhile.

use super::Blocks;
use super::bio::Bio;
use crate::error::{Error, Result};
use crate::locks::COMPLETION_WORK;
use crate::sync::atomic::AtomicBool;
use crate::sync::mpsc::{Receiver, Sender, channel};
use crate::sync::{LockMap, thread};
use lockdep::LockClassKey;
use std::fmt;
use std::sync::Arc;

/// A thread, and what it has to do.
pub(super) struct Worker {
    queue: Sender<Request>,
    /// Held while it works; if the device is a file.
    work: Option<Arc<LockMap>>,
}

enum Request {
    Bio(Bio),
    Call(Call),
}

/// Something that somebody waits for the answer of.
type Call = Box<dyn FnOnce(&dyn Blocks) + Send>;

impl Worker {
    /// Starts a thread; with a key if the blocks are those of a file.
    ///
    /// # Panics
    /// If it cannot be started.
    pub(super) fn start(
        blocks: &Arc<dyn Blocks>,
        closed: &Arc<AtomicBool>,
        key: Option<&'static LockClassKey>,
    ) -> Worker {
        let (queue, requests) = channel();
        let work = key.map(|key| Arc::new(LockMap::new(key)));
        let (blocks, closed, held) = (Arc::clone(blocks), Arc::clone(closed), work.clone());
        let thread = thread::Builder::new().name(if work.is_some() { "stacked" } else { "completion" }.into());
        thread.spawn(move || serve(&*blocks, &closed, &requests, held.as_deref())).expect("a thread can be started");
        Worker { queue, work }
    }

    /// Hands over I/O.
    pub(super) fn submit(&self, bio: Bio) {
        self.send(Request::Bio(bio));
    }

    /// Has something done, and waits for it.
    ///
    /// # Errors
    /// Those of `what`.
    #[track_caller]
    pub(super) fn call<T: Send + 'static>(
        &self,
        what: impl FnOnce(&dyn Blocks) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if let Some(work) = &self.work {
            work.might_acquire();
        }
        let (answer, wait) = channel();
        // Who asked waits, so there is somebody to tell.
        self.send(Request::Call(Box::new(move |blocks| drop(answer.send(what(blocks))))));
        wait.recv().unwrap_or(Err(Error::Io))
    }

    fn send(&self, request: Request) {
        let sent = self.queue.send(request);
        assert!(sent.is_ok(), "the thread runs as long as the device");
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("work", &self.work).finish_non_exhaustive()
    }
}

/// The thread.
fn serve(blocks: &dyn Blocks, closed: &AtomicBool, requests: &Receiver<Request>, work: Option<&LockMap>) {
    let busy = LockMap::new(&COMPLETION_WORK);
    while let Ok(request) = requests.recv() {
        match request {
            Request::Bio(bio) => {
                let completed = {
                    let _in_flight = work.map(|_| bio.adopt());
                    let _working = work.map(LockMap::acquire);
                    bio.carry_out(blocks, closed)
                };
                let _held = busy.try_acquire();
                completed.end();
            }
            Request::Call(call) => {
                let _working = work.map(LockMap::acquire);
                call(blocks);
            }
        }
    }
}
