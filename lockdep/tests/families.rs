//! One held set for the locks of all libraries, and the rules of each.
#![cfg(debug_assertions)]

use lockdep::LockClassKey;
use lockdep::core::finding::{Code, Grade};
use lockdep::parking_lot as pl;
use lockdep::std::sync as sy;
use lockdep::testing::{Scope, isolated};
use std::thread;

static A: LockClassKey = LockClassKey::new("families::a");
static B: LockClassKey = LockClassKey::new("families::b");
static RW: LockClassKey = LockClassKey::new("families::rw");

const INVERSION: (Code, Grade) = (Code::Inversion, Grade::Possible);

fn found(scope: &Scope) -> Vec<(Code, Grade)> {
    scope.findings().iter().map(|finding| (finding.code, finding.grade)).collect()
}

/// The dependencies that a scope has seen, without their witnesses.
fn edges(scope: &Scope) -> Vec<(String, String)> {
    scope.graph().edges.keys().cloned().collect()
}

#[test]
fn an_inversion_across_std_and_parking_lot_is_found() {
    let scope = isolated();
    let (a, b) = (sy::Mutex::named(&A, ()), pl::Mutex::named(&B, ()));
    drop((a.lock(), b.lock()));
    assert_eq!(found(&scope), []);
    drop((b.lock(), a.lock()));
    assert_eq!(found(&scope), [INVERSION]);
}

#[test]
fn a_lock_of_std_that_is_released_comes_before_nothing() {
    let scope = isolated();
    let (a, b) = (sy::Mutex::named(&A, ()), pl::Mutex::named(&B, ()));
    drop((a.lock(), b.lock()));
    drop(b.lock());
    drop(a.lock());
    let rwlock = sy::RwLock::named(&RW, ());
    drop(rwlock.write());
    drop(rwlock.read());
    drop(b.lock());
    assert_eq!(found(&scope), []);
    lockdep::assert_none_held!();
}

#[test]
fn readers_of_std_wait_behind_a_writer_that_waits() {
    let scope = isolated();
    let (a, b) = (sy::RwLock::named(&RW, ()), pl::Mutex::named(&B, ()));
    drop(a.write());
    drop((a.read(), b.lock()));
    assert_eq!(found(&scope), []);
    drop((b.lock(), a.read()));
    assert_eq!(found(&scope), [INVERSION]);
}

#[test]
fn a_try_of_std_adds_no_incoming_edge_and_is_a_source_of_edges() {
    let scope = isolated();
    let (a, b) = (sy::RwLock::named(&RW, ()), sy::Mutex::named(&B, ()));
    drop((b.lock(), a.try_write()));
    drop((b.lock(), a.try_read()));
    assert_eq!(edges(&scope), []);
    drop((a.try_write(), b.lock()));
    assert_eq!(edges(&scope), [("families::rw".to_owned(), "families::b".to_owned())]);
    assert_eq!(found(&scope), []);
}

#[test]
fn a_downgraded_lock_of_std_is_held_shared() {
    let scope = isolated();
    let (a, b) = (sy::RwLock::named(&RW, ()), pl::Mutex::named(&B, ()));
    let shared = sy::RwLockWriteGuard::downgrade(a.write().unwrap());
    lockdep::assert_held!(a);
    drop((b.lock(), shared));
    lockdep::assert_not_held!(a);
    assert_eq!(found(&scope), []);
}

#[test]
fn a_condvar_of_std_takes_its_mutex_again_under_what_is_still_held() {
    let scope = isolated();
    let (m, outer, condvar) = (sy::Mutex::named(&A, ()), pl::Mutex::named(&B, ()), sy::Condvar::new());
    let held = m.lock().unwrap();
    let _outer = outer.lock();
    let (held, _) = condvar.wait_timeout_while(held, std::time::Duration::ZERO, |()| true).unwrap();
    assert_eq!(found(&scope), [INVERSION]);
    drop(held);
    lockdep::assert_not_held!(m);
}

#[test]
fn the_mutex_is_not_held_while_its_condvar_of_std_waits_and_is_while_its_condition_runs() {
    let scope = isolated();
    let (m, condvar) = (sy::Mutex::named(&A, 0), sy::Condvar::new());
    let looked = |_: &mut i32| {
        lockdep::assert_held!(m);
        false
    };
    let held = condvar.wait_while(m.lock().unwrap(), looked).unwrap();
    lockdep::assert_held!(m);
    drop(held);
    thread::scope(|threads| {
        let held = m.lock().unwrap();
        threads.spawn(|| {
            *m.lock().unwrap() = 1;
            condvar.notify_one();
        });
        drop(condvar.wait_while(held, |value| *value == 0).unwrap());
    });
    lockdep::assert_none_held!();
    assert_eq!(found(&scope), []);
}

#[test]
fn a_receiver_that_waits_under_a_lock_is_in_the_graph_and_no_cycle() {
    let scope = isolated();
    let a = sy::Mutex::named(&A, ());
    let (sender, receiver) = sy::mpsc::sync_channel(1);
    let held = a.lock();
    sender.send(1).unwrap();
    assert_eq!(receiver.recv(), Ok(1));
    drop(held);
    sender.try_send(1).unwrap();
    assert_eq!(receiver.try_recv(), Ok(1));
    let onto: Vec<String> = edges(&scope).into_iter().map(|(_, to)| to).collect();
    let file = "(lockdep/tests/families.rs)";
    assert_eq!(onto, [format!("Receiver {file}"), format!("SyncSender {file}")]);
    assert_eq!(found(&scope), []);
}

#[test]
fn a_barrier_is_waited_for_and_never_held() {
    static SPIN: LockClassKey = LockClassKey::new("families::spin").wait_type(1);
    static MEET: LockClassKey = LockClassKey::new("families::meet").wait_type(2);
    let scope = isolated();
    let (lock, barrier) = (sy::Mutex::named(&SPIN, ()), sy::Barrier::named(&MEET, 1));
    barrier.wait();
    drop(lock.lock());
    assert_eq!(found(&scope), []);
    let _held = lock.lock();
    barrier.wait();
    assert_eq!(found(&scope), [(Code::WaitType, Grade::Possible)]);
}

#[test]
fn locks_of_one_class_of_std_nest_at_levels_and_by_rank() {
    let scope = isolated();
    let locks = [1, 2].map(|value| sy::Mutex::named(&A, value));
    let rwlocks = [1, 2].map(|value| sy::RwLock::named(&RW, value));
    drop((locks[0].lock_ranked(1), locks[1].lock_ranked(2)));
    drop((rwlocks[0].write(), rwlocks[1].write_nested(1)));
    assert_eq!(found(&scope), []);
    drop((locks[1].lock_ranked(2), locks[0].lock_ranked(1)));
    assert_eq!(found(&scope), [(Code::WrongNest, Grade::Possible)]);
}
