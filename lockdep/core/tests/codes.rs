//! The codes are an interface: people search for them, suppress them and count them.

use lockdep_core::finding::Code;
use std::collections::BTreeSet;
use std::fmt::Write;

#[test]
fn the_list_of_codes_is_frozen() {
    let mut list = String::new();
    for code in Code::ALL {
        let kernel = code.kernel_wording().map(|wording| format!(" [{wording}]")).unwrap_or_default();
        writeln!(list, "{}: {}{kernel}", code.name(), code.description()).expect("a string takes everything");
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("codes", list));
}

#[test]
fn no_two_codes_share_a_name_or_an_id() {
    let names: BTreeSet<&str> = Code::ALL.into_iter().map(Code::name).collect();
    assert_eq!(names.len(), Code::ALL.len());
    let ids: BTreeSet<String> =
        Code::ALL.into_iter().map(|code| lockdep_core::id::of_labels(code, ["Board::square"])).collect();
    assert_eq!(ids.len(), Code::ALL.len());
}

#[test]
fn a_code_is_found_by_its_name() {
    for code in Code::ALL {
        assert_eq!(Code::parse(code.name()), Some(code));
        assert!(code.name().bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase()), "{code}");
    }
    assert_eq!(Code::parse("no-such-code"), None);
}
