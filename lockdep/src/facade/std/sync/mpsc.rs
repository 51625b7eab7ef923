//! [`std::sync::mpsc`] with checked waits.
//!
//! Who receives waits for who sends, and for what is held there: a receiver that waits with a lock under which messages are sent to it is
//! an inversion, `Suspect` because another may send. In a bounded channel who sends waits for room, which is only ever waited for. What is
//! held by whoever waits comes before the channel in the graph, which a documented hierarchy can rule out, and a wait with a lock
//! that must not be held where anything blocks is a finding.
//!
//! **Hole.** What a sender takes and releases before it sends is not seen, though its receiver may wait with that.

use crate::facade::chosen::Channel;
use core::fmt;
use std::sync::mpsc;
use std::time::Duration;

pub use ::std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryIter, TryRecvError, TrySendError};

/// The receiving half of a channel, with the interface of [`std::sync::mpsc::Receiver`].
pub struct Receiver<T> {
    channel: Channel,
    inner: mpsc::Receiver<T>,
}

/// The sending half of a channel without a bound, with the interface of [`std::sync::mpsc::Sender`].
pub struct Sender<T> {
    channel: Channel,
    inner: mpsc::Sender<T>,
}

/// The sending half of a bounded channel, with the interface of [`std::sync::mpsc::SyncSender`].
pub struct SyncSender<T> {
    channel: Channel,
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
    let channel = Channel::here();
    let (sender, inner) = mpsc::channel();
    (Sender { channel: channel.clone(), inner: sender }, Receiver { channel, inner })
}

/// Creates a channel in which `bound` messages have room.
#[must_use]
#[track_caller]
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let channel = Channel::here();
    let (sender, inner) = mpsc::sync_channel(bound);
    (SyncSender { channel: channel.clone(), inner: sender }, Receiver { channel, inner })
}

impl<T> Receiver<T> {
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
        self.channel.for_message(|| self.inner.recv())
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
        self.channel.with_message();
        self.channel.for_room(|| self.inner.send(t))
    }

    /// Sends a message if there is room.
    ///
    /// # Errors
    /// The message, if there is no room, or nobody can receive it any more.
    ///
    /// # Panics
    /// If it makes a finding that is to be denied, and the policy is to panic.
    #[track_caller]
    pub fn try_send(&self, t: T) -> Result<(), TrySendError<T>> {
        self.channel.with_message();
        self.inner.try_send(t)
    }
}

impl<T> Sender<T> {
    /// Sends a message.
    ///
    /// # Errors
    /// The message, if nobody can receive it any more.
    ///
    /// # Panics
    /// If it makes a finding that is to be denied, and the policy is to panic.
    #[track_caller]
    pub fn send(&self, t: T) -> Result<(), SendError<T>> {
        self.channel.with_message();
        self.inner.send(t)
    }
}

macro_rules! senders {
    ($($Sender:ident)*) => { $(
        impl<T> Clone for $Sender<T> {
            fn clone(&self) -> $Sender<T> {
                $Sender { channel: self.channel.clone(), inner: self.inner.clone() }
            }
        }

        impl<T> fmt::Debug for $Sender<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }
    )* };
}

senders! { Sender SyncSender }
