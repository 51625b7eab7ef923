//! Pseudo-locks: the books of a lock without the lock.

use crate::class::LockClassKey;
use crate::runtime::{self, Asked};
use core::panic::Location;
use lockdep_core::class::LockKind;
use lockdep_core::mode::Want;
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

    /// A pseudo-lock whose class is its birth site.
    pub const fn at(site: &'static Location<'static>) -> Self {
        Self { word: ClassWord::birth(site) }
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
        let slot = lockdep_rt::enter(&self.word, how, site).unwrap_or_else(|| {
            runtime::judge(Asked { word: &self.word, kind: LockKind::Map, how, site, nest: None, rank: None });
            runtime::push(&self.word, how, site)
        });
        TrackedHold { slot }
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
