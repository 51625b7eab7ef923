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
fn a_receiver_that_waits_under_another_lock_than_its_sender_is_in_the_graph_and_no_cycle() {
    let scope = isolated();
    let (a, b) = (sy::Mutex::named(&A, ()), sy::Mutex::named(&B, ()));
    let (sender, receiver) = sy::mpsc::sync_channel(1);
    let other = sender.clone();
    thread::spawn(move || other.send(1).unwrap()).join().unwrap();
    let held = a.lock();
    assert_eq!(receiver.recv(), Ok(1));
    drop(held);
    let held = b.lock();
    sender.send(1).unwrap();
    drop(held);
    assert_eq!(receiver.try_recv(), Ok(1));
    let file = "(lockdep/tests/families.rs)";
    let (receives, sends) = (format!("Receiver {file}"), format!("SyncSender {file}"));
    let (a, b) = ("families::a".to_owned(), "families::b".to_owned());
    assert_eq!(edges(&scope), [(receives.clone(), b.clone()), (a, receives), (b, sends)]);
    assert_eq!(found(&scope), []);
}

#[test]
fn a_receiver_that_waits_with_the_lock_of_its_sender_is_doubted() {
    let scope = isolated();
    let a = sy::Mutex::named(&A, ());
    let (sender, receiver) = sy::mpsc::channel();
    lockdep::thread::scope(|threads| {
        let send = || {
            let _held = a.lock();
            sender.send(1).unwrap();
        };
        let sends = threads.spawn(send);
        while !sends.is_finished() {
            thread::yield_now();
        }
        let _held = a.lock();
        assert_eq!(receiver.recv(), Ok(1));
    });
    assert_eq!(found(&scope), [(Code::Inversion, Grade::Suspect)]);
}

#[test]
fn a_receiver_of_its_own_messages_waits_for_nobody() {
    let scope = isolated();
    let a = sy::Mutex::named(&A, ());
    let (sender, receiver) = sy::mpsc::channel();
    let _held = a.lock();
    sender.send(1).unwrap();
    assert_eq!(receiver.recv(), Ok(1));
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

#[cfg(feature = "parking_lot_0_12")]
mod parking_lot_0_12 {
    use super::{A, B, INVERSION, RW, edges, found};
    use lockdep::core::finding::{Code, Grade};
    use lockdep::parking_lot as pl;
    use lockdep::parking_lot_0_12 as old;
    use lockdep::std::sync as sy;
    use lockdep::testing::isolated;
    use std::thread;

    #[test]
    fn an_inversion_across_both_versions_and_std_is_found() {
        static C: lockdep::LockClassKey = lockdep::LockClassKey::new("families::c");
        let scope = isolated();
        let (a, b, c) = (old::Mutex::named(&A, ()), pl::Mutex::named(&B, ()), sy::Mutex::named(&C, ()));
        drop((a.lock(), b.lock()));
        drop((b.lock(), c.lock()));
        assert_eq!(found(&scope), []);
        drop((c.lock(), a.lock()));
        assert_eq!(found(&scope), [INVERSION]);
    }

    #[test]
    fn what_is_released_in_any_order_leaves_the_right_stack() {
        let scope = isolated();
        let (a, b) = (old::Mutex::named(&A, ()), old::FairMutex::named(&B, ()));
        let (held_a, held_b) = (a.lock(), b.lock());
        drop(held_a);
        lockdep::assert_not_held!(a);
        lockdep::assert_held!(b);
        drop(held_b);
        lockdep::assert_none_held!();
        assert_eq!((found(&scope), edges(&scope).len()), (vec![], 1));
    }

    #[test]
    fn a_reader_waits_behind_a_writer_that_waits_and_a_recursive_one_does_not() {
        let scope = isolated();
        let (a, b) = (old::RwLock::named(&RW, ()), old::Mutex::named(&B, ()));
        drop(a.write());
        drop((a.read_recursive(), a.read_recursive(), b.lock()));
        drop((b.lock(), a.read_recursive()));
        assert_eq!(found(&scope), []);
        drop((b.lock(), a.read()));
        assert_eq!(found(&scope), [INVERSION]);
    }

    #[test]
    fn a_read_within_a_read_is_a_self_deadlock() {
        let scope = isolated();
        let a = old::RwLock::named(&RW, ());
        drop(a.write());
        drop((a.read(), a.read()));
        assert_eq!(found(&scope), [(Code::SelfDeadlock, Grade::Possible)]);
    }

    #[test]
    fn modes_change_on_the_books_as_in_the_lock() {
        let scope = isolated();
        let a = old::RwLock::named(&RW, ());
        let held = old::RwLockUpgradableReadGuard::upgrade(a.upgradable_read());
        lockdep::assert_held!(a, exclusively);
        let held = old::RwLockWriteGuard::downgrade(held);
        lockdep::assert_held!(a);
        drop(held);
        lockdep::assert_not_held!(a);
        assert_eq!(found(&scope), []);
    }

    #[test]
    fn a_condvar_takes_its_mutex_again_under_what_is_still_held() {
        let scope = isolated();
        let (m, outer, condvar) = (old::Mutex::named(&A, ()), pl::Mutex::named(&B, ()), old::Condvar::new());
        let mut held = m.lock();
        condvar.wait_for(&mut held, std::time::Duration::from_millis(1));
        lockdep::assert_held!(m);
        assert_eq!(found(&scope), []);
        let _outer = outer.lock();
        condvar.wait_for(&mut held, std::time::Duration::from_millis(1));
        assert_eq!(found(&scope), [INVERSION]);
    }

    #[test]
    fn a_level_of_a_reentrant_mutex_is_no_acquisition() {
        let scope = isolated();
        let (a, b) = (old::ReentrantMutex::named(&A, ()), pl::Mutex::named(&B, ()));
        let outer = a.lock();
        drop((b.lock(), a.lock()));
        drop(outer);
        lockdep::assert_none_held!();
        assert_eq!(found(&scope), []);
    }

    #[test]
    fn locks_of_one_class_nest_at_levels() {
        let scope = isolated();
        let locks = [1, 2].map(|value| old::Mutex::named(&A, value));
        drop((locks[0].lock(), locks[1].lock_nested(1)));
        assert_eq!(found(&scope), []);
        drop((locks[0].lock(), locks[1].lock()));
        assert_eq!(found(&scope), [(Code::Recursion, Grade::Possible)]);
    }

    #[test]
    fn threads_that_meet_at_one_lock_release_their_own_acquisitions() {
        let scope = isolated();
        let (a, b) = (old::RwLock::named(&RW, 0), old::Mutex::named(&B, 0));
        let handle = scope.handle();
        thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    let _stay = handle.enter();
                    for _ in 0..100 {
                        *b.lock() += *a.read();
                        *a.write() += 1;
                    }
                    lockdep::assert_none_held!();
                });
            }
        });
        assert_eq!(*a.read(), 400);
        assert_eq!(found(&scope), []);
    }
}

#[cfg(feature = "spin")]
mod spin {
    use super::{A, B, INVERSION, RW, found};
    use lockdep::core::finding::{Code, Grade};
    use lockdep::spin as sp;
    use lockdep::std::sync as sy;
    use lockdep::testing::isolated;

    #[test]
    fn an_inversion_across_spin_and_std_is_found() {
        let scope = isolated();
        let (a, b) = (sp::Mutex::named(&A, ()), sy::Mutex::named(&B, ()));
        drop((a.lock(), b.lock()));
        assert_eq!(found(&scope), []);
        drop((b.lock(), a.lock()));
        assert_eq!(found(&scope), [INVERSION]);
    }

    #[test]
    fn readers_pass_a_writer_that_waits_and_writers_do_not() {
        let scope = isolated();
        let (a, b) = (sp::RwLock::named(&RW, ()), sp::Mutex::named(&B, ()));
        drop(a.write());
        drop((a.read(), a.read(), b.lock()));
        drop((b.lock(), a.read()));
        assert_eq!(found(&scope), []);
        drop((b.lock(), a.write()));
        assert_eq!(found(&scope), [INVERSION]);
    }

    #[test]
    fn a_value_that_is_made_once_is_a_lock() {
        let scope = isolated();
        let (once, a) = (sp::Once::named(&B), sp::Mutex::named(&A, ()));
        once.call_once(|| drop(a.lock()));
        assert_eq!(found(&scope), []);
        let _held = a.lock();
        once.call_once(|| unreachable!("it has its value"));
        assert_eq!(found(&scope), [(Code::Inversion, Grade::Possible)]);
    }
}
