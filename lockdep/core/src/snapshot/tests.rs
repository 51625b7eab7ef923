use super::*;
use insta::assert_snapshot;
use proptest::prelude::*;

const SAMPLE: &str = "\
lockdep graph v1

class Bdi::list_lock: mutex
class Folio::lock: map
class Inode::i_rwsem: rwlock
class Inode::i_rwsem/1: rwlock
class Mapping::i_pages: mutex
class Mapping::invalidate_lock: rwlock

Bdi::list_lock -> Mapping::i_pages: EN
Folio::lock -> Mapping::i_pages: EN
Inode::i_rwsem -> Inode::i_rwsem/1: EN
Inode::i_rwsem -> Mapping::i_pages: SN
Inode::i_rwsem -> Mapping::invalidate_lock: EN SN
Mapping::i_pages -> Bdi::list_lock: EN
Mapping::invalidate_lock -> Folio::lock: EN SN

cycle LD-7F3K2QX8
  Bdi::list_lock -EN-> Mapping::i_pages
  Mapping::i_pages -EN-> Bdi::list_lock
";

fn sample() -> GraphText {
    GraphText::parse(SAMPLE).expect("the sample is a graph")
}

/// A graph of `edges` without cycles, every class a mutex.
fn graph(edges: &[(&str, &str)]) -> GraphText {
    let mut graph = GraphText::default();
    for &(from, to) in edges {
        for label in [from, to] {
            graph.classes.insert(label.to_owned(), LockKind::Mutex);
        }
        graph.edges.insert((from.to_owned(), to.to_owned()), BTreeSet::from([DepKind::EN]));
    }
    graph
}

fn error(body: &str) -> String {
    GraphText::parse(&format!("lockdep graph v1\n{body}")).expect_err(body).to_string()
}

#[test]
fn a_text_is_written_as_it_was_read() {
    assert_eq!(sample().to_string(), SAMPLE);
}

#[test]
fn a_snapshot_is_read_as_what_it_keeps() {
    let snapshot = format!("---\nsource: tests/graphs.rs\n---\n{SAMPLE}");
    assert_eq!(GraphText::parse(&snapshot), Ok(sample()));
    let error = GraphText::parse(&snapshot.replace("EN SN", "EN SX")).expect_err("a kind that there is not");
    assert_eq!(error.line, SAMPLE.lines().position(|line| line.contains("EN SN")).map_or(0, |at| at as u32 + 4));
    assert_eq!(GraphText::parse("---\nno end").expect_err("no graph").line, 1);
}

#[test]
fn an_empty_graph_says_so() {
    assert_snapshot!(GraphText::default().to_string(), @r"
    lockdep graph v1

    cycles: none
    ");
}

#[test]
fn birth_site_labels_survive() {
    let mut graph = graph(&[("Vec<u8> (src/lib.rs)#2", "HashMap<K, (A, B)> (src\\win.rs)")]);
    graph.classes.insert("fn(u8) -> u8 (src/a.rs)".to_owned(), LockKind::Once);
    let text = graph.to_string();
    assert_snapshot!(text, @r"
    lockdep graph v1

    class HashMap<K, (A, B)> (src\\win.rs): mutex
    class Vec<u8> (src/lib.rs)#2: mutex
    class fn(u8) \-> u8 (src/a.rs): once

    Vec<u8> (src/lib.rs)#2 -> HashMap<K, (A, B)> (src\\win.rs): EN

    cycles: none
    ");
    assert_eq!(text.parse(), Ok(graph));
}

#[test]
fn every_error_names_its_line() {
    assert_eq!(GraphText::parse("").unwrap_err().to_string(), "line 1: expected `lockdep graph v1`");
    assert_eq!(GraphText::parse("\nlockdep graph v2").unwrap_err().line, 2);
    assert_snapshot!(error("class A: mutecks"), @"line 2: `mutecks` is not a kind of lock");
    assert_snapshot!(error("class A: mutex\nclass A: mutex"), @"line 3: class `A` is listed twice");
    assert_snapshot!(error("class A: mutex\nA -> B: EN"), @"line 3: no class line for `B`");
    assert_snapshot!(error("class A: mutex\nA -> A: EX"), @"line 3: `EX` is not a dependency kind (EN, ER, SN or SR)");
    assert_snapshot!(error("class A: mutex\nA -> A:"), @"line 3: a dependency has at least one kind (EN, ER, SN or SR)");
    assert_snapshot!(error("class A: mutex\nA -> A: EN\nclass B: mutex"), @"line 4: classes stand before edges and cycles");
    assert_snapshot!(error("cycle LD-1\n"), @"line 2: cycle LD-1 (line 2) has no edges");
    assert_snapshot!(
        error("class A: map\nclass B: map\ncycle LD-1\n  A -EN-> B\n"),
        @"line 5: cycle LD-1 (line 4) does not end at `A`, where it starts"
    );
    assert_snapshot!(
        error("hello"),
        @"line 2: expected `class LABEL: KIND`, `FROM -> TO: KINDS`, `cycle ID` or `cycles: none`"
    );
}

#[test]
fn a_diff_lists_what_came_and_went() {
    let old = sample();
    let mut new = old.clone();
    new.cycles.clear();
    new.classes.insert("Lru::lock".to_owned(), LockKind::Spin);
    new.edges.remove(&("Mapping::i_pages".to_owned(), "Bdi::list_lock".to_owned()));
    let kinds = BTreeSet::from([DepKind::EN, DepKind::ER]);
    new.edges.insert(("Folio::lock".to_owned(), "Mapping::i_pages".to_owned()), kinds);
    assert_snapshot!(old.diff(&new).to_string(), @r"
    + class Lru::lock: spin
    - Mapping::i_pages -> Bdi::list_lock: EN
    + Folio::lock -> Mapping::i_pages: ER
    - cycle LD-7F3K2QX8
    -   Bdi::list_lock -EN-> Mapping::i_pages
    -   Mapping::i_pages -EN-> Bdi::list_lock
    ");
    assert!(old.diff(&new).has_new());
    assert!(old.diff(&old).is_empty());
    assert!(!old.diff(&GraphText::default()).has_new());
}

#[test]
fn reduction_drops_what_a_longer_path_says() {
    let reduced = graph(&[("A", "B"), ("B", "C"), ("A", "C"), ("C", "D"), ("A", "D")]).reduce();
    assert_eq!(reduced.edges, graph(&[("A", "B"), ("B", "C"), ("C", "D")]).edges);
}

#[test]
fn reduction_keeps_every_edge_of_a_cycle() {
    let reduced = graph(&[("A", "B"), ("B", "A"), ("B", "C"), ("A", "C"), ("B", "B"), ("C", "D"), ("A", "D")]).reduce();
    assert_eq!(reduced.edges, graph(&[("A", "B"), ("B", "A"), ("B", "C"), ("A", "C"), ("B", "B"), ("C", "D")]).edges);
}

#[test]
fn a_filter_keeps_what_lies_within() {
    assert_snapshot!(sample().filter(&["Mapping::", "Folio::"]).to_string(), @r"
    lockdep graph v1

    class Folio::lock: map
    class Mapping::i_pages: mutex
    class Mapping::invalidate_lock: rwlock

    Folio::lock -> Mapping::i_pages: EN
    Mapping::invalidate_lock -> Folio::lock: EN SN

    cycles: none
    ");
}

#[test]
fn dot_shows_cycles_in_red_and_readers_dashed() {
    assert_snapshot!(sample().filter(&["Bdi", "Mapping::i_", "Inode::i_rwsem"]).to_dot(), @r#"
    digraph lockdep {
      node [shape=box];
      "Bdi::list_lock" [tooltip="mutex"];
      "Inode::i_rwsem" [tooltip="rwlock"];
      "Inode::i_rwsem/1" [tooltip="rwlock"];
      "Mapping::i_pages" [tooltip="mutex"];
      "Bdi::list_lock" -> "Mapping::i_pages" [label="EN", color=red, penwidth=2];
      "Inode::i_rwsem" -> "Inode::i_rwsem/1" [label="EN"];
      "Inode::i_rwsem" -> "Mapping::i_pages" [label="SN", style=dashed];
      "Mapping::i_pages" -> "Bdi::list_lock" [label="EN", color=red, penwidth=2];
    }
    "#);
}

#[test]
fn mermaid_shows_cycles_in_red_and_readers_dotted() {
    assert_snapshot!(sample().filter(&["Bdi", "Mapping::i_", "Inode::i_rwsem"]).to_mermaid(), @r#"
    flowchart TD
      n0["Bdi::list_lock"]
      n1["Inode::i_rwsem"]
      n2["Inode::i_rwsem/1"]
      n3["Mapping::i_pages"]
      n0 -->|EN| n3
      n1 -->|EN| n2
      n1 -.->|SN| n3
      n3 -->|EN| n0
      linkStyle 0,3 stroke:red,stroke-width:2px
    "#);
}

#[test]
fn mermaid_takes_no_label_for_its_own() {
    let chart = graph(&[("Vec<u8> (src/lib.rs)#2", "a\"b]\n`")]).to_mermaid();
    assert!(chart.contains(r#"["Vec#60;u8#62; (src/lib.rs)#35;2"]"#), "{chart}");
    assert!(chart.contains(r#"["a#34;b#93;#10;#96;"]"#), "{chart}");
}

/// Labels made of the pieces that could confuse the parser, and of anything else.
fn label() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("->".to_owned()),
        Just("-EN->".to_owned()),
        Just(": ".to_owned()),
        Just(" ".to_owned()),
        Just("\\".to_owned()),
        Just("\n".to_owned()),
        Just("class ".to_owned()),
        Just("cycle ".to_owned()),
        "[A-Za-z:<>(), #/0-9]{0,6}",
        any::<char>().prop_map(|c| c.to_string()),
    ];
    proptest::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

fn any_graph() -> impl Strategy<Value = GraphText> {
    let kinds = proptest::collection::btree_set(proptest::sample::select(&DepKind::ALL[..]), 1..4);
    let classes = proptest::collection::btree_map(label(), proptest::sample::select(&LockKind::ALL[..]), 1..8);
    let edges = proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), kinds), 0..12);
    let cycles = proptest::collection::vec(proptest::collection::vec(any::<prop::sample::Index>(), 1..4), 0..3);
    (classes, edges, cycles).prop_map(|(classes, edges, cycles)| {
        let labels: Vec<String> = classes.keys().cloned().collect();
        let at = |index: &prop::sample::Index| index.get(&labels).clone();
        let cycle = |nodes: &Vec<prop::sample::Index>| {
            let next = nodes.iter().cycle().skip(1);
            nodes.iter().zip(next).map(|(from, to)| (at(from), DepKind::SN, at(to))).collect()
        };
        GraphText {
            edges: edges.iter().map(|(from, to, kinds)| ((at(from), at(to)), kinds.clone())).collect(),
            cycles: cycles.iter().enumerate().map(|(id, nodes)| (format!("LD-{id:08}"), cycle(nodes))).collect(),
            classes,
        }
    })
}

proptest! {
    #[test]
    fn what_is_written_parses_back(graph in any_graph()) {
        prop_assert_eq!(GraphText::parse(&graph.to_string()), Ok(graph));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "(lockdep graph v1\n)?((class |  |cycle )?[AB ]{0,2}( -> | -EN-> )?[AB]?(: (EN|mutex))?\n|.{0,9}\n){0,8}") {
        let _ = GraphText::parse(&text);
    }
}
