//! The lock orders that the kernel documents, read as they stand.

use lockdep_core::hierarchy::{Hierarchy, Rule, Verdict};
use lockdep_core::mode::Want;
use std::collections::BTreeSet;

const FILEMAP_5_15: &str = include_str!("orders/filemap-5.15.txt");
const RMAP_5_15: &str = include_str!("orders/rmap-5.15.txt");
const RMAP_7_2: &str = include_str!("orders/rmap-7.2.txt");

/// The comments spell one lock in several ways.
const ALIASES: [(&str, &str); 17] = include!("orders/aliases.rs");

#[test]
fn the_two_comments_of_5_15_contradict_each_other_in_one_pair() {
    let texts = [("filemap.c", FILEMAP_5_15), ("rmap.c", RMAP_5_15)];
    let errors = Hierarchy::parse_kernel_comments(&texts, &ALIASES).expect_err("they contradict each other");
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(errors.join("\n"), @"rmap.c:12:19: the declared order is a cycle: `private_lock` (filemap.c line 3) -> `swap_lock` (rmap.c line 12) -> `private_lock`");
}

#[test]
fn each_comment_alone_is_an_order() {
    let mut pairs = BTreeSet::new();
    for text in [FILEMAP_5_15, RMAP_5_15] {
        let order = Hierarchy::parse_kernel_comments(&[("", text)], &ALIASES).expect("an order");
        pairs.extend(order.pairs().into_iter().map(|(from, to)| format!("{from} > {to}")));
        assert_eq!(order.check("i_rwsem", "i_pages lock", Want::Write), Verdict::Declared);
        assert!(matches!(
            order.check("i_mmap_rwsem", "i_rwsem", Want::Write),
            Verdict::Contradicts { rule: Rule::Order, .. }
        ));
    }
    // Counted independently: 43 pairs over 21 names, the scope of hugetlbfs left out.
    pairs.retain(|pair| !pair.contains("hugetlbfs::"));
    assert_eq!(pairs.len(), 43);
    let names: BTreeSet<&str> = pairs.iter().flat_map(|pair| pair.split(" > ")).collect();
    assert_eq!(names.len(), 21);
}

#[test]
fn a_step_of_four_columns_is_one_level() {
    let order = Hierarchy::parse_kernel_comment(RMAP_7_2).expect("an order");
    assert!(order.pairs().contains(&("mapping->private_lock", "i_pages lock")));
    assert!(order.pairs().contains(&("i_pages lock", "lruvec->lru_lock")));
    assert!(order.pairs().contains(&("swap_lock", "inode->i_lock")));
    assert_eq!(order.check("vma_start_write", "swap_lock", Want::Write), Verdict::Declared);
}

#[test]
fn a_heading_opens_a_scope() {
    let order =
        Hierarchy::parse_kernel_comments(&[("rmap.c", RMAP_7_2)], &[("folio_lock", "page lock")]).expect("an order");
    assert!(order.pairs().contains(&("hugetlbfs::mapping->i_mmap_rwsem", "hugetlbfs::page lock")));
    assert!(order.pairs().contains(&("page lock", "hugetlbfs_i_mmap_rwsem_key")));
    assert_eq!(order.check("hugetlbfs::page lock", "page lock", Want::Write), Verdict::Undeclared);
}

#[test]
fn an_annotation_may_span_lines() {
    let order = Hierarchy::parse_kernel_comment(RMAP_7_2).expect("an order");
    let path = order.path("bdi.wb->list_lock", "i_pages lock").expect("declared");
    let note = path[0].note.as_deref().expect("annotated");
    assert!(note.starts_with("widely used, in set_page_dirty") && note.ends_with("__sync_single_inode"), "{note}");
}

#[test]
fn a_comment_may_be_pasted_with_its_leader() {
    let body: String = FILEMAP_5_15.lines().map(|line| format!(" * {line}\n")).collect();
    let pasted = format!("/*\n * Lock ordering:\n *\n{body} */\n");
    let (pasted, plain) = (Hierarchy::parse_kernel_comment(&pasted), Hierarchy::parse_kernel_comment(FILEMAP_5_15));
    assert_eq!(pasted.expect("an order").pairs(), plain.expect("an order").pairs());
}
