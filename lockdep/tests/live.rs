//! Real locks, real threads: what is found, where it is said to be, and that the books survive whatever programs do.
//!
//! The process has one graph, so every test has classes of its own.
#![cfg(debug_assertions)]

use lockdep::core::finding::{Code, Finding, Grade};
use lockdep::parking_lot::{Condvar, Mutex, Once, RwLock};
use lockdep::{LockClassKey, LockMap};
use std::sync::Arc;
use std::thread;

/// The findings that concern a class whose label contains `name`.
fn about(name: &str) -> Vec<Finding> {
    let concerns = |finding: &Finding| finding.classes.iter().any(|class| class.contains(name));
    lockdep::findings().into_iter().filter(concerns).collect()
}

fn codes(name: &str) -> Vec<(Code, Grade)> {
    about(name).into_iter().map(|finding| (finding.code, finding.grade)).collect()
}

macro_rules! keys {
    ($($NAME:ident = $name:literal),*) => { $( static $NAME: LockClassKey = LockClassKey::new($name); )* };
}

#[test]
fn an_inversion_is_found_from_one_thread_with_both_sites_of_both_edges() {
    keys!(ROOK = "inversion::rook", KNIGHT = "inversion::knight");
    let (rook, knight) = (Mutex::named(&ROOK, ()), Mutex::named(&KNIGHT, ()));
    drop((rook.lock(), knight.lock()));
    assert_eq!(codes("inversion::"), []);
    drop((knight.lock(), rook.lock()));
    let found = about("inversion::");
    assert_eq!((found.len(), found[0].code, found[0].grade), (1, Code::Inversion, Grade::Possible));
    for edge in &found[0].cycle {
        assert!(edge.witness.site.file.ends_with("live.rs"));
        assert_eq!(edge.witness.held.as_ref().map(|held| held.site.line), Some(edge.witness.site.line));
    }
}

#[test]
fn a_known_chain_stays_known_and_a_new_one_is_still_seen() {
    keys!(A = "known::a", B = "known::b");
    let (a, b) = (Mutex::named(&A, 0), Mutex::named(&B, 0));
    for _ in 0..1000 {
        let _a = a.lock();
        *b.lock() += 1;
    }
    drop((b.lock(), a.lock()));
    assert_eq!(codes("known::"), [(Code::Inversion, Grade::Possible)]);
}

#[test]
fn unnamed_locks_are_classed_by_birth_site_and_type() {
    struct Bishop;
    let locks: Vec<_> = (0..2).map(|_| Mutex::new(Bishop)).collect();
    let other = Mutex::new([0u8; 3]);
    drop((locks[0].lock(), other.lock()));
    drop((other.lock(), locks[1].lock()));
    assert_eq!(codes("Bishop (lockdep/tests/live.rs)"), [(Code::Inversion, Grade::Suspect)]);
}

#[test]
fn another_thread_teaches_the_other_edge() {
    keys!(A = "threads::a", B = "threads::b");
    static LOCKS: (Mutex<()>, Mutex<()>) = (Mutex::named(&A, ()), Mutex::named(&B, ()));
    let first = || drop((LOCKS.0.lock(), LOCKS.1.lock()));
    let second = || drop((LOCKS.1.lock(), LOCKS.0.lock()));
    thread::Builder::new().name("white".into()).spawn(first).unwrap().join().unwrap();
    thread::Builder::new().name("black".into()).spawn(second).unwrap().join().unwrap();
    let found = about("threads::");
    let threads: Vec<&str> = found[0].cycle.iter().map(|edge| &*edge.witness.thread).collect();
    assert_eq!(threads, ["white", "black"]);
}

#[test]
fn a_try_lock_adds_no_incoming_edge() {
    keys!(A = "try::a", B = "try::b");
    let (a, b) = (Mutex::named(&A, ()), Mutex::named(&B, ()));
    drop((a.lock(), b.lock()));
    drop((b.lock(), a.try_lock().unwrap()));
    assert_eq!(codes("try::"), []);
}

#[test]
fn readers_follow_the_rules_of_their_lock() {
    keys!(A = "readers::a");
    let a = RwLock::named(&A, ());
    {
        let _first = a.read();
        let _again = a.read();
    }
    assert_eq!(codes("readers::"), [(Code::SelfDeadlock, Grade::Suspect)]);
    drop(a.write());
    assert_eq!(codes("readers::"), [(Code::SelfDeadlock, Grade::Possible)]);
}

#[test]
fn locks_released_in_any_order_leave_the_right_stack() {
    keys!(A = "order::a", B = "order::b", C = "order::c");
    let (a, b, c) = (Mutex::named(&A, ()), Mutex::named(&B, ()), Mutex::named(&C, ()));
    let (held_a, held_b) = (a.lock(), b.lock());
    drop(held_a);
    drop(c.lock());
    drop(held_b);
    let graph = lockdep::graph().filter(&["order::"]);
    let edges: Vec<_> = graph.edges.keys().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    assert_eq!(edges, [("order::a", "order::b"), ("order::b", "order::c")], "a was released before c was taken");
}

#[test]
fn a_named_class_is_one_class_however_it_is_got() {
    keys!(A = "classes::a", B = "classes::b");
    let (a, b, late) = (Mutex::named(&A, ()), Mutex::named(&B, ()), Mutex::new(()));
    late.set_class(&A);
    drop((a.lock(), b.lock()));
    drop((b.lock(), late.lock()));
    assert_eq!(codes("classes::"), [(Code::Inversion, Grade::Possible)]);
}

#[test]
fn a_condvar_takes_its_mutex_again_under_what_is_still_held() {
    keys!(M = "condvar::m", O = "condvar::o");
    let pair = Arc::new((Mutex::named(&M, false), Condvar::new()));
    let outer = Mutex::named(&O, ());
    let mut ready = pair.0.lock();
    let _outer = outer.lock();
    let waker = Arc::clone(&pair);
    let waker = thread::spawn(move || {
        *waker.0.lock() = true;
        waker.1.notify_one();
    });
    while !*ready {
        pair.1.wait(&mut ready);
    }
    waker.join().unwrap();
    assert_eq!(codes("condvar::"), [(Code::Inversion, Grade::Possible)]);
}

#[test]
fn a_thread_that_ends_with_a_lock_is_told_so() {
    keys!(A = "exit::a");
    static LOCK: Mutex<()> = Mutex::named(&A, ());
    thread::spawn(|| std::mem::forget(LOCK.lock())).join().unwrap();
    assert_eq!(codes("exit::"), [(Code::HeldAtExit, Grade::Possible)]);
}

#[test]
fn a_panic_under_locks_leaves_nothing_on_the_stack() {
    keys!(A = "panic::a", B = "panic::b", C = "panic::c");
    let (a, b, c) = (Mutex::named(&A, ()), Mutex::named(&B, ()), Mutex::named(&C, ()));
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _held = (a.lock(), b.lock());
        panic!("under two locks");
    }));
    assert!(result.is_err());
    drop(c.lock());
    drop((c.lock(), a.lock()));
    assert_eq!(codes("panic::"), []);
}

#[test]
fn locks_work_while_thread_locals_are_destroyed() {
    struct Last(Arc<Mutex<u32>>);
    impl Drop for Last {
        fn drop(&mut self) {
            *self.0.lock() += 1;
        }
    }
    thread_local!(static LAST: std::cell::RefCell<Option<Last>> = const { std::cell::RefCell::new(None) });
    let count = Arc::new(Mutex::new(0));
    let theirs = Arc::clone(&count);
    thread::spawn(move || {
        drop(theirs.lock());
        LAST.set(Some(Last(theirs)));
    })
    .join()
    .unwrap();
    assert_eq!(*count.lock(), 1);
}

#[test]
fn more_locks_than_a_stack_has_room_for_can_still_be_taken_and_released() {
    let locks: Vec<_> = (0..1100).map(Mutex::new).collect();
    let guards: Vec<_> = (0..).zip(&locks).map(|(rank, lock)| lock.lock_ranked(rank)).collect();
    drop(guards);
    assert!(lockdep::findings().iter().any(|finding| finding.code == Code::Limit), "losing track is not silent");
    assert!(locks.iter().all(|lock| lock.try_lock().is_some()));
}

#[test]
fn a_stack_grows_with_what_is_held() {
    let scope = lockdep::testing::isolated();
    keys!(OUTER = "grows::outer", INNER = "grows::inner", MANY = "grows::many");
    let (outer, inner) = (Mutex::named(&OUTER, ()), Mutex::named(&INNER, ()));
    let locks: Vec<_> = (0..200).map(|rank| Mutex::named(&MANY, rank)).collect();
    let held = outer.lock();
    let guards: Vec<_> = (0..).zip(&locks).map(|(rank, lock)| lock.lock_ranked(rank)).collect();
    drop(inner.lock());
    drop((guards, held));
    assert!(scope.findings().is_empty(), "{:?}", scope.findings());
    drop((inner.lock(), outer.lock()));
    assert!(!scope.findings().is_empty(), "the lowest of 201 locks is seen from the top");
}

#[test]
fn the_graph_shows_what_was_seen() {
    keys!(A = "graph::a", B = "graph::b");
    let (a, b) = (Mutex::named(&A, ()), RwLock::named(&B, ()));
    drop((a.lock(), b.read()));
    let text = lockdep::graph().filter(&["graph::"]).to_string();
    assert_eq!(
        text,
        "lockdep graph v1\n\nclass graph::a: mutex\nclass graph::b: rwlock\n\ngraph::a -> graph::b: EN\n\ncycles: none\n"
    );
}

#[test]
fn a_pseudo_lock_takes_part_in_cycles_and_may_be_released_elsewhere() {
    keys!(BIT = "map::bit", LOCK = "map::lock");
    let (bit, lock) = (LockMap::new(&BIT), Mutex::named(&LOCK, ()));
    let held = bit.acquire();
    drop(lock.lock());
    thread::spawn(move || drop(held)).join().unwrap();
    drop(lock.lock());
    assert_eq!(codes("map::"), []);
    let _lock = lock.lock();
    bit.might_acquire();
    assert_eq!(codes("map::"), [(Code::Inversion, Grade::Possible)]);
}

#[test]
fn a_scope_sees_its_own_orders_only_and_the_process_sees_them_all() {
    keys!(A = "scope::a", B = "scope::b");
    let (a, b) = (Mutex::named(&A, ()), Mutex::named(&B, ()));
    drop((a.lock(), b.lock()));
    let scope = lockdep::testing::scope();
    lockdep::thread::scope(|threads| drop(threads.spawn(|| drop((b.lock(), a.lock())))));
    assert_eq!(scope.graph().edges.len(), 1);
    assert_eq!(scope.findings(), []);
    drop((a.lock(), b.lock()));
    assert_eq!(scope.findings().len(), 1, "an order that the process knew is new to the scope");
    drop(scope);
    assert_eq!(codes("scope::"), [(Code::Inversion, Grade::Possible)]);
}

#[test]
fn what_happens_in_an_isolated_scope_stays_there() {
    keys!(A = "isolated::a", B = "isolated::b");
    let locks = Arc::new((Mutex::named(&A, ()), Mutex::named(&B, ())));
    let theirs = Arc::clone(&locks);
    let scope = lockdep::testing::isolated();
    let handle = scope.handle();
    drop((locks.0.lock(), locks.1.lock()));
    thread::spawn(move || {
        let _stay = handle.enter();
        drop((theirs.1.lock(), theirs.0.lock()));
    })
    .join()
    .unwrap();
    assert_eq!(scope.findings().len(), 1);
    assert_eq!(codes("isolated::"), []);
    drop(scope);
    assert!(lockdep::graph().filter(&["isolated::"]).classes.is_empty());
    drop(locks.0.lock());
    assert_eq!(lockdep::graph().filter(&["isolated::"]).classes.len(), 1, "its first use outside is its first use");
}

#[test]
fn assertions_about_held_locks_are_findings_only_when_they_fail() {
    keys!(A = "assert::a", B = "assert::b");
    let scope = lockdep::testing::isolated();
    let (a, b) = (Mutex::named(&A, ()), RwLock::named(&B, ()));
    let held = (a.lock(), b.read());
    lockdep::assert_held!(a, exclusively);
    lockdep::assert_held!(&b);
    assert_eq!(scope.findings(), []);
    lockdep::assert_held!(b, exclusively);
    lockdep::assert_not_held!(a);
    drop(held);
    lockdep::assert_not_held!(a);
    lockdep::assert_none_held!();
    let titles: Vec<String> = scope.findings().into_iter().map(|finding| finding.title).collect();
    assert_eq!(titles.len(), 2, "{titles:?}");
    assert!(titles.iter().any(|title| title.ends_with("exclusively, and is held shared")), "{titles:?}");
    assert!(titles.iter().any(|title| title.ends_with("here, and is")), "{titles:?}");
}

#[test]
fn what_might_be_locked_is_ordered_like_what_is() {
    keys!(A = "might::a", B = "might::b");
    let (a, b) = (Mutex::named(&A, ()), Arc::new(Mutex::named(&B, ())));
    drop((b.lock(), a.lock()));
    let _a = a.lock();
    lockdep::might_lock(&b);
    assert_eq!(codes("might::"), [(Code::Inversion, Grade::Possible)]);
    assert!(!b.is_locked());
}

#[test]
fn locks_under_a_nest_lock_need_no_order_and_the_nest_lock_must_be_held() {
    keys!(TABLE = "nest::table", ROW = "nest::row");
    let table = Mutex::named(&TABLE, ());
    let rows: [_; 3] = std::array::from_fn(|_| Mutex::named(&ROW, ()));
    {
        let _table = table.lock();
        let _rows: Vec<_> = rows.iter().rev().map(|row| row.lock_under(&table)).collect();
    }
    assert_eq!(codes("nest::"), []);
    let _row = rows[0].lock_under(&table);
    assert_eq!(codes("nest::"), [(Code::WrongNest, Grade::Possible)]);
}

#[test]
fn an_initialiser_that_takes_a_lock_is_ordered_against_it() {
    keys!(START = "once::start", LOCK = "once::lock");
    let (start, lock) = (Once::named(&START), Mutex::named(&LOCK, ()));
    start.call_once(|| drop(lock.lock()));
    assert_eq!(codes("once::"), []);
    let _lock = lock.lock();
    start.call_once(|| unreachable!("it has run"));
    assert_eq!(codes("once::"), [(Code::Inversion, Grade::Possible)]);
}

#[test]
fn a_dump_says_what_every_thread_holds() {
    keys!(A = "dump::a");
    let a = RwLock::named(&A, ());
    let _held = a.read();
    let all = lockdep::held();
    let mine = all.iter().find(|thread| thread.locks.iter().any(|lock| lock.label == "dump::a")).expect("it is held");
    assert_eq!(mine.thread, "a_dump_says_what_every_thread_holds");
    assert_eq!(mine.locks[0].mode, lockdep::core::mode::Mode::Read);
}

#[test]
fn a_release_by_another_thread_is_never_lost() {
    keys!(BIT = "post::bit", AFTER = "post::after");
    let (bit, after) = (LockMap::new(&BIT), Mutex::named(&AFTER, ()));
    for _ in 0..200 {
        let held: Vec<_> = (0..3).map(|_| bit.try_acquire()).collect();
        thread::scope(|threads| held.into_iter().for_each(|held| drop(threads.spawn(move || drop(held)))));
        drop(after.lock());
    }
    assert_eq!(lockdep::held().iter().filter(|thread| thread.locks[0].label == "post::bit").count(), 0);
    assert!(lockdep::graph().filter(&["post::"]).edges.is_empty(), "nothing was held when `after` was taken");
}

#[test]
fn a_pseudo_lock_that_was_had_without_waiting_is_held_shared_and_had_no_order() {
    keys!(OUTER = "tryshared::outer", LEVEL = "tryshared::level", INNER = "tryshared::inner");
    let (outer, level, inner) = (Mutex::named(&OUTER, ()), LockMap::new(&LEVEL), Mutex::named(&INNER, ()));
    let _outer = outer.lock();
    let _two = (level.try_acquire_shared(), level.try_acquire_shared());
    drop(inner.lock());
    let edges: Vec<_> =
        lockdep::graph().filter(&["tryshared::"]).edges.into_keys().map(|(from, to)| from + to.as_str()).collect();
    assert_eq!(edges, ["tryshared::leveltryshared::inner", "tryshared::outertryshared::inner"]);
    assert!(codes("tryshared::").is_empty());
}

#[test]
fn a_wait_that_gives_up_soon_excuses_and_one_that_does_not_counts() {
    use std::time::{Duration, Instant};
    keys!(A = "timed::a", B = "timed::b");
    let (a, b) = (Mutex::named(&A, ()), RwLock::named(&B, ()));
    drop((a.lock(), b.write()));
    drop((b.write(), a.try_lock_for(Duration::from_millis(5)).unwrap()));
    assert_eq!(codes("timed::"), [(Code::Inversion, Grade::Excused)]);
    drop((b.read(), a.try_lock_until(Instant::now() + Duration::from_secs(60)).unwrap()));
    assert_eq!(codes("timed::"), [(Code::Inversion, Grade::Possible)]);
    assert!(about("timed::")[0].cycle.iter().all(|edge| edge.witness.site.file.ends_with("live.rs")));
}

#[test]
fn threads_that_queue_for_each_others_locks_in_one_order_are_not_stuck() {
    keys!(OUTER = "queue::outer", INNER = "queue::inner");
    let (outer, inner) = (Mutex::named(&OUTER, 0u32), RwLock::named(&INNER, 0u32));
    let crowd = || {
        for round in 0..2_000 {
            let mut held = outer.lock();
            match round % 2 {
                0 => *inner.write() += 1,
                _ => *held += *inner.read() & 1,
            }
        }
    };
    thread::scope(|threads| (0..4).for_each(|_| drop(threads.spawn(crowd))));
    assert_eq!(codes("queue::"), []);
}
