//! Stub of the checked raw locks, with their signatures only: every call goes straight to the plain lock.
#![allow(missing_docs, missing_debug_implementations, clippy::undocumented_unsafe_blocks)]

use crate::LockClassKey;
use core::marker::PhantomData;
use core::panic::Location;
use core::sync::atomic::AtomicPtr;
use lock_api as la;

#[derive(Debug)]
pub struct Plain;
#[derive(Debug)]
pub struct Fair;
#[derive(Debug)]
pub struct Recursive;
#[derive(Debug)]
pub struct Reentrant;

pub struct Tracked<R, F = Plain> {
    #[allow(dead_code)]
    word: AtomicPtr<()>,
    raw: R,
    family: PhantomData<fn() -> F>,
}
pub type TrackedMutex<R, F = Plain> = Tracked<R, F>;
pub type TrackedRwLock<R, F = Plain> = Tracked<R, F>;

pub struct Token<G> {
    guard: G,
    #[allow(dead_code)]
    slot: u64,
}
impl<G> Token<G> {
    fn new(guard: G) -> Self {
        Self { guard, slot: 0 }
    }
}

impl<R, F> Tracked<R, F> {
    const fn around(raw: R) -> Self {
        Self { word: AtomicPtr::new(core::ptr::null_mut()), raw, family: PhantomData }
    }
    pub const fn inner(&self) -> &R {
        &self.raw
    }
    #[inline]
    pub fn bind_type(&self, _: fn() -> &'static str) {}
    #[inline]
    pub fn set_class(&self, _: &'static LockClassKey) {}
}
macro_rules! births { ($Trait:ident, $($R:ty, $F:ty;)*) => { $(
    impl Tracked<$R, $F> {
        pub const fn at(_: &'static Location<'static>) -> Self { Self::around(<$R as la::$Trait>::INIT) }
        pub const fn keyed(_: &'static LockClassKey) -> Self { Self::around(<$R as la::$Trait>::INIT) }
    }
)* } }
births!(RawMutex, ::parking_lot::RawMutex, Plain; ::parking_lot::RawMutex, Reentrant; ::parking_lot::RawFairMutex, Fair;);
births!(RawRwLock, ::parking_lot::RawRwLock, Plain; ::parking_lot::RawRwLockRecursive, Recursive;);
impl<R: la::RawMutex, F> Tracked<R, F> {
    pub fn lock_nested(&self, _: u32) -> Token<R::Guard> {
        Token::new(self.raw.lock())
    }
}
impl<R: la::RawRwLock, F> Tracked<R, F> {
    pub fn lock_shared_nested(&self, _: u32) -> Token<R::SharedGuard> {
        Token::new(self.raw.lock_shared())
    }
    pub fn lock_exclusive_nested(&self, _: u32) -> Token<R::ExclusiveGuard> {
        Token::new(self.raw.lock_exclusive())
    }
}
// SAFETY: every call is the plain lock's.
unsafe impl<R: la::RawMutex, F> la::RawMutex for Tracked<R, F> {
    const INIT: Self = Self::around(R::INIT);
    type Guard = Token<R::Guard>;
    fn lock(&self) -> Self::Guard {
        Token::new(self.raw.lock())
    }
    fn try_lock(&self) -> Option<Self::Guard> {
        self.raw.try_lock().map(Token::new)
    }
    unsafe fn unlock(&self, g: Self::Guard) {
        unsafe { self.raw.unlock(g.guard) }
    }
    fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }
}
// SAFETY: every call is the plain lock's.
unsafe impl<R: la::RawMutexFair, F> la::RawMutexFair for Tracked<R, F> {
    unsafe fn unlock_fair(&self, g: Self::Guard) {
        unsafe { self.raw.unlock_fair(g.guard) }
    }
    unsafe fn bump(&self, g: &mut Self::Guard) {
        unsafe { self.raw.bump(&mut g.guard) }
    }
}
// SAFETY: every call is the plain lock's.
unsafe impl<R: la::RawMutexTimed, F> la::RawMutexTimed for Tracked<R, F> {
    type Duration = R::Duration;
    type Instant = R::Instant;
    fn try_lock_for(&self, t: Self::Duration) -> Option<Self::Guard> {
        self.raw.try_lock_for(t).map(Token::new)
    }
    fn try_lock_until(&self, t: Self::Instant) -> Option<Self::Guard> {
        self.raw.try_lock_until(t).map(Token::new)
    }
}
// SAFETY: every call is the plain lock's.
unsafe impl<R: la::RawRwLock, F> la::RawRwLock for Tracked<R, F> {
    const INIT: Self = Self::around(R::INIT);
    type SharedGuard = Token<R::SharedGuard>;
    type ExclusiveGuard = Token<R::ExclusiveGuard>;
    fn lock_shared(&self) -> Self::SharedGuard {
        Token::new(self.raw.lock_shared())
    }
    fn try_lock_shared(&self) -> Option<Self::SharedGuard> {
        self.raw.try_lock_shared().map(Token::new)
    }
    unsafe fn unlock_shared(&self, g: Self::SharedGuard) {
        unsafe { self.raw.unlock_shared(g.guard) }
    }
    fn lock_exclusive(&self) -> Self::ExclusiveGuard {
        Token::new(self.raw.lock_exclusive())
    }
    fn try_lock_exclusive(&self) -> Option<Self::ExclusiveGuard> {
        self.raw.try_lock_exclusive().map(Token::new)
    }
    unsafe fn unlock_exclusive(&self, g: Self::ExclusiveGuard) {
        unsafe { self.raw.unlock_exclusive(g.guard) }
    }
    fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }
    fn is_locked_exclusive(&self) -> bool {
        self.raw.is_locked_exclusive()
    }
}
// SAFETY: every call is the plain lock's.
unsafe impl<R: la::RawRwLockFair, F> la::RawRwLockFair for Tracked<R, F> {
    unsafe fn unlock_shared_fair(&self, g: Self::SharedGuard) {
        unsafe { self.raw.unlock_shared_fair(g.guard) }
    }
    unsafe fn unlock_exclusive_fair(&self, g: Self::ExclusiveGuard) {
        unsafe { self.raw.unlock_exclusive_fair(g.guard) }
    }
    unsafe fn bump_shared(&self, g: &mut Self::SharedGuard) {
        unsafe { self.raw.bump_shared(&mut g.guard) }
    }
    unsafe fn bump_exclusive(&self, g: &mut Self::ExclusiveGuard) {
        unsafe { self.raw.bump_exclusive(&mut g.guard) }
    }
}
// SAFETY: every call is the plain lock's.
unsafe impl<R: la::RawRwLockDowngrade, F> la::RawRwLockDowngrade for Tracked<R, F> {
    unsafe fn downgrade(&self, g: Self::ExclusiveGuard) -> Self::SharedGuard {
        unsafe { Token::new(self.raw.downgrade(g.guard)) }
    }
}
// SAFETY: every call is the plain lock's.
unsafe impl<R: la::RawRwLockTimed, F> la::RawRwLockTimed for Tracked<R, F> {
    type Duration = R::Duration;
    type Instant = R::Instant;
    fn try_lock_shared_for(&self, t: Self::Duration) -> Option<Self::SharedGuard> {
        self.raw.try_lock_shared_for(t).map(Token::new)
    }
    fn try_lock_shared_until(&self, t: Self::Instant) -> Option<Self::SharedGuard> {
        self.raw.try_lock_shared_until(t).map(Token::new)
    }
    fn try_lock_exclusive_for(&self, t: Self::Duration) -> Option<Self::ExclusiveGuard> {
        self.raw.try_lock_exclusive_for(t).map(Token::new)
    }
    fn try_lock_exclusive_until(&self, t: Self::Instant) -> Option<Self::ExclusiveGuard> {
        self.raw.try_lock_exclusive_until(t).map(Token::new)
    }
}
// SAFETY: every call is the plain lock's.
unsafe impl<R: la::RawRwLockUpgrade, F> la::RawRwLockUpgrade for Tracked<R, F> {
    type UpgradableGuard = Token<R::UpgradableGuard>;
    fn lock_upgradable(&self) -> Self::UpgradableGuard {
        Token::new(self.raw.lock_upgradable())
    }
    fn try_lock_upgradable(&self) -> Option<Self::UpgradableGuard> {
        self.raw.try_lock_upgradable().map(Token::new)
    }
    unsafe fn unlock_upgradable(&self, g: Self::UpgradableGuard) {
        unsafe { self.raw.unlock_upgradable(g.guard) }
    }
    unsafe fn upgrade(&self, g: Self::UpgradableGuard) -> Self::ExclusiveGuard {
        unsafe { Token::new(self.raw.upgrade(g.guard)) }
    }
    unsafe fn try_upgrade(&self, g: Self::UpgradableGuard) -> Result<Self::ExclusiveGuard, Self::UpgradableGuard> {
        unsafe { self.raw.try_upgrade(g.guard).map(Token::new).map_err(Token::new) }
    }
}
// SAFETY: every call is the plain lock's.
unsafe impl<R: la::RawRwLockUpgradeFair, F> la::RawRwLockUpgradeFair for Tracked<R, F> {
    unsafe fn unlock_upgradable_fair(&self, g: Self::UpgradableGuard) {
        unsafe { self.raw.unlock_upgradable_fair(g.guard) }
    }
    unsafe fn bump_upgradable(&self, g: &mut Self::UpgradableGuard) {
        unsafe { self.raw.bump_upgradable(&mut g.guard) }
    }
}
// SAFETY: every call is the plain lock's.
unsafe impl<R: la::RawRwLockUpgradeDowngrade, F> la::RawRwLockUpgradeDowngrade for Tracked<R, F> {
    unsafe fn downgrade_upgradable(&self, g: Self::UpgradableGuard) -> Self::SharedGuard {
        unsafe { Token::new(self.raw.downgrade_upgradable(g.guard)) }
    }
    unsafe fn downgrade_to_upgradable(&self, g: Self::ExclusiveGuard) -> Self::UpgradableGuard {
        unsafe { Token::new(self.raw.downgrade_to_upgradable(g.guard)) }
    }
}
// SAFETY: every call is the plain lock's.
unsafe impl<R: la::RawRwLockUpgradeTimed, F> la::RawRwLockUpgradeTimed for Tracked<R, F> {
    fn try_lock_upgradable_for(&self, t: Self::Duration) -> Option<Self::UpgradableGuard> {
        self.raw.try_lock_upgradable_for(t).map(Token::new)
    }
    fn try_lock_upgradable_until(&self, t: Self::Instant) -> Option<Self::UpgradableGuard> {
        self.raw.try_lock_upgradable_until(t).map(Token::new)
    }
    unsafe fn try_upgrade_for(
        &self,
        g: Self::UpgradableGuard,
        t: Self::Duration,
    ) -> Result<Self::ExclusiveGuard, Self::UpgradableGuard> {
        unsafe { self.raw.try_upgrade_for(g.guard, t).map(Token::new).map_err(Token::new) }
    }
    unsafe fn try_upgrade_until(
        &self,
        g: Self::UpgradableGuard,
        t: Self::Instant,
    ) -> Result<Self::ExclusiveGuard, Self::UpgradableGuard> {
        unsafe { self.raw.try_upgrade_until(g.guard, t).map(Token::new).map_err(Token::new) }
    }
}

pub struct TrackedCondvar<C>(C);
// SAFETY: every call is the plain condvar's.
unsafe impl<C: la::RawCondvar> la::RawCondvar for TrackedCondvar<C> {
    const INIT: Self = Self(C::INIT);
    type RawMutex = Tracked<C::RawMutex>;
    unsafe fn wait(&self, m: &Self::RawMutex, g: &mut Token<<C::RawMutex as la::RawMutex>::Guard>) {
        unsafe { self.0.wait(&m.raw, &mut g.guard) }
    }
    fn notify_one(&self) -> bool {
        self.0.notify_one()
    }
    fn notify_all(&self) -> usize {
        self.0.notify_all()
    }
}
// SAFETY: every call is the plain condvar's.
unsafe impl<C: la::RawCondvarTimed> la::RawCondvarTimed for TrackedCondvar<C>
where
    C::RawMutex: la::RawMutexTimed,
{
    fn checked_duration_to_instant(
        t: &<C::RawMutex as la::RawMutexTimed>::Duration,
    ) -> Option<<C::RawMutex as la::RawMutexTimed>::Instant> {
        C::checked_duration_to_instant(t)
    }
    unsafe fn wait_until(
        &self,
        m: &Self::RawMutex,
        g: &mut Token<<C::RawMutex as la::RawMutex>::Guard>,
        t: &<C::RawMutex as la::RawMutexTimed>::Instant,
    ) -> bool {
        unsafe { self.0.wait_until(&m.raw, &mut g.guard, t) }
    }
}
