//! Telling threads to give up waiting: what a fatal signal is to a task in `TASK_KILLABLE`.

use crate::error::{Error, Result};
use crate::folio::wake_all;
use crate::sync::atomic::AtomicBool;
use crate::sync::thread_local;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

/// Tells whoever works under it to give up.
///
/// Waits for pages end with `Interrupted`: in reads, in faults, and between the pages of a write. What was read or written before counts.
/// Waits for locks are not given up, nor is anything that has to be finished once begun.
///
/// ```
/// use pagecache::{Device, EXT, Error, Kill, SuperBlock};
///
/// let file = SuperBlock::new(&EXT, Device::new(8)).create();
/// let kill = Kill::new();
/// kill.kill();
/// assert_eq!(kill.under(|| file.write_at(b"text", 0)), Err(Error::Interrupted));
/// assert_eq!(file.write_at(b"text", 0), Ok(4));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Kill(Arc<AtomicBool>);

thread_local! {
    static CURRENT: RefCell<Option<Kill>> = const { RefCell::new(None) };
}

impl Kill {
    /// Nobody was told yet.
    #[must_use]
    pub fn new() -> Kill {
        Kill::default()
    }

    /// Tells all who work under this, now and later.
    pub fn kill(&self) {
        // Before the wake-up: whoever looks after it sees the flag.
        self.0.store(true, SeqCst);
        wake_all();
    }

    /// Does some work that can be told to give up. In work of this kind already, that goes on after.
    pub fn under<T>(&self, work: impl FnOnce() -> T) -> T {
        struct Restore(Option<Kill>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.with(|current| current.replace(self.0.take()));
            }
        }
        let _restore = Restore(CURRENT.with(|current| current.replace(Some(self.clone()))));
        work()
    }
}

/// Whether this thread was told to give up: `fatal_signal_pending`.
///
/// # Errors
/// `Interrupted` if so.
pub(crate) fn check() -> Result<()> {
    let killed = CURRENT.with(|current| current.borrow().as_ref().is_some_and(|kill| kill.0.load(SeqCst)));
    if killed { Err(Error::Interrupted) } else { Ok(()) }
}
