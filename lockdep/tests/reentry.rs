//! Locks that are used from inside the checker's own work: by an allocator, and by whoever reads standard error.
#![cfg(debug_assertions)]

use lockdep::LockClassKey;
use lockdep::core::finding::Code;
use lockdep::parking_lot::{Mutex, RwLock};
use std::alloc::{GlobalAlloc, Layout, System};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Counts allocations under an instrumented lock, on every thread and at any time.
struct Counting;

static COUNT: Mutex<u64> = Mutex::new(0);
static SHARED: RwLock<u64> = RwLock::new(0);
static WAITED_FOR: Mutex<u64> = Mutex::new(0);
/// Whether allocations wait for a lock that they take from themselves. It orders nothing.
static WAITS: AtomicBool = AtomicBool::new(false);

// SAFETY: every request is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if let Some(mut count) = COUNT.try_lock() {
            *count += 1;
        }
        drop(SHARED.read());
        if WAITS.load(Relaxed) {
            *WAITED_FOR.lock() += 1;
        }
        // SAFETY: the caller's layout is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `alloc` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn an_allocator_that_takes_a_lock_neither_hangs_nor_hides_findings() {
    static A: LockClassKey = LockClassKey::new("reentry::a");
    static B: LockClassKey = LockClassKey::new("reentry::b");
    let (a, b) = (Mutex::named(&A, ()), Mutex::named(&B, ()));
    drop((a.lock(), b.lock()));
    drop((b.lock(), a.lock()));
    for index in 0..100 {
        let thread = std::thread::spawn(move || vec![index; 100].len());
        assert_eq!(thread.join().expect("it does not panic"), 100);
    }
    assert!(*COUNT.lock() > 100);
    let found = lockdep::findings();
    assert!(found.iter().any(|finding| finding.code == Code::Inversion && finding.classes.len() == 2));
    assert!(found.iter().all(|finding| finding.code != Code::HeldAtExit), "{found:?}");
}

#[test]
#[ignore = "a child of the test below"]
fn child_allocates_under_the_allocators_own_lock() {
    WAITS.store(true, Relaxed);
    drop(Box::new(1));
}

#[test]
fn an_allocator_that_waits_for_itself_is_told_why() {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.args(["--ignored", "--exact", "child_allocates_under_the_allocators_own_lock", "--nocapture"]);
    let output = command.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert_eq!(said.matches("an allocator, signal handler or panic hook waits at lockdep/tests/reentry.rs").count(), 1);
}
