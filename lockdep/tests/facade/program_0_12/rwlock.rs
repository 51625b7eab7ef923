//! Every method of `RwLock`.

use super::pl;
use pl::{RwLockReadGuard as R, RwLockUpgradableReadGuard as U, RwLockWriteGuard as W};
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(2);

static CONST: pl::RwLock<u8> = pl::const_rwlock(1);

/// A deadline that has not passed.
fn soon() -> Instant {
    Instant::now() + SHORT
}

#[test]
fn a_rwlock_is_written() {
    let l = pl::RwLock::new((1u32, "right"));
    let mut guard: W<'_, (u32, &str)> = l.write();
    assert!(l.try_read().is_none() && l.try_write().is_none() && l.try_upgradable_read().is_none());
    assert!(l.try_read_for(SHORT).is_none() && l.try_write_until(soon()).is_none() && l.try_read_recursive().is_none());
    assert!(l.is_locked() && l.is_locked_exclusive());
    assert_eq!(format!("{l:?}"), "RwLock { data: <locked> }");
    guard.0 += 1;
    assert_eq!(W::unlocked(&mut guard, || l.read().0), 2);
    assert_eq!(W::unlocked_fair(&mut guard, || l.read().0), 2);
    W::bump(&mut guard);
    let upgradable = W::downgrade_to_upgradable(guard);
    let guard: R<'_, _> = U::downgrade(upgradable);
    assert!(!l.is_locked_exclusive());
    R::unlock_fair(guard);
    R::unlock_fair(W::downgrade(l.write()));
    W::unlock_fair(l.write());
    let mapped: pl::MappedRwLockWriteGuard<'_, u32> = W::map(l.write(), |pair| &mut pair.0);
    pl::MappedRwLockWriteGuard::unlock_fair(pl::MappedRwLockWriteGuard::map(mapped, |value| value));
    assert!(W::try_map(l.write(), |_| None::<&mut u8>).is_err());
    assert_eq!(l.into_inner(), (2, "right"));
}

#[test]
fn a_rwlock_is_read() {
    let l = pl::RwLock::new((2u32, "right"));
    let mut guard = l.read();
    assert_eq!(format!("{l:?}"), "RwLock { data: (2, \"right\") }");
    assert_eq!(l.read_recursive().0 + l.try_read_recursive().unwrap().0, 4);
    assert!(l.try_read_recursive_for(SHORT).is_some() && l.try_read_recursive_until(soon()).is_some());
    assert!(l.try_read().is_some() && l.try_read_for(SHORT).is_some() && l.try_read_until(soon()).is_some());
    assert!(l.try_write_for(SHORT).is_none());
    R::unlocked(&mut guard, || l.write().0 += 1);
    R::unlocked_fair(&mut guard, || l.write().0 -= 1);
    R::bump(&mut guard);
    assert!(R::rwlock(&guard).is_locked());
    let mapped: pl::MappedRwLockReadGuard<'_, u32> = R::map(guard, |pair| &pair.0);
    pl::MappedRwLockReadGuard::unlock_fair(pl::MappedRwLockReadGuard::map(mapped, |value| value));
    assert!(R::try_map(l.read(), |_| None::<&u8>).is_err());
    assert_eq!(*CONST.read() + *pl::RwLock::<u8>::default().read() + *pl::RwLock::from(4).read(), 5);
}

#[test]
fn a_rwlock_is_read_upgradably() {
    let l = pl::RwLock::new((2u32, "right"));
    let mut guard: U<'_, _> = l.upgradable_read();
    assert!(l.try_upgradable_read().is_none() && l.try_upgradable_read_for(SHORT).is_none());
    assert!(l.try_upgradable_read_until(soon()).is_none() && l.try_read().is_some());
    U::unlocked(&mut guard, || l.write().0 += 1);
    U::unlocked_fair(&mut guard, || l.write().0 -= 1);
    U::bump(&mut guard);
    guard.with_upgraded(|pair| pair.0 += 1);
    assert_eq!(guard.try_with_upgraded(|pair| pair.0), Some(3));
    let guard = W::downgrade_to_upgradable(U::upgrade(guard));
    let Ok(guard) = U::try_upgrade(guard) else { panic!("nobody else reads") };
    let Ok(guard) = U::try_upgrade_for(W::downgrade_to_upgradable(guard), SHORT) else { panic!("nobody else reads") };
    let Ok(guard) = U::try_upgrade_until(W::downgrade_to_upgradable(guard), soon()) else {
        panic!("nobody else reads")
    };
    drop(guard);
    U::unlock_fair(l.upgradable_read());
    // SAFETY: each acquisition is the raw one just made, or one whose guard was forgotten, and is released once.
    unsafe {
        use pl::lock_api::{RawRwLock as _, RawRwLockUpgrade as _};
        l.raw().lock_shared();
        drop(l.make_read_guard_unchecked());
        l.raw().lock_exclusive();
        drop(l.make_write_guard_unchecked());
        l.raw().lock_upgradable();
        drop(l.make_upgradable_guard_unchecked());
        std::mem::forget(l.read());
        l.force_unlock_read();
        std::mem::forget(l.read());
        l.force_unlock_read_fair();
        std::mem::forget(l.write());
        l.force_unlock_write();
        std::mem::forget(l.write());
        l.force_unlock_write_fair();
        assert_eq!((*l.data_ptr()).0, 3);
    }
    let mut l = l;
    l.get_mut().0 = 4;
    assert!(l.try_read().is_some() && l.try_write().is_some());
}

#[cfg(feature = "arc_lock")]
#[test]
fn arc_guards_keep_their_lock_alive() {
    use std::sync::Arc;
    let l = Arc::new(pl::RwLock::new(1));
    let read: pl::ArcRwLockReadGuard<pl::RawRwLock, i32> = l.read_arc();
    assert_eq!(*l.read_arc_recursive() + *l.try_read_recursive_arc().unwrap(), 2);
    assert!(l.try_read_arc_recursive_for(SHORT).is_some() && l.try_read_arc_recursive_until(soon()).is_some());
    assert!(l.try_write_arc().is_none() && l.try_write_arc_for(SHORT).is_none() && l.try_read_arc().is_some());
    drop(read);
    *l.write_arc() = 2;
    let upgradable = l.upgradable_read_arc();
    assert!(l.try_upgradable_read_arc().is_none());
    drop(pl::ArcRwLockUpgradableReadGuard::upgrade(upgradable));
    assert_eq!((Arc::strong_count(&l), *l.read()), (1, 2));
}
