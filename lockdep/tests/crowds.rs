//! Many classes, threads, locks and scopes: each in a number in which anything kept for every one of them would show.
#![cfg(all(debug_assertions, target_os = "linux"))]

use lockdep::parking_lot::Mutex;
use lockdep::{DynamicKey, LockClassKey};
use std::collections::VecDeque;
use std::sync::{Barrier, Mutex as Turn};

/// Memory is the process's, so the tests take turns.
static TURN: Turn<()> = Turn::new(());

static A: LockClassKey = LockClassKey::new("crowds::a");
static B: LockClassKey = LockClassKey::new("crowds::b");
static LOCKS: (Mutex<()>, Mutex<()>) = (Mutex::named(&A, ()), Mutex::named(&B, ()));

fn nested() {
    drop((LOCKS.0.lock(), LOCKS.1.lock()));
}

/// Resident memory, in KiB.
fn memory() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").expect("Linux has it");
    let resident: usize = pages.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("a number of pages");
    resident * 4
}

/// By how many KiB memory grows over rounds of something, once it has been done a few times.
fn growth(rounds: usize, mut round: impl FnMut(usize)) -> usize {
    (0..rounds / 10).for_each(&mut round);
    let before = memory();
    (0..rounds).for_each(&mut round);
    memory().saturating_sub(before)
}

#[test]
fn locks_that_are_gone_leave_nothing() {
    let _turn = TURN.lock();
    let mut alive = VecDeque::new();
    let grown = growth(200_000, |round| {
        let lock = Mutex::new(round);
        {
            let _outer = LOCKS.0.lock();
            drop(lock.lock());
        }
        alive.push_back(lock);
        if alive.len() > 10_000 {
            alive.pop_front();
        }
    });
    assert!(grown < 1024, "{grown} KiB for 200,000 locks");
}

#[test]
fn threads_that_are_gone_leave_nothing() {
    let _turn = TURN.lock();
    let grown = growth(10_000, |_| std::thread::spawn(nested).join().expect("it does not panic"));
    assert!(grown < 1024, "{grown} KiB for 10,000 threads");
}

#[test]
fn hundreds_of_threads_at_once_have_a_stack_each() {
    let _turn = TURN.lock();
    let meet = Barrier::new(500);
    let work = || {
        let own = Mutex::new(0u8);
        let held = own.lock();
        meet.wait();
        (0..10).for_each(|_| nested());
        let me = std::thread::current().name().map(str::to_owned);
        assert_eq!(lockdep::held().iter().filter(|thread| Some(&thread.thread) == me.as_ref()).count(), 1);
        meet.wait();
        drop(held);
    };
    std::thread::scope(|threads| {
        for number in 0..500 {
            std::thread::Builder::new().name(format!("crowd {number}")).spawn_scoped(threads, work).expect("a thread");
        }
    });
    assert!(lockdep::held().iter().all(|thread| !thread.thread.starts_with("crowd ")));
}

#[test]
fn scopes_that_are_gone_leave_nothing() {
    let _turn = TURN.lock();
    let grown = growth(20_000, |_| {
        let _scope = lockdep::testing::isolated();
        nested();
    });
    assert!(grown < 2048, "{grown} KiB for 20,000 scopes");
}

#[test]
fn a_thousand_classes_are_told_apart_and_forgotten() {
    let _turn = TURN.lock();
    let scope = lockdep::testing::isolated();
    let keys: Vec<DynamicKey> = (0..1000).map(|number| DynamicKey::new(&format!("crowd {number}"))).collect();
    let locks: Vec<_> = keys.iter().map(|key| Mutex::named(key.key(), ())).collect();
    for three in locks.windows(3) {
        drop((three[0].lock(), three[1].lock(), three[2].lock()));
    }
    assert_eq!((scope.graph().classes.len(), scope.graph().edges.len(), scope.findings().len()), (1000, 1997, 0));
    drop((locks[509].lock(), locks[500].lock()));
    let shortest = scope.findings().iter().map(|finding| finding.classes.len()).min();
    assert_eq!(shortest, Some(6), "the shortest way round");
    drop(keys);
    assert!(scope.graph().edges.is_empty());
}
