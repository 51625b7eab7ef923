//! Checked raw locks around any `lock_api` 0.5 raw lock.
//!
//! What every wrapper does, in order: an acquisition is tried first; if that succeeds, its books are done after (a
//! panic there unlocks first). If not, it is judged *before* it blocks, so that a real deadlock still prints. A
//! release takes its token off the books and then releases; it never panics.

mod away;
mod condvar;
mod map;
mod mutex;
mod rwlock;
#[cfg(any(feature = "parking_lot_0_12", feature = "spin"))]
mod stateless;
mod thread;

use crate::class::LockClassKey;
use crate::runtime::{self, Asked};
use core::marker::PhantomData;
use core::panic::Location;
use lockdep_core::class::LockKind;
use lockdep_core::mode::Want;
use lockdep_rt::{Beside, ClassWord, How, Prepared, Token as Slot};

pub use crate::runtime::{Caller, Limit};
pub use away::Away;
pub use condvar::TrackedCondvar;
pub use map::{TrackedHold, TrackedMap};
pub use thread::{End, Start};

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
fn site_of<F: Family>(site: &'static Location<'static>) -> &'static Location<'static> {
    if F::HIDES_CALLER { runtime::caller_or(site) } else { site }
}

/// A checked raw lock around the raw lock `R`.
#[derive(Debug)]
pub struct Tracked<R, F = Plain> {
    word: ClassWord,
    raw: R,
    family: PhantomData<fn() -> F>,
}

/// A checked mutex.
pub type TrackedMutex<R, F = Plain> = Tracked<R, F>;

/// A checked reader-writer lock.
pub type TrackedRwLock<R, F = Plain> = Tracked<R, F>;

/// How an acquisition stands to others of its class that its thread holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nesting {
    subclass: u32,
    rank: Option<u64>,
    nest: Option<usize>,
}

impl Nesting {
    /// It says nothing about them.
    pub const NONE: Nesting = Nesting { subclass: 0, rank: None, nest: None };

    /// It is of a nesting level of the class.
    #[must_use]
    pub const fn level(subclass: u32) -> Nesting {
        Nesting { subclass, ..Nesting::NONE }
    }

    /// The locks of the class are taken in ascending order, in which this one has a place.
    #[must_use]
    pub const fn rank(rank: u64) -> Nesting {
        Nesting { rank: Some(rank), ..Nesting::NONE }
    }

    /// They are serialised by another lock, which is held. Without a word it is not watched, and says nothing.
    #[must_use]
    pub fn under(lock: Option<&ClassWord>) -> Nesting {
        Nesting { nest: lock.map(ClassWord::load), ..Nesting::NONE }
    }

    /// What it makes of a want.
    const fn how(self, want: Want) -> How {
        let ranked = if self.rank.is_some() { How::RANKED } else { 0 };
        let under = if self.nest.is_some() { How::UNDER } else { 0 };
        How(runtime::how(want, self.subclass).0 | ranked | under)
    }

    fn beside(self) -> Beside {
        Beside { rank: self.rank.unwrap_or_default(), nest: self.nest.unwrap_or_default() }
    }
}

/// The state of one acquisition, kept in its guard: the inner lock's state and where the books have it.
#[derive(Debug)]
pub struct Token<G> {
    guard: G,
    slot: Slot,
}

impl<R, F> Tracked<R, F> {
    const fn around(raw: R, word: ClassWord) -> Self {
        Self { word, raw, family: PhantomData }
    }

    /// The lock inside.
    pub const fn inner(&self) -> &R {
        &self.raw
    }

    /// The lock's word in the books.
    pub const fn word(&self) -> &ClassWord {
        &self.word
    }

    /// Moves the lock to a named class, from its next acquisition on.
    pub fn set_class(&self, key: &'static LockClassKey) {
        self.word.set_key(core::ptr::from_ref(key).cast());
    }
}

/// Reports a lock that dies held.
#[inline]
fn dropped(word: &ClassWord) {
    if lockdep_rt::holds(word) {
        runtime::dropped(word);
    }
}

/// A lock that goes away while its thread holds it was never released: its guard was leaked.
impl<R, F> Drop for Tracked<R, F> {
    #[inline]
    fn drop(&mut self) {
        dropped(&self.word);
    }
}

macro_rules! births {
    ($Trait:path, $kind:ident: $($R:ty, $F:ty;)*) => { $(
        impl Tracked<$R, $F> {
            /// A lock whose class is its birth site.
            pub const fn at(site: &'static Location<'static>) -> Self {
                Self::around(<$R as $Trait>::INIT, ClassWord::birth(site))
            }

            /// A lock of a named class.
            pub const fn keyed(key: &'static LockClassKey) -> Self {
                Self::around(<$R as $Trait>::INIT, ClassWord::key(core::ptr::from_ref(key).cast()))
            }

            /// Tells an unnamed class what it protects, at its first use.
            #[inline(always)]
            pub fn bind_type(&self, type_name: fn() -> &'static str) {
                if !self.word.is_bound() {
                    runtime::bind(&self.word, <$F as Family>::$kind, type_name());
                }
            }
        }
    )* };
}

births! { lock_api::RawMutex, MUTEX:
    ::parking_lot::RawMutex, Plain;
    ::parking_lot::RawMutex, Reentrant;
    ::parking_lot::RawFairMutex, Fair;
}

births! { lock_api::RawRwLock, RWLOCK:
    ::parking_lot::RawRwLock, Plain;
    ::parking_lot::RawRwLockRecursive, Recursive;
}

#[cfg(feature = "parking_lot_0_12")]
births! { lock_api_0_4::RawMutex, MUTEX:
    ::parking_lot_0_12::RawMutex, Plain;
    ::parking_lot_0_12::RawMutex, Reentrant;
    ::parking_lot_0_12::RawFairMutex, Fair;
}

#[cfg(feature = "parking_lot_0_12")]
births! { lock_api_0_4::RawRwLock, RWLOCK:
    ::parking_lot_0_12::RawRwLock, Plain;
}

#[cfg(feature = "spin")]
births! { lock_api_0_4::RawMutex, MUTEX:
    ::spin::Mutex<()>, Spin;
}

#[cfg(feature = "spin")]
births! { lock_api_0_4::RawRwLock, RWLOCK:
    ::spin::RwLock<()>, Spin;
}

/// Releases a lock again if its books cannot be done.
struct Undo<G, U: FnOnce(G)>(Option<(G, U)>);

impl<G, U: FnOnce(G)> Drop for Undo<G, U> {
    fn drop(&mut self) {
        if let Some((guard, undo)) = self.0.take() {
            undo(guard);
        }
    }
}

/// One acquisition as it is asked for.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    kind: LockKind,
    how: How,
    /// What chain keys do not cover, if anything.
    beside: Option<&'a Nesting>,
}

impl<R, F: Family> Tracked<R, F> {
    /// What can be known of the books of an acquisition before it is tried.
    #[inline(always)]
    fn prepare(&self, wanted: Wanted<'_>) -> Option<Prepared> {
        if wanted.beside.is_none() { lockdep_rt::prepare(&self.word, wanted.how) } else { None }
    }

    /// Does the books of an acquisition that succeeded without waiting.
    #[inline(always)]
    #[track_caller]
    fn entered<G>(&self, wanted: Wanted<'_>, prepared: Option<Prepared>, guard: G, undo: impl FnOnce(G)) -> Token<G> {
        let site = site_of::<F>(Location::caller());
        match prepared.and_then(|prepared| prepared.enter(wanted.how, site)) {
            Some(slot) => Token { guard, slot },
            None => self.entered_cold(wanted.kind, wanted.how, wanted.beside, site, guard, undo),
        }
    }

    /// The same where the hot path does not know the acquisition. What is wanted comes in pieces, here and below, because as a whole it
    /// would be built in memory on the hot path.
    #[cold]
    #[inline(never)]
    fn entered_cold<G>(
        &self,
        kind: LockKind,
        how: How,
        beside: Option<&Nesting>,
        site: &'static Location<'static>,
        guard: G,
        undo: impl FnOnce(G),
    ) -> Token<G> {
        let wanted = Wanted { kind, how, beside };
        if let Some(slot) = lockdep_rt::enter_known(&self.word, wanted.how, site, wanted.nesting().beside()) {
            return Token { guard, slot };
        }
        let mut held = Undo(Some((guard, undo)));
        let entered = runtime::Entered::new(&self.word);
        runtime::judge(self.asked(wanted, site));
        drop(entered);
        let (guard, _) = held.0.take().expect("nothing has released it");
        self.after_wait(wanted, site, guard)
    }

    fn asked(&self, wanted: Wanted<'_>, site: &'static Location<'static>) -> Asked<'_> {
        let (Wanted { kind, how, .. }, Nesting { rank, nest, .. }) = (wanted, wanted.nesting());
        Asked { word: &self.word, kind, how, site, nest, rank }
    }

    /// Judges an acquisition that is about to wait.
    #[inline]
    fn before_wait(&self, wanted: Wanted<'_>, site: &'static Location<'static>) {
        if !lockdep_rt::check(&self.word, wanted.how, wanted.nesting().beside()) {
            runtime::judge(self.asked(wanted, site));
        }
    }

    /// Does the books of an acquisition that has been judged before it waited.
    #[inline]
    fn after_wait<G>(&self, wanted: Wanted<'_>, site: &'static Location<'static>, guard: G) -> Token<G> {
        Token { guard, slot: runtime::push(&self.word, wanted.how, site, wanted.nesting().rank) }
    }

    /// Acquires: tries, and waits only if it must.
    #[inline(always)]
    #[track_caller]
    fn obtain<G>(
        &self,
        wanted: Wanted<'_>,
        attempt: impl FnOnce(&R) -> Option<G>,
        wait: impl FnOnce(&R) -> G,
        undo: impl FnOnce(G),
    ) -> Token<G> {
        let prepared = self.prepare(wanted);
        match attempt(&self.raw) {
            Some(guard) => self.entered(wanted, prepared, guard, undo),
            None => {
                let site = site_of::<F>(Location::caller());
                self.contended(wanted.kind, wanted.how, wanted.beside, site, wait)
            }
        }
    }

    /// Judges, waits, does the books.
    #[cold]
    #[inline(never)]
    fn contended<G>(
        &self,
        kind: LockKind,
        how: How,
        beside: Option<&Nesting>,
        site: &'static Location<'static>,
        wait: impl FnOnce(&R) -> G,
    ) -> Token<G> {
        let wanted = Wanted { kind, how, beside };
        self.before_wait(wanted, site);
        let waiting = runtime::Waiting::start(&self.word, wanted.how, site);
        let guard = wait(&self.raw);
        drop(waiting);
        self.after_wait(wanted, site, guard)
    }

    /// Acquires with a time limit.
    #[inline]
    #[track_caller]
    fn obtain_timed<G>(
        &self,
        wanted: Wanted<'_>,
        attempt: impl FnOnce(&R) -> Option<G>,
        wait: impl FnOnce(&R) -> Option<G>,
        undo: impl FnOnce(G),
    ) -> Option<Token<G>> {
        let wanted = Wanted { how: runtime::limited(wanted.how), ..wanted };
        let prepared = self.prepare(wanted);
        if let Some(guard) = attempt(&self.raw) {
            return Some(self.entered(wanted, prepared, guard, undo));
        }
        let site = site_of::<F>(Location::caller());
        self.before_wait(wanted, site);
        let waiting = runtime::Waiting::limited(&self.word, wanted.how, site);
        let guard = wait(&self.raw)?;
        drop(waiting);
        Some(self.after_wait(wanted, site, guard))
    }

    /// Does the books of a try-lock that succeeded.
    #[inline(always)]
    #[track_caller]
    fn tried<G>(&self, wanted: Wanted<'_>, guard: G, undo: impl FnOnce(G)) -> Token<G> {
        let wanted = Wanted { how: How(wanted.how.0 | How::TRY), ..wanted };
        self.entered(wanted, self.prepare(wanted), guard, undo)
    }
}

impl<'a> Wanted<'a> {
    /// An acquisition that says nothing about others of its class.
    const fn plain(kind: LockKind, want: Want) -> Wanted<'static> {
        Wanted { kind, how: runtime::how(want, 0), beside: None }
    }

    #[inline(always)]
    const fn nested(kind: LockKind, want: Want, nesting: &'a Nesting) -> Wanted<'a> {
        let is_plain = nesting.rank.is_none() && nesting.nest.is_none();
        Wanted { kind, how: nesting.how(want), beside: if is_plain { None } else { Some(nesting) } }
    }

    fn nesting(self) -> Nesting {
        self.beside.copied().unwrap_or(Nesting::NONE)
    }
}

impl<G> Token<G> {
    /// Takes the acquisition off the books and hands out the inner state, to be released next.
    #[inline(always)]
    fn leave(self) -> G {
        if !lockdep_rt::leave(self.slot) {
            runtime::release(self.slot);
        }
        self.guard
    }

    /// The acquisition and the inner state apart.
    #[inline(always)]
    fn split(self) -> (TrackedHold, G) {
        (TrackedHold::of(self.slot), self.guard)
    }

    /// The same acquisition in another mode.
    #[inline]
    fn into_mode<H>(self, mode: How, change: impl FnOnce(G) -> H) -> Token<H> {
        let guard = change(self.guard);
        runtime::change(self.slot, mode);
        Token { guard, slot: self.slot }
    }
}
