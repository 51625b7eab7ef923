//! `std::sync::mpsc`: who receives waits for who sends, and for what is held there; in a bounded channel who sends waits for room.

use ::std::fmt;
use ::std::panic::Location;
use ::std::sync::{mpsc, Arc};
use ::std::time::Duration;
use lockdep_rt::foreign::{self, Kind, Wanted};
use lockdep_rt::{ClassWord, How, SoleSender};

pub use ::std::sync::mpsc::*;

/// What can be waited for in a channel. Both are of the class of the place where it was made.
struct Waits {
    messages: ClassWord,
    room: ClassWord,
    sender: SoleSender,
}

const ROOM: Wanted = Wanted { kind: Kind::Map, how: How::WRITE, limit_ms: 0, name: || "SyncSender" };
const MESSAGE: Wanted = Wanted { kind: Kind::Channel, how: How::WRITE, limit_ms: 0, name: || "Receiver" };

impl Waits {
    #[track_caller]
    fn new() -> Arc<Waits> {
        let site = Location::caller();
        Arc::new(Waits {
            messages: ClassWord::birth(site),
            room: ClassWord::birth(site),
            sender: SoleSender::default(),
        })
    }

    /// A message is about to be waited for, without end or for so long. Who has sent all there were itself knows that one is there.
    #[inline]
    fn for_message(&self, limit: Option<Duration>, site: &'static Location<'static>) {
        if self.sender.is(foreign::this_thread()) {
            return;
        }
        let limit_ms = limit.map_or(0, |limit| u32::try_from(limit.as_millis()).unwrap_or(u32::MAX).max(1));
        foreign::waits(&self.messages, &Wanted { limit_ms, ..MESSAGE }, site);
    }

    /// A message is about to be sent.
    #[inline]
    #[track_caller]
    fn with_message(&self) {
        self.sender.sends(foreign::this_thread());
        let sent = Wanted { how: How::RECURSIVE_READ, ..MESSAGE };
        foreign::provides(&self.messages, &sent, Location::caller());
    }
}

/// As the real one.
#[must_use]
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let waits = Waits::new();
    let (sender, receiver) = mpsc::channel();
    (Sender { inner: sender, waits: Arc::clone(&waits) }, Receiver { inner: receiver, waits })
}

/// As the real one.
#[must_use]
#[track_caller]
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let waits = Waits::new();
    let (sender, receiver) = mpsc::sync_channel(bound);
    (SyncSender { inner: sender, waits: Arc::clone(&waits) }, Receiver { inner: receiver, waits })
}

/// As the real one.
pub struct Sender<T> {
    pub(crate) inner: mpsc::Sender<T>,
    waits: Arc<Waits>,
}

/// As the real one.
pub struct SyncSender<T> {
    pub(crate) inner: mpsc::SyncSender<T>,
    waits: Arc<Waits>,
}

/// As the real one.
pub struct Receiver<T> {
    pub(crate) inner: mpsc::Receiver<T>,
    waits: Arc<Waits>,
}

impl<T> Sender<T> {
    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[inline]
    #[track_caller]
    pub fn send(&self, t: T) -> Result<(), SendError<T>> {
        self.waits.with_message();
        self.inner.send(t)
    }
}

impl<T> SyncSender<T> {
    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[inline]
    #[track_caller]
    pub fn send(&self, t: T) -> Result<(), SendError<T>> {
        foreign::waits(&self.waits.room, &ROOM, Location::caller());
        self.waits.with_message();
        self.inner.send(t)
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[inline]
    #[track_caller]
    pub fn try_send(&self, t: T) -> Result<(), TrySendError<T>> {
        self.waits.with_message();
        self.inner.try_send(t)
    }
}

impl<T> Receiver<T> {
    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.inner.try_recv()
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[inline]
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        self.recv_at(Location::caller())
    }

    fn recv_at(&self, site: &'static Location<'static>) -> Result<T, RecvError> {
        self.waits.for_message(None, site);
        self.inner.recv()
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[track_caller]
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        self.waits.for_message(Some(timeout), Location::caller());
        self.inner.recv_timeout(timeout)
    }

    /// As the real one.
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { rx: self, site: Location::caller() }
    }

    /// As the real one.
    pub fn try_iter(&self) -> TryIter<'_, T> {
        self.inner.try_iter()
    }
}

/// As the real one. Its waits are where it was made.
pub struct Iter<'a, T: 'a> {
    rx: &'a Receiver<T>,
    site: &'static Location<'static>,
}

/// As the real one. Its waits are where it was made.
pub struct IntoIter<T> {
    rx: Receiver<T>,
    site: &'static Location<'static>,
}

macro_rules! iterators {
    ($($name:literal $Iter:ty,)*) => { $(
        impl<T> Iterator for $Iter {
            type Item = T;

            fn next(&mut self) -> Option<T> {
                self.rx.recv_at(self.site).ok()
            }
        }

        impl<T> fmt::Debug for $Iter {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct($name).field("rx", &self.rx).finish()
            }
        }
    )* };
}

iterators! {
    "Iter" Iter<'_, T>,
    "IntoIter" IntoIter<T>,
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    #[track_caller]
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    #[track_caller]
    fn into_iter(self) -> IntoIter<T> {
        IntoIter { rx: self, site: Location::caller() }
    }
}

macro_rules! ends {
    ($($End:ident)*) => { $(
        impl<T> fmt::Debug for $End<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }
    )* };
}

ends! { Sender SyncSender Receiver }

macro_rules! senders {
    ($($End:ident)*) => { $(
        impl<T> Clone for $End<T> {
            fn clone(&self) -> $End<T> {
                $End { inner: self.inner.clone(), waits: Arc::clone(&self.waits) }
            }
        }
    )* };
}

senders! { Sender SyncSender }
