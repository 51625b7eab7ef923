//! Every method of `Condvar` and `Once`.

use super::pl;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(2);

/// A deadline that has not passed.
fn soon() -> Instant {
    Instant::now() + SHORT
}

#[test]
fn a_condvar_has_every_method() {
    let pair = Arc::new((pl::Mutex::new(0u32), pl::Condvar::default()));
    assert_eq!(format!("{:?}", pair.1), "Condvar { .. }");
    assert_eq!((pair.1.notify_one(), pair.1.notify_all()), (false, 0));
    let setter = |value: u32| {
        let pair = Arc::clone(&pair);
        thread::spawn(move || {
            *pair.0.lock() = value;
            pair.1.notify_all();
        })
    };
    let mut guard = pair.0.lock();
    let first = setter(1);
    while *guard != 1 {
        pair.1.wait(&mut guard);
    }
    let second = setter(2);
    pair.1.wait_while(&mut guard, |value| *value != 2);
    let result: pl::WaitTimeoutResult = pair.1.wait_for(&mut guard, SHORT);
    assert!(result.timed_out() && pair.1.wait_until(&mut guard, soon()).timed_out());
    assert!(pair.1.wait_while_for(&mut guard, |value| *value == 2, SHORT).timed_out());
    assert!(pair.1.wait_while_until(&mut guard, |value| *value == 2, soon()).timed_out());
    assert!(!pair.1.wait_while_for(&mut guard, |_| false, SHORT).timed_out());
    assert!(pair.0.is_locked());
    drop(guard);
    assert!(!pair.0.is_locked());
    first.join().unwrap();
    second.join().unwrap();
}

#[test]
fn a_condvar_is_for_one_mutex_at_a_time() {
    let (one, other, condvar) = (pl::Mutex::new(false), pl::Mutex::new(()), pl::Condvar::new());
    let (holds, told) = std::sync::mpsc::channel();
    thread::scope(|threads| {
        threads.spawn(|| {
            let mut guard = one.lock();
            holds.send(()).unwrap();
            condvar.wait_while(&mut guard, |done| !*done);
        });
        told.recv().unwrap();
        // Free again only when the thread waits.
        let guard = one.lock();
        let tried = || condvar.wait_for(&mut other.lock(), SHORT);
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(tried)).is_err());
        assert!(other.try_lock().is_some(), "the panic has released it");
        drop(guard);
        *one.lock() = true;
        condvar.notify_all();
    });
}

#[test]
fn a_once_has_every_method() {
    let once = pl::Once::new();
    assert_eq!((once.state(), format!("{once:?}")), (pl::OnceState::New, "Once { state: New }".to_owned()));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        once.call_once(|| std::panic::resume_unwind(Box::new("planned")));
    }));
    assert!(panicked.is_err() && once.state().poisoned());
    once.call_once_force(|state| assert!(state.poisoned()));
    once.call_once(|| unreachable!("it ran before"));
    assert!(once.state().done() && !pl::Once::default().state().done());
}
