//! Documentation tests of the newest edition, which are compiled in one bundle.
//!
//! ```
//! let lock = std::sync::Mutex::new(edition2024::ANSWER);
//! assert_eq!(*lock.lock().unwrap(), 42);
//! ```
//!
//! ```compile_fail
//! let lock: std::sync::Mutex<u32> = std::sync::RwLock::new(1);
//! ```
//!
//! ```compile_fail,E0277
//! fn is_send<T: Send>(_: T) {}
//! is_send(std::sync::Mutex::new(0).lock().unwrap());
//! ```

/// What the tests ask for.
pub const ANSWER: u32 = 42;

#[test]
fn temporaries_end_with_the_condition() {
    let lock = std::sync::Mutex::new(Some(1));
    if let Some(_) = *lock.lock().unwrap() {
    } else {
        unreachable!();
    }
    assert!(lock.try_lock().is_ok());
}
