//! What is wrong whatever the order of locks is.

use super::line::Line;
use super::state::{name_of, tell_site, State};
use super::Wanted;
use crate::block::Block;
use crate::entry::{Entry, How};
use crate::stack::DEEPEST;
use crate::word::ClassWord;
use std::panic::Location;

impl State {
    /// The stack is full: no order after this one will see this lock as held.
    pub(super) fn tell_limit(&mut self, block: &Block, word: &ClassWord, wanted: &Wanted, site: &Location<'_>) {
        let name = self.name_of_class(word.load());
        let line =
            self.line.begin().raw("{\"t\":\"fault\",\"code\":\"limit\",\"title\":\"a lock of `").text(name.as_bytes());
        line.raw("` is one more than the ").number(DEEPEST as u64).raw(" that a thread's stack has room for\"");
        witness(line, name_of(&self.threads, block), name, wanted.how).place(site).raw("}}");
        self.log.write(&mut self.line);
    }

    /// A thread has ended and left a lock held. One that is no `static` may be gone, with whatever it was in.
    pub(super) fn tell_left(&mut self, block: &Block, entry: &Entry) {
        if !self.is_static(entry.word()) || self.is_thread(entry.word()) {
            return;
        }
        let (name, thread) = (self.name_of_class(entry.word()), name_of(&self.threads, block));
        let line = self.line.begin().raw("{\"t\":\"fault\",\"code\":\"held-at-exit\",\"title\":\"`").text(thread);
        line.raw("` ended while it held `").text(name.as_bytes()).raw("`\"");
        tell_site(witness(line, thread, name, entry.how()), entry);
        line.raw("}}");
        self.log.write(&mut self.line);
    }
}

/// Who was seen with what, up to where.
fn witness<'a>(line: &'a mut Line, thread: &[u8], name: &str, how: How) -> &'a mut Line {
    line.raw(",\"witness\":{\"thread\":\"").text(thread).raw("\",\"held\":null,\"wanted\":\"").text(name.as_bytes());
    line.raw("\",\"want\":\"").want(how).raw("\",\"manner\":\"block\",\"site\":")
}
