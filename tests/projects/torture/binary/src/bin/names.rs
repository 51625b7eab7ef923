//! Takes two locks that the standard library's code has made, within `static`s of this program, in one order or in both.

use std::sync::{Mutex, OnceLock};

static LEDGER: OnceLock<Mutex<u32>> = OnceLock::new();
static JOURNAL: OnceLock<Mutex<u32>> = OnceLock::new();

/// A function value has no place in this file.
fn made(lock: &'static OnceLock<Mutex<u32>>) -> &'static Mutex<u32> {
    lock.get_or_init(Mutex::default)
}

fn main() {
    let (ledger, journal) = (made(&LEDGER), made(&JOURNAL));
    {
        let held = ledger.lock().unwrap();
        *journal.lock().unwrap() += *held;
    }
    if std::env::args().nth(1).as_deref() == Some("both orders") {
        let held = journal.lock().unwrap();
        *ledger.lock().unwrap() += *held;
    }
}
