//! Pseudo-locks: the books of a lock without the lock.

use super::Nesting;
use crate::class::LockClassKey;
use crate::runtime::{self, Asked};
use core::panic::Location;
use lockdep_core::class::LockKind;
use lockdep_core::finding::Code;
use lockdep_core::mode::{Mode, Want};
use lockdep_rt::{ClassWord, How, Token};

/// The class and instance of something that is waited for and is not a lock.
#[derive(Debug)]
pub struct TrackedMap {
    pub(super) word: ClassWord,
}

/// One acquisition of a pseudo-lock; dropping it is the release.
#[derive(Debug)]
pub struct TrackedHold {
    slot: Token,
}

impl TrackedMap {
    /// A pseudo-lock of a named class.
    pub const fn keyed(key: &'static LockClassKey) -> Self {
        Self { word: ClassWord::key(core::ptr::from_ref(key).cast()) }
    }

    /// A pseudo-lock of which nothing is known until it is bound.
    #[must_use]
    pub const fn unnamed() -> Self {
        Self { word: ClassWord::unknown() }
    }

    /// A pseudo-lock whose class is its birth site.
    pub const fn at(site: &'static Location<'static>) -> Self {
        Self { word: ClassWord::birth(site) }
    }

    /// Names an unnamed class and says what it is for, at its first use.
    #[inline(always)]
    pub fn bind(&self, kind: LockKind, name: impl FnOnce() -> &'static str) {
        if !self.word.is_bound() {
            runtime::bind(&self.word, kind, name());
        }
    }

    /// Moves the pseudo-lock to a named class, from its next acquisition on.
    pub fn set_class(&self, key: &'static LockClassKey) {
        self.word.set_key(core::ptr::from_ref(key).cast());
    }

    /// The word in the books.
    pub fn word(&self) -> Option<&ClassWord> {
        Some(&self.word)
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

    /// The same, judged every time, for an acquisition that stands in some relation to others of its class.
    #[track_caller]
    pub fn acquire_in(&self, want: Want, tries: bool, nesting: Nesting) -> TrackedHold {
        let how = How(nesting.how(want).0 | if tries { How::TRY } else { 0 });
        self.enter(runtime::limited(how), nesting, Location::caller())
    }

    #[cold]
    fn enter(&self, how: How, nesting: Nesting, site: &'static Location<'static>) -> TrackedHold {
        let Nesting { rank, nest, .. } = nesting;
        runtime::judge(Asked { word: &self.word, kind: LockKind::Map, how, site, nest, rank });
        let slot = runtime::push(&self.word, how, site);
        if let Some(rank) = rank {
            lockdep_rt::rank(slot, rank);
        }
        TrackedHold { slot }
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

/// As with a lock.
impl Drop for TrackedMap {
    #[inline]
    fn drop(&mut self) {
        super::dropped(&self.word);
    }
}

impl TrackedHold {
    /// Leaves the acquisition on the books, to be released by name.
    pub fn keep(self) {
        std::mem::forget(self);
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
