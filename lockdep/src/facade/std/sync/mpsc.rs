//! [`std::sync::mpsc`] with checked waits.
//!
//! Who receives waits for who sends, and in a bounded channel the other way round too. A channel is not held by anybody, so it is
//! only ever waited for: what is held by whoever waits comes before it in the graph, which a documented hierarchy can rule out, and a
//! wait with a lock that must not be held where anything blocks is a finding.
//!
//! **Hole.** Who will send is not known, so a receiver that waits with a lock which its sender takes first is not a cycle.

use crate::facade::chosen::Map;
use core::fmt;
use core::panic::Location;
use lockdep_core::class::LockKind;
use std::sync::mpsc;
use std::time::Duration;

pub use ::std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, Sender, TryIter, TryRecvError, TrySendError};

/// The receiving half of a channel, with the interface of [`std::sync::mpsc::Receiver`].
pub struct Receiver<T> {
    map: Map,
    inner: mpsc::Receiver<T>,
}

/// The sending half of a bounded channel, with the interface of [`std::sync::mpsc::SyncSender`].
pub struct SyncSender<T> {
    map: Map,
    /// Where the channel was made: clones are of its class.
    birth: &'static Location<'static>,
    inner: mpsc::SyncSender<T>,
}

/// Creates a channel without a bound.
///
/// ```
/// use lockdep::std::sync::mpsc;
///
/// let (sender, receiver) = mpsc::channel();
/// std::thread::spawn(move || sender.send(10).unwrap());
/// assert_eq!(receiver.recv(), Ok(10));
/// ```
#[must_use]
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, inner) = mpsc::channel();
    (sender, Receiver { map: Map::at(Location::caller()), inner })
}

/// Creates a channel in which `bound` messages have room.
#[must_use]
#[track_caller]
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let birth = Location::caller();
    let (sender, inner) = mpsc::sync_channel(bound);
    (SyncSender { map: Map::at(birth), birth, inner: sender }, Receiver { map: Map::at(birth), inner })
}

impl<T> Receiver<T> {
    #[track_caller]
    fn waiting<R>(&self, wait: impl FnOnce() -> R) -> R {
        self.map.bind(LockKind::Map, || "Receiver");
        self.map.wait_beside(wait)
    }

    /// A message, if one is there.
    ///
    /// # Errors
    /// If none is there, or none can come.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.inner.try_recv()
    }

    /// Waits for a message.
    ///
    /// # Errors
    /// If none can come.
    ///
    /// # Panics
    /// If it makes a finding that is to be denied, and the policy is to panic.
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        self.waiting(|| self.inner.recv())
    }

    /// Waits for a message, at most `timeout`. A wait that gives up is not checked.
    ///
    /// # Errors
    /// If none has come, or none can come.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        self.inner.recv_timeout(timeout)
    }

    /// Iterates over messages, waiting for each.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { receiver: self }
    }

    /// Iterates over the messages that are there.
    pub fn try_iter(&self) -> TryIter<'_, T> {
        self.inner.try_iter()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// Messages of a [`Receiver`], as they come.
#[derive(Debug)]
pub struct Iter<'a, T: 'a> {
    receiver: &'a Receiver<T>,
}

/// Messages of a [`Receiver`] that it owns, as they come.
#[derive(Debug)]
pub struct IntoIter<T> {
    receiver: Receiver<T>,
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter { receiver: self }
    }
}

impl<T> SyncSender<T> {
    /// Sends a message; waits for room.
    ///
    /// # Errors
    /// The message, if nobody can receive it any more.
    ///
    /// # Panics
    /// If it makes a finding that is to be denied, and the policy is to panic.
    #[track_caller]
    pub fn send(&self, t: T) -> Result<(), SendError<T>> {
        self.map.bind(LockKind::Map, || "SyncSender");
        self.map.wait_beside(|| self.inner.send(t))
    }

    /// Sends a message if there is room.
    ///
    /// # Errors
    /// The message, if there is no room, or nobody can receive it any more.
    pub fn try_send(&self, t: T) -> Result<(), TrySendError<T>> {
        self.inner.try_send(t)
    }
}

impl<T> Clone for SyncSender<T> {
    fn clone(&self) -> SyncSender<T> {
        SyncSender { map: Map::at(self.birth), birth: self.birth, inner: self.inner.clone() }
    }
}

impl<T> fmt::Debug for SyncSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
