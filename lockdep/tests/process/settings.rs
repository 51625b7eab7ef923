//! What the environment says: understood, or told and left.

use crate::{folder, passes};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

const INVERTS: &str = "policies::child_inverts";

#[test]
fn help_prints_all_settings_with_their_values() {
    let said = passes(INVERTS, &[("LOCKDEP", Path::new("help")), ("LOCKDEP_HANG", Path::new("1500ms"))]);
    let words =
        ["LOCKDEP=warn", "LOCKDEP_DIR", "LOCKDEP_ORDER", "LOCKDEP_STACKS", "LOCKDEP_SIGQUIT", "LOCKDEP_HANG", "1.5s"];
    assert!(words.iter().all(|word| said.contains(word)), "{said}");
}

#[test]
fn what_is_not_understood_is_told_with_what_the_program_goes_on_with() {
    for (name, value, with) in [
        ("LOCKDEP", "loud", "use off, record, warn, deny, panic, abort or help; going on with warn"),
        ("LOCKDEP", "Panic", "going on with warn"),
        ("LOCKDEP_STACKS", "yes", "use 0 or 1; going on with 0"),
        ("LOCKDEP_SIGQUIT", "-1", "use 0 or 1; going on with 0"),
        ("LOCKDEP_HANG", "0", "use a time, as 30s or 500ms; going on with none"),
        ("LOCKDEP_HANG", "99999999999999999999s", "going on with none"),
        ("LOCKDEP_HANG", "5 minutes", "going on with none"),
        ("LOCKDEP_ORDER", "/nonexistent", "No such file or directory (os error 2); going on with no order to check"),
        ("LOCKDEP_ORDER", "/", "going on with no order to check"),
    ] {
        let said = passes(INVERTS, &[(name, Path::new(value))]);
        let told = said.lines().find(|line| line.starts_with(&format!("lockdep: {name}={value}")));
        assert!(told.is_some_and(|line| line.ends_with(with)), "{name}={value}: {said}");
        assert!(said.contains("error[lockdep::inversion]"), "it goes on: {said}");
    }
}

#[test]
fn a_name_that_is_misspelt_is_told_with_what_was_meant() {
    let said = passes(INVERTS, &[("LOCKDEP_STACK", Path::new("1"))]);
    assert_eq!(said.matches("lockdep: LOCKDEP_STACK is no setting; did you mean LOCKDEP_STACKS?").count(), 1, "{said}");
    let said = passes(INVERTS, &[("LOCKDEP_STACKS", Path::new("0"))]);
    assert!(!said.contains("is no setting"), "{said}");
}

#[test]
fn bytes_that_are_no_text_are_told_and_empty_words_say_nothing() {
    for name in ["LOCKDEP", "LOCKDEP_STACKS", "LOCKDEP_SIGQUIT", "LOCKDEP_HANG", "LOCKDEP_ORDER"] {
        let said = passes(INVERTS, &[(name, Path::new(OsStr::from_bytes(b"\xff1")))]);
        assert!(said.contains(&format!("lockdep: {name}=\u{fffd}1")), "{said}");
        let said = passes(INVERTS, &[(name, Path::new(""))]);
        assert!(said.starts_with("error[lockdep::inversion]"), "{said}");
    }
}

#[test]
fn stacks_are_printed_on_request_and_start_in_the_program() {
    let said = passes(INVERTS, &[("LOCKDEP_STACKS", Path::new("1"))]);
    let stacks: Vec<&str> = said.split("  stack of `").skip(1).collect();
    assert_eq!(stacks.len(), 2, "one for every edge: {said}");
    for (stack, function) in stacks.iter().zip(["process::one_way", "process::other_way"]) {
        assert!(stack.lines().nth(1).is_some_and(|line| line.trim() == function), "{said}");
    }
    assert!(!said.contains("__rust_begin_short_backtrace"), "{said}");
}

#[test]
fn an_order_file_is_checked_while_the_program_runs() {
    let folder = folder("order-file");
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let file = folder.join("locks.order");
    std::fs::write(&file, "lockdep order v1\nB\n  A\n").expect("a file can be written");
    let said = passes(INVERTS, &[("LOCKDEP_ORDER", &file)]);
    assert!(said.contains("error[lockdep::hierarchy]"), "{said}");
    std::fs::write(&file, "lockdep order v1\nB\n  C -> D\n").expect("a file can be written");
    let said = passes(INVERTS, &[("LOCKDEP_ORDER", &file)]);
    assert!(said.contains("locks.order:3") && said.contains("going on with no order to check"), "{said}");
}
