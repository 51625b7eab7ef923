//! What is waited for in a channel: messages, and where there is a bound, room.
//!
//! Nobody has a message before it is sent; it is brought about, with what its sender holds. Room is only ever waited for: it is
//! missing only while there are messages, so that waits for both do not make a cycle.

use super::TrackedMap;
use crate::runtime;
use core::panic::Location;
use lockdep_core::class::LockKind;
use lockdep_rt::SoleSender;
use std::sync::Arc;

/// What one channel's ends share.
#[derive(Clone, Debug)]
pub struct Channel(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    messages: TrackedMap,
    room: TrackedMap,
    sender: SoleSender,
}

/// A number that no other thread has which holds something now.
fn this_thread() -> usize {
    lockdep_rt::current().map_or(1, |block| core::ptr::from_ref(block).addr())
}

impl Channel {
    /// A channel whose class is the caller's place.
    #[must_use]
    #[track_caller]
    pub fn here() -> Channel {
        let birth = Location::caller();
        let sender = SoleSender::default();
        Channel(Arc::new(Shared { messages: TrackedMap::at(birth), room: TrackedMap::at(birth), sender }))
    }

    /// Waits for a message. Who has sent all there were itself knows that one is there.
    ///
    /// # Panics
    /// If it makes a finding that is to be denied, and the policy is to panic; `wait` was not called then.
    #[track_caller]
    pub fn for_message<T>(&self, wait: impl FnOnce() -> T) -> T {
        let Shared { messages, sender, .. } = &*self.0;
        if sender.is(this_thread()) {
            return wait();
        }
        messages.bind(LockKind::Channel, || "Receiver");
        messages.wait_beside(wait)
    }

    /// Waits for room.
    ///
    /// # Panics
    /// As [`Channel::for_message`].
    #[track_caller]
    pub fn for_room<T>(&self, wait: impl FnOnce() -> T) -> T {
        self.0.room.bind(LockKind::Map, || "SyncSender");
        self.0.room.wait_beside(wait)
    }

    /// A message is about to be sent.
    ///
    /// # Panics
    /// If it makes a finding that is to be denied, and the policy is to panic.
    #[track_caller]
    pub fn with_message(&self) {
        let Shared { messages, sender, .. } = &*self.0;
        sender.sends(this_thread());
        if lockdep_rt::current().is_some_and(|block| !block.is_idle()) {
            messages.bind(LockKind::Channel, || "Receiver");
            runtime::provide(messages.word(), LockKind::Channel, Location::caller());
        }
    }
}
