//! The workload, checked: every word that is read was written there.

use lockdep::core::finding::Grade;
use pagecache::workload::{Options, run};

#[test]
fn four_threads_on_two_types_of_files_read_only_what_was_written() {
    for seed in 0..4 {
        let tally = run(Options { threads: 4, operations: 500, seed, inversion: false });
        assert!(tally.read > 0 && tally.written > 0 && tally.invalidations > 0, "seed {seed}: {tally:?}");
    }
    let sure: Vec<_> = lockdep::findings().into_iter().filter(|finding| finding.grade >= Grade::Suspect).collect();
    assert!(sure.is_empty(), "{}", sure[0]);
}
