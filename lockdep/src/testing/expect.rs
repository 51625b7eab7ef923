//! Assertions on what a piece of a test did with its locks.

use super::{isolated, scope};
use crate::facade::chosen::IS_ON;
use lockdep_core::finding::{Code, Finding, Grade};
use lockdep_core::snapshot::{GraphDiff, GraphText};

/// The lock graph of what the body does, for a snapshot of it. Its facts also reach the graph of the process.
///
/// The text has no line numbers, counts, threads or addresses, so it changes when the order of locks does and not otherwise:
///
/// ```
/// use lockdep::parking_lot::Mutex;
/// lockdep::lock_classes! { ROOK = "Board::rook"; KNIGHT = "Board::knight"; }
///
/// let (rook, knight) = (Mutex::named(&ROOK, 'r'), Mutex::named(&KNIGHT, 64));
/// let graph = lockdep::testing::graph(|| {
///     let _both = (rook.lock(), knight.lock());
/// });
/// # if lockdep::ENABLED {
/// // In a project of your own: insta::assert_snapshot!(graph)
/// assert!(graph.to_string().contains("Board::rook -> Board::knight: EN"));
/// # }
/// ```
///
/// Snapshot sequential scenarios, one by one. What threads do at the same time may differ from run to run; for the
/// graph of a whole suite there is [`assert_subset_of`].
#[must_use]
pub fn graph(body: impl FnOnce()) -> GraphText {
    let scope = scope();
    body();
    scope.graph()
}

/// Asserts that a graph has nothing that a recorded one has not: no class, no dependency, no cycle. What was not seen this
/// time may be missing. The record is a graph text, or a snapshot that insta has written of one.
///
/// ```
/// use lockdep::parking_lot::Mutex;
/// use lockdep::testing::{assert_subset_of, graph};
/// lockdep::lock_classes! { ROOK = "Board::rook"; KNIGHT = "Board::knight"; }
///
/// const RECORDED: &str = "\
/// lockdep graph v1
///
/// class Board::knight: mutex
/// class Board::rook: mutex
///
/// Board::rook -> Board::knight: EN
///
/// cycles: none
/// ";
/// let (rook, knight) = (Mutex::named(&ROOK, 'r'), Mutex::named(&KNIGHT, 64));
/// assert_subset_of(&graph(|| drop((rook.lock(), knight.lock()))), RECORDED);
/// assert_subset_of(&graph(|| drop(rook.lock())), RECORDED);
/// ```
///
/// # Panics
///
/// With the lines that are new, or if the record is no graph.
#[track_caller]
pub fn assert_subset_of(graph: &GraphText, recorded: &str) {
    let recorded = match GraphText::parse(recorded) {
        Ok(recorded) => recorded,
        Err(error) => panic!("the recorded graph cannot be read: {error}"),
    };
    let GraphDiff { new_classes, new_edges, new_cycles, .. } = recorded.diff(graph);
    let new = GraphDiff { new_classes, new_edges, new_cycles, ..GraphDiff::default() };
    assert!(new.is_empty(), "the lock graph has what was not recorded; if that is right, record it again:\n{new}");
}

/// Does what the body says in a scope of its own, isolated, and asserts that the findings that are not excused have these
/// codes, in any order. What [`expect!`](crate::expect) calls.
///
/// # Panics
///
/// With the reports, if the codes are others. Never where nothing is checked: then nothing is found, and nothing returned.
#[track_caller]
pub fn expect(codes: &[Code], body: impl FnOnce()) -> Vec<Finding> {
    let scope = isolated();
    body();
    let mut findings = scope.findings();
    findings.retain(|finding| finding.grade > Grade::Excused);
    let mut found: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
    let mut expected = codes.to_vec();
    found.sort_unstable();
    expected.sort_unstable();
    if IS_ON && found != expected {
        let list = |codes: &[Code]| codes.iter().map(|code| code.name()).collect::<Vec<_>>().join(", ");
        let reports: String = findings.iter().map(|finding| format!("\n{finding}")).collect();
        panic!("expected [{}], found [{}]{reports}", list(&expected), list(&found));
    }
    findings
}

/// Asserts what is found in a piece of code, and returns the findings. They stay in the test: neither the graph of the process
/// nor any sink hears of them. An excused finding does not count.
///
/// ```
/// use lockdep::parking_lot::Mutex;
///
/// let (rook, knight) = (Mutex::new('r'), Mutex::new(64));
/// let found = lockdep::expect!([Inversion] {
///     drop((rook.lock(), knight.lock()));
///     drop((knight.lock(), rook.lock()));
/// });
/// # if lockdep::ENABLED {
/// assert_eq!(found[0].cycle.len(), 2);
/// # }
/// lockdep::expect!([] {
///     drop((rook.lock(), knight.lock()));
/// });
/// assert!(lockdep::findings().is_empty());
/// ```
#[macro_export]
macro_rules! expect {
    ([$($code:ident),* $(,)?] $body:block) => {
        $crate::testing::expect(&[$($crate::core::finding::Code::$code),*], || $body)
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parking_lot::Mutex;

    crate::lock_classes! { ROOK = "Board::rook"; KNIGHT = "Board::knight"; }

    #[test]
    #[should_panic(expected = "expected [], found [inversion]\nerror[lockdep::inversion]: taking `Board::")]
    fn what_was_not_expected_panics_with_its_report() {
        let (rook, knight) = (Mutex::named(&ROOK, ()), Mutex::named(&KNIGHT, ()));
        crate::expect!([] {
            drop((rook.lock(), knight.lock()));
            drop((knight.lock(), rook.lock()));
        });
    }

    #[test]
    #[should_panic(expected = "expected [recursion], found []")]
    fn what_was_expected_and_did_not_come_panics() {
        crate::expect!([Recursion] {});
    }

    #[test]
    #[should_panic(expected = "record it again:\n+ class Board::knight: mutex\n+ Board::rook -> Board::knight: EN")]
    fn a_new_dependency_is_no_part_of_the_record() {
        let (rook, knight) = (Mutex::named(&ROOK, ()), Mutex::named(&KNIGHT, ()));
        let graph = graph(|| drop((rook.lock(), knight.lock())));
        assert_subset_of(&graph, "lockdep graph v1\n\nclass Board::rook: mutex\nclass Board::queen: mutex\n");
    }

    #[test]
    #[should_panic(expected = "cannot be read: line 1: expected `lockdep graph v1`")]
    fn a_record_that_is_no_graph_is_told() {
        assert_subset_of(&GraphText::default(), "digraph {}");
    }
}
