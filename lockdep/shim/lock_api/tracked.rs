//! The books of the raw locks of `lock_api`: this file goes into the crate beside its own, and the fields that hold its raw locks are
//! given the type [`Tracked`]. Its methods have the names of the traits', so that every call goes through here.
//!
//! A release finds its acquisition by the lock: what guards carry is public, and stays as it was.

use core::any::type_name;
use core::convert::TryFrom;
use core::marker::PhantomData;
use core::panic::Location;
use lockdep_rt::foreign::{self, Kind, Wanted};
use lockdep_rt::{ClassWord, How};

extern crate std;

type Site = &'static Location<'static>;

/// A raw lock and its books.
pub struct Tracked<R, K> {
    word: ClassWord,
    kind: PhantomData<fn() -> K>,
    pub(crate) raw: R,
}

/// The lock is a mutex.
pub struct Exclusive;

/// The lock is the one inside a reentrant mutex; re-entry does not reach it.
pub struct Reentrant;

/// The lock is a reader-writer lock.
pub struct Shared;

/// The kinds with the interface of a mutex.
pub trait MutexKind {
    /// The kind of the raw lock with a type name.
    fn of(raw: &str) -> Kind;
}

impl MutexKind for Exclusive {
    fn of(raw: &str) -> Kind {
        if raw.starts_with("spin::") {
            Kind::Spin
        } else if raw.starts_with("parking_lot::raw_fair_mutex::") {
            Kind::FairMutex
        } else {
            Kind::Mutex
        }
    }
}

impl MutexKind for Reentrant {
    fn of(_: &str) -> Kind {
        Kind::Reentrant
    }
}

/// What kind a reader-writer lock is, and how its readers wait: who blocks whom is a property of the raw lock.
fn readers(raw: &str) -> (Kind, How) {
    if raw.starts_with("spin::") {
        (Kind::SpinRwLock, How::RECURSIVE_READ)
    } else if raw.starts_with("dashmap::") || raw == "parking_lot::raw_rwlock::RawRwLock<true>" {
        (Kind::RecursiveRwLock, How::RECURSIVE_READ)
    } else {
        (Kind::RwLock, How::READ)
    }
}

fn unknown() -> &'static str {
    "?"
}

/// A time limit in milliseconds, if its type is one of std's; 0 says that it is not known.
fn limit<D>(limit: &D) -> u32 {
    let limit = match type_name::<D>() {
        // SAFETY: it is what its name says, and the size was looked at.
        "core::time::Duration" if size_is::<D, core::time::Duration>() => unsafe {
            *(limit as *const D).cast::<core::time::Duration>()
        },
        "std::time::Instant" if size_is::<D, std::time::Instant>() => {
            // SAFETY: as above.
            let until = unsafe { *(limit as *const D).cast::<std::time::Instant>() };
            until.saturating_duration_since(std::time::Instant::now())
        }
        _ => return 0,
    };
    u32::try_from(limit.as_millis()).unwrap_or(u32::MAX).max(1)
}

fn size_is<D, E>() -> bool {
    core::mem::size_of::<D>() == core::mem::size_of::<E>()
}

impl<R, K> Tracked<R, K> {
    /// The raw lock of a lock that is made here.
    #[inline]
    #[track_caller]
    pub(crate) const fn born(raw: R) -> Self {
        Tracked { word: ClassWord::birth(Location::caller()), kind: PhantomData, raw }
    }

    /// The raw lock of a constant.
    #[inline]
    pub(crate) const fn unborn(raw: R) -> Self {
        Tracked { word: ClassWord::unknown(), kind: PhantomData, raw }
    }

    /// A lock that nobody has given a class yet protects something unknown.
    fn wanted(&self, kind: Kind, how: How) -> Wanted {
        Wanted { kind, how, limit_ms: 0, name: unknown }
    }

    fn acquire<G>(
        &self,
        wanted: Wanted,
        site: Site,
        attempt: impl FnOnce(&R) -> Option<G>,
        wait: impl FnOnce(&R) -> G,
    ) -> G {
        foreign::arrive();
        if let Some(guard) = attempt(&self.raw) {
            let _ = foreign::entered(&self.word, &wanted, site);
            return guard;
        }
        foreign::before_wait(&self.word, &wanted, site);
        let guard = wait(&self.raw);
        let _ = foreign::after_wait(&self.word, &wanted, site);
        guard
    }

    fn acquire_within<D, G>(
        &self,
        wanted: Wanted,
        within: D,
        site: Site,
        attempt: impl FnOnce(&R) -> Option<G>,
        wait: impl FnOnce(&R, D) -> Option<G>,
    ) -> Option<G> {
        let wanted = Wanted { limit_ms: limit(&within), ..wanted };
        foreign::arrive();
        if let Some(guard) = attempt(&self.raw) {
            let _ = foreign::entered(&self.word, &wanted, site);
            return Some(guard);
        }
        foreign::before_wait(&self.word, &wanted, site);
        let guard = wait(&self.raw, within)?;
        let _ = foreign::after_wait(&self.word, &wanted, site);
        Some(guard)
    }

    fn attempt<G>(&self, wanted: Wanted, site: Site, attempt: impl FnOnce(&R) -> Option<G>) -> Option<G> {
        foreign::arrive();
        let guard = attempt(&self.raw)?;
        let _ = foreign::entered(&self.word, &Wanted { how: wanted.how.tried(), ..wanted }, site);
        Some(guard)
    }

    /// To be called before the raw lock is let go.
    fn let_go(&self) {
        foreign::release_lock(&self.word);
    }

    fn is_now(&self, how: How) {
        foreign::change_lock(&self.word, how);
    }
}

impl<R, K: MutexKind> Tracked<R, K> {
    /// Says that it protects a `T`: the word has no room for that beside the place where the lock was made.
    #[inline]
    pub(crate) fn of<T: ?Sized>(&self) -> &Self {
        if !self.word.is_bound() {
            foreign::name(&self.word, K::of(type_name::<R>()), type_name::<T>);
        }
        self
    }

    fn exclusive(&self) -> Wanted {
        self.wanted(K::of(type_name::<R>()), How::WRITE)
    }

    /// Calls what releases the mutex, waits and takes it again.
    #[track_caller]
    pub(crate) fn waiting<T>(&self, wait: impl FnOnce() -> T) -> T {
        let (wanted, site) = (self.exclusive(), Location::caller());
        self.let_go();
        foreign::before_wait(&self.word, &wanted, site);
        let outcome = wait();
        let _ = foreign::after_wait(&self.word, &wanted, site);
        outcome
    }
}

impl<R> Tracked<R, Shared> {
    /// Says that it protects a `T`.
    #[inline]
    pub(crate) fn of<T: ?Sized>(&self) -> &Self {
        if !self.word.is_bound() {
            foreign::name(&self.word, self.shared().kind, type_name::<T>);
        }
        self
    }

    fn shared(&self) -> Wanted {
        let (kind, how) = readers(type_name::<R>());
        self.wanted(kind, how)
    }

    fn recursive(&self) -> Wanted {
        Wanted { how: How::RECURSIVE_READ, ..self.shared() }
    }

    fn exclusive(&self) -> Wanted {
        Wanted { how: How::WRITE, ..self.shared() }
    }

    fn upgradable(&self) -> Wanted {
        Wanted { how: How::UPGRADABLE, ..self.shared() }
    }

    /// An upgradable hold is about to become exclusive.
    fn before_upgrade(&self, how: How, limit_ms: u32, site: Site) {
        foreign::before_wait(&self.word, &Wanted { how, limit_ms, ..self.shared() }, site);
    }
}

/// Calls what releases a mutex of this crate, waits and takes it again: a condition variable, here or in another crate.
#[doc(hidden)]
#[track_caller]
pub fn lockdep_waiting<R, T: ?Sized, O>(mutex: &crate::Mutex<R, T>, wait: impl FnOnce() -> O) -> O {
    mutex.raw.waiting(wait)
}
