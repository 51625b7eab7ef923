//! What a program did beyond a hierarchy, in the syntax of order files, with the witnesses as annotations, so that the output is
//! what somebody would paste.

use super::names::quoted;
use super::{Hierarchy, Verdict};
use crate::mode::Want;
use crate::snapshot::GraphText;
use petgraph::algo::{has_path_connecting, tarjan_scc};
use petgraph::graphmap::DiGraphMap;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Heading of the part of an order file that nobody has placed yet.
const HEADING: &str = "# observed, please place";

/// What a line that could not be placed begins with.
const CONTRADICTS: &str = "# contradicts:";

/// An order file that declares nothing yet. Since what is observed next will be all that is declared, it is closed.
const BLANK: &str = "\
lockdep order v1

# A class may be taken while one that it stands under is held. `closed`: other orders of these classes are findings;
# without it, only opposite orders are.
closed
";

/// An order that was observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed<'a> {
    /// The label of the held class.
    pub held: &'a str,
    /// The label of the class that was taken.
    pub taken: &'a str,
    /// How much speaks for it. Of orders that contradict each other the weightier ones are placed.
    pub weight: u64,
    /// Where, as a word or two; a function.
    pub at: Option<String>,
}

impl Hierarchy {
    /// The order file `text`, which this hierarchy was read from, with the observed orders it does not declare appended
    /// for somebody to place; the text as it is if there are none. Orders that contradict the file, or each other, are
    /// appended as comments, so the result is an order file, and what is appended once is not appended again.
    #[must_use]
    pub fn with_observed(&self, text: &str, observed: &[Observed<'_>]) -> String {
        let placed = self.place(observed);
        let known: BTreeSet<&str> = text.lines().map(str::trim_end).collect();
        let conflicts = placed.conflicts.iter().filter(|line| !known.contains(line.as_str()));
        let conflicts = conflicts.fold(String::new(), |text, line| text + line + "\n");
        if placed.trees.is_empty() && conflicts.is_empty() {
            return text.to_owned();
        }
        let heading = if known.contains(HEADING) { String::new() } else { format!("{HEADING}\n") };
        let mut out = format!("{}\n\n{heading}{conflicts}", text.trim_end());
        for tree in &placed.trees {
            let _ = write!(out, "\n{}", order_lines(tree));
        }
        out
    }

    /// A new, closed order file that declares everything that was observed; of orders that contradict each other the
    /// weightier ones, with the others as comments.
    #[must_use]
    pub fn draft(observed: &[Observed<'_>]) -> String {
        let placed = Hierarchy::default().place(observed);
        let mut out = BLANK.to_owned();
        for tree in &placed.trees {
            let _ = write!(out, "\n{}", order_lines(tree));
        }
        if !placed.conflicts.is_empty() {
            let _ = writeln!(out, "\n{}", placed.conflicts.join("\n"));
        }
        out
    }

    /// What was observed in the notation of the kernel's comments, as in `mm/filemap.c`.
    #[must_use]
    pub fn kernel_comment(observed: &[Observed<'_>]) -> String {
        let placed = Hierarchy::default().place(observed);
        let mut out = String::from("/*\n * Lock ordering:\n");
        for tree in &placed.trees {
            out.push_str(" *\n");
            for line in tree {
                let name = format!("{}->{}", "  ".repeat(line.depth), line.name);
                let _ = match &line.at {
                    Some(at) => writeln!(out, " *  {name:<38}({at})"),
                    None => writeln!(out, " *  {name}"),
                };
            }
        }
        out.push_str(" */\n");
        out
    }

    /// Makes trees of the orders that can be declared, and comments of the others.
    fn place(&self, observed: &[Observed<'_>]) -> Placed {
        let mut graph: DiGraphMap<&str, ()> = self.pairs().into_iter().map(|(from, to)| (from, to, ())).collect();
        let mut seen: BTreeMap<(&str, &str), (u64, Option<String>)> = BTreeMap::new();
        for order in observed {
            let named = |label| self.canonical(label).unwrap_or(label);
            let (held, taken) = (named(order.held), named(order.taken));
            let can_be_told = held != taken && is_writable(held) && is_writable(taken);
            if can_be_told && self.check(held, taken, Want::Read) != Verdict::Declared {
                let entry = seen.entry((held, taken)).or_default();
                *entry =
                    (entry.0.saturating_add(order.weight), entry.1.take().or_else(|| order.at.as_deref().map(word)));
            }
        }
        let mut conflicts = BTreeSet::new();
        let mut new: BTreeMap<(&str, &str), Option<String>> = BTreeMap::new();
        for (held, taken, at) in weightiest_first(&seen) {
            let is_open = matches!(self.check(held, taken, Want::Read), Verdict::Undeclared | Verdict::Unknown);
            if is_open && !connected(&graph, taken, held) {
                graph.add_edge(held, taken, ());
                new.insert((held, taken), at.clone());
            } else {
                let at = at.as_ref().map_or_else(String::new, |at| format!("  ({at})"));
                conflicts.insert(format!("{CONTRADICTS} {held} -> {taken}{at}"));
            }
        }
        Placed { trees: trees(&new), conflicts: conflicts.into_iter().collect() }
    }
}

/// Observed orders as lines of an order file.
struct Placed {
    trees: Vec<Vec<Line>>,
    conflicts: Vec<String>,
}

/// A class in a tree.
struct Line {
    depth: usize,
    name: String,
    at: Option<String>,
}

/// Orders that are part of no cycle, and then the others, those first that more speaks for.
fn weightiest_first<'a, 's>(
    seen: &'s BTreeMap<(&'a str, &'a str), (u64, Option<String>)>,
) -> Vec<(&'a str, &'a str, &'s Option<String>)> {
    let graph: DiGraphMap<&str, ()> = seen.keys().map(|&(held, taken)| (held, taken, ())).collect();
    let components = tarjan_scc(&graph);
    let component: BTreeMap<&str, usize> =
        components.iter().enumerate().flat_map(|(index, names)| names.iter().map(move |name| (*name, index))).collect();
    let mut orders: Vec<_> = seen.iter().collect();
    orders
        .sort_by_key(|((held, taken), (weight, _))| (component[held] == component[taken], std::cmp::Reverse(*weight)));
    orders.into_iter().map(|(&(held, taken), (_, at))| (held, taken, at)).collect()
}

/// One tree for every class that is taken under nothing. Each order that others do not imply stands once, below the first
/// mention of the class that was held.
fn trees(orders: &BTreeMap<(&str, &str), Option<String>>) -> Vec<Vec<Line>> {
    let mut text = GraphText::default();
    for (held, taken) in orders.keys() {
        text.edges.insert(((*held).to_owned(), (*taken).to_owned()), BTreeSet::new());
    }
    let reduced = text.reduce();
    let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (held, taken) in reduced.edges.keys() {
        below.entry(held).or_default().push(taken);
    }
    let inner: BTreeSet<&str> = reduced.edges.keys().map(|(_, taken)| taken.as_str()).collect();
    let roots: Vec<&str> = below.keys().copied().filter(|name| !inner.contains(name)).collect();
    let mut trees = Vec::new();
    for root in roots {
        let mut tree = Vec::new();
        // A path in a graph of orders is as long as there are classes, which the thread's stack need not hold.
        let mut open = vec![(0, root, None)];
        while let Some((depth, name, held)) = open.pop() {
            let at = held.and_then(|held| orders.get(&(held, name)).cloned().flatten());
            tree.push(Line { depth, name: name.to_owned(), at });
            let children = below.remove(name).unwrap_or_default();
            open.extend(children.into_iter().rev().map(|child| (depth + 1, child, Some(name))));
        }
        trees.push(tree);
    }
    trees
}

fn order_lines(tree: &[Line]) -> String {
    let mut text = String::new();
    for line in tree {
        let name = format!("{}{}", "  ".repeat(line.depth), quoted(&line.name));
        let _ = match &line.at {
            Some(at) => writeln!(text, "{name:<40}({at})"),
            None => writeln!(text, "{name}"),
        };
    }
    text
}

/// A witness as it can stand in parentheses.
fn word(at: &str) -> String {
    at.chars().filter(|c| !matches!(c, '(' | ')') && !c.is_control()).collect()
}

/// Whether a label can be a name in an order file, in backquotes at worst.
fn is_writable(label: &str) -> bool {
    !label.is_empty() && !label.contains(['`', '\n', '\r'])
}

fn connected<'a>(graph: &DiGraphMap<&'a str, ()>, from: &'a str, to: &'a str) -> bool {
    graph.contains_node(from) && graph.contains_node(to) && has_path_connecting(graph, from, to, None)
}
