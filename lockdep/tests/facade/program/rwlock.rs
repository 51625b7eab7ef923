//! Every method of `RwLock` and `RecursiveRwLock`.

use super::pl;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(2);

/// A deadline that has not passed.
fn soon() -> Instant {
    Instant::now() + SHORT
}

macro_rules! rwlock {
    ($test:ident, $Lock:ident, $R:ident, $W:ident, $U:ident, $MR:ident, $MW:ident) => {
        #[test]
        fn $test() {
            let l = pl::$Lock::new((1u32, "right"));
            {
                let mut guard: pl::$W<'_, (u32, &str)> = l.write();
                assert!(l.try_read().is_none());
                assert!(l.try_write().is_none());
                assert!(l.try_upgradable_read().is_none());
                assert!(l.try_read_for(SHORT).is_none());
                assert!(l.try_write_until(soon()).is_none());
                assert!(l.is_locked() && l.is_locked_exclusive());
                assert_eq!(format!("{l:?}"), "RwLock { data: <locked> }");
                guard.0 += 1;
                assert_eq!(pl::$W::unlocked(&mut guard, || l.read().0), 2);
                assert_eq!(pl::$W::unlocked_fair(&mut guard, || l.read().0), 2);
                pl::$W::bump(&mut guard);
                assert!(pl::$W::rwlock(&guard).is_locked());
                let upgradable = pl::$W::downgrade_to_upgradable(guard);
                let guard: pl::$R<'_, _> = pl::$U::downgrade(upgradable);
                assert!(!l.is_locked_exclusive());
                pl::$R::unlock_fair(guard);
                pl::$R::unlock_fair(pl::$W::downgrade(l.write()));
                pl::$W::unlock_fair(l.write());
            }
            {
                let mut guard = l.read();
                assert_eq!(format!("{l:?}"), "RwLock { data: (2, \"right\") }");
                assert!(l.try_read().is_some());
                assert!(l.try_write_for(SHORT).is_none());
                pl::$R::unlocked(&mut guard, || l.write().0 += 1);
                pl::$R::unlocked_fair(&mut guard, || l.write().0 -= 1);
                pl::$R::bump(&mut guard);
                assert_eq!(pl::$R::rwlock(&guard).is_locked_exclusive(), false);
                let mapped: pl::$MR<'_, u32> = pl::$R::map(guard, |pair| &pair.0);
                pl::$MR::unlock_fair(pl::$MR::map(mapped, |value| value));
                let guard = pl::$R::try_map(l.read(), |_| None::<&u8>).unwrap_err();
                assert!(pl::$R::try_map_or_err(guard, |_| Err::<&u8, _>(())).is_err());
            }
            {
                let mut guard: pl::$U<'_, _> = l.upgradable_read();
                assert!(l.try_upgradable_read().is_none());
                assert!(l.try_upgradable_read_for(SHORT).is_none());
                assert!(l.try_upgradable_read_until(soon()).is_none());
                pl::$U::unlocked(&mut guard, || l.write().0 += 1);
                pl::$U::unlocked_fair(&mut guard, || l.write().0 -= 1);
                pl::$U::bump(&mut guard);
                guard.with_upgraded(|pair| pair.0 += 1);
                assert_eq!(guard.try_with_upgraded(|pair| pair.0), Some(3));
                assert_eq!(guard.try_with_upgraded_for(SHORT, |pair| pair.0), Some(3));
                assert_eq!(guard.try_with_upgraded_until(soon(), |pair| pair.0), Some(3));
                assert!(pl::$U::rwlock(&guard).is_locked());
                let guard = pl::$W::downgrade_to_upgradable(pl::$U::upgrade(guard));
                let Ok(guard) = pl::$U::try_upgrade(guard) else { panic!("nobody else reads") };
                let guard = pl::$W::downgrade_to_upgradable(guard);
                let Ok(guard) = pl::$U::try_upgrade_for(guard, SHORT) else { panic!("nobody else reads") };
                let guard = pl::$W::downgrade_to_upgradable(guard);
                let Ok(guard) = pl::$U::try_upgrade_until(guard, soon()) else { panic!("nobody else reads") };
                let mapped: pl::$MW<'_, u32> = pl::$W::map(guard, |pair| &mut pair.0);
                pl::$MW::unlock_fair(pl::$MW::map(mapped, |value| value));
                let guard = pl::$W::try_map(l.write(), |_| None::<&mut u8>).unwrap_err();
                assert!(pl::$W::try_map_or_err(guard, |_| Err::<&mut u8, _>(())).is_err());
                pl::$U::unlock_fair(l.upgradable_read());
            }
            assert!(l.try_read().is_some() && l.try_write().is_some());
            assert!(l.try_read_for(SHORT).is_some() && l.try_write_for(SHORT).is_some());
            assert!(l.try_read_until(soon()).is_some() && l.try_write_until(soon()).is_some());
            assert!(l.try_upgradable_read().is_some() && l.try_upgradable_read_for(SHORT).is_some());
            assert!(l.try_upgradable_read_until(soon()).is_some());
            // SAFETY: each acquisition is the raw one just made, and is released once.
            unsafe {
                use pl::lock_api::{RawRwLock as _, RawRwLockUpgrade as _};
                let token = l.raw().lock_shared();
                drop(l.make_read_guard_unchecked(token));
                let token = l.raw().lock_exclusive();
                drop(l.make_write_guard_unchecked(token));
                let token = l.raw().lock_upgradable();
                drop(l.make_upgradable_guard_unchecked(token));
                let token = l.raw().lock_shared();
                l.force_unlock_read(token);
                let token = l.raw().lock_shared();
                l.force_unlock_read_fair(token);
                let token = l.raw().lock_exclusive();
                l.force_unlock_write(token);
                let token = l.raw().lock_exclusive();
                l.force_unlock_write_fair(token);
            }
            let mut l = l;
            l.get_mut().0 = 9;
            // SAFETY: nothing locks the lock while the pointer is used.
            assert_eq!(unsafe { (*l.data_ptr()).0 }, 9);
            let (raw, value) = l.into_inner_with_raw();
            assert_eq!(pl::$Lock::into_inner(pl::$Lock::from_raw(raw, value)), (9, "right"));

            assert_eq!(*pl::$Lock::<u32>::default().read(), 0);
            assert_eq!(*pl::$Lock::from(4).read(), 4);
            let l: pl::$Lock<&str> = "five".into();
            assert_eq!(*pl::$Lock::read(&l), "five");
        }
    };
}
rwlock!(
    a_rwlock_has_every_method,
    RwLock,
    RwLockReadGuard,
    RwLockWriteGuard,
    RwLockUpgradableReadGuard,
    MappedRwLockReadGuard,
    MappedRwLockWriteGuard
);
rwlock!(
    a_recursive_rwlock_has_every_method,
    RecursiveRwLock,
    RecursiveRwLockReadGuard,
    RecursiveRwLockWriteGuard,
    RecursiveRwLockUpgradableReadGuard,
    MappedRecursiveRwLockReadGuard,
    MappedRecursiveRwLockWriteGuard
);

#[test]
fn a_recursive_rwlock_is_read_again_by_its_reader() {
    let l = pl::RecursiveRwLock::new(1);
    let outer = l.read();
    assert_eq!(*l.read() + *outer, 2);
}
