//! Takes two locks in both orders, while cargo runs it.

use std::sync::Mutex;

static FIRST: Mutex<u32> = Mutex::new(0);
static SECOND: Mutex<u32> = Mutex::new(0);

fn main() {
    {
        let first = FIRST.lock().unwrap();
        *SECOND.lock().unwrap() += *first;
    }
    let second = SECOND.lock().unwrap();
    *FIRST.lock().unwrap() += *second;
    println!("cargo:rerun-if-changed=build.rs");
}
