//! Every method of `ReentrantMutex`.

use super::pl;
use std::thread;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(2);

/// A deadline that has not passed.
fn soon() -> Instant {
    Instant::now() + SHORT
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
            s.spawn(|| (m.try_lock().is_none(), m.try_lock_for(SHORT).is_none(), format!("{m:?}"))).join().unwrap()
        });
        assert_eq!(elsewhere, (true, true, "ReentrantMutex { data: <locked> }".to_owned()));
        assert!(m.try_lock_until(soon()).is_some());
        pl::ReentrantMutexGuard::unlocked(&mut outer, || assert!(!m.is_owned_by_current_thread()));
        pl::ReentrantMutexGuard::unlocked_fair(&mut outer, || assert!(!m.is_locked()));
        pl::ReentrantMutexGuard::bump(&mut outer);
        assert!(pl::ReentrantMutexGuard::remutex(&outer).is_owned_by_current_thread());
        let mapped: pl::MappedReentrantMutexGuard<'_, u32> = pl::ReentrantMutexGuard::map(outer, |pair| &pair.0);
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
