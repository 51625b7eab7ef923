//! What the types do: poisoning, waiting, initialising once.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::*;
use std::thread;
use std::time::Duration;

fn poisoned() -> Arc<Mutex<u32>> {
    let lock = Arc::new(Mutex::new(1));
    let other = Arc::clone(&lock);
    let died = thread::spawn(move || {
        let _guard = other.lock().unwrap();
        panic!("on purpose");
    });
    assert!(died.join().is_err());
    lock
}

#[test]
fn a_mutex_is_poisoned() {
    let mut lock = poisoned();
    assert!(lock.is_poisoned());
    assert_eq!(*lock.lock().unwrap_err().into_inner(), 1);
    assert!(matches!(lock.try_lock(), Err(TryLockError::Poisoned(_))));
    assert_eq!(*Arc::get_mut(&mut lock).unwrap().get_mut().unwrap_err().into_inner(), 1);
    lock.clear_poison();
    assert!(!lock.is_poisoned() && lock.lock().is_ok());
}

#[test]
fn only_writers_poison() {
    let lock = RwLock::new(1);
    let dies = |write: bool| {
        let result = catch_unwind(AssertUnwindSafe(|| {
            let _guards = if write { (None, lock.write().ok()) } else { (lock.read().ok(), None) };
            panic!("on purpose");
        }));
        assert!(result.is_err());
    };
    dies(false);
    assert!(!lock.is_poisoned());
    dies(true);
    assert!(lock.is_poisoned() && lock.read().is_err() && lock.try_write().is_err());
}

#[test]
fn what_is_taken_is_not_there() {
    let (mutex, rwlock) = (Mutex::new(1), RwLock::new(1));
    let (held, read) = (mutex.lock().unwrap(), rwlock.read().unwrap());
    assert!(matches!(mutex.try_lock(), Err(TryLockError::WouldBlock)));
    assert!(matches!(rwlock.try_write(), Err(TryLockError::WouldBlock)));
    assert_eq!(*rwlock.try_read().unwrap() + *held + *read, 3);
}

#[test]
fn guards_are_released_in_any_order_and_leaked() {
    let (one, other) = (Mutex::new(1), Mutex::new(2));
    let (first, second) = (one.lock().unwrap(), other.lock().unwrap());
    drop(first);
    assert!(one.try_lock().is_ok() && other.try_lock().is_err());
    drop(second);
    std::mem::forget(other.lock());
    assert!(other.try_lock().is_err());
}

#[test]
fn a_condition_is_waited_for() {
    let pair = Arc::new((Mutex::new(0), Condvar::new()));
    let there = Arc::clone(&pair);
    let counter = thread::spawn(move || {
        for _ in 0..4 {
            *there.0.lock().unwrap() += 1;
            there.1.notify_all();
        }
    });
    let (lock, condvar) = &*pair;
    let mut count = lock.lock().unwrap();
    while *count < 1 {
        count = condvar.wait(count).unwrap();
    }
    let count = condvar.wait_while(count, |count| *count < 2).unwrap();
    let (count, timeout) = condvar.wait_timeout_while(count, Duration::from_secs(60), |count| *count < 4).unwrap();
    assert!(*count == 4 && !timeout.timed_out());
    let (count, timeout) = condvar.wait_timeout(count, Duration::from_millis(1)).unwrap();
    assert!(*count == 4 && timeout.timed_out());
    #[allow(deprecated)]
    let (count, in_time) = condvar.wait_timeout_ms(count, 1).unwrap();
    assert!(*count == 4 && !in_time);
    drop(count);
    counter.join().unwrap();
}

#[test]
fn a_condition_that_panics_poisons() {
    let (lock, condvar) = (Mutex::new(0), Condvar::new());
    let result = catch_unwind(AssertUnwindSafe(|| {
        drop(condvar.wait_while(lock.lock().unwrap(), |_| panic!("on purpose")));
    }));
    assert!(result.is_err() && lock.is_poisoned() && lock.try_lock().is_err());
}

#[test]
fn things_are_made_once() {
    let (calls, once) = (AtomicU32::new(0), Once::new());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| once.call_once(|| drop(calls.fetch_add(1, SeqCst))));
        }
    });
    assert!(once.is_completed() && calls.load(SeqCst) == 1);
    let cell: OnceLock<u32> = OnceLock::new();
    assert_eq!((cell.get(), cell.set(1), cell.set(2), *cell.get_or_init(|| 3)), (None, Ok(()), Err(2), 1));
    assert_eq!(cell.clone().take(), Some(1));
    let lazy = LazyLock::new(|| calls.fetch_add(1, SeqCst));
    assert_eq!((*lazy, *lazy, *LazyLock::force(&lazy)), (1, 1, 1));
}

#[test]
fn a_once_that_panics_is_poisoned() {
    let once = Once::new();
    assert!(catch_unwind(AssertUnwindSafe(|| once.call_once(|| panic!("on purpose")))).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| once.call_once(|| ()))).is_err());
    once.call_once_force(|state| assert!(state.is_poisoned()));
    assert!(once.is_completed());
}

#[test]
fn threads_are_started_in_every_way() {
    let named = thread::Builder::new().name("named".to_owned()).stack_size(1 << 20);
    let named = named.spawn(|| thread::current().name().map(str::to_owned)).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::thread::JoinHandleExt;
        assert_ne!(named.as_pthread_t(), 0);
    }
    assert_eq!(named.join().unwrap().as_deref(), Some("named"));
    let mut numbers = [1, 2];
    thread::scope(|scope| {
        let (one, other) = numbers.split_at_mut(1);
        scope.spawn(|| one[0] += 1);
        thread::Builder::new().spawn_scoped(scope, || other[0] += 1).unwrap().join().unwrap();
    });
    let handles: Vec<thread::JoinHandle<i32>> = numbers.into_iter().map(|n| thread::spawn(move || n)).collect();
    assert_eq!(handles.into_iter().map(|handle| handle.join().unwrap()).sum::<i32>(), 5);
    assert!(thread::spawn(|| panic!("on purpose")).join().is_err());
}

#[test]
fn a_barrier_has_one_leader_each_time() {
    static BARRIER: Barrier = Barrier::new(2);
    for _ in 0..3 {
        let leaders = thread::scope(|scope| {
            let other = scope.spawn(|| BARRIER.wait().is_leader());
            u32::from(BARRIER.wait().is_leader()) + u32::from(other.join().unwrap())
        });
        assert_eq!(leaders, 1);
    }
}

#[test]
fn messages_arrive_in_order_and_the_ends_are_told_apart() {
    use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};
    let (sender, receiver) = mpsc::channel();
    let more = sender.clone();
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(receiver.recv_timeout(Duration::from_millis(1)), Err(RecvTimeoutError::Timeout));
    thread::spawn(move || (0..4).for_each(|n| more.send(n).unwrap()));
    assert_eq!((receiver.recv(), receiver.recv_timeout(Duration::from_secs(60))), (Ok(0), Ok(1)));
    assert_eq!(receiver.iter().take(2).collect::<Vec<_>>(), [2, 3]);
    drop(sender);
    assert_eq!((receiver.recv(), receiver.try_recv()), (Err(RecvError), Err(TryRecvError::Disconnected)));
    assert_eq!((&receiver).into_iter().chain(receiver.try_iter()).next(), None);
    let (sender, receiver) = mpsc::sync_channel(1);
    sender.send(1).unwrap();
    assert_eq!(sender.try_send(2), Err(TrySendError::Full(2)));
    let filler = sender.clone();
    let filler = thread::spawn(move || filler.send(3));
    assert_eq!((receiver.recv(), receiver.recv(), filler.join().unwrap()), (Ok(1), Ok(3), Ok(())));
    drop(receiver);
    assert_eq!((sender.send(4), sender.try_send(5)), (Err(SendError(4)), Err(TrySendError::Disconnected(5))));
    let (hand, to_hand) = mpsc::sync_channel(0);
    let giver = thread::spawn(move || hand.send("over"));
    assert_eq!((to_hand.recv(), giver.join().unwrap()), (Ok("over"), Ok(())));
}

#[test]
fn a_scope_waits_for_its_threads_and_passes_panics_on() {
    let (started, ended) = (AtomicU32::new(0), AtomicU32::new(0));
    let result = catch_unwind(AssertUnwindSafe(|| {
        thread::scope(|scope| {
            let handle = scope.spawn(|| started.fetch_add(1, SeqCst));
            assert!(!handle.thread().id().eq(&thread::current().id()) && handle.join().is_ok());
            scope.spawn(|| {
                scope.spawn(|| ended.fetch_add(1, SeqCst));
                panic!("on purpose");
            });
        });
    }));
    assert!(result.is_err());
    assert_eq!((started.into_inner(), ended.into_inner()), (1, 1));
}

#[test]
fn macros_of_std_work() {
    let text = format!("{:?}", std::vec![1, 2]);
    assert_eq!(text, "[1, 2]", "{}", concat!(stringify!(a), line!()));
    assert!(matches!(std::pin::pin!(async {}), _pinned));
    println!("{}", dbg!(std::env!("CARGO_PKG_NAME")));
    #[cfg(target_arch = "x86_64")]
    let _ = std::is_x86_feature_detected!("sse2");
}
