//! The table of the kernel's orders: complete, and true where it says live.

use lockdep::core::hierarchy::{Hierarchy, Verdict};
use lockdep::core::mode::Want;
use pagecache::locks::ORDER;
use std::collections::{BTreeMap, BTreeSet};

const TABLE: &str = include_str!("../KERNEL_ORDERS.md");
const COMMENTS: [&str; 2] = [
    include_str!("../../lockdep/core/tests/orders/filemap-5.15.txt"),
    include_str!("../../lockdep/core/tests/orders/rmap-5.15.txt"),
];

const SCENARIOS: &str = include_str!("../../tests/scenarios/pagecache.toml");

/// The comments spell one lock in several ways.
const ALIASES: [(&str, &str); 17] = include!("../../lockdep/core/tests/orders/aliases.rs");

/// Kernel order, verdict, remark.
fn rows() -> BTreeMap<String, (String, String)> {
    let cells = |line: &str| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows = TABLE.lines().filter(|line| line.contains(" > ")).map(cells);
    rows.map(|row| (row[0].clone(), (row[1].clone(), row[2].clone()))).collect()
}

#[test]
fn every_order_of_both_comments_is_in_the_table() {
    let mut documented = BTreeSet::new();
    for text in COMMENTS {
        let order = Hierarchy::parse_kernel_comments(&[("", text)], &ALIASES).unwrap();
        documented.extend(order.pairs().into_iter().map(|(from, to)| format!("{from} > {to}")));
    }
    assert_eq!(rows().into_keys().collect::<BTreeSet<_>>(), documented);
}

#[test]
fn what_is_live_is_an_order_of_ours() {
    let order = Hierarchy::parse(ORDER).unwrap();
    let mut live = 0;
    for (kernel, (verdict, remark)) in rows() {
        if verdict == "live" {
            let (from, to) = remark.split_once(" -> ").unwrap();
            assert_eq!(order.check(from, to, Want::Write), Verdict::Declared, "{kernel}");
            live += 1;
        } else {
            assert!(["architecture", "not needed", "out of scope"].contains(&verdict.as_str()), "{kernel}: {verdict}");
            // What is not built is shown as a scenario, under the name that is given.
            for scenario in remark.split('`').skip(1).step_by(2).filter(|name| !name.contains('.')) {
                assert!(SCENARIOS.contains(&format!("name = \"{scenario}\"\n")), "{kernel}: {scenario}");
            }
        }
    }
    assert_eq!(live, 8);
}
