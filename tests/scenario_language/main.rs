//! Malformed scenario files are refused with the place and what was expected; nothing panics.

use lockdep_core::scenario::{parse::parse, run};
use proptest::prelude::*;

fn file(locks: &str, steps: &str) -> String {
    format!(
        "format = \"lockdep scenarios v1\"\n\n[[case]]\nname = \"case\"\nlocks = [{locks}]\nsteps = [\n{steps}\n]\nexpect = []\n"
    )
}

#[track_caller]
fn refused(text: &str, place: (usize, usize), what: &str) {
    let error = match parse(text) {
        Ok(cases) => run::run(text, &cases[0], run::Driver::Validator).expect_err("the file is malformed"),
        Err(error) => error,
    };
    assert_eq!((error.line, error.column), place, "{error}");
    assert!(error.message.contains(what), "{error}");
}

#[test]
fn a_wrong_format_line_is_refused() {
    refused("format = \"lockdep scenarios v9\"\n", (1, 11), "expected format = \"lockdep scenarios v1\"");
}

#[test]
fn broken_toml_is_located() {
    refused("format = \"lockdep scenarios v1\"\n[[case\n", (2, 7), "");
}

#[test]
fn broken_json_is_located() {
    refused("{\"format\": \"lockdep scenarios v1\",\n \"case\": 3}", (2, 10), "invalid type");
}

#[test]
fn an_unknown_kind_lists_the_kinds() {
    refused(&file("\"a: mutx A\"", ""), (5, 11), "expected one of mutex, fair_mutex");
}

#[test]
fn an_unknown_operation_is_located_in_its_step() {
    refused(&file("\"a: mutex\"", "  \"t1 grab a\""), (7, 4), "no operation is named `grab`");
}

#[test]
fn an_unknown_option_is_refused() {
    refused(&file("\"a: mutex\"", "  \"t1 lock a speed=3\""), (7, 4), "takes no option `speed`");
}

#[test]
fn an_undeclared_lock_is_refused() {
    refused(&file("\"a: mutex\"", "  \"t1 lock b\""), (7, 4), "no lock `b` is declared");
}

#[test]
fn a_try_of_a_held_lock_cannot_succeed() {
    refused(&file("\"a: mutex\"", "  \"t1 lock a\",\n  \"t2 try_lock a\""), (8, 4), "no try of it succeeds");
}

#[test]
fn a_blocked_thread_takes_no_steps() {
    refused(&file("\"a: mutex\"", "  \"t1 lock a\",\n  \"t1 lock a\",\n  \"t1 end\""), (9, 4), "`t1` is blocked");
}

#[test]
fn a_thread_that_waited_goes_on_once_the_lock_is_free() {
    let steps = "\"t1 lock a\", \"t2 lock a\", \"t1 unlock a\", \"t2 unlock a\", \"t2 end\"";
    let text = file("\"a: mutex\"", steps);
    assert!(run::run(&text, &parse(&text).expect("well-formed")[0], run::Driver::Validator).expect("feasible").pass());
}

#[test]
fn json_says_the_same_as_toml() {
    let text = r#"{"format": "lockdep scenarios v1", "case": [{"name": "abba", "locks": ["a: mutex A", "b: mutex B"],
        "steps": ["t1 lock a", "t1 lock b", "t1 unlock b", "t1 unlock a", "t2 lock b", "t2 lock a"],
        "expect": ["inversion"]}]}"#;
    let cases = parse(text).expect("well-formed");
    assert!(run::run(text, &cases[0], run::Driver::Validator).expect("feasible").pass());
}

proptest! {
    #[test]
    fn garbage_is_refused_and_never_panics(
        lock in "[a-z:= ]{0,20}",
        steps in prop::collection::vec("(t[12] )?[a-z_]{0,8}( [ab])?( [a-z]{0,4}=[a-z0-9]{0,3})?", 0..8),
    ) {
        let steps: Vec<String> = steps.iter().map(|step| format!("\"{step}\"")).collect();
        let text = file(&format!("\"a: mutex\", \"b: rwlock\", \"{lock}\""), &steps.join(",\n"));
        if let Ok(cases) = parse(&text) {
            let _ = run::run(&text, &cases[0], run::Driver::Validator);
        }
    }
}
