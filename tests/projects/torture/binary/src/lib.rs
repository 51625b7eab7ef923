//! Libraries for Rust and for C at once.

use std::sync::Mutex;

/// How often [`count`] was called.
pub static CALLS: Mutex<u32> = Mutex::new(0);

/// Counts its calls.
#[no_mangle]
pub extern "C" fn count() -> u32 {
    let mut calls = CALLS.lock().unwrap();
    *calls += 1;
    *calls
}

#[test]
fn calls_are_counted() {
    assert_eq!(count() + macros::number!(), 43);
}
