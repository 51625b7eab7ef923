//! The laws of merging: whatever the order of the logs, and however often one is read, the findings are the same.

use lockdep_core::finding::Finding;
use lockdep_core::log::merge;
use lockdep_tests::oracle::program::{Program, Random};
use proptest::prelude::*;

/// One log per thread of a random program, as if each had been a process.
fn logs(seed: u64) -> Vec<(String, String)> {
    let program = Program::random(&mut Random::new(seed));
    let processes = program.threads.iter().enumerate().map(|(number, thread)| {
        let alone = Program { locks: program.locks.clone(), threads: vec![thread.clone()] };
        let name = format!("process-{number}");
        let log = alone.run_serially().expect("a thread alone does not block").log();
        (name.clone(), log.replacen("\"scenario\"", &format!("\"{name}\""), 1))
    });
    processes.collect()
}

fn findings(logs: Vec<(String, String)>) -> (usize, Vec<Finding>) {
    let merged = merge(logs);
    assert_eq!(merged.warnings, []);
    (merged.processes, merged.engine.findings(&merged.registry))
}

proptest! {
    #[test]
    fn logs_merge_in_any_order(seed: u64, shuffle in any::<prop::sample::Index>()) {
        let logs = logs(seed);
        let mut other = logs.clone();
        other.rotate_left(shuffle.index(logs.len()));
        other.swap(0, shuffle.index(logs.len()));
        prop_assert_eq!(findings(logs), findings(other));
    }

    #[test]
    fn a_log_that_is_read_twice_counts_once(seed: u64) {
        let once = logs(seed);
        let twice: Vec<_> = once.iter().chain(&once).cloned().collect();
        prop_assert_eq!(merge(once.clone()).processes, merge(twice.clone()).processes);
        let ids = |logs| -> Vec<String> {
            let merged = merge(logs);
            merged.engine.findings(&merged.registry).into_iter().map(|finding| finding.id).collect()
        };
        prop_assert_eq!(ids(once), ids(twice));
    }

    #[test]
    fn more_logs_take_no_finding_away(seed: u64) {
        let all = logs(seed);
        let (_, every) = findings(all.clone());
        let (_, fewer) = findings(all[1..].to_vec());
        for finding in fewer.iter().filter(|finding| finding.cycle.len() == 2) {
            let kept = every.iter().any(|kept| kept.classes == finding.classes && kept.grade >= finding.grade);
            prop_assert!(kept, "{finding}");
        }
    }
}
