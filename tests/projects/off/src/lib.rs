//! Sample functions over lockdep's locks switched off, or with `--cfg plain` over parking_lot's own.

#[cfg(not(plain))]
use lockdep::parking_lot as locks;
#[cfg(plain)]
use parking_lot as locks;

use locks::{Condvar, Mutex, MutexGuard, RwLock, RwLockUpgradableReadGuard};

#[unsafe(no_mangle)]
pub fn locked(lock: &Mutex<u64>) -> u64 {
    let mut count = lock.lock();
    *count += 1;
    *count
}

#[unsafe(no_mangle)]
pub fn nested(outer: &Mutex<u64>, inner: &Mutex<u64>) {
    let outer = outer.lock();
    *inner.lock() += *outer;
}

#[unsafe(no_mangle)]
pub fn tried(lock: &Mutex<u64>) -> bool {
    lock.try_lock().is_some()
}

#[unsafe(no_mangle)]
pub fn read(lock: &RwLock<u64>) -> u64 {
    *lock.read()
}

#[unsafe(no_mangle)]
pub fn written(lock: &RwLock<u64>) {
    *lock.write() += 1;
}

#[unsafe(no_mangle)]
pub fn upgraded(lock: &RwLock<u64>) {
    let shared = lock.upgradable_read();
    if *shared == 0 {
        *RwLockUpgradableReadGuard::upgrade(shared) = 1;
    }
}

#[unsafe(no_mangle)]
pub fn waited(condvar: &Condvar, guard: &mut MutexGuard<'_, u64>) {
    while **guard == 0 {
        condvar.wait(guard);
    }
}

#[unsafe(no_mangle)]
pub fn made(value: u64) -> Mutex<u64> {
    Mutex::new(value)
}

#[unsafe(no_mangle)]
pub fn dropped(lock: Mutex<u64>) {
    drop(lock);
}
