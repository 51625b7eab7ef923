//! Signal handlers that lock, at any moment of what they interrupt.
#![cfg(all(debug_assertions, unix))]

use lockdep::parking_lot::Mutex;
use lockdep::{Context, LockClassKey};
use std::os::unix::thread::JoinHandleExt;
use std::sync::Mutex as Turn;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

static A: LockClassKey = LockClassKey::new("signals::a");
static B: LockClassKey = LockClassKey::new("signals::b");
static C: LockClassKey = LockClassKey::new("signals::of_the_context");
static H: LockClassKey = LockClassKey::new("signals::handler");
static LOCKS: (Mutex<()>, Mutex<()>) = (Mutex::named(&A, ()), Mutex::named(&B, ()));
static HANDLERS: Mutex<()> = Mutex::named(&H, ());
static CONTEXTS: Mutex<()> = Mutex::named(&C, ());

/// Keeps itself out of threads that use what it takes.
static CONTEXT: Context = Context::new("signals::context");

/// What a signal interrupts is the process's, so the tests take turns.
static TURN: Turn<()> = Turn::new(());

/// How often the handler has locked, and whether the thread that it interrupts is ready and done. They order nothing.
static HANDLED: AtomicU32 = AtomicU32::new(0);
static READY: AtomicBool = AtomicBool::new(false);
static DONE: AtomicBool = AtomicBool::new(false);

extern "C" fn handler(_: i32) {
    if HANDLERS.try_lock().is_some() {
        HANDLED.fetch_add(1, Relaxed);
    }
}

/// Does something again and again while a handler interrupts it everywhere. Before each step, `step` calls what it is given: all that the
/// handler can meet is known before it comes, because a handler must not allocate.
fn interrupt(step: fn(&dyn Fn())) {
    // SAFETY: the handler has the right type and lives as long as the process; it tries a lock and counts.
    unsafe { libc::signal(libc::SIGUSR1, handler as extern "C" fn(i32) as libc::sighandler_t) };
    HANDLED.store(0, Relaxed);
    [&READY, &DONE].iter().for_each(|flag| flag.store(false, Relaxed));
    let thread = std::thread::spawn(move || {
        (0..3).for_each(|_| step(&|| drop(HANDLERS.try_lock())));
        READY.store(true, Relaxed);
        while !DONE.load(Relaxed) {
            step(&|| ());
        }
    });
    while !READY.load(Relaxed) {
        std::thread::yield_now();
    }
    while HANDLED.load(Relaxed) < 1_000 {
        // SAFETY: the thread has not been joined.
        assert_eq!(unsafe { libc::pthread_kill(thread.as_pthread_t(), libc::SIGUSR1) }, 0);
        // It may have this thread's processor.
        std::thread::yield_now();
    }
    DONE.store(true, Relaxed);
    thread.join().expect("it does not panic");
    assert_eq!(lockdep::findings(), []);
    assert_eq!(lockdep::held(), []);
}

#[test]
fn a_handler_that_interrupts_the_books_does_not_disturb_them() {
    let _turn = TURN.lock();
    interrupt(|meanwhile| {
        meanwhile();
        let _a = LOCKS.0.lock();
        meanwhile();
        let _b = LOCKS.1.lock();
        meanwhile();
    });
    let graph = lockdep::graph();
    let edges = graph.edges.keys().map(|(from, to)| (from.as_str(), to.as_str()));
    let edges: Vec<_> =
        edges.filter(|(from, to)| ![from, to].iter().any(|label| label.starts_with("context:"))).collect();
    assert_eq!(edges, [("signals::a", "signals::b")], "the handler's lock is under both, tried, and over none");
}

#[test]
fn a_handler_that_interrupts_masks_and_contexts_does_not_disturb_them() {
    let _turn = TURN.lock();
    CONTEXT.declare();
    interrupt(|meanwhile| {
        meanwhile();
        {
            let _masked = CONTEXT.mask();
            meanwhile();
            let _c = CONTEXTS.lock();
            meanwhile();
        }
        let _inside = CONTEXT.enter();
        meanwhile();
        let _c = CONTEXTS.lock();
        meanwhile();
    });
}
