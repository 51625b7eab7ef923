//! Who blocks whom, by the kind of lock.

use crate::runtime;
use core::panic::Location;
use lockdep_core::class::LockKind;
use lockdep_core::mode::Want;

/// What kind of lock a raw lock is: who blocks whom is a property of the lock, not of its trait.
pub trait Family {
    /// The kind of the exclusive lock.
    const MUTEX: LockKind;
    /// The kind of the reader-writer lock.
    const RWLOCK: LockKind;
    /// How its readers wait.
    const READ: Want;
    /// Whether what wraps the raw lock does not pass its caller on.
    const HIDES_CALLER: bool = false;
}

macro_rules! families {
    ($($(#[$doc:meta])* $Name:ident: $mutex:ident $rwlock:ident $read:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $Name;

        impl Family for $Name {
            const MUTEX: LockKind = LockKind::$mutex;
            const RWLOCK: LockKind = LockKind::$rwlock;
            const READ: Want = Want::$read;
        }
    )* };
}

families! {
    /// Locks whose readers wait behind queued writers: parking_lot's, std's, tokio's.
    Plain: Mutex RwLock Read;
    /// Exclusive locks that are handed over in order.
    Fair: FairMutex RwLock Read;
    /// Reader-writer locks whose readers pass queued writers.
    Recursive: Mutex RecursiveRwLock RecursiveRead;
    /// Spinning locks: their readers pass waiting writers.
    Spin: Spin SpinRwLock RecursiveRead;
}

/// The lock inside a reentrant mutex; re-entry does not reach it, and waits for nobody.
#[derive(Debug)]
pub struct Reentrant;

impl Family for Reentrant {
    const MUTEX: LockKind = LockKind::Reentrant;
    const RWLOCK: LockKind = Plain::RWLOCK;
    const READ: Want = Plain::READ;
    const HIDES_CALLER: bool = true;
}

/// Where an acquisition is made, which the raw lock takes to be here.
#[inline(always)]
pub(super) fn site_of<F: Family>(site: &'static Location<'static>) -> &'static Location<'static> {
    if F::HIDES_CALLER { runtime::caller_or(site) } else { site }
}
