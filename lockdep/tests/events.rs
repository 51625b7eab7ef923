//! Locks that the program tells of: every mode, every way to release.
#![cfg(debug_assertions)]

use lockdep::LockClassKey;
use lockdep::core::finding::{Code, Grade};
use lockdep::event::{Access, Locks};
use lockdep::parking_lot::Mutex;
use lockdep::testing::{Scope, isolated};

static ROW: LockClassKey = LockClassKey::new("row");
static TABLE: LockClassKey = LockClassKey::new("table");

fn found(scope: &Scope) -> Vec<(Code, Grade)> {
    scope.findings().iter().map(|finding| (finding.code, finding.grade)).collect()
}

#[test]
fn rows_and_tables_have_an_order() {
    let (scope, rows, tables) = (isolated(), Locks::new(&ROW), Locks::new(&TABLE));
    tables.acquire(1, Access::Read);
    rows.acquire(7, Access::Write);
    tables.release(1);
    rows.release(7);
    assert_eq!(found(&scope), []);
    rows.acquire(8, Access::Write);
    tables.acquire(1, Access::Write);
    rows.release(8);
    tables.release(1);
    assert_eq!(found(&scope), [(Code::Inversion, Grade::Possible)]);
}

#[test]
fn one_row_twice_is_a_self_deadlock_and_two_rows_are_in_no_order() {
    let (scope, rows) = (isolated(), Locks::new(&ROW));
    rows.acquire(7, Access::Write);
    rows.acquire(7, Access::Write);
    assert_eq!(found(&scope), [(Code::SelfDeadlock, Grade::Possible)]);
    rows.release(7);
    rows.acquire(8, Access::Write);
    assert_eq!(found(&scope).len(), 2);
    rows.release(7);
    rows.release(8);
    lockdep::assert_none_held!();
    assert_eq!(found(&scope).len(), 2);
}

#[test]
fn what_is_acquired_without_waiting_has_no_order() {
    let (scope, rows, lock) = (isolated(), Locks::new(&ROW), Mutex::new(()));
    rows.acquire(7, Access::Write);
    drop(lock.lock());
    rows.release(7);
    let _held = lock.lock();
    rows.acquired(7, Access::Write);
    rows.release(7);
    assert_eq!(found(&scope), []);
}

#[test]
fn a_row_that_is_forgotten_while_it_is_held_is_told() {
    let (scope, rows) = (isolated(), Locks::new(&ROW));
    rows.acquire(7, Access::Read);
    rows.forget(7);
    assert_eq!(found(&scope), [(Code::BadRelease, Grade::Possible)]);
    rows.acquire(7, Access::Write);
    rows.release(7);
    rows.forget(7);
    assert_eq!(found(&scope).len(), 1);
}

#[test]
fn a_second_upgrade_waits_for_the_first() {
    let (scope, rows, lock) = (isolated(), Locks::new(&ROW), Mutex::new(0u8));
    rows.acquire(7, Access::Upgradable);
    let held = lock.lock();
    rows.upgrade(7);
    drop(held);
    rows.downgrade(7);
    rows.release(7);
    rows.acquire(7, Access::Read);
    drop(lock.lock());
    rows.release(7);
    assert_eq!(found(&scope).first().map(|found| found.0), Some(Code::Inversion));
}

#[test]
fn a_release_of_what_nobody_holds_is_told() {
    let (scope, rows) = (isolated(), Locks::new(&ROW));
    rows.acquire(7, Access::Write);
    rows.release(7);
    rows.release(7);
    assert_eq!(found(&scope), [(Code::BadRelease, Grade::Possible)]);
}

#[test]
fn a_release_by_another_thread_and_a_hold_that_is_taken_over() {
    static ROWS: Locks = Locks::new(&ROW);
    let (scope, lock) = (isolated(), Mutex::new(0i8));
    ROWS.acquire(7, Access::Write);
    ROWS.acquire(8, Access::Read);
    let handle = scope.handle();
    std::thread::scope(|threads| {
        threads.spawn(|| {
            let _stay = handle.enter();
            ROWS.release(8);
            ROWS.adopt(7);
            drop(lock.lock());
            ROWS.release(7);
        });
    });
    lockdep::assert_none_held!();
    let text = scope.graph().to_string();
    assert!(text.contains("row -> i8 (lockdep/tests/events.rs): EN"), "{text}");
}
