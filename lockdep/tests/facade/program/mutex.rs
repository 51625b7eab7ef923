//! Every method of `Mutex` and `FairMutex`.

use super::pl;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(2);

/// A deadline that has not passed.
fn soon() -> Instant {
    Instant::now() + SHORT
}

macro_rules! mutex {
    ($test:ident, $Mutex:ident, $Guard:ident, $Mapped:ident) => {
        #[test]
        fn $test() {
            let m = pl::$Mutex::new(1u32);
            {
                let mut guard: pl::$Guard<'_, u32> = m.lock();
                assert!(m.try_lock().is_none());
                assert!(m.try_lock_for(SHORT).is_none());
                assert!(m.try_lock_until(soon()).is_none());
                assert!(pl::$Mutex::is_locked(&m));
                assert_eq!(format!("{m:?}"), "Mutex { data: <locked> }");
                assert_eq!(format!("{guard} {guard:?}"), "1 1");
                *guard += 1;
                assert_eq!(pl::$Guard::unlocked(&mut guard, || *m.lock()), 2);
                assert_eq!(pl::$Guard::unlocked_fair(&mut guard, || *m.lock()), 2);
                pl::$Guard::bump(&mut guard);
                assert!(pl::$Guard::mutex(&guard).is_locked());
                pl::$Guard::unlock_fair(guard);
            }
            assert!(!m.is_locked());
            assert_eq!(format!("{m:?} {m:#?}"), "Mutex { data: 2 } Mutex {\n    data: 2,\n}");
            assert_eq!(*m.try_lock().unwrap(), 2);
            assert_eq!(*m.try_lock_for(SHORT).unwrap(), 2);
            assert_eq!(*m.try_lock_until(soon()).unwrap(), 2);

            let mut m = m;
            *m.get_mut() = 3;
            // SAFETY: nothing locks the mutex while the pointer is used.
            assert_eq!(unsafe { *m.data_ptr() }, 3);
            // SAFETY: the acquisition is the raw one just made, and is released once.
            unsafe {
                use pl::lock_api::RawMutex as _;
                let token = m.raw().lock();
                drop(m.make_guard_unchecked(token));
                let token = m.raw().lock();
                m.force_unlock(token);
                let token = m.raw().lock();
                m.force_unlock_fair(token);
            }
            let (raw, value) = pl::$Mutex::into_inner_with_raw(m);
            let m = pl::$Mutex::from_raw(raw, (value, "right"));
            let mapped: pl::$Mapped<'_, u32> = pl::$Guard::map(m.lock(), |pair| &mut pair.0);
            assert_eq!(*mapped, 3);
            pl::$Mapped::unlock_fair(mapped);
            let guard = pl::$Guard::try_map(m.lock(), |_| None::<&mut u8>).unwrap_err();
            assert_eq!(guard.1, "right");
            let (guard, why) = pl::$Guard::try_map_or_err(guard, |_| Err::<&mut u8, _>("nothing")).unwrap_err();
            assert_eq!(why, "nothing");
            let mut mapped = pl::$Guard::map(guard, |pair| &mut pair.0);
            *mapped += 1;
            drop(pl::$Mapped::map(mapped, |value| value));
            pl::$Guard::leak(m.lock()).0 = 5;
            assert!(m.is_locked());
            assert_eq!(pl::$Mutex::into_inner(m), (5, "right"));

            assert_eq!(*pl::$Mutex::<u32>::default().lock(), 0);
            assert_eq!(*pl::$Mutex::from(4).lock(), 4);
            let m: pl::$Mutex<&str> = "five".into();
            assert_eq!(*pl::$Mutex::lock(&m), "five");
        }
    };
}
mutex!(a_mutex_has_every_method, Mutex, MutexGuard, MappedMutexGuard);
mutex!(a_fair_mutex_has_every_method, FairMutex, FairMutexGuard, MappedFairMutexGuard);
