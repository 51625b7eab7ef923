//! What locks are called that nobody has named: after their source, or after the `static` that they are in.

use super::{lockdep, said};

fn runs(program: &str, how: &str) -> (Option<i32>, String) {
    said(&mut lockdep("torture", &["run", "--bin", program, "--", how]))
}

#[test]
fn a_static_whose_lock_the_standard_library_made_is_known_by_its_symbol() {
    let (code, said) = runs("names", "both orders");
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("taking `u32 in names::LEDGER (") && said.contains("holding `u32 in names::JOURNAL ("),
        "{said}"
    );
    assert_eq!(said.matches("error[lockdep::").count(), 1, "{said}");
}

#[test]
fn two_such_statics_are_two_classes() {
    let (code, said) = runs("names", "one order");
    assert_eq!(code, Some(0), "{said}");
    // One that nests in itself would be a warning.
    assert!(said.contains("1 dependency") && said.contains("no findings"), "{said}");
}

#[test]
fn a_static_of_the_project_is_called_as_its_source_does() {
    let (code, said) = runs("ends", "return");
    assert_eq!(code, Some(1), "{said}");
    let title = "taking `SECOND: Mutex<u32>` while holding `FIRST: Mutex<u32>` closes a lock cycle";
    assert!(said.contains(title), "{said}");
    let note = "in graphs and order files, `FIRST: Mutex<u32>` is `u32 (binary/src/bin/ends.rs)`";
    assert!(said.contains(note), "{said}");
}
