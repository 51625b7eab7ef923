//! Mutexes.

use super::{Family, Nesting, Token, Tracked, Wanted};
use lock_api::{RawMutex, RawMutexFair, RawMutexTimed};
use lockdep_core::mode::Want;
use lockdep_rt::ClassWord;

impl<R: RawMutex, F: Family> Tracked<R, F> {
    fn undo(&self) -> impl FnOnce(R::Guard) + '_ {
        // SAFETY: only called with the state of an acquisition that was just made.
        |guard| unsafe { self.raw.unlock(guard) }
    }

    /// Acquires, and says how that stands to others of the class.
    #[inline]
    #[track_caller]
    pub fn lock_in(&self, nesting: Nesting) -> Token<R::Guard> {
        self.obtain(Wanted::nested(F::MUTEX, Want::Write, &nesting), R::try_lock, R::lock, self.undo())
    }

    const WANTED: Wanted<'static> = Wanted::plain(F::MUTEX, Want::Write);
}

// SAFETY: every operation is the inner lock's; the books around it do not touch it.
unsafe impl<R: RawMutex, F: Family> RawMutex for Tracked<R, F> {
    #[allow(clippy::declare_interior_mutable_const, reason = "the trait asks for it")]
    const INIT: Self = Self::around(R::INIT, ClassWord::unknown());

    type Guard = Token<R::Guard>;

    #[inline(never)]
    #[track_caller]
    fn lock(&self) -> Self::Guard {
        self.lock_in(Nesting::NONE)
    }

    #[inline]
    #[track_caller]
    fn try_lock(&self) -> Option<Self::Guard> {
        Some(self.tried(Self::WANTED, self.raw.try_lock()?, self.undo()))
    }

    #[inline(never)]
    unsafe fn unlock(&self, guard: Self::Guard) {
        // SAFETY: the caller hands over the state of an acquisition it holds.
        unsafe { self.raw.unlock(guard.leave()) }
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }
}

// SAFETY: as above. `bump` is the default, which releases and acquires through this wrapper.
unsafe impl<R: RawMutexFair, F: Family> RawMutexFair for Tracked<R, F> {
    #[inline]
    unsafe fn unlock_fair(&self, guard: Self::Guard) {
        // SAFETY: the caller hands over the state of an acquisition it holds.
        unsafe { self.raw.unlock_fair(guard.leave()) }
    }

    #[inline]
    unsafe fn bump(&self, guard: &mut Self::Guard) {
        // SAFETY: the caller holds the acquisition; its place on the books does not change.
        unsafe { self.raw.bump(&mut guard.guard) }
    }
}

// SAFETY: as above.
unsafe impl<R: RawMutexTimed, F: Family> RawMutexTimed for Tracked<R, F> {
    type Duration = R::Duration;
    type Instant = R::Instant;

    #[inline]
    #[track_caller]
    fn try_lock_for(&self, timeout: Self::Duration) -> Option<Self::Guard> {
        self.obtain_timed(Self::WANTED, R::try_lock, |raw| raw.try_lock_for(timeout), self.undo())
    }

    #[inline]
    #[track_caller]
    fn try_lock_until(&self, timeout: Self::Instant) -> Option<Self::Guard> {
        self.obtain_timed(Self::WANTED, R::try_lock, |raw| raw.try_lock_until(timeout), self.undo())
    }
}
