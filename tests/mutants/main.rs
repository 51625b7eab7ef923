//! Each rule of the engine, switched off, makes at least one case of the corpus fail.

use lockdep_core::rule::without;
use lockdep_core::scenario::run::{Driver, run};
use lockdep_tests::{Corpus, corpus};
use std::panic::catch_unwind;

const RULES: [&str; 24] = [
    "a class that was reached weakly is reached again strongly",
    "a gate is one instance",
    "a lock of the cycle can be a gate",
    "a nest lock is held",
    "a nest lock serialises",
    "a queued writer must exist",
    "a try has no incoming edge",
    "an excused cycle does not end the search",
    "another may send",
    "gates",
    "levels of a class are apart",
    "lost guards",
    "novalidate",
    "one instance is one lock",
    "one thread is in no order with itself",
    "ranks are an order",
    "ranks ascend",
    "readers are no gate",
    "readers pass writers that cannot queue",
    "short waits end",
    "spawn and join order",
    "strong paths",
    "unnamed classes are doubted",
    "wait types",
];

/// The cases that do not come out as they must.
fn failures(corpus: &[Corpus]) -> Vec<String> {
    let cases = corpus.iter().flat_map(|file| file.cases.iter().map(move |case| (file, case)));
    let fails = cases.filter(|(file, case)| {
        let result = catch_unwind(|| run(&file.text, case, Driver::Validator));
        !matches!(result, Ok(Ok(result)) if result.pass())
    });
    fails.map(|(file, case)| format!("{}::{}", file.name, case.name)).collect()
}

#[test]
fn every_rule_is_missed_when_it_is_off() {
    let corpus = corpus();
    assert_eq!(failures(&corpus), [""; 0]);
    let mut unmissed = Vec::new();
    for rule in RULES {
        let failed = without(rule, || failures(&corpus));
        if failed.is_empty() {
            unmissed.push(rule);
        }
    }
    assert_eq!(unmissed, [""; 0], "no case fails without these");
}

#[test]
fn the_list_has_every_rule_of_the_engine() {
    let core = concat!(env!("CARGO_MANIFEST_DIR"), "/../lockdep/core/src");
    let mut named = Vec::new();
    for folder in [core.to_owned(), format!("{core}/check")] {
        for entry in std::fs::read_dir(folder).expect("the engine's source is beside this crate") {
            let path = entry.expect("a readable folder").path();
            if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("rule.rs") {
                let text = std::fs::read_to_string(path).expect("a readable file");
                let rules = text.split("rule!(").skip(1).filter_map(|rest| rest.split('"').nth(1));
                named.extend(rules.map(str::to_owned));
            }
        }
    }
    named.sort();
    named.dedup();
    assert_eq!(named, RULES);
}
