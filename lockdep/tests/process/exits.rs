//! The ends of threads and of processes.

use crate::{LOCKS, child, folder, merged, one_way, other_way, passes};
use lockdep::config::Builder;
use lockdep::core::finding::Code;
use lockdep::parking_lot::MutexGuard;
use std::cell::RefCell;
use std::path::Path;

thread_local!(static KEPT: RefCell<Option<MutexGuard<'static, u32>>> = const { RefCell::new(None) });

#[test]
#[ignore = "a child of the tests below"]
fn child_exits_under_a_lock() {
    let _held = LOCKS.0.lock();
    std::process::exit(3);
}

#[test]
#[ignore = "a child of the tests below"]
fn child_exits_under_a_lock_of_another_thread() {
    let exits = || {
        let _held = LOCKS.0.lock();
        std::process::exit(3);
    };
    std::thread::spawn(exits).join().expect("it does not come back");
}

#[test]
#[ignore = "a child of the tests below"]
fn child_keeps_a_guard_in_a_thread_local() {
    // The thread-local is there before the thread's first lock, so it is destroyed late.
    std::thread::spawn(|| KEPT.with(|kept| *kept.borrow_mut() = Some(LOCKS.0.lock()))).join().expect("a thread");
    assert!(LOCKS.0.try_lock().is_some(), "it was released when the thread ended");
    assert_eq!(lockdep::findings(), []);
    std::thread::spawn(|| std::mem::forget(LOCKS.1.lock())).join().expect("a thread");
    assert_eq!(lockdep::findings()[0].code, Code::HeldAtExit);
}

#[test]
#[ignore = "a child of the tests below"]
fn child_locks_as_its_thread_locals_are_destroyed() {
    struct Last(fn());
    impl Drop for Last {
        fn drop(&mut self) {
            (self.0)();
        }
    }
    thread_local! {
        static EARLY: Last = const { Last(one_way) };
        static LATE: Last = const { Last(other_way) };
    }
    let work = || {
        EARLY.with(|_| ());
        drop(LOCKS.0.lock());
        LATE.with(|_| ());
    };
    std::thread::spawn(work).join().expect("a thread");
    assert_eq!(lockdep::findings()[0].code, Code::Inversion, "both are seen");
    assert_eq!(lockdep::held(), []);
}

#[test]
#[ignore = "a child of the tests below"]
fn child_locks_in_an_exit_hook() {
    extern "C" fn hook() {
        one_way();
        other_way();
        // SAFETY: the process is ending.
        unsafe { libc::_exit(if LOCKS.0.try_lock().is_some() { 4 } else { 5 }) }
    }
    // SAFETY: the hook has the right type and lives as long as the process.
    assert_eq!(unsafe { libc::atexit(hook) }, 0);
    one_way();
}

#[test]
#[ignore = "a child of the tests below"]
fn child_panics_in_a_callback_at_the_end_of_a_thread() {
    Builder::new().on_finding(|_| panic!("on purpose")).install().expect("no lock was used");
    std::thread::spawn(|| std::mem::forget(LOCKS.0.lock())).join().expect("a thread");
    assert_eq!(lockdep::findings()[0].code, Code::HeldAtExit);
}

#[test]
#[ignore = "a child of the tests below"]
fn child_takes_a_lock_while_it_unwinds() {
    struct Unwinds;
    impl Drop for Unwinds {
        fn drop(&mut self) {
            other_way();
        }
    }
    one_way();
    let panics = || {
        let _unwinds = Unwinds;
        panic!("on purpose");
    };
    std::panic::catch_unwind(panics).expect_err("it panics once, not twice");
    assert_eq!(lockdep::findings()[0].code, Code::Inversion);
    assert!(LOCKS.0.try_lock().is_some() && LOCKS.1.try_lock().is_some() && lockdep::held().is_empty());
}

#[test]
#[ignore = "a child of the tests below"]
fn child_is_told_what_its_panic_hook_waits_for() {
    std::panic::set_hook(Box::new(|_| {
        one_way();
        std::process::exit(0);
    }));
    let _held = LOCKS.0.try_lock_for(std::time::Duration::from_secs(60));
    panic!("on purpose");
}

#[test]
fn a_process_that_exits_under_a_lock_keeps_nobody_waiting() {
    for name in ["exits::child_exits_under_a_lock", "exits::child_exits_under_a_lock_of_another_thread"] {
        let logs = folder("exit-logs");
        let (output, said) = child(name, &[("LOCKDEP", Path::new("deny")), ("LOCKDEP_DIR", &logs)]);
        assert_eq!((output.status.code(), &*said), (Some(3), ""));
        assert_eq!((merged(&logs).processes, merged(&logs).complete), (1, 1));
    }
}

#[test]
fn a_guard_in_a_thread_local_is_released_at_the_end_of_its_thread_and_a_leaked_one_is_not() {
    passes("exits::child_keeps_a_guard_in_a_thread_local", &[]);
}

#[test]
fn locks_are_tracked_to_the_last_thread_local() {
    passes("exits::child_locks_as_its_thread_locals_are_destroyed", &[]);
}

#[test]
fn locks_work_in_exit_hooks() {
    let (output, said) = child("exits::child_locks_in_an_exit_hook", &[]);
    assert_eq!(output.status.code(), Some(4), "{said}");
}

#[test]
fn a_callback_that_panics_at_the_end_of_a_thread_ends_nothing_else() {
    passes("exits::child_panics_in_a_callback_at_the_end_of_a_thread", &[]);
}

#[test]
fn a_finding_while_a_thread_unwinds_does_not_panic_again() {
    let said = passes("exits::child_takes_a_lock_while_it_unwinds", &[("LOCKDEP", Path::new("panic"))]);
    assert!(said.contains("error[lockdep::inversion]"), "{said}");
}

#[test]
fn a_panic_hook_that_waits_for_a_lock_of_its_thread_is_told() {
    // With nobody to let it go on it would hang here, so the report ends it.
    let (_, said) = child("exits::child_is_told_what_its_panic_hook_waits_for", &[("LOCKDEP", Path::new("abort"))]);
    assert!(said.contains("error[lockdep::self-deadlock]"), "{said}");
}
