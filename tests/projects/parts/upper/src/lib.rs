//! Another library that is linked dynamically, and knows nothing of the first.

use std::sync::Mutex;

static UPPER: Mutex<u32> = Mutex::new(0);

/// Calls back with its lock held.
pub fn with(back: &dyn Fn()) {
    let mut calls = UPPER.lock().unwrap();
    *calls += 1;
    back();
}
