//! What comes of findings, by the settings of the process.

use crate::{A, B, LOCKS, child, one_way, other_way, passes};
use std::path::Path;

#[test]
#[ignore = "a child of the tests below"]
fn child_inverts() {
    one_way();
    other_way();
}

#[test]
#[ignore = "a child of the tests below"]
fn child_panics_in_an_acquisition() {
    one_way();
    let caught = std::panic::catch_unwind(other_way);
    let message = caught.expect_err("the finding panics").downcast::<String>().expect("with a text");
    assert!(message.starts_with("error[lockdep::inversion]"), "{message}");
    assert!(LOCKS.0.try_lock().is_some() && LOCKS.1.try_lock().is_some(), "both are free again");
    assert!(lockdep::held().is_empty());
}

#[test]
#[ignore = "a child of the tests below"]
fn child_panics_in_an_acquisition_of_std() {
    use lockdep::std::sync;
    static LOCKS: (sync::Mutex<u32>, sync::RwLock<u32>) = (sync::Mutex::named(&A, 0), sync::RwLock::named(&B, 0));
    drop((LOCKS.0.lock(), LOCKS.1.write()));
    let other_way = || drop((LOCKS.1.write(), LOCKS.0.lock()));
    std::panic::catch_unwind(other_way).expect_err("the finding panics");
    assert!(!LOCKS.0.is_poisoned() && LOCKS.1.is_poisoned(), "the panic was under the second, and about the first");
    assert!(LOCKS.0.try_lock().is_ok() && lockdep::held().is_empty());
}

#[test]
fn off_tracks_nothing_and_warn_prints() {
    let (output, said) = child("policies::child_inverts", &[("LOCKDEP", Path::new("off"))]);
    assert!(output.status.success() && !said.contains("lockdep"), "{said}");
    let said = passes("policies::child_inverts", &[]);
    assert_eq!(said.matches("error[lockdep::inversion]").count(), 1, "{said}");
}

#[test]
fn deny_fails_a_process_that_would_have_succeeded() {
    let (output, said) = child("policies::child_inverts", &[("LOCKDEP", Path::new("deny"))]);
    assert_eq!(output.status.code(), Some(1), "{said}");
}

#[test]
fn abort_aborts_after_the_report() {
    let (output, said) = child("policies::child_inverts", &[("LOCKDEP", Path::new("abort"))]);
    assert_eq!(output.status.code(), None, "a signal ended it");
    assert!(said.contains("error[lockdep::inversion]"), "{said}");
}

#[test]
fn a_panic_in_an_acquisition_unlocks_first() {
    passes("policies::child_panics_in_an_acquisition", &[("LOCKDEP", Path::new("panic"))]);
}

#[test]
fn a_panic_in_an_acquisition_poisons_only_what_was_held() {
    passes("policies::child_panics_in_an_acquisition_of_std", &[("LOCKDEP", Path::new("panic"))]);
}
