//! Every case of the corpus through every driver that can run it; each is a test of its own.

use libtest_mimic::{Arguments, Failed, Trial};
use lockdep_core::scenario::run;
use lockdep_tests::corpus;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for file in corpus() {
        for case in file.cases {
            let name = format!("validator::{}::{}", file.name, case.name);
            let skipped = case.not.iter().any(|driver| driver == "validator");
            let text = file.text.clone();
            let test = move || {
                let result = run::run(&text, &case).map_err(|error| Failed::from(error.to_string()))?;
                if result.pass() { Ok(()) } else { Err(Failed::from(result.mismatches.join("; "))) }
            };
            trials.push(Trial::test(name, test).with_ignored_flag(skipped));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}
