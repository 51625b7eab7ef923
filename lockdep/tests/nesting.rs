//! Locks of one class beside each other: what allows it, and that it is checked every time.
#![cfg(debug_assertions)]

use lockdep::LockClassKey;
use lockdep::core::finding::{Code, Grade};
use lockdep::core::mode::Want;
use lockdep::parking_lot::{Mutex, RwLock};
use lockdep::raw::{Nesting, TrackedMap};
use lockdep::testing::{Scope, isolated};

static ACCOUNT: LockClassKey = LockClassKey::new("account");

fn mutexes() -> [Mutex<()>; 3] {
    std::array::from_fn(|_| Mutex::named(&ACCOUNT, ()))
}

fn found(scope: &Scope) -> Vec<(Code, Grade)> {
    scope.findings().iter().map(|finding| (finding.code, finding.grade)).collect()
}

#[test]
fn ascending_ranks_are_in_order() {
    let (scope, [a, b, c]) = (isolated(), mutexes());
    for _ in 0..3 {
        let _locked = (a.lock_ranked(1), b.lock_ranked(2), c.lock_ranked(9));
    }
    assert_eq!(found(&scope), []);
}

#[test]
fn a_descending_rank_is_found_behind_any_number_of_good_ones() {
    let (scope, [a, b, _]) = (isolated(), mutexes());
    for _ in 0..100 {
        drop((a.lock_ranked(1), b.lock_ranked(2)));
    }
    assert_eq!(found(&scope), []);
    drop((b.lock_ranked(2), a.lock_ranked(1)));
    assert_eq!(found(&scope), [(Code::WrongNest, Grade::Possible)]);
}

#[test]
fn equal_ranks_of_two_locks_are_in_no_order() {
    let (scope, [a, b, _]) = (isolated(), mutexes());
    drop((a.lock_ranked(1), b.lock_ranked(1)));
    assert_eq!(found(&scope), [(Code::WrongNest, Grade::Possible)]);
}

#[test]
fn a_lock_without_a_rank_is_in_no_order() {
    let (scope, [a, b, _]) = (isolated(), mutexes());
    drop((a.lock_ranked(1), b.lock()));
    assert_eq!(found(&scope), [(Code::Recursion, Grade::Possible)]);
}

#[test]
fn a_rank_stays_with_its_lock_when_others_are_released_first() {
    let (scope, [a, b, c]) = (isolated(), mutexes());
    let other = Mutex::new(0u8);
    let first = other.lock();
    let second = b.lock_ranked(2);
    drop(first);
    drop((second, c.lock_ranked(3)));
    assert_eq!(found(&scope), []);
    let (first, second) = (other.lock(), b.lock_ranked(2));
    drop(first);
    let third = a.lock_ranked(1);
    drop((second, third));
    assert_eq!(found(&scope), [(Code::WrongNest, Grade::Possible)]);
}

#[test]
fn readers_have_ranks_too() {
    let scope = isolated();
    let locks: [RwLock<()>; 2] = std::array::from_fn(|_| RwLock::named(&ACCOUNT, ()));
    drop(locks[0].write());
    drop((locks[0].read_ranked(1), locks[1].write_ranked(2)));
    assert_eq!(found(&scope), []);
    drop((locks[1].read_ranked(2), locks[0].read_ranked(1)));
    assert_eq!(found(&scope), [(Code::WrongNest, Grade::Possible)]);
}

#[test]
fn readers_under_a_lock_that_is_held_are_serialised() {
    let scope = isolated();
    let (outer, locks): (_, [RwLock<()>; 2]) = (Mutex::new(()), std::array::from_fn(|_| RwLock::named(&ACCOUNT, ())));
    let held = outer.lock();
    drop((locks[1].write_under(&outer), locks[0].write_under(&outer)));
    assert_eq!(found(&scope), []);
    drop(held);
    drop(locks[0].read_under(&outer));
    assert_eq!(found(&scope), [(Code::WrongNest, Grade::Possible)]);
}

#[test]
fn the_same_lock_again_is_found_behind_any_number_of_good_pairs() {
    static SHARED: LockClassKey = LockClassKey::new("shared");
    let scope = isolated();
    let (x, y) = (RwLock::named(&SHARED, ()), RwLock::named(&SHARED, ()));
    for _ in 0..100 {
        drop((x.read_ranked(1), y.read_ranked(2)));
    }
    assert_eq!(found(&scope), []);
    drop((x.read_ranked(1), x.read_ranked(2)));
    assert_eq!(found(&scope), [(Code::SelfDeadlock, Grade::Suspect)], "nobody has written it");
}

#[test]
fn two_locks_of_a_class_are_found_behind_the_same_lock_again() {
    static SHARED: LockClassKey = LockClassKey::new("shared again");
    let scope = isolated();
    let (x, y) = (RwLock::named(&SHARED, ()), RwLock::named(&SHARED, ()));
    for _ in 0..100 {
        drop((x.read(), x.read()));
    }
    drop((x.read(), y.read()));
    let codes: Vec<Code> = scope.findings().iter().map(|finding| finding.code).collect();
    assert!(codes.contains(&Code::SelfDeadlock) && codes.contains(&Code::Recursion), "{codes:?}");
}

#[test]
fn a_nest_lock_that_is_not_held_is_found_behind_any_number_of_times_that_it_was() {
    let (scope, [a, b, _]) = (isolated(), mutexes());
    let outer = Mutex::new(());
    for _ in 0..100 {
        let _outer = outer.lock();
        drop((a.lock_under(&outer), b.lock_under(&outer)));
    }
    assert_eq!(found(&scope), []);
    let other = Mutex::new(());
    let _other = other.lock();
    drop((a.lock_under(&outer), b.lock_under(&outer)));
    assert_eq!(found(&scope), [(Code::WrongNest, Grade::Possible)]);
}

#[test]
fn chains_that_differ_in_levels_alone_are_all_judged() {
    static KEYS: [LockClassKey; 7] = [
        LockClassKey::new("levels::a"),
        LockClassKey::new("levels::b"),
        LockClassKey::new("levels::c"),
        LockClassKey::new("levels::d"),
        LockClassKey::new("levels::e"),
        LockClassKey::new("levels::f"),
        LockClassKey::new("levels::g"),
    ];
    let locks = KEYS.each_ref().map(TrackedMap::keyed);
    // Where levels are told apart by the upper half of a key alone, these are one.
    for levels in [[5, 6, 0, 0, 0, 0, 5], [0, 0, 7, 7, 3, 7, 0]] {
        let take = |(lock, level): (&TrackedMap, u32)| lock.acquire_in(Want::Write, false, Nesting::level(level));
        let mut held: Vec<_> = locks.iter().zip(levels).map(take).collect();
        while held.pop().is_some() {}
    }
    let graph = lockdep::graph();
    assert_eq!(graph.edges.keys().filter(|(_, to)| to == "levels::g").count(), 6, "{graph}");
}
