//! Paths of the first edition: `std` is a crate at the root, and `::std` is too.

/// Paths from a module.
pub mod inner {
    use std::sync::*;

    /// Takes the lock.
    pub fn count(lock: &::std::sync::Mutex<u32>) -> LockResult<MutexGuard<'_, u32>> {
        lock.lock()
    }
}

#[test]
fn paths_lead_to_one_type() {
    use std::sync::{Arc, Mutex};
    let lock = Arc::new(Mutex::new(1));
    *inner::count(&lock).unwrap() += 1;
    assert_eq!(*::std::sync::Mutex::lock(&lock).unwrap(), 2);
}
