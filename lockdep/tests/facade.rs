//! `lockdep::parking_lot` is `parking_lot`: one program text, compiled against both.

/// Instantiates the same program against a crate.
macro_rules! program {
    ($name:ident, $($pl:ident)::+) => {
        mod $name {
            use $($pl)::+ as pl;
            use std::collections::HashMap;
            use std::sync::Arc;
            use std::thread;
            use std::time::{Duration, Instant};

            const SHORT: Duration = Duration::from_millis(2);

            /// A deadline that has not passed.
            fn soon() -> Instant {
                Instant::now() + SHORT
            }

            static MUTEX: pl::Mutex<Vec<u8>> = pl::Mutex::new(Vec::new());
            static FAIR: pl::FairMutex<u8> = pl::FairMutex::new(1);
            static REENTRANT: pl::ReentrantMutex<u8> = pl::ReentrantMutex::new(2);
            static RWLOCK: pl::RwLock<Option<&'static str>> = pl::RwLock::new(None);
            static RECURSIVE: pl::RecursiveRwLock<u8> = pl::RecursiveRwLock::new(3);
            static CONDVAR: pl::Condvar = pl::Condvar::new();
            static ONCE: pl::Once = pl::Once::new();

            #[test]
            fn locks_live_in_statics() {
                MUTEX.lock().push(7);
                assert_eq!(*MUTEX.lock(), [7]);
                assert_eq!(*FAIR.lock() + *REENTRANT.lock() + *RECURSIVE.read(), 6);
                *RWLOCK.write() = Some("set");
                assert_eq!(*RWLOCK.read(), Some("set"));
                assert!(!CONDVAR.notify_one());
                ONCE.call_once(|| ());
                assert_eq!(ONCE.state(), pl::OnceState::Done);
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
                        let (guard, why) =
                            pl::$Guard::try_map_or_err(guard, |_| Err::<&mut u8, _>("nothing")).unwrap_err();
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
                            let Ok(guard) = pl::$U::try_upgrade_until(guard, soon()) else {
                                panic!("nobody else reads")
                            };
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

            #[test]
            fn a_reentrant_mutex_has_every_method() {
                let m = pl::ReentrantMutex::new((1u32, "right"));
                {
                    let mut outer: pl::ReentrantMutexGuard<'_, _> = m.lock();
                    assert!(m.is_locked() && m.is_owned_by_current_thread());
                    assert_eq!(m.lock().0 + m.try_lock().unwrap().0, 2);
                    assert_eq!(format!("{m:?}"), "ReentrantMutex { data: (1, \"right\") }");
                    let elsewhere = thread::scope(|s| {
                        s.spawn(|| (m.try_lock().is_none(), m.try_lock_for(SHORT).is_none(), format!("{m:?}")))
                            .join()
                            .unwrap()
                    });
                    assert_eq!(elsewhere, (true, true, "ReentrantMutex { data: <locked> }".to_owned()));
                    assert!(m.try_lock_until(soon()).is_some());
                    pl::ReentrantMutexGuard::unlocked(&mut outer, || assert!(!m.is_owned_by_current_thread()));
                    pl::ReentrantMutexGuard::unlocked_fair(&mut outer, || assert!(!m.is_locked()));
                    pl::ReentrantMutexGuard::bump(&mut outer);
                    assert!(pl::ReentrantMutexGuard::remutex(&outer).is_owned_by_current_thread());
                    let mapped: pl::MappedReentrantMutexGuard<'_, u32> =
                        pl::ReentrantMutexGuard::map(outer, |pair| &pair.0);
                    pl::MappedReentrantMutexGuard::unlock_fair(mapped);
                    let guard = pl::ReentrantMutexGuard::try_map(m.lock(), |_| None::<&u8>).unwrap_err();
                    pl::ReentrantMutexGuard::unlock_fair(guard);
                }
                // SAFETY: each level was locked by this thread and is released once.
                unsafe {
                    std::mem::forget(m.lock());
                    m.force_unlock();
                    std::mem::forget(m.lock());
                    m.force_unlock_fair();
                    std::mem::forget(m.lock());
                    drop(m.make_guard_unchecked());
                    use pl::lock_api::RawMutex as _;
                    assert!(!m.raw().is_locked());
                    assert_eq!((*m.data_ptr()).0, 1);
                }
                let mut m = m;
                m.get_mut().0 = 2;
                let (raw, ids, value) = m.into_inner_with_raw();
                assert_eq!(pl::ReentrantMutex::from_raw(raw, ids, value).into_inner(), (2, "right"));
                assert_eq!(*pl::ReentrantMutex::<u32>::default().lock(), 0);
                assert_eq!(*pl::ReentrantMutex::from(4).lock(), 4);
                let _: pl::RawThreadId = pl::RawThreadId;
            }

            #[test]
            fn a_condvar_has_every_method() {
                let pair = Arc::new((pl::Mutex::new(0u32), pl::Condvar::default()));
                assert_eq!(format!("{:?}", pair.1), "Condvar { .. }");
                assert_eq!((pair.1.notify_one(), pair.1.notify_all()), (false, 0));
                let setter = {
                    let pair = Arc::clone(&pair);
                    move |value: u32| {
                        let pair = Arc::clone(&pair);
                        thread::spawn(move || {
                            *pair.0.lock() = value;
                            pair.1.notify_all();
                        })
                    }
                };
                let mut guard = pair.0.lock();
                let first = setter(1);
                while *guard != 1 {
                    pair.1.wait(&mut guard);
                }
                let second = setter(2);
                pair.1.wait_while(&mut guard, |value| *value != 2);
                let result: pl::WaitTimeoutResult = pair.1.wait_for(&mut guard, SHORT);
                assert!(result.timed_out());
                assert!(pair.1.wait_until(&mut guard, soon()).timed_out());
                assert!(pair.1.wait_while_for(&mut guard, |value| *value == 2, SHORT).timed_out());
                assert!(pair.1.wait_while_until(&mut guard, |value| *value == 2, soon()).timed_out());
                assert!(!pl::Condvar::wait_while_for(&pair.1, &mut guard, |_| false, SHORT).timed_out());
                drop(guard);
                assert!(!pair.0.is_locked());
                first.join().unwrap();
                second.join().unwrap();
                let _: &pl::RawCondvar = pair.1.raw();
            }

            #[test]
            fn a_once_has_every_method() {
                let once = pl::Once::new();
                assert_eq!((once.state(), format!("{once:?}")), (pl::OnceState::New, "Once { state: New }".to_owned()));
                let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    once.call_once(|| std::panic::resume_unwind(Box::new("planned")));
                }));
                assert!(panicked.is_err() && once.state().is_poisoned() && once.state().poisoned());
                once.call_once_force(|state| assert!(state.is_poisoned()));
                once.call_once(|| unreachable!("it ran before"));
                once.wait();
                once.wait_force();
                assert!(once.is_completed() && once.state().is_completed() && once.state().done());
                assert!(pl::Once::new_completed().is_completed() && !pl::Once::default().is_completed());
            }

            #[test]
            fn locks_protect_unsized_data() {
                let slice: &pl::Mutex<[u8]> = &pl::Mutex::new([1, 2, 3]);
                slice.lock()[0] = 9;
                assert_eq!(format!("{slice:?}"), "Mutex { data: [9, 2, 3] }");
                let objects: Vec<Arc<pl::Mutex<dyn Fn() -> u8 + Send>>> =
                    vec![Arc::new(pl::Mutex::new(|| 1)), Arc::new(pl::Mutex::new(|| 2))];
                assert_eq!(objects.iter().map(|object| (object.lock())()).sum::<u8>(), 3);
                let boxed: Box<pl::RwLock<dyn std::fmt::Debug>> = Box::new(pl::RwLock::new("text"));
                assert_eq!(format!("{:?} {boxed:?}", boxed.read()), "\"text\" RwLock { data: \"text\" }");
                let reentrant: &pl::ReentrantMutex<[u8]> = &pl::ReentrantMutex::new([1]);
                assert_eq!(reentrant.lock().len(), 1);
                let fair: Arc<pl::FairMutex<[u8]>> = Arc::new(pl::FairMutex::new([1, 2]));
                assert_eq!(fair.lock().len(), 2);
                let recursive: Box<pl::RecursiveRwLock<[u8]>> = Box::new(pl::RecursiveRwLock::new([1, 2, 3]));
                assert_eq!(recursive.read().len(), 3);
            }

            #[test]
            fn code_generic_over_lock_api_accepts_the_locks() {
                use pl::lock_api;
                fn bump<R: lock_api::RawMutex>(lock: &lock_api::Mutex<R, u32>) -> u32 {
                    let mut guard = lock.lock();
                    *guard += 1;
                    *guard
                }
                fn peek<R: lock_api::RawRwLock>(lock: &lock_api::RwLock<R, u32>) -> u32 {
                    *lock.read()
                }
                assert_eq!(bump(&pl::Mutex::new(1)) + bump(&pl::FairMutex::new(1)), 4);
                assert_eq!(peek(&pl::RwLock::new(1)) + peek(&pl::RecursiveRwLock::new(1)), 2);
                assert_eq!(bump::<pl::RawMutex>(&lock_api::Mutex::new(1)), 2);
                assert_eq!(bump::<pl::RawFairMutex>(&lock_api::Mutex::new(1)), 2);
                assert_eq!(peek::<pl::RawRwLock>(&lock_api::RwLock::new(1)), 1);
                assert_eq!(peek::<pl::RawRwLockRecursive>(&lock_api::RwLock::new(1)), 1);
            }

            #[test]
            fn many_threads_count_right() {
                let counts = pl::RwLock::new(HashMap::new());
                let total = pl::Mutex::new(0);
                thread::scope(|s| {
                    for id in 0..4 {
                        let (counts, total) = (&counts, &total);
                        s.spawn(move || {
                            for _ in 0..200 {
                                *counts.write().entry(id).or_insert(0) += 1;
                                *total.lock() += counts.read()[&id].min(1);
                            }
                        });
                    }
                });
                assert_eq!(counts.into_inner().values().sum::<u32>(), 800);
                assert_eq!(total.into_inner(), 800);
            }

            #[cfg(feature = "arc_lock")]
            #[test]
            fn arc_guards_keep_their_lock_alive() {
                let m = Arc::new(pl::Mutex::new(1));
                let guard: pl::ArcMutexGuard<pl::RawMutex, i32> = m.lock_arc();
                assert_eq!(Arc::strong_count(&m), 2);
                assert!(m.try_lock_arc().is_none() && m.try_lock_arc_for(SHORT).is_none());
                assert!(m.try_lock_arc_until(soon()).is_none());
                drop(m);
                assert_eq!(*guard, 1);
                let unsized_data: Arc<pl::FairMutex<[u8]>> = Arc::new(pl::FairMutex::new([1, 2]));
                assert_eq!(unsized_data.lock_arc().len(), 2);
                assert_eq!(unsized_data.try_lock_arc().unwrap().len(), 2);
                assert_eq!(Arc::strong_count(&unsized_data), 1);

                let l = Arc::new(pl::RwLock::new(1));
                let read: pl::ArcRwLockReadGuard<pl::RawRwLock, i32> = l.read_arc();
                assert!(l.try_write_arc().is_none() && l.try_write_arc_for(SHORT).is_none());
                assert!(l.try_write_arc_until(soon()).is_none() && l.try_read_arc().is_some());
                assert!(l.try_read_arc_for(SHORT).is_some() && l.try_read_arc_until(soon()).is_some());
                drop(read);
                let mut write: pl::ArcRwLockWriteGuard<pl::RawRwLock, i32> = l.write_arc();
                *write = 2;
                drop(write);
                let upgradable: pl::ArcRwLockUpgradableReadGuard<_, _> = l.upgradable_read_arc();
                assert!(l.try_upgradable_read_arc().is_none() && l.try_upgradable_read_arc_for(SHORT).is_none());
                assert!(l.try_upgradable_read_arc_until(soon()).is_none());
                drop(pl::ArcRwLockUpgradableReadGuard::upgrade(upgradable));
                // SAFETY: each acquisition is the raw one just made, and is released once.
                unsafe {
                    use pl::lock_api::{RawRwLock as _, RawRwLockUpgrade as _};
                    let token = l.raw().lock_shared();
                    drop(l.make_arc_read_guard_unchecked(token));
                    let token = l.raw().lock_exclusive();
                    drop(l.make_arc_write_guard_unchecked(token));
                    let token = l.raw().lock_upgradable();
                    drop(l.make_upgradable_arc_guard_unchecked(token));
                }
                assert_eq!(Arc::strong_count(&l), 1);
                assert_eq!(Arc::try_unwrap(l).unwrap().into_inner(), 2);

                let m = Arc::new(pl::ReentrantMutex::new(1));
                let outer = m.lock_arc();
                assert_eq!(*m.try_lock_arc().unwrap() + *outer, 2);
                assert!(m.try_lock_arc_for(SHORT).is_some() && m.try_lock_arc_until(soon()).is_some());
                // SAFETY: the level was locked by this thread and is released once.
                unsafe {
                    std::mem::forget(m.lock());
                    drop(m.make_arc_guard_unchecked());
                }
                drop(outer);
                assert_eq!(Arc::strong_count(&m), 1);
            }

            #[cfg(feature = "serde")]
            #[test]
            fn locks_serialize_as_their_data() {
                let locks = (pl::Mutex::new(1), pl::FairMutex::new(2), pl::ReentrantMutex::new(3), pl::RwLock::new(4));
                assert_eq!(serde_json::to_string(&locks).unwrap(), "[1,2,3,4]");
                assert_eq!(serde_json::from_str::<pl::Mutex<u8>>("5").unwrap().into_inner(), 5);
                assert_eq!(serde_json::from_str::<pl::RecursiveRwLock<u8>>("6").unwrap().into_inner(), 6);
                assert_eq!(serde_json::from_str::<pl::ReentrantMutex<u8>>("7").unwrap().into_inner(), 7);
            }
        }
    };
}

program!(plain, parking_lot);
program!(checked, lockdep::parking_lot);

mod auto_traits {
    use std::cell::Cell;
    use std::marker::PhantomData;
    use std::panic::{RefUnwindSafe, UnwindSafe};
    use std::rc::Rc;

    /// Tells which auto traits a type has by which of two equally named constants is in reach: an inherent one exists
    /// only where its bounds hold, and then wins over the trait's.
    struct Is<T: ?Sized>(PhantomData<T>);

    trait Not {
        const SEND: bool = false;
        const SYNC: bool = false;
        const UNPIN: bool = false;
        const UNWIND_SAFE: bool = false;
        const REF_UNWIND_SAFE: bool = false;
    }

    impl<T: ?Sized> Not for Is<T> {}

    impl<T: ?Sized + Send> Is<T> {
        const SEND: bool = true;
    }

    impl<T: ?Sized + Sync> Is<T> {
        const SYNC: bool = true;
    }

    impl<T: ?Sized + Unpin> Is<T> {
        const UNPIN: bool = true;
    }

    impl<T: ?Sized + UnwindSafe> Is<T> {
        const UNWIND_SAFE: bool = true;
    }

    impl<T: ?Sized + RefUnwindSafe> Is<T> {
        const REF_UNWIND_SAFE: bool = true;
    }

    macro_rules! probe {
        ($T:ty) => {
            [<Is<$T>>::SEND, <Is<$T>>::SYNC, <Is<$T>>::UNPIN, <Is<$T>>::UNWIND_SAFE, <Is<$T>>::REF_UNWIND_SAFE]
        };
    }

    /// Compares at compile time.
    macro_rules! same {
        ($($Type:ident($($arg:tt)*);)*) => { $(
            const _: () = {
                const PLAIN: [bool; 5] = probe!(parking_lot::$Type<$($arg)*>);
                const CHECKED: [bool; 5] = probe!(lockdep::parking_lot::$Type<$($arg)*>);
                let mut index = 0;
                while index < PLAIN.len() {
                    assert!(PLAIN[index] == CHECKED[index], stringify!($Type));
                    index += 1;
                }
            };
        )* };
    }

    macro_rules! same_for {
        ($($T:ty),*) => { $(same! {
            Mutex($T); FairMutex($T); ReentrantMutex($T); RwLock($T); RecursiveRwLock($T);
            MutexGuard('static, $T); MappedMutexGuard('static, $T);
            FairMutexGuard('static, $T); MappedFairMutexGuard('static, $T);
            ReentrantMutexGuard('static, $T); MappedReentrantMutexGuard('static, $T);
            RwLockReadGuard('static, $T); RwLockWriteGuard('static, $T); RwLockUpgradableReadGuard('static, $T);
            MappedRwLockReadGuard('static, $T); MappedRwLockWriteGuard('static, $T);
            RecursiveRwLockReadGuard('static, $T); RecursiveRwLockWriteGuard('static, $T);
            RecursiveRwLockUpgradableReadGuard('static, $T);
            MappedRecursiveRwLockReadGuard('static, $T); MappedRecursiveRwLockWriteGuard('static, $T);
        })* };
    }

    same_for!(u8, Cell<u8>, Rc<u8>);
    same!(Condvar(); Once(); OnceState(); WaitTimeoutResult(); RawThreadId(); RawMutex(); RawFairMutex(); RawCondvar(););
    same!(RawRwLock(); RawRwLockRecursive(););

    #[test]
    fn the_probe_tells_types_apart() {
        assert_eq!(probe!(u8), [true; 5]);
        assert_eq!(probe!(Rc<u8>), [false, false, true, true, true]);
        assert_eq!(probe!(Cell<u8>), [true, false, true, true, false]);
        assert_eq!(probe!(std::marker::PhantomPinned), [true, true, false, true, true]);
    }
}

mod sizes {
    use std::mem::size_of;

    /// What the checker adds to a lock, and to a guard.
    const ADDED: usize =
        if cfg!(lockdep_off) || !(cfg!(lockdep) || cfg!(debug_assertions)) { 0 } else { size_of::<usize>() };

    macro_rules! added {
        ($by:expr, $($Type:ident($($arg:tt)*)),* $(,)?) => { $(
            assert_eq!(
                size_of::<lockdep::parking_lot::$Type<$($arg)*>>(),
                size_of::<parking_lot::$Type<$($arg)*>>() + $by,
                stringify!($Type)
            );
        )* };
    }

    #[test]
    fn a_lock_grows_by_one_word_if_checked_and_not_at_all_otherwise() {
        added!(ADDED, Mutex(u64), FairMutex(u64), RwLock(u64), RecursiveRwLock(u64));
    }

    #[test]
    fn a_guard_grows_by_one_word_if_checked_and_not_at_all_otherwise() {
        added!(ADDED, MutexGuard('static, u64), MappedMutexGuard('static, u64), FairMutexGuard('static, u64));
        added!(ADDED, RwLockReadGuard('static, u64), RwLockWriteGuard('static, u64));
        added!(ADDED, RwLockUpgradableReadGuard('static, u64), RecursiveRwLockReadGuard('static, u64));
        added!(0, ReentrantMutexGuard('static, u64));
    }

    #[test]
    fn a_reentrant_mutex_also_keeps_its_guards_token() {
        added!(2 * ADDED, ReentrantMutex(u64));
    }
}

mod named {
    use lockdep::LockClassKey;
    use lockdep::parking_lot::{FairMutex, Mutex, MutexGuard, RecursiveRwLock, ReentrantMutex, RwLock};

    static KEY: LockClassKey = LockClassKey::new("tests.facade.named");
    static OTHER: LockClassKey = LockClassKey::new("tests.facade.other");
    static MUTEX: Mutex<u8> = Mutex::named(&KEY, 1);
    static RWLOCK: RwLock<u8> = RwLock::named(&OTHER, 1);

    #[test]
    fn locks_can_be_named_and_renamed() {
        assert_eq!(*MUTEX.lock() + *RWLOCK.read(), 2);
        let lock = Mutex::new(2);
        lock.set_class(&KEY);
        assert_eq!(*lock.lock(), 2);
        let fair = FairMutex::named(&KEY, 3);
        fair.set_class(&OTHER);
        assert_eq!(*fair.lock(), 3);
        let reentrant = ReentrantMutex::named(&KEY, 4);
        reentrant.set_class(&OTHER);
        assert_eq!(*reentrant.lock(), 4);
        let recursive = RecursiveRwLock::named(&KEY, 5);
        recursive.set_class(&OTHER);
        assert_eq!(*recursive.read(), 5);
    }

    #[test]
    fn two_locks_of_one_class_nest_at_different_levels() {
        let locks = [1, 2].map(|value| Mutex::named(&KEY, value));
        let outer = locks[0].lock();
        let inner = locks[1].lock_nested(1);
        assert_eq!(*outer + *inner, 3);
        let locks = [1, 2].map(|value| RwLock::named(&OTHER, value));
        let outer = locks[0].write();
        let inner = locks[1].write_nested(1);
        assert_eq!(*outer + *inner, 3);
        drop((outer, inner));
        let outer = locks[0].read();
        assert_eq!(*locks[1].read_nested(1) + *outer, 3);
    }

    #[test]
    fn the_lock_of_a_guard_converts_back() {
        let lock = Mutex::new(1);
        let guard = lock.lock();
        let back: &Mutex<i32> = MutexGuard::mutex(&guard).into();
        assert!(std::ptr::eq(back, &lock));
    }
}
