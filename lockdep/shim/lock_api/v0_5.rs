
// The traits of `lock_api` 0.5, whose acquisitions return a state.

use crate::{
    RawMutex, RawMutexFair, RawMutexTimed, RawRwLock, RawRwLockDowngrade, RawRwLockFair, RawRwLockTimed,
    RawRwLockUpgrade, RawRwLockUpgradeDowngrade, RawRwLockUpgradeFair, RawRwLockUpgradeTimed,
};

impl<R: RawMutex, K: MutexKind> Tracked<R, K> {
    #[track_caller]
    pub(crate) fn lock(&self) -> R::Guard {
        self.lock_at(Location::caller())
    }

    pub(crate) fn lock_at(&self, site: Site) -> R::Guard {
        self.acquire(self.exclusive(), site, R::try_lock, R::lock)
    }

    #[track_caller]
    pub(crate) fn try_lock(&self) -> Option<R::Guard> {
        self.try_lock_at(Location::caller())
    }

    pub(crate) fn try_lock_at(&self, site: Site) -> Option<R::Guard> {
        self.attempt(self.exclusive(), site, R::try_lock)
    }

    pub(crate) unsafe fn unlock(&self, guard: R::Guard) {
        self.let_go();
        // SAFETY: the caller hands over the state of an acquisition that it holds.
        unsafe { self.raw.unlock(guard) }
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }
}

impl<R: RawMutexFair, K: MutexKind> Tracked<R, K> {
    pub(crate) unsafe fn unlock_fair(&self, guard: R::Guard) {
        self.let_go();
        // SAFETY: the caller hands over the state of an acquisition that it holds.
        unsafe { self.raw.unlock_fair(guard) }
    }

    pub(crate) unsafe fn bump(&self, guard: &mut R::Guard) {
        // SAFETY: the caller holds the acquisition.
        unsafe { self.raw.bump(guard) }
    }
}

impl<R: RawMutexTimed, K: MutexKind> Tracked<R, K> {
    #[track_caller]
    pub(crate) fn try_lock_for(&self, timeout: R::Duration) -> Option<R::Guard> {
        self.try_lock_for_at(Location::caller(), timeout)
    }

    pub(crate) fn try_lock_for_at(&self, site: Site, timeout: R::Duration) -> Option<R::Guard> {
        self.acquire_within(self.exclusive(), timeout, site, R::try_lock, R::try_lock_for)
    }

    #[track_caller]
    pub(crate) fn try_lock_until(&self, timeout: R::Instant) -> Option<R::Guard> {
        self.try_lock_until_at(Location::caller(), timeout)
    }

    pub(crate) fn try_lock_until_at(&self, site: Site, timeout: R::Instant) -> Option<R::Guard> {
        self.acquire_within(self.exclusive(), timeout, site, R::try_lock, R::try_lock_until)
    }
}

impl<R: RawRwLock> Tracked<R, Shared> {
    pub(crate) fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }

    pub(crate) fn is_locked_exclusive(&self) -> bool {
        self.raw.is_locked_exclusive()
    }
}

/// Acquisitions in one mode.
macro_rules! mode {
    ($($Trait:ident, $Guard:ident, $wanted:ident: $lock:ident $lock_at:ident $try_lock:ident;)*) => { $(
        impl<R: $Trait> Tracked<R, Shared> {
            #[track_caller]
            pub(crate) fn $lock(&self) -> R::$Guard {
                self.$lock_at(Location::caller())
            }

            pub(crate) fn $lock_at(&self, site: Site) -> R::$Guard {
                self.acquire(self.$wanted(), site, R::$try_lock, R::$lock)
            }

            #[track_caller]
            pub(crate) fn $try_lock(&self) -> Option<R::$Guard> {
                self.attempt(self.$wanted(), Location::caller(), R::$try_lock)
            }
        }
    )* };
}

mode! {
    RawRwLock, SharedGuard, shared: lock_shared lock_shared_at try_lock_shared;
    RawRwLock, ExclusiveGuard, exclusive: lock_exclusive lock_exclusive_at try_lock_exclusive;
    RawRwLockUpgrade, UpgradableGuard, upgradable: lock_upgradable lock_upgradable_at try_lock_upgradable;
}

/// Acquisitions in one mode with a time limit.
macro_rules! timed {
    ($($Trait:ident, $Guard:ident, $wanted:ident: $try_lock:ident $lock_for:ident $lock_until:ident;)*) => { $(
        impl<R: $Trait> Tracked<R, Shared> {
            #[track_caller]
            pub(crate) fn $lock_for(&self, timeout: R::Duration) -> Option<R::$Guard> {
                self.acquire_within(self.$wanted(), timeout, Location::caller(), R::$try_lock, R::$lock_for)
            }

            #[track_caller]
            pub(crate) fn $lock_until(&self, timeout: R::Instant) -> Option<R::$Guard> {
                self.acquire_within(self.$wanted(), timeout, Location::caller(), R::$try_lock, R::$lock_until)
            }
        }
    )* };
}

timed! {
    RawRwLockTimed, SharedGuard, shared: try_lock_shared try_lock_shared_for try_lock_shared_until;
    RawRwLockTimed, ExclusiveGuard, exclusive: try_lock_exclusive try_lock_exclusive_for try_lock_exclusive_until;
    RawRwLockUpgradeTimed, UpgradableGuard, upgradable:
        try_lock_upgradable try_lock_upgradable_for try_lock_upgradable_until;
}

/// Releases.
macro_rules! released {
    ($($Trait:ident: $($unlock:ident $Guard:ident),*;)*) => { $(
        impl<R: $Trait> Tracked<R, Shared> { $(
            pub(crate) unsafe fn $unlock(&self, guard: R::$Guard) {
                self.let_go();
                // SAFETY: the caller hands over the state of an acquisition that it holds.
                unsafe { self.raw.$unlock(guard) }
            }
        )* }
    )* };
}

released! {
    RawRwLock: unlock_shared SharedGuard, unlock_exclusive ExclusiveGuard;
    RawRwLockFair: unlock_shared_fair SharedGuard, unlock_exclusive_fair ExclusiveGuard;
    RawRwLockUpgrade: unlock_upgradable UpgradableGuard;
    RawRwLockUpgradeFair: unlock_upgradable_fair UpgradableGuard;
}

/// Releases at which another thread may come first, and which end with the lock held again.
macro_rules! bumped {
    ($($Trait:ident: $($bump:ident $Guard:ident),*;)*) => { $(
        impl<R: $Trait> Tracked<R, Shared> { $(
            pub(crate) unsafe fn $bump(&self, guard: &mut R::$Guard) {
                // SAFETY: the caller holds the acquisition.
                unsafe { self.raw.$bump(guard) }
            }
        )* }
    )* };
}

bumped! {
    RawRwLockFair: bump_shared SharedGuard, bump_exclusive ExclusiveGuard;
    RawRwLockUpgradeFair: bump_upgradable UpgradableGuard;
}

impl<R: RawRwLockDowngrade> Tracked<R, Shared> {
    pub(crate) unsafe fn downgrade(&self, guard: R::ExclusiveGuard) -> R::SharedGuard {
        // SAFETY: the caller hands over the state of an acquisition that it holds.
        let guard = unsafe { self.raw.downgrade(guard) };
        self.is_now(How(How::DOWNGRADED));
        guard
    }
}

impl<R: RawRwLockUpgradeDowngrade> Tracked<R, Shared> {
    pub(crate) unsafe fn downgrade_upgradable(&self, guard: R::UpgradableGuard) -> R::SharedGuard {
        // SAFETY: the caller hands over the state of an acquisition that it holds.
        let guard = unsafe { self.raw.downgrade_upgradable(guard) };
        self.is_now(self.shared().how);
        guard
    }

    pub(crate) unsafe fn downgrade_to_upgradable(&self, guard: R::ExclusiveGuard) -> R::UpgradableGuard {
        // SAFETY: the caller hands over the state of an acquisition that it holds.
        let guard = unsafe { self.raw.downgrade_to_upgradable(guard) };
        self.is_now(How::UPGRADABLE);
        guard
    }
}

impl<R: RawRwLockUpgrade> Tracked<R, Shared> {
    #[track_caller]
    pub(crate) unsafe fn upgrade(&self, guard: R::UpgradableGuard) -> R::ExclusiveGuard {
        self.before_upgrade(How::UPGRADE, 0, Location::caller());
        // SAFETY: the caller hands over the state of an acquisition that it holds.
        let guard = unsafe { self.raw.upgrade(guard) };
        self.is_now(How::WRITE);
        guard
    }

    #[track_caller]
    pub(crate) unsafe fn try_upgrade(
        &self,
        guard: R::UpgradableGuard,
    ) -> Result<R::ExclusiveGuard, R::UpgradableGuard> {
        self.before_upgrade(How::UPGRADE.tried(), 0, Location::caller());
        // SAFETY: the caller hands over the state of an acquisition that it holds.
        self.upgraded(unsafe { self.raw.try_upgrade(guard) })
    }

    fn upgraded<G, H>(&self, outcome: Result<G, H>) -> Result<G, H> {
        if outcome.is_ok() {
            self.is_now(How::WRITE);
        }
        outcome
    }
}

impl<R: RawRwLockUpgradeTimed> Tracked<R, Shared> {
    #[track_caller]
    pub(crate) unsafe fn try_upgrade_for(
        &self,
        guard: R::UpgradableGuard,
        timeout: R::Duration,
    ) -> Result<R::ExclusiveGuard, R::UpgradableGuard> {
        self.before_upgrade(How::UPGRADE, limit(&timeout), Location::caller());
        // SAFETY: the caller hands over the state of an acquisition that it holds.
        self.upgraded(unsafe { self.raw.try_upgrade_for(guard, timeout) })
    }

    #[track_caller]
    pub(crate) unsafe fn try_upgrade_until(
        &self,
        guard: R::UpgradableGuard,
        timeout: R::Instant,
    ) -> Result<R::ExclusiveGuard, R::UpgradableGuard> {
        self.before_upgrade(How::UPGRADE, limit(&timeout), Location::caller());
        // SAFETY: the caller hands over the state of an acquisition that it holds.
        self.upgraded(unsafe { self.raw.try_upgrade_until(guard, timeout) })
    }
}
