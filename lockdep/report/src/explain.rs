//! A page for every code: the wrong program, the right one, what is proved and what is not, how to fix it. The programs of
//! the pages are tests.

use lockdep_core::finding::Code;

macro_rules! pages {
    ($($Code:ident: $file:literal;)*) => {
        /// The page of a code in Markdown, with the lines of its programs that rustdoc hides.
        #[must_use]
        pub fn page(code: Code) -> &'static str {
            match code {
                $(Code::$Code => include_str!(concat!("explain/", $file, ".md")),)*
            }
        }

        $(#[cfg(doctest)]
        #[doc = include_str!(concat!("explain/", $file, ".md"))]
        struct $Code;)*
    };
}

pages! {
    Inversion: "inversion";
    SelfDeadlock: "self-deadlock";
    Recursion: "recursion";
    WrongNest: "wrong-nest";
    Hierarchy: "hierarchy";
    Undeclared: "undeclared";
    Context: "context";
    WaitType: "wait-type";
    BadRelease: "bad-release";
    HeldAtExit: "held-at-exit";
    HeldAcrossAwait: "held-across-await";
    AssertHeld: "assert-held";
    Deadlock: "deadlock";
    GuardLost: "guard-lost";
    UnmatchedAllow: "unmatched-allow";
    Limit: "limit";
}

/// The page as people read it: without hidden lines.
///
/// ```
/// use lockdep_core::finding::Code;
/// use lockdep_report::explain;
///
/// assert!(explain::text(Code::Inversion).starts_with("# inversion"));
/// ```
#[must_use]
pub fn text(code: Code) -> String {
    let mut in_program = false;
    let mut text = String::new();
    for line in page(code).lines() {
        if let Some(language) = line.strip_prefix("```") {
            in_program = language.starts_with("rust");
        }
        let is_hidden = in_program && (line == "#" || line.starts_with("# "));
        if !is_hidden {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}
