//! Without `std`, and with it by name.
#![no_std]
#![deny(unused_extern_crates, warnings)]

#[cfg(feature = "std")]
extern crate std;

extern crate alloc;

/// Words under a lock.
#[cfg(feature = "std")]
#[derive(Debug, Default)]
pub struct Words(pub std::sync::Mutex<alloc::vec::Vec<alloc::string::String>>);

#[cfg(all(test, feature = "std"))]
mod tests {
    use std::prelude::v1::*;

    #[test]
    fn words_are_kept() {
        let words = super::Words::default();
        words.0.lock().unwrap().push("one".to_string());
        assert_eq!(words.0.into_inner().unwrap(), std::vec!["one"]);
    }
}
