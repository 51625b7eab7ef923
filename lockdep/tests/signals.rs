//! Signal handlers that lock, at any moment of what they interrupt.
#![cfg(all(debug_assertions, unix))]

use lockdep::LockClassKey;
use lockdep::parking_lot::Mutex;
use std::os::unix::thread::JoinHandleExt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

static A: LockClassKey = LockClassKey::new("signals::a");
static B: LockClassKey = LockClassKey::new("signals::b");
static H: LockClassKey = LockClassKey::new("signals::handler");
static LOCKS: (Mutex<()>, Mutex<()>) = (Mutex::named(&A, ()), Mutex::named(&B, ()));
static HANDLERS: Mutex<()> = Mutex::named(&H, ());

/// How often the handler has locked, and whether the thread that it interrupts is ready and done. They order nothing.
static HANDLED: AtomicU32 = AtomicU32::new(0);
static READY: AtomicBool = AtomicBool::new(false);
static DONE: AtomicBool = AtomicBool::new(false);

extern "C" fn handler(_: i32) {
    if HANDLERS.try_lock().is_some() {
        HANDLED.fetch_add(1, Relaxed);
    }
}

fn interrupted() {
    // All that the handler can meet is known before it comes, because a handler must not allocate.
    for _ in 0..2 {
        drop(HANDLERS.try_lock());
        let _a = LOCKS.0.lock();
        drop(HANDLERS.try_lock());
        let _b = LOCKS.1.lock();
        drop(HANDLERS.try_lock());
    }
    READY.store(true, Relaxed);
    while !DONE.load(Relaxed) {
        drop((LOCKS.0.lock(), LOCKS.1.lock()));
    }
}

#[test]
fn a_handler_that_interrupts_the_books_does_not_disturb_them() {
    // SAFETY: the handler has the right type and lives as long as the process; it tries a lock and counts.
    unsafe { libc::signal(libc::SIGUSR1, handler as extern "C" fn(i32) as libc::sighandler_t) };
    let thread = std::thread::spawn(interrupted);
    while !READY.load(Relaxed) {
        std::thread::yield_now();
    }
    while HANDLED.load(Relaxed) < 3_000 {
        // SAFETY: the thread has not been joined.
        assert_eq!(unsafe { libc::pthread_kill(thread.as_pthread_t(), libc::SIGUSR1) }, 0);
    }
    DONE.store(true, Relaxed);
    thread.join().expect("it does not panic");
    let graph = lockdep::graph();
    let edges: Vec<_> = graph.edges.keys().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    assert_eq!(edges, [("signals::a", "signals::b")], "the handler's lock is under both, tried, and over none");
    assert_eq!(lockdep::findings(), []);
    assert_eq!(lockdep::held(), []);
}
