//! What threads wait for besides locks: each other's ends and messages.

use super::{lockdep, said};

/// Runs the program that waits as it is told to. Returns the exit code of the verdict, and what was said.
fn waits(how: &str) -> (Option<i32>, String) {
    said(&mut lockdep("torture", &["run", "--bin", "waits", "--", how]))
}

fn clean(how: &str) -> String {
    let (code, said) = waits(how);
    assert_eq!(code, Some(0), "{how}: {said}");
    assert!(said.contains("Finished no findings"), "{how}: {said}");
    said
}

#[test]
fn a_join_under_a_lock_that_the_thread_takes_is_found() {
    let (code, said) = waits("join under a lock");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("error[lockdep::inversion]") && said.contains("weighed"), "{said}");
}

#[test]
fn a_join_without_it_is_clean() {
    clean("join");
}

#[test]
fn the_end_of_a_scope_under_a_lock_that_its_thread_takes_is_found() {
    let (code, said) = waits("end a scope under a lock");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("error[lockdep::inversion]") && said.contains("weighed"), "{said}");
}

#[test]
fn the_end_of_a_scope_without_it_is_clean() {
    clean("end a scope");
}

#[test]
fn what_joins_keep_apart_is_excused() {
    for how in ["in order by a join", "in order by a scope"] {
        let (code, said) = waits(how);
        assert_eq!(code, Some(0), "{how}: {said}");
        assert!(said.contains("Finished 1 excused"), "{how}: {said}");
    }
}

#[test]
fn what_nothing_but_a_message_keeps_apart_is_found() {
    let (code, said) = waits("in no order");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("error[lockdep::inversion]"), "{said}");
}

#[test]
fn a_receiver_that_waits_with_the_lock_of_its_sender_is_doubted() {
    let (code, said) = waits("receive under a lock");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("warning[lockdep::inversion]") && said.contains("somebody else may send"), "{said}");
}

#[test]
fn a_receiver_that_waits_with_nothing_or_with_another_lock_or_for_itself_is_clean() {
    clean("receive");
    clean("receive what it has sent");
    clean("receive under another lock");
}

#[test]
fn what_is_held_at_a_barrier_comes_before_it() {
    let said = clean("meet under a lock");
    assert!(said.contains("1 dependency"), "{said}");
}
