//! Every method of `Condvar` and `Barrier`.

use super::sy;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(2);
static CONDVAR: sy::Condvar = sy::Condvar::new();
static BARRIER: sy::Barrier = sy::Barrier::new(1);

#[test]
#[allow(deprecated, reason = "std has it too")]
fn a_condvar_has_every_method() {
    let pair = Arc::new((sy::Mutex::new(0u32), sy::Condvar::default()));
    assert_eq!(format!("{CONDVAR:?}"), "Condvar { .. }");
    CONDVAR.notify_one();
    CONDVAR.notify_all();
    let setter = |value: u32| {
        let pair = Arc::clone(&pair);
        thread::spawn(move || {
            *pair.0.lock().unwrap() = value;
            pair.1.notify_all();
        })
    };
    let mut guard = pair.0.lock().unwrap();
    let first = setter(1);
    while *guard != 1 {
        guard = pair.1.wait(guard).unwrap();
    }
    let second = setter(2);
    let guard = pair.1.wait_while(guard, |value| *value != 2).unwrap();
    let (guard, waited): (_, sy::WaitTimeoutResult) = pair.1.wait_timeout(guard, SHORT).unwrap();
    assert!(waited.timed_out());
    let (guard, came) = pair.1.wait_timeout_ms(guard, 2).unwrap();
    assert!(!came);
    let (guard, waited) = pair.1.wait_timeout_while(guard, SHORT, |value| *value == 2).unwrap();
    assert!(waited.timed_out());
    let (guard, waited) = pair.1.wait_timeout_while(guard, SHORT, |_| false).unwrap();
    assert!(!waited.timed_out() && *guard == 2);
    drop(guard);
    first.join().unwrap();
    second.join().unwrap();
    assert_eq!(*pair.0.try_lock().unwrap(), 2);
}

#[test]
fn a_panic_in_a_condition_releases_and_poisons() {
    let (mutex, condvar) = (sy::Mutex::new(1), sy::Condvar::new());
    let wait = || condvar.wait_while(mutex.lock().unwrap(), |_| std::panic::resume_unwind(Box::new("planned"))).is_ok();
    assert!(catch_unwind(AssertUnwindSafe(wait)).is_err());
    assert!(mutex.is_poisoned() && mutex.lock().is_err());
}

#[test]
fn a_barrier_has_every_method() {
    assert!(BARRIER.wait().is_leader());
    assert_eq!(format!("{BARRIER:?}"), "Barrier { .. }");
    let barrier = sy::Barrier::new(2);
    let leaders = thread::scope(|scope| {
        let other = scope.spawn(|| barrier.wait());
        let mine: sy::BarrierWaitResult = barrier.wait();
        u8::from(mine.is_leader()) + u8::from(other.join().unwrap().is_leader())
    });
    assert_eq!(leaders, 1);
}
