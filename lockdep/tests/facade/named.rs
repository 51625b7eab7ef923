//! What the facade has beyond `parking_lot`.

use lockdep::LockClassKey;
use lockdep::parking_lot::{FairMutex, Mutex, MutexGuard, RecursiveRwLock, ReentrantMutex, RwLock};

static KEY: LockClassKey = LockClassKey::new("tests.facade.named");
static OTHER: LockClassKey = LockClassKey::new("tests.facade.other");
static MUTEX: Mutex<u8> = Mutex::named(&KEY, 1);
static RWLOCK: RwLock<u8> = RwLock::named(&OTHER, 1);

#[test]
fn locks_can_be_named_and_renamed() {
    assert_eq!(*MUTEX.lock() + *RWLOCK.read(), 2);
    let lock = Mutex::new(2);
    lock.set_class(&KEY);
    assert_eq!(*lock.lock(), 2);
    let fair = FairMutex::named(&KEY, 3);
    fair.set_class(&OTHER);
    assert_eq!(*fair.lock(), 3);
    let reentrant = ReentrantMutex::named(&KEY, 4);
    reentrant.set_class(&OTHER);
    assert_eq!(*reentrant.lock(), 4);
    let recursive = RecursiveRwLock::named(&KEY, 5);
    recursive.set_class(&OTHER);
    assert_eq!(*recursive.read(), 5);
}

#[test]
fn two_locks_of_one_class_nest_at_different_levels() {
    let locks = [1, 2].map(|value| Mutex::named(&KEY, value));
    let outer = locks[0].lock();
    let inner = locks[1].lock_nested(1);
    assert_eq!(*outer + *inner, 3);
    let locks = [1, 2].map(|value| RwLock::named(&OTHER, value));
    let outer = locks[0].write();
    let inner = locks[1].write_nested(1);
    assert_eq!(*outer + *inner, 3);
    drop((outer, inner));
    let outer = locks[0].read();
    assert_eq!(*locks[1].read_nested(1) + *outer, 3);
}

#[test]
fn the_lock_of_a_guard_converts_back() {
    let lock = Mutex::new(1);
    let guard = lock.lock();
    let back: &Mutex<i32> = MutexGuard::mutex(&guard).into();
    assert!(std::ptr::eq(back, &lock));
}
