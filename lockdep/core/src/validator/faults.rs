//! Findings that need no graph: what one thread did is enough.

use super::{Malformed, Validator};
use crate::finding::{Code, HeldLabel, Witness};
use crate::held::{Entry, HeldStack};
#[cfg(feature = "log")]
use crate::log::Record;
use crate::mode::{Manner, Want};

impl Validator {
    pub(super) fn end(&mut self, thread: &str) {
        let stack = self.threads.remove(thread).expect("the thread exists");
        for entry in stack.entries() {
            if self.registry.is_thread(entry.held.node.class) {
                continue;
            }
            let label = self.registry.labels().node(entry.held.node);
            let title = format!("`{thread}` ended while it held `{label}`");
            self.report(thread, Code::HeldAtExit, label, title);
        }
    }

    pub(super) fn assert(&mut self, thread: &str, lock: &str, holds: bool, what: &str) -> Result<(), Malformed> {
        if holds { Ok(()) } else { self.fault(thread, Code::AssertHeld, lock, what) }
    }

    pub(super) fn assert_none_held(&mut self, thread: &str) {
        let is_lock = |entry: &&Entry| !self.registry.is_thread(entry.held.node.class);
        if let Some(entry) = self.threads[thread].entries().iter().find(is_lock) {
            let label = self.registry.labels().node(entry.held.node);
            let title = format!("`{label}` is held where nothing may be held");
            self.report(thread, Code::AssertHeld, label, title);
        }
    }

    pub(super) fn fault(&mut self, thread: &str, code: Code, lock: &str, what: &str) -> Result<(), Malformed> {
        let label = self.registry.labels().class(self.lock(lock)?.class).to_owned();
        let title = format!("`{label}` {what}");
        self.report(thread, code, label, title);
        Ok(())
    }

    pub(super) fn report(&mut self, thread: &str, code: Code, label: String, title: String) {
        let site = self.site();
        let labels = self.registry.labels();
        let stack = self.threads.get(thread).map(HeldStack::held).unwrap_or_default();
        let also_held = HeldLabel::locks(&self.registry, &labels, &stack);
        let witness = Witness {
            thread: thread.into(),
            test: "".into(),
            held: None,
            wanted: label,
            want: Want::Write,
            manner: Manner::Block,
            site: self.registry.site_at(site).clone(),
            also_held,
        };
        self.tell(code, title, witness);
    }

    pub(super) fn tell(&mut self, code: Code, title: String, witness: Witness) {
        #[cfg(feature = "log")]
        self.records.push(Record::Fault { code, title: title.clone(), witness: witness.clone() });
        self.engine.fault(code, witness, title);
    }
}
