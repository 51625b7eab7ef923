//! The book: how to start, how to name classes, how to document an order and keep it, what a report says, and what it proves.
//!
//! Every command in it is run by a test in a workspace of five crates and fifty locks (`tests/projects/jobserver`); every
//! program is one.

macro_rules! chapters {
    ($($(#[$about:meta])* $name:ident: $file:literal;)*) => {
        $($(#[$about])* #[doc = include_str!($file)] pub mod $name {})*
    };
}

chapters! {
    /// Five minutes.
    start: "start.md";
    /// Naming classes.
    naming: "naming.md";
    /// Order files.
    order: "order.md";
    /// Graphs as snapshots.
    snapshots: "snapshots.md";
    /// Continuous integration.
    ci: "ci.md";
    /// Reading a report.
    reports: "reports.md";
    /// What is proved, and what is not.
    proofs: "proofs.md";
    /// Other checkers.
    comparison: "comparison.md";
}
