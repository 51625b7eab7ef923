//! Everything that can be wrong with an order file, and where the error says it is.

use super::*;
use insta::assert_snapshot;

/// All errors of a text, each with what it underlines and its help.
fn errors(text: &str) -> String {
    let mut out = String::new();
    for error in Hierarchy::parse(text).expect_err(text) {
        out.push_str(&format!("{error}  @{:?}", &text[error.span.clone()]));
        if let Some(help) = &error.help {
            out.push_str(&format!("\n  help: {help}"));
        }
        out.push('\n');
    }
    out
}

#[test]
fn every_error_is_located() {
    let text = "lockdep order v1\n\nA\n\tB\n  C -> D\n  E (open\n\n  `F\n  G<H, I\nJ) (k) l\n, K\n";
    assert_snapshot!(errors(text), @r#"
    4:1: a tab in the indentation  @"\t"
      help: indent with spaces
    5:3: `C -> D` is a chain, not a name  @"C -> D"
      help: write one class per line; what is taken while it is held stands below it, indented
    6:5: the parenthesis is never closed  @"("
      help: close it before the tree ends
    8:3: the backquote is never closed  @"`F"
      help: close it on the same line
    9:3: `G<H` is not a whole class name  @"G<H"
      help: write a name with commas, parentheses or `->` in backquotes, as in `Vec<u8> (src/lib.rs)`
    10:8: unexpected text  @"l"
      help: a comment starts with `#`; a name with commas or parentheses stands in backquotes
    11:1: a class name is missing here  @""
    "#);
    assert_snapshot!(errors("# nothing\nA\n"), @r#"
    2:1: expected `lockdep order v1`  @"A"
      help: the first line says which notation follows
    "#);
    assert_snapshot!(errors(""), @r#"
    1:1: expected `lockdep order v1`  @""
      help: the file is empty
    "#);
    assert_snapshot!(errors("lockdep order v2\n"), @r#"1:1: this version is not known; expected `lockdep order v1`  @"lockdep order v2""#);
}

#[test]
fn every_wrong_directive_is_located() {
    let text = "\
lockdep order v1

Alpha::lock
  Beta::lock
    Gamma::lock
open
closed
leaf Beta::lock
leaf Beta::lok, Omega
nest Alpha::lock
nest Alpha::lock by
nest Alpha::lock by x
nest Alpha::lock by y
read Alpha::lock below Gamma::lock
read Alpha::lock
apart Alpha::lock
apart Alpha::lock, Beta::lock
apart Alpha::lock, Alpha::lock
alias X = Y
  Z
";
    assert_snapshot!(errors(text), @r#"
    7:1: the file says both `closed` and `open`  @"closed"
    8:6: `Beta::lock` is no leaf: line 5 puts `Gamma::lock` below it  @"Beta::lock"
    9:6: no tree names the class `Beta::lok`  @"Beta::lok"
      help: did you mean `Beta::lock`?
    9:17: no tree names the class `Omega`  @"Omega"
      help: a line with the name alone makes it known
    10:6: expected `nest CLASS by KEY`  @"Alpha::lock"
      help: a class whose name starts with this word is written in backquotes
    11:6: expected `nest CLASS by KEY`  @"Alpha::lock by"
      help: a class whose name starts with this word is written in backquotes
    13:6: line 12 nests `Alpha::lock` by `x`  @"Alpha::lock"
    14:6: the declared order is a cycle: `Alpha::lock` (line 4) -> `Beta::lock` (line 5) -> `Gamma::lock` (line 14) -> `Alpha::lock`  @"Alpha::lock"
      help: each line named puts the next class below the one before it; one of them has to go
    15:6: expected `read CLASS below CLASS`  @"Alpha::lock"
      help: a class whose name starts with this word is written in backquotes
    16:1: expected `apart CLASS, CLASS`  @"apart Alpha::lock"
    17:20: `Alpha::lock` and `Beta::lock` are not apart: line 4 puts one below the other  @"Beta::lock"
    18:20: `Alpha::lock` cannot be apart from itself  @"Alpha::lock"
    19:11: no tree names the class `Y`  @"Y"
      help: a line with the name alone makes it known
    20:3: nothing stands below a directive  @"Z"
      help: a blank line starts a new tree
    "#);
    assert_snapshot!(errors("lockdep order v1\nA\nalias B = C\nalias C = B\nalias D = A\nalias D = B\n"), @r#"
    3:7: `B` is an alias of itself  @"B"
    4:7: `C` is an alias of itself  @"C"
    6:7: `D` is already an alias of `A`  @"D"
    "#);
}

#[test]
fn a_cycle_is_shown_as_a_chain_of_lines() {
    assert_snapshot!(errors("lockdep order v1\n\nA\n  B\n    C\n\nC\n  D\n    A\n\nE\n  E\n"), @r#"
    9:5: the declared order is a cycle: `A` (line 4) -> `B` (line 5) -> `C` (line 8) -> `D` (line 9) -> `A`  @"A"
      help: each line named puts the next class below the one before it; one of them has to go
    12:3: the declared order is a cycle: `E` (line 12) -> `E`  @"E"
      help: to hold several locks of one class, write `nest E by KEY`
    "#);
}

#[test]
fn a_file_that_needs_two_repairs_reports_both() {
    let found = Hierarchy::parse("lockdep order v1\nA\n  B\n    A\n    C\n\nC\n  A\n").unwrap_err();
    assert_eq!(found.len(), 2);
}
