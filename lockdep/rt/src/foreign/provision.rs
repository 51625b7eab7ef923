//! What threads bring about for others, such as messages: who waits for it waits for all that is held where it is brought about.
//!
//! In the words of the log, what is brought about is held, in a mode that keeps nobody else out, and what its thread
//! holds then comes after it; a wait wants it exclusively. So a wait with a lock under which others bring about what is waited for is
//! a cycle, though nobody took the two in opposite orders.
//!
//! **Hole.** What was taken and released before, on the way there, is not seen.

use super::state::{tell_lock, tell_site, State};
use super::Wanted;
use crate::block::Block;
use crate::entry::{Entry, How};
use crate::word::ClassWord;
use std::panic::Location;

impl State {
    /// Tells that a thread brings something about with what it holds, unless that was done often enough.
    pub(super) fn provide(&mut self, block: &Block, word: &ClassWord, wanted: &Wanted, site: &Location<'_>) {
        self.sample(block, word, wanted, |state| {
            for entry in block.held().iter().filter(|entry| entry.is_lock()) {
                // A thread is waited for by its end alone.
                if !state.is_thread(entry.word()) {
                    state.tell_provision(block, word, site, entry);
                }
            }
        });
    }

    fn tell_provision(&mut self, block: &Block, word: &ClassWord, site: &Location<'_>, entry: &Entry) {
        let how = entry.how();
        let line = self.begin_chain(block);
        tell_lock(line.raw("{"), word.load());
        line.raw(",\"mode\":\"").mode(How::RECURSIVE_READ).raw("\",\"site\":").place(site);
        tell_lock(line.raw("}],\"next\":{"), entry.word());
        line.raw(",\"want\":\"").want(how).raw("\",\"manner\":\"");
        line.raw(if how.0 & How::TRY != 0 { "try" } else { "block" }).raw("\",\"site\":");
        tell_site(line, entry);
        line.raw("}}");
        self.log.write(&mut self.line);
    }
}
