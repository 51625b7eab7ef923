//! Every method of `Mutex`, `FairMutex` and `ReentrantMutex`.

use super::pl;
use std::thread;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(2);

static CONST: pl::Mutex<u8> = pl::const_mutex(1);
static CONST_FAIR: pl::FairMutex<u8> = pl::const_fair_mutex(2);
static CONST_REENTRANT: pl::ReentrantMutex<u8> = pl::const_reentrant_mutex(3);

/// A deadline that has not passed.
fn soon() -> Instant {
    Instant::now() + SHORT
}

macro_rules! mutex {
    ($test:ident, $Mutex:ident, $Guard:ident, $Mapped:ident, $Raw:ident) => {
        #[test]
        fn $test() {
            let m = pl::$Mutex::new(1u32);
            {
                let mut guard: pl::$Guard<'_, u32> = m.lock();
                assert!(
                    m.try_lock().is_none() && m.try_lock_for(SHORT).is_none() && m.try_lock_until(soon()).is_none()
                );
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
            assert_eq!(format!("{m:?}"), "Mutex { data: 2 }");
            assert_eq!(*m.try_lock().unwrap(), 2);
            assert_eq!(*m.try_lock_for(SHORT).unwrap(), 2);
            assert_eq!(*m.try_lock_until(soon()).unwrap(), 2);
            let mut m = m;
            *m.get_mut() = 3;
            // SAFETY: nothing locks the mutex while the pointer is used.
            assert_eq!(unsafe { *m.data_ptr() }, 3);
            // SAFETY: each acquisition is the raw one just made, or one whose guard was forgotten, and is released once.
            unsafe {
                use pl::lock_api::RawMutex as _;
                m.raw().lock();
                drop(m.make_guard_unchecked());
                std::mem::forget(m.lock());
                m.force_unlock();
                std::mem::forget(m.lock());
                m.force_unlock_fair();
            }
            let m = pl::$Mutex::const_new(<pl::$Raw as pl::lock_api::RawMutex>::INIT, (3, "right"));
            let mapped: pl::$Mapped<'_, u32> = pl::$Guard::map(m.lock(), |pair| &mut pair.0);
            assert_eq!(*mapped, 3);
            pl::$Mapped::unlock_fair(mapped);
            let guard = pl::$Guard::try_map(m.lock(), |_| None::<&mut u8>).unwrap_err();
            let mut mapped = pl::$Guard::map(guard, |pair| &mut pair.0);
            *mapped += 1;
            drop(pl::$Mapped::map(mapped, |value| value));
            pl::$Guard::leak(m.lock()).0 = 5;
            assert!(m.is_locked());
            assert_eq!(pl::$Mutex::into_inner(m), (5, "right"));
            assert_eq!(*pl::$Mutex::<u32>::default().lock() + *pl::$Mutex::from(4).lock(), 4);
            let unsized_data: Box<pl::$Mutex<[u8]>> = Box::new(pl::$Mutex::new([1, 2]));
            assert_eq!(unsized_data.lock().len(), 2);
        }
    };
}

mutex!(a_mutex_has_every_method, Mutex, MutexGuard, MappedMutexGuard, RawMutex);
mutex!(a_fair_mutex_has_every_method, FairMutex, FairMutexGuard, MappedFairMutexGuard, RawFairMutex);

#[test]
fn a_reentrant_mutex_has_every_method() {
    assert_eq!(*CONST.lock() + *CONST_FAIR.lock() + *CONST_REENTRANT.lock(), 6);
    let m = pl::ReentrantMutex::new((1u32, "right"));
    {
        let mut outer: pl::ReentrantMutexGuard<'_, _> = m.lock();
        assert!(m.is_locked() && m.is_owned_by_current_thread());
        assert_eq!(m.lock().0 + m.try_lock().unwrap().0, 2);
        assert!(m.try_lock_for(SHORT).is_some() && m.try_lock_until(soon()).is_some());
        let elsewhere = thread::scope(|s| s.spawn(|| m.try_lock().is_none()).join().unwrap());
        assert!(elsewhere);
        pl::ReentrantMutexGuard::unlocked(&mut outer, || assert!(!m.is_owned_by_current_thread()));
        pl::ReentrantMutexGuard::unlocked_fair(&mut outer, || assert!(!m.is_locked()));
        pl::ReentrantMutexGuard::bump(&mut outer);
        let mapped: pl::MappedReentrantMutexGuard<'_, u32> = pl::ReentrantMutexGuard::map(outer, |pair| &pair.0);
        pl::MappedReentrantMutexGuard::unlock_fair(mapped);
    }
    // SAFETY: each level was locked by this thread and is released once.
    unsafe {
        std::mem::forget(m.lock());
        m.force_unlock();
        std::mem::forget(m.lock());
        m.force_unlock_fair();
        std::mem::forget(m.lock());
        drop(m.make_guard_unchecked());
        assert_eq!((*m.data_ptr()).0, 1);
    }
    let mut m = m;
    m.get_mut().0 = 2;
    assert_eq!(
        (format!("{m:?}"), m.into_inner()),
        ("ReentrantMutex { data: (2, \"right\") }".to_owned(), (2, "right"))
    );
    assert_eq!(*pl::ReentrantMutex::<u32>::default().lock() + *pl::ReentrantMutex::from(4).lock(), 4);
}

#[test]
fn code_generic_over_lock_api_accepts_the_locks() {
    use pl::lock_api;
    fn bump<R: lock_api::RawMutex>(lock: &lock_api::Mutex<R, u32>) -> u32 {
        *lock.lock() += 1;
        *lock.lock()
    }
    assert_eq!(bump(&pl::Mutex::new(1)) + bump(&pl::FairMutex::new(1)), 4);
    assert_eq!(bump::<pl::RawMutex>(&lock_api::Mutex::new(1)), 2);
}

#[cfg(feature = "arc_lock")]
#[test]
fn arc_guards_keep_their_lock_alive() {
    use std::sync::Arc;
    let m = Arc::new(pl::Mutex::new(1));
    let guard: pl::ArcMutexGuard<pl::RawMutex, i32> = m.lock_arc();
    assert!(
        m.try_lock_arc().is_none() && m.try_lock_arc_for(SHORT).is_none() && m.try_lock_arc_until(soon()).is_none()
    );
    assert_eq!((Arc::strong_count(&m), *guard), (2, 1));
    drop(guard);
    let m = Arc::new(pl::ReentrantMutex::new(1));
    let outer = m.lock_arc();
    assert!(
        m.try_lock_arc().is_some() && m.try_lock_arc_for(SHORT).is_some() && m.try_lock_arc_until(soon()).is_some()
    );
    assert_eq!((Arc::strong_count(&m), *outer), (2, 1));
}
