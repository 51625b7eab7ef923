//! A dependency that is called `std`, as of crates that do without the real one where they must.
#![no_std]

#[test]
fn the_other_std_is_found() {
    assert_eq!(*std::sync::Mutex::new(std::NAME).lock().unwrap(), "inner");
}
