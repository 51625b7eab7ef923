//! What the checker makes of spawn and join: order that excuses, and waits that close cycles.
#![cfg(debug_assertions)]

use lockdep::LockClassKey;
use lockdep::core::finding::{Code, Finding, Grade};
use lockdep::parking_lot::Mutex;
use lockdep::testing::Scope;
use lockdep::thread;
use std::sync::Arc;
use std::sync::mpsc::channel;

static A: LockClassKey = LockClassKey::new("a");
static B: LockClassKey = LockClassKey::new("b");

type Locks = Arc<(Mutex<()>, Mutex<()>)>;

fn locks() -> Locks {
    Arc::new((Mutex::named(&A, ()), Mutex::named(&B, ())))
}

fn forward(locks: &Locks) {
    drop((locks.0.lock(), locks.1.lock()));
}

fn backward(locks: &Locks) {
    let _b = locks.1.lock();
    let _a = locks.0.lock();
}

fn spawned(locks: &Locks, f: fn(&Locks)) -> thread::JoinHandle<()> {
    let locks = Arc::clone(locks);
    thread::spawn(move || f(&locks))
}

fn found(scope: &Scope) -> Vec<(Code, Grade)> {
    scope.findings().iter().map(|finding: &Finding| (finding.code, finding.grade)).collect()
}

#[test]
fn what_came_before_the_spawn_cannot_meet_the_thread() {
    let (scope, locks) = (lockdep::testing::isolated(), locks());
    forward(&locks);
    spawned(&locks, backward).join().unwrap();
    assert_eq!(found(&scope), [(Code::Inversion, Grade::Excused)]);
    forward(&locks);
    assert_eq!(found(&scope), [(Code::Inversion, Grade::Excused)], "the join came before");
}

#[test]
fn what_came_after_the_spawn_can_meet_the_thread() {
    let (scope, locks) = (lockdep::testing::isolated(), locks());
    forward(&locks);
    // The checker does not see what they tell each other; without it, they could really deadlock here.
    let (done, is_done) = channel::<()>();
    let its = Arc::clone(&locks);
    let thread = thread::spawn(move || {
        is_done.recv().unwrap();
        backward(&its);
    });
    forward(&locks);
    done.send(()).unwrap();
    thread.join().unwrap();
    assert_eq!(found(&scope), [(Code::Inversion, Grade::Possible)]);
}

#[test]
fn threads_in_turn_cannot_meet_and_threads_side_by_side_can() {
    let (scope, locks) = (lockdep::testing::isolated(), locks());
    spawned(&locks, forward).join().unwrap();
    spawned(&locks, backward).join().unwrap();
    assert_eq!(found(&scope), [(Code::Inversion, Grade::Excused)]);
    let (done, is_done) = channel::<()>();
    let locks = &locks;
    thread::scope(|threads| {
        let forward = threads.spawn(move || {
            forward(locks);
            done.send(()).unwrap();
        });
        let backward = threads.spawn(move || {
            is_done.recv().unwrap();
            backward(locks);
        });
        backward.join().unwrap();
        forward.join().unwrap();
    });
    assert_eq!(found(&scope), [(Code::Inversion, Grade::Possible)]);
}

#[test]
fn the_end_of_a_scope_is_a_join() {
    let (scope, locks) = (lockdep::testing::isolated(), locks());
    thread::scope(|threads| drop(threads.spawn(|| forward(&locks))));
    thread::scope(|threads| drop(threads.spawn(|| backward(&locks))));
    assert_eq!(found(&scope), [(Code::Inversion, Grade::Excused)]);
}

#[test]
fn a_join_under_a_lock_that_the_thread_takes_is_an_inversion() {
    let (scope, locks) = (lockdep::testing::isolated(), locks());
    let thread = spawned(&locks, |locks| drop(locks.0.lock()));
    while !thread.is_finished() {
        std::thread::yield_now();
    }
    let held = locks.0.lock();
    thread.join().unwrap();
    drop(held);
    assert_eq!(found(&scope), [(Code::Inversion, Grade::Possible)]);
    let graph = scope.graph().to_string();
    assert!(graph.contains("a -> thread (lockdep/tests/threads.rs): EN"), "{graph}");
}

#[test]
fn a_join_under_another_lock_is_none_and_threads_nobody_waits_for_are_not_shown() {
    let (scope, locks) = (lockdep::testing::isolated(), locks());
    spawned(&locks, forward).join().unwrap();
    assert_eq!(scope.graph().classes.keys().collect::<Vec<_>>(), ["a", "b"]);
    let (held, theirs) = (locks.0.lock(), Arc::clone(&locks));
    thread::spawn(move || drop(theirs.1.lock())).join().unwrap();
    drop(held);
    assert_eq!(found(&scope), []);
}

#[test]
fn a_thread_that_panics_is_over_too() {
    let (scope, locks) = (lockdep::testing::isolated(), locks());
    spawned(&locks, |locks| {
        forward(locks);
        panic!("on purpose");
    })
    .join()
    .unwrap_err();
    spawned(&locks, backward).join().unwrap();
    assert_eq!(found(&scope), [(Code::Inversion, Grade::Excused)]);
}

#[test]
fn a_thread_that_holds_nothing_holds_nothing() {
    thread::spawn(|| lockdep::assert_none_held!()).join().unwrap();
    assert!(lockdep::findings().iter().all(|finding| finding.code != Code::AssertHeld));
}
