//! The kernel's cases as scenarios: the file is what the converter makes of the data, and nothing is left out silently.
#![allow(clippy::print_stdout, reason = "the counts are for people")]

use lockdep_tests::kernel::convert;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/kernel-selftest.json");
const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/kernel.toml");

#[test]
fn the_scenarios_are_what_the_converter_makes_of_the_data() {
    let data = std::fs::read_to_string(DATA).expect("the data is checked in");
    let converted = convert(&data);
    if std::env::var_os("LOCKDEP_TESTS_UPDATE").is_some() {
        std::fs::write(SCENARIOS, &converted.text).expect("the file can be written");
    }
    let checked_in = std::fs::read_to_string(SCENARIOS).expect("the file is checked in");
    assert!(checked_in == converted.text, "scenarios/kernel.toml is not what the converter makes; see its first line");
    println!("{} cases of the kernel, {} left out:", converted.cases, converted.excluded.len());
    converted.excluded.iter().for_each(|(name, reason)| println!("  {name}: {reason}"));
    assert_eq!((converted.cases, converted.excluded.len()), (379, 34));
    assert!(converted.excluded.iter().all(|(name, _)| name.contains("ww")), "only wound/wait locks are left out");
}
