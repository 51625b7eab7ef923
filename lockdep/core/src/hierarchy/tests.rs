use super::*;
use crate::mode::Want;
use insta::assert_snapshot;
use proptest::prelude::*;

mod errors;

const PAGECACHE: &str = "\
lockdep order v1            # pagecache

Inode::i_rwsem                          (generic_perform_write)
  Mm::mmap_lock                         (fault_in_readable)
    Mapping::invalidate_lock            (filemap_fault)
      Folio::lock
        Mapping::i_pages

Inode::i_rwsem
  Mapping::invalidate_lock              (truncate_setsize)
    Mapping::i_mmap                     (unmap_mapping_range)
      Mm::page_table
        Mapping::i_pages

Bdi::list_lock
  Mapping::i_pages                      (writeback_single_inode)

leaf Mapping::i_pages                   # nothing below it, ever
nest Inode::i_rwsem by ino              # several at once, ascending key
nest Folio::lock by (mapping, index)
read Mapping::invalidate_lock below Mm::mmap_lock    # only shared mode there
apart Bdi::list_lock, Mm::mmap_lock     # not together, in either order
";

fn order(body: &str) -> Hierarchy {
    Hierarchy::parse(&format!("lockdep order v1\n{body}")).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn pairs(hierarchy: &Hierarchy) -> String {
    hierarchy.pairs().iter().map(|(from, to)| format!("{from} > {to}\n")).collect()
}

fn contradicts(line: u32, rule: Rule) -> Verdict {
    Verdict::Contradicts { line, rule }
}

#[test]
fn a_descendant_may_be_taken_under_any_ancestor() {
    let order = Hierarchy::parse(PAGECACHE).unwrap();
    assert_eq!(order.check("Inode::i_rwsem", "Mapping::i_pages", Want::Write), Verdict::Declared);
    assert_eq!(order.check("Mapping::i_mmap", "Mapping::i_pages", Want::Write), Verdict::Declared);
}

#[test]
fn the_opposite_of_a_declared_order_contradicts_the_line_that_declares_it() {
    let order = Hierarchy::parse(PAGECACHE).unwrap();
    assert_eq!(order.check("Folio::lock", "Inode::i_rwsem", Want::Write), contradicts(6, Rule::Order));
    assert_eq!(order.check("Mm::page_table", "Mapping::i_mmap", Want::Read), contradicts(12, Rule::Order));
    let path = order.path("Inode::i_rwsem", "Mm::page_table").unwrap();
    let path: Vec<String> = path.iter().map(|step| format!("{}:{} {:?}", step.line, step.to, step.note)).collect();
    assert_eq!(
        path,
        [
            "10:Mapping::invalidate_lock Some(\"truncate_setsize\")",
            "11:Mapping::i_mmap Some(\"unmap_mapping_range\")",
            "12:Mm::page_table None",
        ]
    );
}

#[test]
fn siblings_and_separate_trees_are_not_ordered() {
    let order = Hierarchy::parse(PAGECACHE).unwrap();
    assert_eq!(order.check("Mapping::i_mmap", "Folio::lock", Want::Write), Verdict::Undeclared);
    assert_eq!(order.check("Bdi::list_lock", "Folio::lock", Want::Write), Verdict::Undeclared);
}

#[test]
fn a_class_the_file_never_names_is_unknown() {
    let order = Hierarchy::parse(PAGECACHE).unwrap();
    assert_eq!(order.check("Folio::lock", "Lru::lock", Want::Write), Verdict::Unknown);
    assert_eq!(order.closest("Mapping::i_page"), Some("Mapping::i_pages"));
    assert_eq!(order.closest("i_rwsem"), Some("Inode::i_rwsem"));
    assert_eq!(order.closest("Lru::lock_of_a_zone"), None);
}

#[test]
fn nothing_is_taken_under_a_leaf() {
    let order = Hierarchy::parse(PAGECACHE).unwrap();
    assert_eq!(order.check("Mapping::i_pages", "Lru::lock", Want::Write), contradicts(18, Rule::Leaf));
    assert_eq!(order.check("Mapping::i_pages", "Folio::lock", Want::Write), contradicts(18, Rule::Leaf));
}

#[test]
fn a_class_nests_in_itself_only_if_the_file_says_so() {
    let order = Hierarchy::parse(PAGECACHE).unwrap();
    assert_eq!(order.check("Folio::lock", "Folio::lock", Want::Write), Verdict::Declared);
    assert_eq!(order.check("Inode::i_rwsem", "Inode::i_rwsem/1", Want::Write), Verdict::Declared);
    assert_eq!(order.check("Mapping::i_mmap", "Mapping::i_mmap/1", Want::Write), Verdict::Unknown);
    assert_eq!(order.check("Mapping::i_pages", "Mapping::i_pages", Want::Write), Verdict::Unknown);
    assert_eq!(order.nest_key("Folio::lock"), Some("(mapping, index)"));
}

#[test]
fn a_subclass_is_its_class_unless_the_file_names_it() {
    let order = order("A\n  A/1\n    B\n");
    assert_eq!(order.check("A", "A/1", Want::Write), Verdict::Declared);
    assert_eq!(order.check("A/1", "A", Want::Write), contradicts(3, Rule::Order));
    assert_eq!(order.check("A", "B/7", Want::Write), Verdict::Declared);
    assert_eq!(order.check("A/2", "A/1", Want::Write), Verdict::Declared);
}

#[test]
fn a_read_rule_forbids_every_exclusive_want() {
    let order = Hierarchy::parse(PAGECACHE).unwrap();
    let check = |want| order.check("Mm::mmap_lock", "Mapping::invalidate_lock", want);
    for want in [Want::Read, Want::RecursiveRead, Want::Upgradable] {
        assert_eq!(check(want), Verdict::Declared);
    }
    for want in [Want::Write, Want::Upgrade] {
        assert_eq!(check(want), contradicts(21, Rule::Read));
    }
    assert_eq!(order.check("Inode::i_rwsem", "Mapping::invalidate_lock", Want::Write), Verdict::Declared);
}

#[test]
fn a_read_rule_declares_what_no_tree_does() {
    let order = order("A\n\nB\n  C\n\nread A below C\n");
    assert_eq!(order.check("B", "A", Want::Write), Verdict::Declared);
    assert_eq!(order.check("C", "A", Want::Read), Verdict::Declared);
    assert_eq!(order.check("C", "A", Want::Write), contradicts(7, Rule::Read));
    assert_eq!(order.check("A", "B", Want::Read), contradicts(7, Rule::Order));
}

#[test]
fn classes_apart_are_never_together() {
    let order = Hierarchy::parse(PAGECACHE).unwrap();
    assert_eq!(order.check("Mm::mmap_lock", "Bdi::list_lock", Want::Write), contradicts(22, Rule::Apart));
    assert_eq!(order.check("Bdi::list_lock", "Mm::mmap_lock", Want::Read), contradicts(22, Rule::Apart));
}

#[test]
fn alternatives_share_one_rank() {
    let order = order("A, B\n  C or D  (where,\n    ever (so))\n    E\n");
    assert_snapshot!(pairs(&order), @r"
    A > C
    A > D
    B > C
    B > D
    C > E
    D > E
    ");
    assert_eq!(order.check("C", "D", Want::Write), Verdict::Undeclared);
}

#[test]
fn only_comparisons_of_columns_matter() {
    assert_eq!(pairs(&order("A\n      B\n        C\n   D\n\n    E\n  F\n")), "A > B\nA > D\nB > C\n");
}

#[test]
fn names_may_be_anything_in_backquotes() {
    let order = order("`Vec<u8> (src/lib.rs)#2`\n  ->`HashMap<K, V>` # why\nleaf pool\n\nleaf\n\npool\nopen files\n");
    assert_eq!(order.check("Vec<u8> (src/lib.rs)#2", "HashMap<K, V>", Want::Write), Verdict::Declared);
    assert_eq!(
        order.classes().collect::<Vec<_>>(),
        ["HashMap<K, V>", "Vec<u8> (src/lib.rs)#2", "leaf", "open files", "pool"]
    );
}

#[test]
fn an_alias_is_its_class_everywhere() {
    let order = order("A\n  lock_page\n\nfolio_lock\n  B\n\nalias lock_page = folio_lock\nclosed\n");
    assert_eq!(order.check("A", "B", Want::Write), Verdict::Declared);
    assert_eq!(order.check("B", "lock_page/1", Want::Write), contradicts(6, Rule::Order));
    assert!(order.is_closed());
    assert_eq!(order.classes().collect::<Vec<_>>(), ["A", "B", "folio_lock"]);
}

/// Orders for each of which one witness speaks.
fn observed<'a>(pairs: &[(&'a str, &'a str)]) -> Vec<Observed<'a>> {
    pairs.iter().map(|&(held, taken)| Observed { held, taken, weight: 1, at: None }).collect()
}

/// Pieces that protect each other; the knight's fork is the odd one out.
fn game() -> Vec<Observed<'static>> {
    let order = |held, taken, weight, at: &str| Observed { held, taken, weight, at: Some(at.to_owned()) };
    vec![
        order("Board", "King", 4, "castle"),
        order("Board", "Rook", 4, "castle"),
        order("King", "Rook", 3, "castle"),
        order("Rook", "Knight", 2, "guard"),
        order("Knight", "Rook", 1, "fork (twice)"),
        order("Clock", "Knight", 1, "tick"),
        order("Clock", "Pawn", 1, "tick"),
    ]
}

#[test]
fn a_draft_declares_what_was_observed_and_tells_what_contradicts_it() {
    let text = Hierarchy::draft(&game());
    assert_snapshot!(text, @r"
    lockdep order v1

    # A class may be taken while one that it stands under is held. `closed`: other orders of these classes are findings;
    # without it, only opposite orders are.
    closed

    Board
      King                                  (castle)
        Rook                                (castle)
          Knight                            (guard)

    Clock
      Knight                                (tick)
      Pawn                                  (tick)

    # contradicts: Knight -> Rook  (fork twice)
    ");
    let hierarchy = Hierarchy::parse(&text).unwrap();
    assert!(hierarchy.is_closed());
    assert_eq!(hierarchy.check("Board", "Knight", Want::Write), Verdict::Declared);
    assert!(matches!(hierarchy.check("Knight", "Rook", Want::Write), Verdict::Contradicts { .. }));
    assert_eq!(hierarchy.with_observed(&text, &game()), text, "a draft is complete");
}

#[test]
fn a_kernel_comment_reads_back_as_what_was_observed() {
    let text = Hierarchy::kernel_comment(&game());
    assert_snapshot!(text, @r"
    /*
     * Lock ordering:
     *
     *  ->Board
     *    ->King                              (castle)
     *      ->Rook                            (castle)
     *        ->Knight                        (guard)
     *
     *  ->Clock
     *    ->Knight                            (tick)
     *    ->Pawn                              (tick)
     */
    ");
    let lines: Vec<&str> = text.lines().collect();
    let comment = lines[2..lines.len() - 1].join("\n");
    let (kernel, draft) = (Hierarchy::parse_kernel_comment(&comment), Hierarchy::parse(&Hierarchy::draft(&game())));
    assert_eq!(kernel.unwrap().pairs(), draft.unwrap().pairs());
}

#[test]
fn a_chain_of_ten_thousand_classes_is_one_tree() {
    let names: Vec<String> = (0..10_000).map(|number| format!("C{number:05}")).collect();
    let pairs: Vec<_> = names.windows(2).map(|pair| (pair[0].as_str(), pair[1].as_str())).collect();
    assert_eq!(Hierarchy::draft(&observed(&pairs)).lines().filter(|line| line.trim().starts_with('C')).count(), 10_000);
}

#[test]
fn what_was_observed_is_appended_for_somebody_to_place() {
    let hierarchy = order("A\n  B\nleaf B\n");
    let pairs = [("A", "B"), ("A/1", "C"), ("B", "A"), ("B", "C"), ("C", "Vec<u8> (x.rs)"), ("C", "A")];
    let text = hierarchy.with_observed("lockdep order v1\nA\n  B\nleaf B\n", &observed(&pairs));
    assert_snapshot!(text, @r"
    lockdep order v1
    A
      B
    leaf B

    # observed, please place
    # contradicts: B -> A
    # contradicts: B -> C
    # contradicts: C -> A

    A
      C
        `Vec<u8> (x.rs)`
    ");
    let again = Hierarchy::parse(&text).unwrap();
    assert_eq!(again.with_observed(&text, &observed(&pairs)), text, "what is appended once is not appended again");
    assert_eq!(hierarchy.with_observed("as it is", &observed(&[("A", "B")])), "as it is");
}

#[test]
fn a_hierarchy_writes_itself() {
    assert_snapshot!(Hierarchy::parse(PAGECACHE).unwrap().to_string(), @r"
    lockdep order v1

    Bdi::list_lock
      Mapping::i_pages

    Folio::lock
      Mapping::i_pages

    Inode::i_rwsem
      Mapping::invalidate_lock
      Mm::mmap_lock

    Mapping::i_mmap
      Mm::page_table

    Mapping::invalidate_lock
      Folio::lock
      Mapping::i_mmap

    Mm::mmap_lock
      Mapping::invalidate_lock

    Mm::page_table
      Mapping::i_pages

    apart Mm::mmap_lock, Bdi::list_lock
    leaf Mapping::i_pages
    nest Folio::lock by (mapping, index)
    nest Inode::i_rwsem by ino
    read Mapping::invalidate_lock below Mm::mmap_lock
    ");
}

#[test]
fn a_thousand_classes_are_closed() {
    let body: String = (0..2000).map(|depth| format!("{}c{depth}\n", " ".repeat(depth))).collect();
    let order = order(&body);
    assert_eq!(order.check("c0", "c1999", Want::Write), Verdict::Declared);
    assert_eq!(order.check("c1999", "c0", Want::Write), contradicts(2001, Rule::Order));
}

fn same(a: &Hierarchy, b: &Hierarchy) -> bool {
    a.pairs() == b.pairs() && a.classes().eq(b.classes()) && a.directives() == b.directives() && a.closed == b.closed
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text in "(lockdep order v1\n)?(\\PC{0,12}\n|[ \t]{0,3}(->|\\*)?[AB`,(#)é]{0,3}( or |,| by | below | = )?[AB/1]?( \\(|\\))?\n|(leaf|nest|read|apart|alias|closed) [AB]( by | below | = |, )?[AB]?\n){0,10}") {
        for parsed in [Hierarchy::parse(&text), Hierarchy::parse_kernel_comment(&text)] {
            match parsed {
                Ok(hierarchy) => {
                    let _ = hierarchy.check("A", "B", Want::Write);
                    let _ = hierarchy.to_string();
                }
                Err(errors) => for error in errors {
                    prop_assert!(text.get(error.span.clone()).is_some(), "{error:?}");
                    prop_assert!(error.line > 0 && error.column > 0);
                },
            }
        }
    }

    #[test]
    fn what_is_written_declares_the_same(
        names in proptest::collection::btree_set("[A-Za-z<>(), #/0-9=*\u{a0}\t-]{1,8}|(leaf|a or|x by|or|->) ?[ab]{0,2}", 2..7),
        pairs in proptest::collection::vec((0usize..6, 0usize..6), 0..9),
        closed: bool,
    ) {
        let names: Vec<String> = names.into_iter().collect();
        let mut body = String::from(if closed { "closed\n" } else { "" });
        for (a, b) in pairs {
            let (a, b) = (a.min(b) % names.len(), a.max(b) % names.len());
            if a < b {
                body.push_str(&format!("\n`{}`\n `{}`\n\nnest `{}` by k\n", names[a], names[b], names[b]));
            }
        }
        let hierarchy = order(&body);
        let written = hierarchy.to_string();
        let again = Hierarchy::parse(&written);
        prop_assert!(again.as_ref().is_ok_and(|again| same(&hierarchy, again)), "{written}\n{again:?}");
    }

    #[test]
    fn whatever_was_observed_the_result_is_an_order_file(
        observed in proptest::collection::vec(("[AB](/1)?|[a`<,( ]{0,3}", "[AB](/1)?|[a`<,( ]{0,3}"), 0..8),
        body in proptest::sample::select(vec!["", "A\n  B\n", "B\nA\nleaf A\n", "A\n\nB\n\nread A below B", "A\n  B\n    A/1"]),
    ) {
        let text = format!("lockdep order v1\n{body}");
        let hierarchy = Hierarchy::parse(&text).unwrap();
        let pairs: Vec<_> = observed.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
        let written = hierarchy.with_observed(&text, &super::tests::observed(&pairs));
        let again = Hierarchy::parse(&written);
        prop_assert!(again.is_ok(), "{written}\n{again:?}");
        let again = again.unwrap();
        for (from, to) in pairs {
            prop_assert_ne!(again.check(from, to, Want::Read), Verdict::Undeclared, "{}", written);
        }
    }
}
