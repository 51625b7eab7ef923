//! Scopes that nest, cross threads and end in any order.
#![cfg(debug_assertions)]

use lockdep::LockClassKey;
use lockdep::parking_lot::Mutex;
use lockdep::testing::{Scope, isolated, scope};

static A: LockClassKey = LockClassKey::new("scopes::a");
static B: LockClassKey = LockClassKey::new("scopes::b");
static LOCKS: (Mutex<()>, Mutex<()>) = (Mutex::named(&A, ()), Mutex::named(&B, ()));

/// How many dependencies of these locks each scope sees after one more acquisition.
fn seen<const N: usize>(scopes: [&Scope; N]) -> [usize; N] {
    drop((LOCKS.0.lock(), LOCKS.1.lock()));
    scopes.map(|scope| scope.graph().edges.len())
}

#[test]
fn a_thread_is_in_the_scope_that_it_entered_last() {
    let outer = isolated();
    {
        let inner = isolated();
        assert_eq!(seen([&outer, &inner]), [0, 1]);
    }
    assert_eq!(seen([&outer]), [1]);
}

#[test]
fn scopes_may_end_in_any_order() {
    let (first, second, third) = (isolated(), isolated(), isolated());
    drop(second);
    assert_eq!(seen([&first, &third]), [0, 1]);
    drop(third);
    assert_eq!(seen([&first]), [1]);
    let fourth = isolated();
    drop(first);
    assert_eq!(seen([&fourth]), [1]);
}

#[test]
fn a_scope_that_is_entered_twice_is_left_twice() {
    let (outer, inner) = (isolated(), isolated());
    let again = outer.handle().enter();
    let (stay, more) = (inner.handle().enter(), inner.handle().enter());
    drop(stay);
    assert_eq!(seen([&outer, &inner]), [0, 1]);
    drop((more, again));
    let third = outer.handle().enter();
    assert_eq!(seen([&outer, &inner]), [1, 1]);
    drop(third);
}

#[test]
fn threads_cross_their_scopes() {
    let mine = isolated();
    let handle = mine.handle();
    let theirs = std::thread::spawn(move || {
        let theirs = isolated();
        let stay = handle.enter();
        let in_mine = seen([&theirs]);
        drop(stay);
        (in_mine, seen([&theirs]), theirs.handle())
    });
    let (in_mine, in_theirs, theirs) = theirs.join().unwrap();
    assert_eq!((in_mine, in_theirs, mine.graph().edges.len()), ([0], [1], 1));
    let _stay = theirs.enter();
    drop(mine);
    drop((LOCKS.1.lock(), LOCKS.0.lock()));
    assert_eq!(theirs.findings().len(), 1, "the graph lives as long as any handle");
}

#[test]
fn what_is_held_goes_along_into_another_scope() {
    let outer = scope();
    let held = LOCKS.0.lock();
    let inner = isolated();
    drop(LOCKS.1.lock());
    assert_eq!((outer.graph().edges.len(), inner.graph().edges.len()), (0, 1));
    drop(inner);
    drop(held);
    lockdep::assert_none_held!();
}

#[test]
fn a_scope_that_ends_by_a_panic_is_left() {
    let outer = isolated();
    let panics = || {
        let _inner = isolated();
        let _held = LOCKS.0.lock();
        panic!("on purpose");
    };
    std::panic::catch_unwind(panics).unwrap_err();
    assert_eq!(seen([&outer]), [1]);
}
