//! A `std` that is newer than the newest this was compared with.

use super::lock_api::project;
use super::said;
use std::process::Command;

const MANIFEST: &str = "[package]
name = \"newer\"
version = \"0.1.0\"
edition = \"2021\"
[workspace]
";

/// Uses what no stable `std` has yet, beside what all have.
const PROGRAM: &str = "
#![allow(stable_features)]
#![feature(lock_value_accessors)]
use std::sync::{Mutex, RwLock};

#[test]
fn what_is_new_is_there() {
    let (mutex, rwlock) = (Mutex::new(1), RwLock::new(2));
    assert_eq!((mutex.replace(3).unwrap(), rwlock.get_cloned().unwrap()), (1, 2));
    let held = mutex.lock().unwrap();
    assert_eq!(*held + *rwlock.read().unwrap(), 5);
}
";

#[test]
fn what_it_has_gained_is_the_real_thing_and_that_is_told_once() {
    let installed = Command::new("rustc").arg("-vV").env("RUSTUP_TOOLCHAIN", "nightly").output();
    if !installed.is_ok_and(|output| output.status.success()) {
        println!("skipped: there is no nightly toolchain; `rustup toolchain install nightly` does that");
        return;
    }
    let mut command = project("newer", &[("Cargo.toml", MANIFEST), ("src/lib.rs", PROGRAM)]);
    let (code, said) = said(command.env("RUSTUP_TOOLCHAIN", "nightly").env_remove("RUSTC"));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("test result: ok. 1 passed"), "{said}");
    assert_eq!(said.matches("is newer than this `cargo lockdep`").count(), 1, "{said}");
    assert!(said.contains("2 lock classes (2 locks), 1 dependency"), "what all have is checked: {said}");
}
