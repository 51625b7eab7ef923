//! Every method of spin's `Mutex` and `RwLock`, as its feature `lock_api` has them.

use super::sp;
use sp::{RwLockReadGuard as R, RwLockUpgradableReadGuard as U, RwLockWriteGuard as W};
use std::thread;

static COUNT: sp::Mutex<u32> = sp::Mutex::new(0);

#[test]
fn a_mutex_has_every_method() {
    let mut m = sp::Mutex::new(1u32);
    {
        let mut guard: sp::MutexGuard<'_, u32> = m.lock();
        assert!(m.try_lock().is_none() && m.is_locked());
        *guard += 1;
        assert_eq!(format!("{guard} {guard:?} {m:?}"), "2 2 Mutex { data: <locked> }");
        assert_eq!(sp::MutexGuard::unlocked(&mut guard, || *m.lock()), 2);
    }
    *m.get_mut() += 1;
    let mapped: sp::MappedMutexGuard<'_, u32> = sp::MutexGuard::map(m.lock(), |value| value);
    assert_eq!(*mapped, 3);
    drop(mapped);
    assert_eq!((format!("{m:?}"), m.into_inner()), ("Mutex { data: 3 }".to_owned(), 3));
    assert_eq!(*sp::Mutex::<u32>::default().lock() + *sp::Mutex::from(4).lock(), 4);
    thread::scope(|threads| (0..4).for_each(|_| drop(threads.spawn(|| (0..100).for_each(|_| *COUNT.lock() += 1)))));
    assert_eq!(*COUNT.lock(), 400);
}

#[test]
fn a_rwlock_has_every_method() {
    let mut l = sp::RwLock::new(1u32);
    {
        let read: R<'_, u32> = l.read();
        assert_eq!(*l.try_read().unwrap() + *read, 2);
        assert!(l.try_write().is_none() && l.is_locked() && !l.is_locked_exclusive());
    }
    {
        let mut write: W<'_, u32> = l.write();
        *write += 1;
        assert!(l.try_read().is_none() && l.is_locked_exclusive());
        let upgradable: U<'_, u32> = W::downgrade_to_upgradable(write);
        let write = U::upgrade(upgradable);
        let read = W::downgrade(write);
        assert_eq!(*read + *l.read(), 4);
    }
    assert!(l.try_upgradable_read().is_some());
    let Ok(write) = U::try_upgrade(l.upgradable_read()) else { panic!("nobody else reads") };
    drop(U::downgrade(W::downgrade_to_upgradable(write)));
    let mapped: sp::MappedRwLockWriteGuard<'_, u32> = W::map(l.write(), |value| value);
    drop(mapped);
    let mapped: sp::MappedRwLockReadGuard<'_, u32> = R::map(l.read(), |value| value);
    drop(mapped);
    *l.get_mut() += 1;
    assert_eq!((format!("{l:?}"), l.into_inner()), ("RwLock { data: 3 }".to_owned(), 3));
    let unsized_data: Box<sp::RwLock<[u8]>> = Box::new(sp::RwLock::new([1, 2]));
    assert_eq!(unsized_data.read().len(), 2);
}
