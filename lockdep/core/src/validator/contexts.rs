//! Contexts that interrupt threads.

use super::{Malformed, Validator};
use crate::class::ClassId;
use crate::context;
use crate::finding::Code;
use crate::held::Entry;

impl Validator {
    /// Declares a context. What is held before that cannot have been interrupted by it.
    pub fn declare_context(&mut self, name: &str) {
        if !self.contexts.contains_key(name) {
            let class = self.registry.register(context::class(name));
            self.registry.get_mut(class).instances += 1;
            self.contexts.insert(name.to_owned(), class);
        }
    }

    pub(super) fn enter_context(&mut self, thread: &str, name: &str) {
        self.declare_context(name);
        let context = self.pseudo_lock(self.contexts[name]);
        let held = context.held();
        self.stack(thread).enter(name, Entry { held, name: None, again: 0 });
    }

    pub(super) fn exit_context(&mut self, thread: &str, name: &str) -> Result<(), Malformed> {
        let left = self.stack(thread).exit(name);
        let left =
            left.ok_or_else(|| Malformed(format!("`{name}` is not the context that interrupted `{thread}` last")))?;
        for entry in left {
            let label = self.registry.labels().node(entry.held.node);
            let title = format!("context `{name}` ended while it held `{label}`");
            self.report(thread, Code::HeldAtExit, label, title);
        }
        self.wake();
        Ok(())
    }

    /// Every context that is not kept out could interrupt the thread now, with all that it holds.
    pub(super) fn interruptible(&mut self, thread: &str) {
        let held = self.threads[thread].held();
        let open = |(name, _): &(&String, &ClassId)| self.threads[thread].can_be_interrupted_by(name);
        let classes: Vec<ClassId> = self.contexts.iter().filter(open).map(|(_, class)| *class).collect();
        for class in classes.into_iter().filter(|_| !held.is_empty()) {
            let context = self.pseudo_lock(class);
            self.observe(thread, &context);
        }
    }
}
