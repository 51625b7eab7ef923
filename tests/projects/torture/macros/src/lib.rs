//! Macros that take locks while they are expanded, which is inside the compiler.

use proc_macro::TokenStream;
use std::sync::Mutex;

static FIRST: Mutex<u32> = Mutex::new(0);
static SECOND: Mutex<u32> = Mutex::new(0);

/// Expands to a number, and takes two locks in both orders.
#[proc_macro]
pub fn number(_: TokenStream) -> TokenStream {
    {
        let first = FIRST.lock().unwrap();
        *SECOND.lock().unwrap() += *first;
    }
    let second = SECOND.lock().unwrap();
    *FIRST.lock().unwrap() += *second;
    "42".parse().unwrap()
}
