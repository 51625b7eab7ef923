//! Who has sent all messages of a channel so far: a receiver that did so itself waits for nobody.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The thread that has sent all messages so far, if it was one. Threads are told apart by numbers, of which a thread that holds something
/// has one for itself. Relaxed: nothing else is read by it.
#[derive(Debug, Default)]
pub struct SoleSender(AtomicUsize);

const NOBODY: usize = 0;
const SEVERAL: usize = usize::MAX;

impl SoleSender {
    /// This thread is about to send.
    #[inline]
    pub fn sends(&self, thread: usize) {
        let before = self.0.load(Relaxed);
        if before != thread && before != SEVERAL {
            self.0.store(if before == NOBODY { thread } else { SEVERAL }, Relaxed);
        }
    }

    /// Whether it was this thread.
    #[inline]
    #[must_use]
    pub fn is(&self, thread: usize) -> bool {
        self.0.load(Relaxed) == thread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_thread_until_another_sends() {
        let sender = SoleSender::default();
        assert!(!sender.is(1) && !sender.is(2));
        [1, 1].iter().for_each(|&thread| sender.sends(thread));
        assert!(sender.is(1) && !sender.is(2));
        [2, 1, 1].iter().for_each(|&thread| sender.sends(thread));
        assert!(!sender.is(1) && !sender.is(2));
    }
}
