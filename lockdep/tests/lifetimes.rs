//! Locks and classes that come and go: leaked guards, dynamic keys, values made once, holds that change hands.
#![cfg(debug_assertions)]

use lockdep::core::finding::{Code, Grade};
use lockdep::parking_lot::Mutex;
use lockdep::testing::{Scope, isolated};
use lockdep::{DynamicKey, LazyLock, LockClassKey, LockMap, OnceLock};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

static A: LockClassKey = LockClassKey::new("lifetimes::a");
static B: LockClassKey = LockClassKey::new("lifetimes::b");
static C: LockClassKey = LockClassKey::new("lifetimes::c");

fn found(scope: &Scope) -> Vec<(Code, Grade)> {
    scope.findings().iter().map(|finding| (finding.code, finding.grade)).collect()
}

#[test]
fn a_lock_that_dies_held_is_told_and_forgotten() {
    let scope = isolated();
    let lock = Mutex::named(&A, ());
    std::mem::forget(lock.lock());
    drop(lock);
    assert_eq!(found(&scope), [(Code::BadRelease, Grade::Possible)]);
    lockdep::assert_none_held!();
    assert_eq!(found(&scope).len(), 1);
}

#[test]
fn a_lock_that_another_thread_released_dies_free() {
    let scope = isolated();
    let page = LockMap::new(&A);
    let held = page.acquire();
    std::thread::scope(|threads| drop(threads.spawn(|| drop(held))));
    drop(page);
    assert_eq!(found(&scope), []);
}

#[test]
fn a_lock_that_dies_free_is_not_even_under_another() {
    let scope = isolated();
    let (lock, other) = (Mutex::named(&A, ()), Mutex::named(&B, ()));
    drop(lock.lock());
    let held = other.lock();
    drop(lock);
    drop(held);
    assert_eq!(found(&scope), []);
}

#[test]
fn a_class_that_is_gone_has_no_orders_and_its_name_can_be_used_again() {
    let scope = isolated();
    let other = Mutex::named(&A, ());
    for swapped in [false, true] {
        let key = DynamicKey::new("volume");
        let journal = Mutex::named(key.key(), ());
        match swapped {
            false => drop((journal.lock(), other.lock())),
            true => drop((other.lock(), journal.lock())),
        }
        assert_eq!(found(&scope), []);
        assert_eq!(scope.graph().edges.len(), 1);
    }
    assert_eq!(scope.graph().edges.len(), 0);
}

#[test]
fn a_class_that_lives_on_keeps_its_orders_when_others_go() {
    let scope = isolated();
    let (a, b) = (Mutex::named(&A, ()), Mutex::named(&B, ()));
    drop((a.lock(), b.lock()));
    {
        let key = DynamicKey::new("passing");
        let passing = Mutex::named(key.key(), ());
        drop((passing.lock(), a.lock()));
    }
    drop((b.lock(), a.lock()));
    assert_eq!(found(&scope), [(Code::Inversion, Grade::Possible)]);
}

#[test]
fn a_cycle_through_a_class_that_is_gone_is_gone() {
    let scope = isolated();
    let a = Mutex::named(&A, ());
    let key = DynamicKey::new("cyclic");
    let cyclic = Mutex::named(key.key(), ());
    let round = || {
        drop((a.lock(), cyclic.lock()));
        drop((cyclic.lock(), a.lock()));
    };
    round();
    assert_eq!(found(&scope), [(Code::Inversion, Grade::Possible)]);
    drop(key);
    assert_eq!(found(&scope), []);
    round();
    assert_eq!(found(&scope), [(Code::Inversion, Grade::Possible)], "what is known is asked about again");
}

#[test]
fn a_value_that_is_made_once_is_a_lock() {
    let scope = isolated();
    let (cell, a) = (OnceLock::named(&B), Mutex::named(&A, ()));
    cell.get_or_init(|| drop(a.lock()));
    assert_eq!(found(&scope), []);
    let _held = a.lock();
    cell.get_or_init(|| unreachable!("it has its value"));
    assert_eq!(found(&scope), [(Code::Inversion, Grade::Possible)]);
}

#[test]
fn a_lazy_value_is_a_lock_until_it_is_there() {
    static LOCK: Mutex<u8> = Mutex::named(&A, 7);
    static LAZY: LazyLock<u8> = LazyLock::new(|| *LOCK.lock());
    let scope = isolated();
    assert_eq!(*LAZY, 7);
    let _held = LOCK.lock();
    assert_eq!((*LAZY, found(&scope)), (7, vec![]));
    let text = scope.graph().to_string();
    assert!(text.contains("u8 (lockdep/tests/lifetimes.rs) -> lifetimes::a: EN"), "{text}");
}

#[test]
fn a_hold_that_was_adopted_comes_before_what_its_new_holder_takes() {
    let scope = isolated();
    let (page, a) = (LockMap::new(&B), Mutex::named(&A, ()));
    let held = page.acquire();
    let handle = scope.handle();
    std::thread::scope(|threads| {
        threads.spawn(|| {
            let _stay = handle.enter();
            let held = page.adopt(held);
            drop(a.lock());
            drop(held);
        });
    });
    lockdep::assert_none_held!();
    let _a = a.lock();
    page.might_acquire();
    assert_eq!(found(&scope), [(Code::Inversion, Grade::Possible)]);
}

#[test]
fn a_lock_can_change_its_class_while_others_take_it() {
    let (scope, moving, outer) = (isolated(), Mutex::named(&B, ()), Mutex::named(&A, ()));
    let (handle, done) = (scope.handle(), AtomicBool::new(false));
    std::thread::scope(|threads| {
        threads.spawn(|| {
            while !done.load(Relaxed) {
                moving.set_class(&C);
                moving.set_class(&B);
            }
        });
        let _stay = handle.enter();
        for _ in 0..20_000 {
            let _outer = outer.lock();
            drop(moving.lock());
        }
        done.store(true, Relaxed);
    });
    let graph = scope.graph();
    let is_known = |class: &String| ["lifetimes::a", "lifetimes::b", "lifetimes::c"].contains(&&**class);
    assert!(graph.classes.keys().all(is_known) && graph.edges.len() <= 2, "{graph}");
    assert_eq!(found(&scope), []);
}

#[test]
fn what_is_judged_after_a_release_elsewhere_is_not_learned_with_what_was_released() {
    static OUTER: LockClassKey = LockClassKey::new("posts::outer");
    static INNER: LockClassKey = LockClassKey::new("posts::inner");
    let (outer, inner) = (LockMap::new(&OUTER), Mutex::named(&INNER, ()));
    drop(inner.lock());
    let hold = outer.acquire();
    std::thread::scope(|threads| drop(threads.spawn(move || drop(hold))));
    // Nothing is held here, and that is what is learned.
    lockdep::annotate::might_lock(&inner);
    let hold = outer.acquire();
    drop(inner.lock());
    drop(hold);
    let graph = lockdep::graph();
    assert!(graph.edges.keys().any(|(from, to)| from == "posts::outer" && to == "posts::inner"), "{graph}");
}
