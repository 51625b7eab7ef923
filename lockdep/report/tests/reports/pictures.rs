//! Graphs as pictures and pages.

use super::assert_report;
use lockdep_core::snapshot::{GraphDetail, GraphText};
use lockdep_report::background::Background;
use lockdep_report::html::{self, Page};
use lockdep_report::names::Names;
use lockdep_report::source::Sources;
use lockdep_report::svg;

const GRAPH: &str = "\
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
Inode::i_rwsem -> Mapping::invalidate_lock: EN SN
Mapping::i_pages -> Bdi::list_lock: EN
Mapping::invalidate_lock -> Folio::lock: SN

cycle LD-7F3K2QX8
  Bdi::list_lock -EN-> Mapping::i_pages
  Mapping::i_pages -EN-> Bdi::list_lock
";

fn graph() -> GraphText {
    GRAPH.parse().expect("a graph")
}

fn page(detail: &GraphDetail, title: &str) -> String {
    let page = Page { title, detail, findings: &[], summary: None };
    html::render(page, &mut Background::new(Sources::none()))
}

#[test]
fn a_picture_shows_cycles_in_red_and_readers_dashed() {
    let svg = svg::render(&graph());
    assert_eq!(svg.matches("class=\"cycle\" d=").count(), 2);
    assert_eq!(svg.matches("class=\"shared\" d=").count(), 1);
    assert_report("svg", &svg);
}

#[test]
fn an_empty_graph_is_a_picture_too() {
    assert!(svg::render(&GraphText::default()).contains("0 classes"));
    assert!(page(&GraphDetail::default(), "empty").contains("\"classes\":[]"));
}

#[test]
fn unnamed_classes_are_drawn_by_name() {
    let names = Names::default().with("Bdi::list_lock", "BACKING: Mutex<Bdi>");
    let svg = svg::render(&names.in_graph(&graph()));
    assert!(svg.contains(">BACKING: Mutex&lt;Bdi&gt;</text>") && !svg.contains("Bdi::list_lock"), "{svg}");
}

#[test]
fn labels_break_out_of_no_picture_and_no_page() {
    let mut graph = graph();
    let evil = "</script><script>alert(1)</script>\u{1b}[2J\"'&".to_owned();
    graph.classes.insert(evil.clone(), lockdep_core::class::LockKind::Mutex);
    let svg = svg::render(&graph);
    assert!(!svg.contains("<script") && !svg.contains('\u{1b}'), "{svg}");
    let html = page(&GraphDetail::from(graph), &evil);
    assert_eq!(html.matches("<script").count(), 2, "the data and the page's own");
    assert_eq!(html.matches("alert(1)</").count(), 0);
}

#[test]
fn a_page_loads_nothing() {
    let html = page(&GraphDetail::from(graph()), "graph");
    for needle in ["http://", "https://", "src=", "@import", "fetch(", "XMLHttpRequest", "innerHTML"] {
        assert!(!html.contains(needle), "{needle}");
    }
    assert!(html.contains("default-src 'none'"));
}
