//! A plugin with a lock of its own.

use std::sync::Mutex;

static CALLS: Mutex<u32> = Mutex::new(0);

/// Counts its calls.
#[no_mangle]
pub extern "C" fn plugin_count() -> u32 {
    let mut calls = CALLS.lock().unwrap();
    *calls += 1;
    *calls
}

/// Calls back while it holds its lock.
#[no_mangle]
pub extern "C" fn plugin_call(back: extern "C" fn()) {
    let _calls = CALLS.lock().unwrap();
    back();
}

/// Has nobody wait for its lock.
#[no_mangle]
pub extern "C" fn plugin_try() -> bool {
    CALLS.try_lock().is_ok()
}
