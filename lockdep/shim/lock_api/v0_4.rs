
// The traits of `lock_api` 0.4, whose acquisitions say whether they succeeded.

use crate::{
    RawMutex, RawMutexFair, RawMutexTimed, RawRwLock, RawRwLockDowngrade, RawRwLockFair, RawRwLockRecursive,
    RawRwLockRecursiveTimed, RawRwLockTimed, RawRwLockUpgrade, RawRwLockUpgradeDowngrade, RawRwLockUpgradeFair,
    RawRwLockUpgradeTimed,
};

/// Nothing, if it is true.
fn so(yes: bool) -> Option<()> {
    if yes { Some(()) } else { None }
}

impl<R: RawMutex, K: MutexKind> Tracked<R, K> {
    #[track_caller]
    pub(crate) fn lock(&self) {
        self.lock_at(Location::caller());
    }

    pub(crate) fn lock_at(&self, site: Site) {
        self.acquire(self.exclusive(), site, |raw| so(raw.try_lock()), |raw| raw.lock());
    }

    #[track_caller]
    pub(crate) fn try_lock(&self) -> bool {
        self.try_lock_at(Location::caller())
    }

    pub(crate) fn try_lock_at(&self, site: Site) -> bool {
        self.attempt(self.exclusive(), site, |raw| so(raw.try_lock())).is_some()
    }

    pub(crate) unsafe fn unlock(&self) {
        self.let_go();
        self.raw.unlock();
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }
}

impl<R: RawMutexFair, K: MutexKind> Tracked<R, K> {
    pub(crate) unsafe fn unlock_fair(&self) {
        self.let_go();
        self.raw.unlock_fair();
    }

    pub(crate) unsafe fn bump(&self) {
        self.raw.bump();
    }
}

impl<R: RawMutexTimed, K: MutexKind> Tracked<R, K> {
    #[track_caller]
    pub(crate) fn try_lock_for(&self, timeout: R::Duration) -> bool {
        self.try_lock_for_at(Location::caller(), timeout)
    }

    pub(crate) fn try_lock_for_at(&self, site: Site, timeout: R::Duration) -> bool {
        let wait = |raw: &R, timeout| so(raw.try_lock_for(timeout));
        self.acquire_within(self.exclusive(), timeout, site, |raw| so(raw.try_lock()), wait).is_some()
    }

    #[track_caller]
    pub(crate) fn try_lock_until(&self, timeout: R::Instant) -> bool {
        self.try_lock_until_at(Location::caller(), timeout)
    }

    pub(crate) fn try_lock_until_at(&self, site: Site, timeout: R::Instant) -> bool {
        let wait = |raw: &R, timeout| so(raw.try_lock_until(timeout));
        self.acquire_within(self.exclusive(), timeout, site, |raw| so(raw.try_lock()), wait).is_some()
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
    ($($Trait:ident, $wanted:ident: $lock:ident $lock_at:ident $try_lock:ident;)*) => { $(
        impl<R: $Trait> Tracked<R, Shared> {
            #[track_caller]
            pub(crate) fn $lock(&self) {
                self.$lock_at(Location::caller());
            }

            pub(crate) fn $lock_at(&self, site: Site) {
                self.acquire(self.$wanted(), site, |raw| so(raw.$try_lock()), |raw| raw.$lock());
            }

            #[track_caller]
            pub(crate) fn $try_lock(&self) -> bool {
                self.attempt(self.$wanted(), Location::caller(), |raw| so(raw.$try_lock())).is_some()
            }
        }
    )* };
}

mode! {
    RawRwLock, shared: lock_shared lock_shared_at try_lock_shared;
    RawRwLock, exclusive: lock_exclusive lock_exclusive_at try_lock_exclusive;
    RawRwLockRecursive, recursive: lock_shared_recursive lock_shared_recursive_at try_lock_shared_recursive;
    RawRwLockUpgrade, upgradable: lock_upgradable lock_upgradable_at try_lock_upgradable;
}

/// Acquisitions in one mode with a time limit.
macro_rules! timed {
    ($($Trait:ident, $wanted:ident: $try_lock:ident $lock_for:ident $lock_until:ident;)*) => { $(
        impl<R: $Trait> Tracked<R, Shared> {
            #[track_caller]
            pub(crate) fn $lock_for(&self, timeout: R::Duration) -> bool {
                let wait = |raw: &R, timeout| so(raw.$lock_for(timeout));
                let attempt = |raw: &R| so(raw.$try_lock());
                self.acquire_within(self.$wanted(), timeout, Location::caller(), attempt, wait).is_some()
            }

            #[track_caller]
            pub(crate) fn $lock_until(&self, timeout: R::Instant) -> bool {
                let wait = |raw: &R, timeout| so(raw.$lock_until(timeout));
                let attempt = |raw: &R| so(raw.$try_lock());
                self.acquire_within(self.$wanted(), timeout, Location::caller(), attempt, wait).is_some()
            }
        }
    )* };
}

timed! {
    RawRwLockTimed, shared: try_lock_shared try_lock_shared_for try_lock_shared_until;
    RawRwLockTimed, exclusive: try_lock_exclusive try_lock_exclusive_for try_lock_exclusive_until;
    RawRwLockRecursiveTimed, recursive:
        try_lock_shared_recursive try_lock_shared_recursive_for try_lock_shared_recursive_until;
    RawRwLockUpgradeTimed, upgradable: try_lock_upgradable try_lock_upgradable_for try_lock_upgradable_until;
}

/// Releases.
macro_rules! released {
    ($($Trait:ident: $($unlock:ident)*;)*) => { $(
        impl<R: $Trait> Tracked<R, Shared> { $(
            pub(crate) unsafe fn $unlock(&self) {
                self.let_go();
                self.raw.$unlock();
            }
        )* }
    )* };
}

released! {
    RawRwLock: unlock_shared unlock_exclusive;
    RawRwLockFair: unlock_shared_fair unlock_exclusive_fair;
    RawRwLockUpgrade: unlock_upgradable;
    RawRwLockUpgradeFair: unlock_upgradable_fair;
}

impl<R: RawRwLockFair> Tracked<R, Shared> {
    pub(crate) unsafe fn bump_shared(&self) {
        self.raw.bump_shared();
    }

    pub(crate) unsafe fn bump_exclusive(&self) {
        self.raw.bump_exclusive();
    }
}

impl<R: RawRwLockUpgradeFair> Tracked<R, Shared> {
    pub(crate) unsafe fn bump_upgradable(&self) {
        self.raw.bump_upgradable();
    }
}

impl<R: RawRwLockDowngrade> Tracked<R, Shared> {
    pub(crate) unsafe fn downgrade(&self) {
        self.raw.downgrade();
        self.is_now(How(How::DOWNGRADED));
    }
}

impl<R: RawRwLockUpgradeDowngrade> Tracked<R, Shared> {
    pub(crate) unsafe fn downgrade_upgradable(&self) {
        self.raw.downgrade_upgradable();
        self.is_now(self.shared().how);
    }

    pub(crate) unsafe fn downgrade_to_upgradable(&self) {
        self.raw.downgrade_to_upgradable();
        self.is_now(How::UPGRADABLE);
    }
}

impl<R: RawRwLockUpgrade> Tracked<R, Shared> {
    #[track_caller]
    pub(crate) unsafe fn upgrade(&self) {
        self.before_upgrade(How::UPGRADE, 0, Location::caller());
        self.raw.upgrade();
        self.is_now(How::WRITE);
    }

    #[track_caller]
    pub(crate) unsafe fn try_upgrade(&self) -> bool {
        self.before_upgrade(How::UPGRADE.tried(), 0, Location::caller());
        self.upgraded(self.raw.try_upgrade())
    }

    fn upgraded(&self, yes: bool) -> bool {
        if yes {
            self.is_now(How::WRITE);
        }
        yes
    }
}

impl<R: RawRwLockUpgradeTimed> Tracked<R, Shared> {
    #[track_caller]
    pub(crate) unsafe fn try_upgrade_for(&self, timeout: R::Duration) -> bool {
        self.before_upgrade(How::UPGRADE, limit(&timeout), Location::caller());
        self.upgraded(self.raw.try_upgrade_for(timeout))
    }

    #[track_caller]
    pub(crate) unsafe fn try_upgrade_until(&self, timeout: R::Instant) -> bool {
        self.before_upgrade(How::UPGRADE, limit(&timeout), Location::caller());
        self.upgraded(self.raw.try_upgrade_until(timeout))
    }
}
