//! Reader-writer locks.

use super::{Family, Nesting, Token, Tracked, Wanted};
use crate::runtime::{Waiting, change, how};
use core::panic::Location;
use lock_api::{
    RawRwLock, RawRwLockDowngrade, RawRwLockFair, RawRwLockTimed, RawRwLockUpgrade, RawRwLockUpgradeDowngrade,
    RawRwLockUpgradeFair, RawRwLockUpgradeTimed,
};
use lockdep_core::mode::Want;
use lockdep_rt::{ClassWord, How};

impl<R: RawRwLock, F: Family> Tracked<R, F> {
    fn undo_shared(&self) -> impl FnOnce(R::SharedGuard) + '_ {
        // SAFETY: only called with the state of an acquisition that was just made.
        |guard| unsafe { self.raw.unlock_shared(guard) }
    }

    fn undo_exclusive(&self) -> impl FnOnce(R::ExclusiveGuard) + '_ {
        // SAFETY: only called with the state of an acquisition that was just made.
        |guard| unsafe { self.raw.unlock_exclusive(guard) }
    }

    /// Acquires shared, and says how that stands to others of the class.
    #[inline]
    #[track_caller]
    pub fn lock_shared_in(&self, nesting: Nesting) -> Token<R::SharedGuard> {
        let wanted = Wanted::nested(F::RWLOCK, F::READ, &nesting);
        self.obtain(wanted, R::try_lock_shared, R::lock_shared, self.undo_shared())
    }

    /// Acquires exclusively, and says how that stands to others of the class.
    #[inline]
    #[track_caller]
    pub fn lock_exclusive_in(&self, nesting: Nesting) -> Token<R::ExclusiveGuard> {
        let wanted = Wanted::nested(F::RWLOCK, Want::Write, &nesting);
        self.obtain(wanted, R::try_lock_exclusive, R::lock_exclusive, self.undo_exclusive())
    }
}

// SAFETY: every operation is the inner lock's; the books around it do not touch it.
unsafe impl<R: RawRwLock, F: Family> RawRwLock for Tracked<R, F> {
    #[allow(clippy::declare_interior_mutable_const, reason = "the trait asks for it")]
    const INIT: Self = Self::around(R::INIT, ClassWord::unknown());

    type SharedGuard = Token<R::SharedGuard>;
    type ExclusiveGuard = Token<R::ExclusiveGuard>;

    #[inline(never)]
    #[track_caller]
    fn lock_shared(&self) -> Self::SharedGuard {
        self.lock_shared_in(Nesting::NONE)
    }

    #[inline]
    #[track_caller]
    fn try_lock_shared(&self) -> Option<Self::SharedGuard> {
        Some(self.tried(Wanted::plain(F::RWLOCK, F::READ), self.raw.try_lock_shared()?, self.undo_shared()))
    }

    #[inline(never)]
    #[track_caller]
    fn lock_exclusive(&self) -> Self::ExclusiveGuard {
        self.lock_exclusive_in(Nesting::NONE)
    }

    #[inline]
    #[track_caller]
    fn try_lock_exclusive(&self) -> Option<Self::ExclusiveGuard> {
        Some(self.tried(Wanted::plain(F::RWLOCK, Want::Write), self.raw.try_lock_exclusive()?, self.undo_exclusive()))
    }

    #[inline(never)]
    unsafe fn unlock_shared(&self, guard: Self::SharedGuard) {
        // SAFETY: the caller hands over the state of an acquisition it holds.
        unsafe { self.raw.unlock_shared(guard.leave()) }
    }

    #[inline(never)]
    unsafe fn unlock_exclusive(&self, guard: Self::ExclusiveGuard) {
        // SAFETY: the caller hands over the state of an acquisition it holds.
        unsafe { self.raw.unlock_exclusive(guard.leave()) }
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }

    #[inline]
    fn is_locked_exclusive(&self) -> bool {
        self.raw.is_locked_exclusive()
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockFair, F: Family> RawRwLockFair for Tracked<R, F> {
    #[inline]
    unsafe fn unlock_shared_fair(&self, guard: Self::SharedGuard) {
        // SAFETY: the caller hands over the state of an acquisition it holds.
        unsafe { self.raw.unlock_shared_fair(guard.leave()) }
    }

    #[inline]
    unsafe fn unlock_exclusive_fair(&self, guard: Self::ExclusiveGuard) {
        // SAFETY: the caller hands over the state of an acquisition it holds.
        unsafe { self.raw.unlock_exclusive_fair(guard.leave()) }
    }

    #[inline]
    unsafe fn bump_shared(&self, guard: &mut Self::SharedGuard) {
        // SAFETY: the caller holds the acquisition; its place on the books does not change.
        unsafe { self.raw.bump_shared(&mut guard.guard) }
    }

    #[inline]
    unsafe fn bump_exclusive(&self, guard: &mut Self::ExclusiveGuard) {
        // SAFETY: the caller holds the acquisition; its place on the books does not change.
        unsafe { self.raw.bump_exclusive(&mut guard.guard) }
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockDowngrade, F: Family> RawRwLockDowngrade for Tracked<R, F> {
    #[inline]
    unsafe fn downgrade(&self, guard: Self::ExclusiveGuard) -> Self::SharedGuard {
        // SAFETY: the caller hands over the state of an acquisition it holds.
        guard.into_mode(How(How::DOWNGRADED), |guard| unsafe { self.raw.downgrade(guard) })
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockTimed, F: Family> RawRwLockTimed for Tracked<R, F> {
    type Duration = R::Duration;
    type Instant = R::Instant;

    #[inline]
    #[track_caller]
    fn try_lock_shared_for(&self, timeout: Self::Duration) -> Option<Self::SharedGuard> {
        let wait = |raw: &R| raw.try_lock_shared_for(timeout);
        self.obtain_timed(Wanted::plain(F::RWLOCK, F::READ), R::try_lock_shared, wait, self.undo_shared())
    }

    #[inline]
    #[track_caller]
    fn try_lock_shared_until(&self, timeout: Self::Instant) -> Option<Self::SharedGuard> {
        let wait = |raw: &R| raw.try_lock_shared_until(timeout);
        self.obtain_timed(Wanted::plain(F::RWLOCK, F::READ), R::try_lock_shared, wait, self.undo_shared())
    }

    #[inline]
    #[track_caller]
    fn try_lock_exclusive_for(&self, timeout: Self::Duration) -> Option<Self::ExclusiveGuard> {
        let wait = |raw: &R| raw.try_lock_exclusive_for(timeout);
        self.obtain_timed(Wanted::plain(F::RWLOCK, Want::Write), R::try_lock_exclusive, wait, self.undo_exclusive())
    }

    #[inline]
    #[track_caller]
    fn try_lock_exclusive_until(&self, timeout: Self::Instant) -> Option<Self::ExclusiveGuard> {
        let wait = |raw: &R| raw.try_lock_exclusive_until(timeout);
        self.obtain_timed(Wanted::plain(F::RWLOCK, Want::Write), R::try_lock_exclusive, wait, self.undo_exclusive())
    }
}

impl<R: RawRwLockUpgrade, F: Family> Tracked<R, F> {
    fn undo_upgradable(&self) -> impl FnOnce(R::UpgradableGuard) + '_ {
        // SAFETY: only called with the state of an acquisition that was just made.
        |guard| unsafe { self.raw.unlock_upgradable(guard) }
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockUpgrade, F: Family> RawRwLockUpgrade for Tracked<R, F> {
    type UpgradableGuard = Token<R::UpgradableGuard>;

    #[inline]
    #[track_caller]
    fn lock_upgradable(&self) -> Self::UpgradableGuard {
        let wanted = Wanted::plain(F::RWLOCK, Want::Upgradable);
        self.obtain(wanted, R::try_lock_upgradable, R::lock_upgradable, self.undo_upgradable())
    }

    #[inline]
    #[track_caller]
    fn try_lock_upgradable(&self) -> Option<Self::UpgradableGuard> {
        Some(self.tried(
            Wanted::plain(F::RWLOCK, Want::Upgradable),
            self.raw.try_lock_upgradable()?,
            self.undo_upgradable(),
        ))
    }

    #[inline]
    unsafe fn unlock_upgradable(&self, guard: Self::UpgradableGuard) {
        // SAFETY: the caller hands over the state of an acquisition it holds.
        unsafe { self.raw.unlock_upgradable(guard.leave()) }
    }

    #[inline]
    #[track_caller]
    unsafe fn upgrade(&self, guard: Self::UpgradableGuard) -> Self::ExclusiveGuard {
        let guard = UpgradeGuard { lock: self, guard: Some(guard) };
        let (wanted, site) = (Wanted::plain(F::RWLOCK, Want::Upgrade), Location::caller());
        self.before_wait(wanted, site);
        let _waiting = Waiting::start(self.word(), wanted.how, site);
        // SAFETY: the caller hands over the state of an acquisition it holds.
        guard.take().into_mode(how(Want::Write, 0), |guard| unsafe { self.raw.upgrade(guard) })
    }

    #[inline]
    unsafe fn try_upgrade(&self, guard: Self::UpgradableGuard) -> Result<Self::ExclusiveGuard, Self::UpgradableGuard> {
        // SAFETY: the caller hands over the state of an acquisition it holds.
        exchanged(guard.slot, unsafe { self.raw.try_upgrade(guard.guard) })
    }
}

/// Releases an upgradable hold if judging its upgrade panics, as the traits ask of operations that consume a state.
struct UpgradeGuard<'a, R: RawRwLockUpgrade, F: Family> {
    lock: &'a Tracked<R, F>,
    guard: Option<Token<R::UpgradableGuard>>,
}

impl<R: RawRwLockUpgrade, F: Family> UpgradeGuard<'_, R, F> {
    fn take(mut self) -> Token<R::UpgradableGuard> {
        self.guard.take().expect("it is taken once")
    }
}

impl<R: RawRwLockUpgrade, F: Family> Drop for UpgradeGuard<'_, R, F> {
    fn drop(&mut self) {
        if let Some(guard) = self.guard.take() {
            // SAFETY: the state is that of the acquisition which `upgrade` was given.
            unsafe { self.lock.unlock_upgradable(guard) }
        }
    }
}

/// The outcome of an attempt to upgrade, on the books.
fn exchanged<E, U>(slot: lockdep_rt::Token, outcome: Result<E, U>) -> Result<Token<E>, Token<U>> {
    match outcome {
        Ok(guard) => {
            change(slot, how(Want::Write, 0));
            Ok(Token { guard, slot })
        }
        Err(guard) => Err(Token { guard, slot }),
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockUpgradeFair, F: Family> RawRwLockUpgradeFair for Tracked<R, F> {
    #[inline]
    unsafe fn unlock_upgradable_fair(&self, guard: Self::UpgradableGuard) {
        // SAFETY: the caller hands over the state of an acquisition it holds.
        unsafe { self.raw.unlock_upgradable_fair(guard.leave()) }
    }

    #[inline]
    unsafe fn bump_upgradable(&self, guard: &mut Self::UpgradableGuard) {
        // SAFETY: the caller holds the acquisition; its place on the books does not change.
        unsafe { self.raw.bump_upgradable(&mut guard.guard) }
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockUpgradeDowngrade, F: Family> RawRwLockUpgradeDowngrade for Tracked<R, F> {
    #[inline]
    unsafe fn downgrade_upgradable(&self, guard: Self::UpgradableGuard) -> Self::SharedGuard {
        // SAFETY: the caller hands over the state of an acquisition it holds.
        guard.into_mode(how(F::READ, 0), |guard| unsafe { self.raw.downgrade_upgradable(guard) })
    }

    #[inline]
    unsafe fn downgrade_to_upgradable(&self, guard: Self::ExclusiveGuard) -> Self::UpgradableGuard {
        // SAFETY: the caller hands over the state of an acquisition it holds.
        guard.into_mode(how(Want::Upgradable, 0), |guard| unsafe { self.raw.downgrade_to_upgradable(guard) })
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockUpgradeTimed, F: Family> RawRwLockUpgradeTimed for Tracked<R, F> {
    #[inline]
    #[track_caller]
    fn try_lock_upgradable_for(&self, timeout: Self::Duration) -> Option<Self::UpgradableGuard> {
        let wait = |raw: &R| raw.try_lock_upgradable_for(timeout);
        let wanted = Wanted::plain(F::RWLOCK, Want::Upgradable);
        self.obtain_timed(wanted, R::try_lock_upgradable, wait, self.undo_upgradable())
    }

    #[inline]
    #[track_caller]
    unsafe fn try_upgrade_for(
        &self,
        guard: Self::UpgradableGuard,
        timeout: Self::Duration,
    ) -> Result<Self::ExclusiveGuard, Self::UpgradableGuard> {
        let guard = UpgradeGuard { lock: self, guard: Some(guard) };
        let (wanted, site) = (Wanted::plain(F::RWLOCK, Want::Upgrade), Location::caller());
        self.before_wait(wanted, site);
        let guard = guard.take();
        let _waiting = Waiting::limited(self.word(), wanted.how, site);
        // SAFETY: the caller hands over the state of an acquisition it holds.
        exchanged(guard.slot, unsafe { self.raw.try_upgrade_for(guard.guard, timeout) })
    }

    #[inline]
    #[track_caller]
    fn try_lock_upgradable_until(&self, timeout: Self::Instant) -> Option<Self::UpgradableGuard> {
        let wait = |raw: &R| raw.try_lock_upgradable_until(timeout);
        let wanted = Wanted::plain(F::RWLOCK, Want::Upgradable);
        self.obtain_timed(wanted, R::try_lock_upgradable, wait, self.undo_upgradable())
    }

    #[inline]
    #[track_caller]
    unsafe fn try_upgrade_until(
        &self,
        guard: Self::UpgradableGuard,
        timeout: Self::Instant,
    ) -> Result<Self::ExclusiveGuard, Self::UpgradableGuard> {
        let guard = UpgradeGuard { lock: self, guard: Some(guard) };
        let (wanted, site) = (Wanted::plain(F::RWLOCK, Want::Upgrade), Location::caller());
        self.before_wait(wanted, site);
        let guard = guard.take();
        let _waiting = Waiting::limited(self.word(), wanted.how, site);
        // SAFETY: the caller hands over the state of an acquisition it holds.
        exchanged(guard.slot, unsafe { self.raw.try_upgrade_until(guard.guard, timeout) })
    }
}
