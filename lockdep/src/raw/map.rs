//! Pseudo-locks: the books of a lock without the lock.

use super::{Nesting, Tracked, Wanted};
use crate::class::LockClassKey;
use crate::runtime::{self, Asked, Waiting};
use core::panic::Location;
use lockdep_core::class::LockKind;
use lockdep_core::finding::Code;
use lockdep_core::mode::{Mode, Want};
use lockdep_rt::{ClassWord, How, Token};

/// The class and instance of something that is waited for and is not a lock, or of a lock that owns what it protects and
/// stands beside this.
pub type TrackedMap = Tracked<()>;

/// One acquisition of a pseudo-lock; dropping it is the release.
#[derive(Debug)]
pub struct TrackedHold {
    slot: Token,
}

impl TrackedMap {
    /// A pseudo-lock of a named class.
    pub const fn keyed(key: &'static LockClassKey) -> Self {
        Self::around((), ClassWord::key(core::ptr::from_ref(key).cast()))
    }

    /// A pseudo-lock of which nothing is known until it is bound.
    #[must_use]
    pub const fn unnamed() -> Self {
        Self::around((), ClassWord::unknown())
    }

    /// A pseudo-lock whose class is its birth site.
    pub const fn at(site: &'static Location<'static>) -> Self {
        Self::around((), ClassWord::birth(site))
    }

    /// Names an unnamed class and says what it is for, at its first use.
    #[inline(always)]
    pub fn bind(&self, kind: LockKind, name: impl FnOnce() -> &'static str) {
        if !self.word.is_bound() {
            runtime::bind(&self.word, kind, name());
        }
    }

    /// Judges the acquisition, if its chain is not known, and puts it on the books.
    #[inline]
    #[track_caller]
    pub fn acquire(&self, want: Want, tries: bool) -> TrackedHold {
        let how = How(runtime::how(want, 0).0 | if tries { How::TRY } else { 0 });
        let site = Location::caller();
        match lockdep_rt::enter(&self.word, how, site) {
            Some(slot) => TrackedHold { slot },
            None => self.enter(how, Nesting::NONE, site),
        }
    }

    /// The same, compared with them every time, for an acquisition that stands in some relation to others of its class.
    #[track_caller]
    pub fn acquire_in(&self, want: Want, tries: bool, nesting: Nesting) -> TrackedHold {
        let how = How(nesting.how(want).0 | if tries { How::TRY } else { 0 });
        self.enter(runtime::limited(how), nesting, Location::caller())
    }

    #[cold]
    fn enter(&self, how: How, nesting: Nesting, site: &'static Location<'static>) -> TrackedHold {
        let is_new = runtime::bind_granted(&self.word, LockKind::Map, runtime::UNNAMED);
        let known = if is_new && nesting == Nesting::NONE { lockdep_rt::enter(&self.word, how, site) } else { None };
        if let Some(slot) = known.or_else(|| lockdep_rt::enter_known(&self.word, how, site, nesting.beside())) {
            return TrackedHold { slot };
        }
        let Nesting { rank, nest, .. } = nesting;
        runtime::judge(Asked { word: &self.word, kind: LockKind::Map, how, site, nest, rank });
        TrackedHold { slot: runtime::push(&self.word, how, site, rank) }
    }
}

impl TrackedMap {
    /// Says that this thread turns its upgradable hold into an exclusive one.
    #[track_caller]
    pub fn upgrade(&self) {
        let (how, site) = (runtime::how(Want::Upgrade, 0), Location::caller());
        runtime::judge(Asked { word: &self.word, kind: LockKind::Map, how, site, nest: None, rank: None });
        self.change(runtime::how(Want::Write, 0));
    }

    /// Says that this thread's newest hold is weaker from now on.
    pub fn downgrade(&self, to: Mode) {
        let was_whole = runtime::holds(&self.word).last() == Some(&Mode::Write);
        self.change(match to {
            Mode::Read if was_whole => How(How::DOWNGRADED),
            to => runtime::how(to.into(), 0),
        });
    }

    fn change(&self, how: How) {
        runtime::newest(&self.word).into_iter().for_each(|slot| runtime::change(slot, how));
    }

    /// Takes the newest hold off the books, this thread's or another's.
    pub fn release(&self, site: &'static Location<'static>) {
        match runtime::newest(&self.word).or_else(|| runtime::elsewhere(&self.word)) {
            Some(slot) => drop(TrackedHold { slot }),
            None => {
                let title = |lock: &str, thread: &str| format!("`{thread}` releases `{lock}`, which nobody holds");
                runtime::fault(Code::BadRelease, Some(&self.word), Want::Write, site, title);
            }
        }
    }

    /// Moves another thread's newest hold to this thread.
    #[track_caller]
    pub fn adopt(&self) {
        let Some(slot) = runtime::elsewhere(&self.word) else { return };
        let want = runtime::mode_of(slot).unwrap_or(Want::Write);
        drop(TrackedHold { slot });
        self.acquire(want, true).keep();
    }
}

impl crate::annotate::Watched for TrackedMap {
    #[inline(always)]
    fn word(&self) -> Option<&ClassWord> {
        Some(Tracked::word(self))
    }
}

/// The lock that stands beside a pseudo-lock.
impl TrackedMap {
    /// Acquires that lock: by `attempt`, or if it must wait by `wait`; `undo` gives it up if the books cannot be done.
    #[inline(always)]
    #[track_caller]
    pub fn lock_beside<G>(
        &self,
        (kind, want): (LockKind, Want),
        nesting: Nesting,
        attempt: impl FnOnce() -> Option<G>,
        wait: impl FnOnce() -> G,
        undo: impl FnOnce(G),
    ) -> (TrackedHold, G) {
        self.obtain(Wanted::nested(kind, want, &nesting), |()| attempt(), |()| wait(), undo).split()
    }

    /// Does the books of a try-lock of that lock, which succeeded.
    #[inline(always)]
    #[track_caller]
    pub fn tried_beside<G>(&self, (kind, want): (LockKind, Want), guard: G, undo: impl FnOnce(G)) -> (TrackedHold, G) {
        self.tried(Wanted::plain(kind, want), guard, undo).split()
    }

    /// Waits for something that this thread does not have afterwards, such as a message or the end of another thread. That it
    /// may wait is judged before it does.
    ///
    /// # Panics
    /// If it makes a finding that is to be denied, and the policy is to panic; `wait` was not called then.
    #[track_caller]
    pub fn wait_beside<T>(&self, wait: impl FnOnce() -> T) -> T {
        drop(self.acquire(Want::Write, false));
        let _waiting = Waiting::start(&self.word, runtime::how(Want::Write, 0), Location::caller());
        wait()
    }
}

impl TrackedHold {
    /// An acquisition that is on the books.
    pub(crate) fn of(slot: Token) -> TrackedHold {
        TrackedHold { slot }
    }

    /// Leaves the acquisition on the books, to be released by name.
    pub fn keep(self) {
        self.into_slot();
    }

    pub(super) fn slot(&self) -> Token {
        self.slot
    }

    pub(super) fn into_slot(self) -> Token {
        std::mem::ManuallyDrop::new(self).slot
    }

    /// The acquisition is shared from now on, after having been exclusive.
    pub fn downgrade(&self) {
        runtime::change(self.slot, How(How::DOWNGRADED));
    }
}

impl Drop for TrackedHold {
    #[inline]
    fn drop(&mut self) {
        if !lockdep_rt::leave(self.slot) {
            runtime::release(self.slot);
        }
    }
}
