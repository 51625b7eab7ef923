//! Every method and trait of `Mutex` and `RwLock`.

use super::sy;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::thread;
use sy::TryLockError;

static COUNT: sy::Mutex<Vec<u8>> = sy::Mutex::new(Vec::new());
static BOARD: sy::RwLock<[u8; 2]> = sy::RwLock::new([1, 2]);
static ARRAY: [sy::Mutex<u8>; 3] = [const { sy::Mutex::new(1) }; 3];

/// Panics, and leaves nothing on standard error.
fn panicking(f: impl FnOnce()) {
    let result = catch_unwind(AssertUnwindSafe(|| {
        f();
        resume_unwind(Box::new("planned"));
    }));
    assert!(result.is_err());
}

#[test]
fn a_mutex_has_every_method() {
    let mut m = sy::Mutex::new(1u32);
    {
        let mut guard: sy::MutexGuard<'_, u32> = m.lock().unwrap();
        assert!(matches!(m.try_lock(), Err(TryLockError::WouldBlock)));
        *guard += 1;
        assert!(format!("{m:?}").contains("<locked>"));
        assert_eq!(format!("{guard} {guard:?}"), "2 2");
    }
    assert_eq!(*m.try_lock().unwrap(), 2);
    *m.get_mut().unwrap() = 3;
    assert_eq!(format!("{m:?}"), "Mutex { data: 3, poisoned: false, .. }");
    assert_eq!(m.into_inner().unwrap(), 3);
    assert_eq!(*sy::Mutex::<u32>::default().lock().unwrap() + *sy::Mutex::from(4).lock().unwrap(), 4);
    let m: sy::Mutex<&str> = "five".into();
    assert_eq!(*sy::Mutex::lock(&m).unwrap(), "five");
}

#[test]
fn a_mutex_is_poisoned_by_a_panic_under_it() {
    let m = sy::Mutex::new(1);
    panicking(|| {
        let _guard = m.lock().unwrap();
        resume_unwind(Box::new("planned"));
    });
    assert!(m.is_poisoned());
    assert_eq!(**m.lock().unwrap_err().get_ref(), 1);
    let Err(TryLockError::Poisoned(error)) = m.try_lock() else { panic!("it is poisoned") };
    assert_eq!(*error.into_inner(), 1);
    assert_eq!(*m.lock().unwrap_or_else(sy::PoisonError::into_inner), 1);
    m.clear_poison();
    assert!(!m.is_poisoned() && m.lock().is_ok());
    panicking(|| drop(m.lock()));
    assert!(!m.is_poisoned(), "it was released before the panic");
}

#[test]
fn a_rwlock_has_every_method() {
    let mut l = sy::RwLock::new(1u32);
    {
        let read: sy::RwLockReadGuard<'_, u32> = l.read().unwrap();
        assert_eq!(*l.try_read().unwrap() + *read, 2);
        assert!(matches!(l.try_write(), Err(TryLockError::WouldBlock)));
        assert_eq!(format!("{read} {read:?} {l:?}"), "1 1 RwLock { data: 1, poisoned: false, .. }");
    }
    {
        let mut write: sy::RwLockWriteGuard<'_, u32> = l.write().unwrap();
        *write += 1;
        assert!(matches!(l.try_read(), Err(TryLockError::WouldBlock)));
        assert!(format!("{l:?}").contains("<locked>"));
        assert_eq!(format!("{write} {write:?}"), "2 2");
        let read = sy::RwLockWriteGuard::downgrade(write);
        assert_eq!(*read + *l.try_read().unwrap(), 4);
    }
    assert_eq!(*l.try_write().unwrap(), 2);
    *l.get_mut().unwrap() = 3;
    panicking(|| {
        let _guard = l.write().unwrap();
        resume_unwind(Box::new("planned"));
    });
    assert!(l.is_poisoned() && l.read().is_err() && l.write().is_err());
    assert!(matches!(l.try_read(), Err(TryLockError::Poisoned(_))));
    assert!(matches!(l.try_write(), Err(TryLockError::Poisoned(_))));
    l.clear_poison();
    panicking(|| {
        let _guard = l.read().unwrap();
        resume_unwind(Box::new("planned"));
    });
    assert!(!l.is_poisoned(), "readers do not poison");
    assert_eq!(l.into_inner().unwrap(), 3);
    assert_eq!(*sy::RwLock::<u32>::default().read().unwrap() + *sy::RwLock::from(4).read().unwrap(), 4);
}

#[test]
fn locks_live_in_statics_arrays_and_unsized() {
    COUNT.lock().unwrap().push(7);
    assert_eq!(*COUNT.lock().unwrap(), [7]);
    assert_eq!(BOARD.read().unwrap()[1], 2);
    assert_eq!(ARRAY.iter().map(sy::Mutex::lock).map(|guard| *guard.unwrap()).sum::<u8>(), 3);
    let objects: Vec<Arc<sy::Mutex<dyn Fn() -> u8 + Send>>> =
        vec![Arc::new(sy::Mutex::new(|| 1)), Arc::new(sy::Mutex::new(|| 2))];
    assert_eq!(objects.iter().map(|object| (object.lock().unwrap())()).sum::<u8>(), 3);
    let slice: Box<sy::RwLock<[u8]>> = Box::new(sy::RwLock::new([1, 2]));
    assert_eq!(slice.read().unwrap().len(), 2);
}

#[test]
fn locks_borrow_what_lives_as_long_as_they_do() {
    let text = String::from("knight");
    let m: sy::Mutex<Option<&str>> = sy::Mutex::new(None);
    thread::scope(|scope| {
        scope.spawn(|| *m.lock().unwrap() = Some(&text));
    });
    assert_eq!(*m.lock().unwrap(), Some("knight"));
}

#[test]
fn many_threads_count_right() {
    let (total, board) = (sy::Mutex::new(0), sy::RwLock::new(1));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..200 {
                    *total.lock().unwrap() += *board.read().unwrap();
                }
            });
        }
    });
    assert_eq!(total.into_inner().unwrap(), 800);
}
