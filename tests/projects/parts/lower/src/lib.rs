//! A library that is linked dynamically.

use std::sync::Mutex;

static LOWER: Mutex<u32> = Mutex::new(0);

/// Calls back with its lock held.
pub fn with(back: impl FnOnce()) {
    let mut calls = LOWER.lock().unwrap();
    *calls += 1;
    back();
}
