//! Raw locks of `lock_api` 0.4: their acquisitions have no state in which the place on the books could be kept, so a release finds
//! it by the lock, on the thread's own stack or else on another's.

use super::{Family, Nesting, Tracked, Wanted};
use crate::runtime::{self, Waiting, how};
use core::panic::Location;
use lock_api_0_4::{
    RawMutex, RawMutexFair, RawMutexTimed, RawRwLock, RawRwLockDowngrade, RawRwLockFair, RawRwLockRecursive,
    RawRwLockRecursiveTimed, RawRwLockTimed, RawRwLockUpgrade, RawRwLockUpgradeDowngrade, RawRwLockUpgradeFair,
    RawRwLockUpgradeTimed,
};
use lockdep_core::mode::Want;
use lockdep_rt::{ClassWord, How};

impl<R, F> Tracked<R, F> {
    /// Takes the acquisition that is about to be released off the books.
    #[inline]
    fn let_go(&self) {
        runtime::release_lock(&self.word);
    }

    /// The newest hold of this thread is of another mode from now on.
    fn is_now(&self, mode: How) {
        runtime::newest(&self.word).into_iter().for_each(|slot| runtime::change(slot, mode));
    }
}

impl<R: RawMutex, F: Family> Tracked<R, F> {
    /// Acquires, and says how that stands to others of the class.
    #[inline]
    #[track_caller]
    pub(crate) fn lock_stateless(&self, nesting: Nesting) {
        let wanted = Wanted::nested(F::MUTEX, Want::Write, &nesting);
        self.obtain(wanted, |raw| raw.try_lock().then_some(()), R::lock, self.undo_lock());
    }

    fn undo_lock(&self) -> impl FnOnce(()) + '_ {
        // SAFETY: only called when the lock was just acquired.
        |()| unsafe { self.raw.unlock() }
    }

    const EXCLUSIVE: Wanted<'static> = Wanted::plain(F::MUTEX, Want::Write);
}

// SAFETY: every operation is the inner lock's; the books around it do not touch it.
unsafe impl<R: RawMutex, F: Family> RawMutex for Tracked<R, F> {
    #[allow(clippy::declare_interior_mutable_const, reason = "the trait asks for it")]
    const INIT: Self = Self::around(R::INIT, ClassWord::unknown());

    type GuardMarker = R::GuardMarker;

    #[inline(never)]
    #[track_caller]
    fn lock(&self) {
        self.lock_stateless(Nesting::NONE);
    }

    #[inline]
    #[track_caller]
    fn try_lock(&self) -> bool {
        let is_held = self.raw.try_lock();
        if is_held {
            self.tried(Self::EXCLUSIVE, (), self.undo_lock());
        }
        is_held
    }

    #[inline]
    unsafe fn unlock(&self) {
        self.let_go();
        // SAFETY: the caller holds the lock.
        unsafe { self.raw.unlock() }
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }
}

// SAFETY: as above. The place on the books does not change by a bump.
unsafe impl<R: RawMutexFair, F: Family> RawMutexFair for Tracked<R, F> {
    #[inline]
    unsafe fn unlock_fair(&self) {
        self.let_go();
        // SAFETY: the caller holds the lock.
        unsafe { self.raw.unlock_fair() }
    }

    #[inline]
    unsafe fn bump(&self) {
        // SAFETY: the caller holds the lock.
        unsafe { self.raw.bump() }
    }
}

// SAFETY: as above.
unsafe impl<R: RawMutexTimed, F: Family> RawMutexTimed for Tracked<R, F> {
    type Duration = R::Duration;
    type Instant = R::Instant;

    #[inline]
    #[track_caller]
    fn try_lock_for(&self, timeout: Self::Duration) -> bool {
        let attempt = |raw: &R| raw.try_lock().then_some(());
        let wait = |raw: &R| raw.try_lock_for(timeout).then_some(());
        self.obtain_timed(Self::EXCLUSIVE, attempt, wait, self.undo_lock()).is_some()
    }

    #[inline]
    #[track_caller]
    fn try_lock_until(&self, timeout: Self::Instant) -> bool {
        let attempt = |raw: &R| raw.try_lock().then_some(());
        let wait = |raw: &R| raw.try_lock_until(timeout).then_some(());
        self.obtain_timed(Self::EXCLUSIVE, attempt, wait, self.undo_lock()).is_some()
    }
}

/// Defines what every mode of a reader-writer lock has: acquisitions that wait, and that try.
macro_rules! mode {
    ($($(#[$doc:meta])* $Raw:ident, $want:expr => $lock:ident $try_lock:ident $unlock:ident $in:ident $tried:ident;)*) => { $(
        impl<R: $Raw, F: Family> Tracked<R, F> {
            $(#[$doc])*
            #[inline]
            #[track_caller]
            pub(crate) fn $in(&self, nesting: Nesting) {
                let wanted = Wanted::nested(F::RWLOCK, $want, &nesting);
                // SAFETY: only called when the lock was just acquired.
                let undo = |()| unsafe { self.raw.$unlock() };
                self.obtain(wanted, |raw| raw.$try_lock().then_some(()), R::$lock, undo);
            }

            #[inline]
            #[track_caller]
            fn $tried(&self) -> bool {
                // SAFETY: only called when the lock was just acquired.
                let undo = |()| unsafe { self.raw.$unlock() };
                let is_held = self.raw.$try_lock();
                if is_held {
                    self.tried(Wanted::plain(F::RWLOCK, $want), (), undo);
                }
                is_held
            }
        }
    )* };
}

mode! {
    /// Acquires shared, and says how that stands to others of the class.
    RawRwLock, F::READ => lock_shared try_lock_shared unlock_shared lock_shared_stateless tried_shared;
    /// Acquires exclusively, and says how that stands to others of the class.
    RawRwLock, Want::Write => lock_exclusive try_lock_exclusive unlock_exclusive lock_exclusive_stateless tried_exclusive;
    /// Acquires shared, passing waiting writers.
    RawRwLockRecursive, Want::RecursiveRead =>
        lock_shared_recursive try_lock_shared_recursive unlock_shared lock_recursive_stateless tried_recursive;
    /// Acquires upgradably.
    RawRwLockUpgrade, Want::Upgradable =>
        lock_upgradable try_lock_upgradable unlock_upgradable lock_upgradable_stateless tried_upgradable;
}

/// Forwards acquisitions to the functions of a mode.
macro_rules! forward {
    ($($lock:ident $try_lock:ident: $in:ident $tried:ident;)*) => { $(
        #[inline(never)]
        #[track_caller]
        fn $lock(&self) {
            self.$in(Nesting::NONE);
        }

        #[inline]
        #[track_caller]
        fn $try_lock(&self) -> bool {
            self.$tried()
        }
    )* };
}

/// Defines releases.
macro_rules! release {
    ($($unlock:ident)*) => { $(
        #[inline]
        unsafe fn $unlock(&self) {
            self.let_go();
            // SAFETY: the caller holds the lock in this mode.
            unsafe { self.raw.$unlock() }
        }
    )* };
}

/// Defines releases at which another thread may come first, and which end with the lock held again.
macro_rules! bump {
    ($($bump:ident)*) => { $(
        #[inline]
        unsafe fn $bump(&self) {
            // SAFETY: the caller holds the lock in this mode; its place on the books does not change.
            unsafe { self.raw.$bump() }
        }
    )* };
}

/// Defines acquisitions with a time limit.
macro_rules! timed {
    ($($want:expr => $try_lock:ident $unlock:ident $lock_for:ident $lock_until:ident;)*) => { $(
        #[inline]
        #[track_caller]
        fn $lock_for(&self, timeout: R::Duration) -> bool {
            let wait = |raw: &R| raw.$lock_for(timeout).then_some(());
            // SAFETY: only called when the lock was just acquired.
            let undo = |()| unsafe { self.raw.$unlock() };
            let attempt = |raw: &R| raw.$try_lock().then_some(());
            self.obtain_timed(Wanted::plain(F::RWLOCK, $want), attempt, wait, undo).is_some()
        }

        #[inline]
        #[track_caller]
        fn $lock_until(&self, timeout: R::Instant) -> bool {
            let wait = |raw: &R| raw.$lock_until(timeout).then_some(());
            // SAFETY: only called when the lock was just acquired.
            let undo = |()| unsafe { self.raw.$unlock() };
            let attempt = |raw: &R| raw.$try_lock().then_some(());
            self.obtain_timed(Wanted::plain(F::RWLOCK, $want), attempt, wait, undo).is_some()
        }
    )* };
}

// SAFETY: every operation is the inner lock's; the books around it do not touch it.
unsafe impl<R: RawRwLock, F: Family> RawRwLock for Tracked<R, F> {
    #[allow(clippy::declare_interior_mutable_const, reason = "the trait asks for it")]
    const INIT: Self = Self::around(R::INIT, ClassWord::unknown());

    type GuardMarker = R::GuardMarker;

    forward! {
        lock_shared try_lock_shared: lock_shared_stateless tried_shared;
        lock_exclusive try_lock_exclusive: lock_exclusive_stateless tried_exclusive;
    }
    release!(unlock_shared unlock_exclusive);

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
    release!(unlock_shared_fair unlock_exclusive_fair);
    bump!(bump_shared bump_exclusive);
}

// SAFETY: as above.
unsafe impl<R: RawRwLockTimed, F: Family> RawRwLockTimed for Tracked<R, F> {
    type Duration = R::Duration;
    type Instant = R::Instant;

    timed! {
        F::READ => try_lock_shared unlock_shared try_lock_shared_for try_lock_shared_until;
        Want::Write => try_lock_exclusive unlock_exclusive try_lock_exclusive_for try_lock_exclusive_until;
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockRecursive, F: Family> RawRwLockRecursive for Tracked<R, F> {
    forward! {
        lock_shared_recursive try_lock_shared_recursive: lock_recursive_stateless tried_recursive;
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockRecursiveTimed, F: Family> RawRwLockRecursiveTimed for Tracked<R, F> {
    timed! {
        Want::RecursiveRead =>
            try_lock_shared_recursive unlock_shared try_lock_shared_recursive_for try_lock_shared_recursive_until;
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockDowngrade, F: Family> RawRwLockDowngrade for Tracked<R, F> {
    #[inline]
    unsafe fn downgrade(&self) {
        // SAFETY: the caller holds the lock exclusively.
        unsafe { self.raw.downgrade() };
        self.is_now(How(How::DOWNGRADED));
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockUpgrade, F: Family> RawRwLockUpgrade for Tracked<R, F> {
    forward! {
        lock_upgradable try_lock_upgradable: lock_upgradable_stateless tried_upgradable;
    }
    release!(unlock_upgradable);

    /// Judged before it waits. If that panics, the hold is still upgradable, as its guard has it.
    #[inline]
    #[track_caller]
    unsafe fn upgrade(&self) {
        let (wanted, site) = (Wanted::plain(F::RWLOCK, Want::Upgrade), Location::caller());
        self.before_wait(wanted, site);
        let _waiting = Waiting::start(&self.word, wanted.how, site);
        // SAFETY: the caller holds the lock upgradably.
        unsafe { self.raw.upgrade() };
        self.is_now(how(Want::Write, 0));
    }

    #[inline]
    unsafe fn try_upgrade(&self) -> bool {
        // SAFETY: the caller holds the lock upgradably.
        let is_exclusive = unsafe { self.raw.try_upgrade() };
        if is_exclusive {
            self.is_now(how(Want::Write, 0));
        }
        is_exclusive
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockUpgradeFair, F: Family> RawRwLockUpgradeFair for Tracked<R, F> {
    release!(unlock_upgradable_fair);
    bump!(bump_upgradable);
}

// SAFETY: as above.
unsafe impl<R: RawRwLockUpgradeDowngrade, F: Family> RawRwLockUpgradeDowngrade for Tracked<R, F> {
    #[inline]
    unsafe fn downgrade_upgradable(&self) {
        // SAFETY: the caller holds the lock upgradably.
        unsafe { self.raw.downgrade_upgradable() };
        self.is_now(how(F::READ, 0));
    }

    #[inline]
    unsafe fn downgrade_to_upgradable(&self) {
        // SAFETY: the caller holds the lock exclusively.
        unsafe { self.raw.downgrade_to_upgradable() };
        self.is_now(how(Want::Upgradable, 0));
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockUpgradeTimed, F: Family> RawRwLockUpgradeTimed for Tracked<R, F> {
    timed! {
        Want::Upgradable =>
            try_lock_upgradable unlock_upgradable try_lock_upgradable_for try_lock_upgradable_until;
    }

    #[inline]
    #[track_caller]
    unsafe fn try_upgrade_for(&self, timeout: Self::Duration) -> bool {
        self.before_wait(Wanted::plain(F::RWLOCK, Want::Upgrade), Location::caller());
        // SAFETY: the caller holds the lock upgradably.
        let is_exclusive = unsafe { self.raw.try_upgrade_for(timeout) };
        if is_exclusive {
            self.is_now(how(Want::Write, 0));
        }
        is_exclusive
    }

    #[inline]
    #[track_caller]
    unsafe fn try_upgrade_until(&self, timeout: Self::Instant) -> bool {
        self.before_wait(Wanted::plain(F::RWLOCK, Want::Upgrade), Location::caller());
        // SAFETY: the caller holds the lock upgradably.
        let is_exclusive = unsafe { self.raw.try_upgrade_until(timeout) };
        if is_exclusive {
            self.is_now(how(Want::Write, 0));
        }
        is_exclusive
    }
}
