//! Every method and trait of `Once`, `OnceLock` and `LazyLock`.

use super::sy;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

static START: sy::Once = sy::Once::new();
static CELL: sy::OnceLock<u8> = sy::OnceLock::new();
static LAZY: sy::LazyLock<Vec<u8>> = sy::LazyLock::new(|| vec![1, 2]);

#[test]
fn a_once_has_every_method() {
    assert!(!START.is_completed());
    START.call_once(|| ());
    START.wait();
    START.wait_force();
    assert!(START.is_completed());
    assert_eq!(format!("{START:?}"), "Once { .. }");
    let once = sy::Once::new();
    assert!(catch_unwind(AssertUnwindSafe(|| once.call_once(|| resume_unwind(Box::new("planned"))))).is_err());
    once.call_once_force(|state: &sy::OnceState| assert!(state.is_poisoned()));
    once.call_once(|| unreachable!("it ran before"));
}

#[test]
fn a_once_lock_has_every_method() {
    assert_eq!((CELL.get(), CELL.get_or_init(|| 3), CELL.set(4)), (None, &3, Err(4)));
    let mut cell = sy::OnceLock::new();
    assert_eq!(format!("{cell:?}"), "OnceLock(<uninit>)");
    let waited = thread::scope(|scope| {
        let waiter = scope.spawn(|| *cell.wait());
        cell.set(5).unwrap();
        waiter.join().unwrap()
    });
    assert_eq!((waited, format!("{cell:?}"), cell.get_mut()), (5, "OnceLock(5)".to_owned(), Some(&mut 5)));
    assert!(cell.clone() == cell && cell != sy::OnceLock::default() && cell == sy::OnceLock::from(5));
    assert_eq!((cell.take(), cell.into_inner()), (Some(5), None));
    fn is_eq<T: Eq>(_: &T) {}
    is_eq(&CELL);
}

#[test]
fn a_lazy_lock_has_every_method() {
    assert_eq!(LAZY[1] + sy::LazyLock::force(&LAZY)[0], 3);
    let mut lazy = sy::LazyLock::new(|| 1);
    assert_eq!((sy::LazyLock::get(&lazy), format!("{lazy:?}")), (None, "LazyLock(<uninit>)".to_owned()));
    assert_eq!(sy::LazyLock::get_mut(&mut lazy), None);
    *sy::LazyLock::force_mut(&mut lazy) += 1;
    *lazy += 1;
    assert_eq!((*lazy, format!("{lazy:?}"), sy::LazyLock::get(&lazy)), (3, "LazyLock(3)".to_owned(), Some(&3)));
    assert_eq!(*sy::LazyLock::<u8>::default(), 0);
    let text = String::from("rook");
    let borrowed = sy::LazyLock::new(|| text.len());
    assert_eq!(*borrowed, 4);
}

#[test]
fn one_thread_makes_the_value() {
    let cell = sy::OnceLock::new();
    let made = sy::Mutex::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| cell.get_or_init(|| *made.lock().unwrap() += 1));
        }
    });
    assert_eq!(made.into_inner().unwrap(), 1);
}
