//! Contexts: the one-lock and the two-lock rule, masks, and what a context does not see.
#![cfg(debug_assertions)]

use lockdep::core::finding::{Code, Grade};
use lockdep::parking_lot::{Mutex, RwLock};
use lockdep::testing::{Scope, isolated};
use lockdep::{Context, LockClassKey};

static SIGNAL: Context = Context::new("signal");
static A: LockClassKey = LockClassKey::new("a");
static B: LockClassKey = LockClassKey::new("b");

/// Contexts are the process's, so every test has them all and a scope of its own.
fn start() -> (Scope, Mutex<()>, Mutex<()>) {
    SIGNAL.declare();
    (isolated(), Mutex::named(&A, ()), Mutex::named(&B, ()))
}

fn found(scope: &Scope) -> Vec<(Code, Grade)> {
    scope.findings().iter().map(|finding| (finding.code, finding.grade)).collect()
}

#[test]
fn a_lock_that_a_context_takes_must_not_be_held_where_it_can_come() {
    let (scope, a, _) = start();
    SIGNAL.enter().take(&a);
    assert_eq!(found(&scope), []);
    drop(a.lock());
    assert_eq!(found(&scope), [(Code::Context, Grade::Possible)]);
}

#[test]
fn in_whichever_order_that_is_seen() {
    let (scope, a, _) = start();
    for _ in 0..3 {
        drop(a.lock());
    }
    assert_eq!(found(&scope), []);
    SIGNAL.enter().take(&a);
    assert_eq!(found(&scope), [(Code::Context, Grade::Possible)]);
}

#[test]
fn a_masked_context_does_not_come() {
    let (scope, a, b) = start();
    SIGNAL.enter().take(&a);
    for _ in 0..3 {
        let _masked = SIGNAL.mask();
        drop((b.lock(), a.lock()));
    }
    drop(b.lock());
    assert_eq!(found(&scope), []);
}

#[test]
fn a_lock_that_outlives_the_mask_does_not_profit_from_it() {
    let (scope, a, _) = start();
    SIGNAL.enter().take(&a);
    let masked = SIGNAL.mask();
    let held = a.lock();
    assert_eq!(found(&scope), []);
    drop(masked);
    assert_eq!(found(&scope), [(Code::Context, Grade::Possible)]);
    drop(held);
}

#[test]
fn an_inner_mask_that_ends_leaves_the_outer_one() {
    let (scope, a, _) = start();
    SIGNAL.enter().take(&a);
    let _outer = SIGNAL.mask();
    let inner = SIGNAL.mask();
    drop(a.lock());
    drop(inner);
    drop(a.lock());
    assert_eq!(found(&scope), []);
}

#[test]
fn what_is_known_of_an_inner_mask_s_end_is_not_of_the_outer_one_s() {
    let (scope, a, _) = start();
    SIGNAL.enter().take(&a);
    for outlives_both in [false, false, true] {
        let outer = SIGNAL.mask();
        let inner = SIGNAL.mask();
        let held = a.lock();
        drop(inner);
        let held = outlives_both.then_some(held);
        assert_eq!(found(&scope), []);
        drop(outer);
        drop(held);
    }
    assert_eq!(found(&scope), [(Code::Context, Grade::Possible)]);
}

#[test]
fn the_holder_of_a_lock_that_waits_for_one_of_the_context() {
    let (scope, a, b) = start();
    SIGNAL.enter().take(&a);
    {
        let _masked = SIGNAL.mask();
        let _a = a.lock();
        drop(b.lock()); // a, that the context waits for, is held by one who waits for b ...
    }
    assert_eq!(found(&scope), []);
    drop(b.lock()); // ... and its holder can be interrupted
    assert_eq!(found(&scope), [(Code::Context, Grade::Possible)]);
}

#[test]
fn what_a_context_interrupts_is_not_its_doing() {
    let (scope, a, b) = start();
    {
        let _masked = Context::new("other").mask();
        let _b = b.lock();
        let _inside = SIGNAL.enter();
        drop(a.lock());
    }
    let text = scope.graph().to_string();
    assert!(text.contains("context:signal -> a: EN") && !text.contains("b -> a"), "{text}");
}

#[test]
fn readers_that_pass_writers_may_be_interrupted_by_readers() {
    let (scope, _, _) = start();
    let lock = lockdep::parking_lot::RecursiveRwLock::named(&A, ());
    {
        let _inside = SIGNAL.enter();
        drop(lock.read());
    }
    drop(lock.read());
    assert_eq!(found(&scope), []);
    drop(lock.write());
    assert_eq!(found(&scope), [(Code::Context, Grade::Possible)]);
}

#[test]
fn readers_that_wait_behind_writers_may_not() {
    let (scope, _, _) = start();
    let lock = RwLock::named(&B, ());
    {
        let _inside = SIGNAL.enter();
        drop(lock.read());
    }
    drop(lock.read());
    assert_eq!(found(&scope), [(Code::Context, Grade::Suspect)], "no write of it was seen");
}

#[test]
fn a_lock_without_a_name_is_the_context_s_or_not() {
    let (scope, ..) = start();
    let locks: [_; 2] = std::array::from_fn(|_| Mutex::new(0i8));
    SIGNAL.enter().take(&locks[0]);
    drop(locks[1].lock());
    assert_eq!(found(&scope), [(Code::Context, Grade::Suspect)], "other instances of an unnamed class");
    drop(locks[0].lock());
    assert_eq!(found(&scope), [(Code::Context, Grade::Possible)]);
}

#[test]
fn a_context_that_leaves_a_lock_held_is_told_so() {
    let (scope, a, _) = start();
    {
        let _inside = SIGNAL.enter();
        std::mem::forget(a.lock());
    }
    assert_eq!(found(&scope), [(Code::HeldAtExit, Grade::Possible)]);
}

#[test]
fn contexts_nest_and_end_in_any_weather() {
    let (scope, a, b) = start();
    let nested = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _outer = SIGNAL.enter();
        let _inner = Context::new("nested").enter();
        let _held = a.lock();
        panic!("on purpose");
    }));
    assert!(nested.is_err());
    drop(b.lock());
    lockdep::assert_none_held!();
    assert_eq!(found(&scope), []);
}

#[test]
fn what_a_mask_kept_out_of_a_context_comes_to_it_without_the_mask() {
    let (scope, a, b) = start();
    let other = Context::new("masked from");
    SIGNAL.enter().take(&a);
    for is_masked in [true, true, true, false] {
        assert_eq!(found(&scope), []);
        let _masked = is_masked.then(|| SIGNAL.mask());
        let _inside = other.enter();
        drop((b.lock(), a.lock()));
    }
    assert_eq!(found(&scope), [(Code::Context, Grade::Possible)]);
}

#[test]
fn a_context_that_interrupts_again_is_told_if_it_leaves_something_held() {
    let (scope, a, b) = start();
    for leaves in [false, false, false, true] {
        assert_eq!(found(&scope), []);
        let _inside = SIGNAL.enter();
        drop(a.lock());
        if leaves {
            std::mem::forget(b.lock());
        }
    }
    assert_eq!(found(&scope), [(Code::HeldAtExit, Grade::Possible)]);
}

#[test]
fn a_mask_that_outlives_the_context_in_which_it_began_keeps_out() {
    let (scope, a, _) = start();
    SIGNAL.enter().take(&a);
    let inside = Context::new("left early").enter();
    let masked = SIGNAL.mask();
    drop(inside);
    drop(a.lock());
    assert_eq!(found(&scope), []);
    drop(masked);
    drop(a.lock());
    assert_eq!(found(&scope), [(Code::Context, Grade::Possible)]);
}

#[test]
fn masks_may_end_in_any_order() {
    let (scope, a, _) = start();
    SIGNAL.enter().take(&a);
    for _ in 0..3 {
        let (first, held, second) = (SIGNAL.mask(), a.lock(), SIGNAL.mask());
        drop(first);
        drop(held);
        drop(a.lock());
        drop(second);
    }
    assert_eq!(found(&scope), []);
    drop(a.lock());
    assert_eq!(found(&scope), [(Code::Context, Grade::Possible)]);
}

#[test]
fn a_mask_that_finds_the_stack_full_keeps_out() {
    let (scope, a, b) = start();
    let is_found = || found(&scope).contains(&(Code::Context, Grade::Possible));
    SIGNAL.enter().take(&a);
    {
        let other = Context::new("masked very often");
        let _full: Vec<_> = (0..1100).map(|_| other.mask()).collect();
        let masked = SIGNAL.mask();
        drop((b.lock(), a.lock()));
        assert!(!is_found());
        drop(masked);
        drop(a.lock());
        assert!(is_found());
    }
    lockdep::assert_none_held!();
}

trait Take {
    fn take<T>(self, lock: &Mutex<T>);
}

impl Take for lockdep::context::Inside {
    fn take<T>(self, lock: &Mutex<T>) {
        drop(lock.lock());
    }
}
