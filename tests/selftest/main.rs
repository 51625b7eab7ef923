//! Every case of the corpus through every driver that can run it; each is a test of its own.

use libtest_mimic::{Arguments, Failed, Trial};
use lockdep_core::finding::Code;
use lockdep_core::scenario::Case;
use lockdep_core::scenario::run::{Driver, compare, run};
use lockdep_tests::corpus;

/// How a driver runs a case: what must come and did not, or came and must not.
type Drive = fn(&str, &Case) -> Result<Vec<String>, String>;

const DRIVERS: [(&str, Drive); 4] = [
    ("validator", |text, case| core(text, case, Driver::Validator)),
    ("log", |text, case| core(text, case, Driver::Log)),
    ("naive", |text, case| core(text, case, Driver::Naive)),
    ("live", |_, case| lockdep::scenario::run(case).map(|findings| compare(case, &findings))),
];

fn core(text: &str, case: &Case, driver: Driver) -> Result<Vec<String>, String> {
    run(text, case, driver).map(|result| result.mismatches).map_err(|error| error.to_string())
}

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for file in corpus() {
        for case in file.cases {
            for (driver, drive) in DRIVERS {
                let name = format!("{driver}::{}::{}", file.name, case.name);
                let skipped = case.not.iter().any(|not| not == driver);
                let (text, case) = (file.text.clone(), case.clone());
                let test = move || match drive(&text, &case)? {
                    mismatches if mismatches.is_empty() => Ok(()),
                    mismatches => Err(Failed::from(mismatches.join("; "))),
                };
                trials.push(Trial::test(name, test).with_ignored_flag(skipped));
            }
        }
    }
    trials.push(Trial::test("a_lock_that_guards_nothing_is_not_lost", a_lock_that_guards_nothing_is_not_lost));
    libtest_mimic::run(&arguments, trials).exit();
}

/// The silent neighbour of `guard-lost`, which the language cannot say: it leaves unlisted Suspects alone.
fn a_lock_that_guards_nothing_is_not_lost() -> Result<(), Failed> {
    let excuses = corpus().into_iter().find(|file| file.name == "excuses").ok_or("the file is there")?;
    let case = excuses.cases.iter().find(|case| case.name == "no-guard-no-guard-lost").ok_or("the case is there")?;
    let result = run(&excuses.text, case, Driver::Validator).map_err(|error| Failed::from(error.to_string()))?;
    let lost = result.findings.iter().any(|finding| finding.code == Code::GuardLost);
    if lost { Err("one side alone cannot lose a guard".into()) } else { Ok(()) }
}
