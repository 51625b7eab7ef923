//! Threads that start and join others: their segments, and their ends as something to wait for.

use super::Validator;
use crate::acquisition::Acquisition;
use crate::class::{ClassSpec, LockKind, Origin};
use crate::held::Entry;
#[cfg(feature = "log")]
use crate::log::Record;
use crate::mode::Want;
use crate::segment::Segment;

impl Validator {
    /// A thread stands on its own stack for those who wait for its end, in a mode that keeps nobody else out.
    pub(super) fn spawn(&mut self, thread: &str, other: &str) {
        let site = self.site();
        let spec = ClassSpec {
            name: "thread".into(),
            origin: Origin::Birth,
            kind: LockKind::Thread,
            site: Some(self.registry.site_at(site).clone()),
        };
        let class = self.registry.register(spec);
        self.registry.get_mut(class).instances += 1;
        let end = Acquisition { want: Want::RecursiveRead, ..self.pseudo_lock(class) };
        self.joins.insert(other.to_owned(), end);
        let stack = self.threads.entry(other.to_owned()).or_default();
        stack.push(Entry { held: end.held(), name: None, again: 0 });
        let before = self.segment(thread);
        self.cut(other, before);
        self.cut(thread, before);
    }

    pub(super) fn join(&mut self, thread: &str, other: &str) {
        if let Some(end) = self.joins.remove(other) {
            let next = Acquisition { want: Want::Write, site: self.site(), ..end };
            self.observe(thread, &next);
            self.threads.get_mut(other).and_then(|stack| stack.remove(end.instance, None));
        }
        let last = self.segment(other);
        self.cut(thread, last);
    }

    /// The segment a thread is in.
    pub(super) fn segment(&mut self, thread: &str) -> u32 {
        match self.segments.get(thread) {
            Some(segment) => segment.id,
            None => self.start_segment(thread, Vec::new()),
        }
    }

    /// Starts a new segment of a thread, after its last one and another.
    fn cut(&mut self, thread: &str, other: u32) {
        let own = self.segments.get(thread).map(|segment| segment.id);
        let after = own.into_iter().chain([other]).collect();
        self.start_segment(thread, after);
    }

    fn start_segment(&mut self, thread: &str, after: Vec<u32>) -> u32 {
        self.cuts += 1;
        let first = self.segments.get(thread).map_or(self.cuts, |segment| segment.thread);
        let segment = Segment { id: self.cuts, thread: first, after };
        self.registry.segments_mut().add(1, &segment);
        #[cfg(feature = "log")]
        self.records.push(Record::Segment(segment.clone()));
        self.segments.insert(thread.to_owned(), segment);
        self.cuts
    }
}
