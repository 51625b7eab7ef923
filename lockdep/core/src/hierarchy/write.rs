//! Writes a hierarchy, and what a program did beyond it.

use super::names::quoted;
use super::{Hierarchy, Verdict};
use crate::mode::Want;
use petgraph::algo::has_path_connecting;
use petgraph::graphmap::DiGraphMap;
use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// Heading of the part of an order file that nobody has placed yet.
const OBSERVED: &str = "# observed, please place";

impl fmt::Display for Hierarchy {
    /// An order file that declares the same, one two-level tree per class. Comments and annotations are not kept.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "lockdep order v1")?;
        if self.closed {
            writeln!(f, "\nclosed")?;
        }
        let mut trees: BTreeMap<&str, Vec<&str>> = self.classes().map(|class| (class, Vec::new())).collect();
        let pairs = self.pairs();
        for &(from, to) in &pairs {
            trees.entry(from).or_default().push(to);
        }
        // A class without children that stands below another one needs no tree of its own.
        for (_, to) in pairs {
            if trees.get(to).is_some_and(Vec::is_empty) {
                trees.remove(to);
            }
        }
        for (root, children) in trees {
            writeln!(f, "\n{}", quoted(root))?;
            for child in children {
                writeln!(f, "  {}", quoted(child))?;
            }
        }
        let directives = self.directives();
        if directives.is_empty() { Ok(()) } else { write!(f, "\n{directives}") }
    }
}

impl Hierarchy {
    pub(super) fn directives(&self) -> String {
        let name = |id: u32| quoted(self.name(id));
        let mut lines = Vec::new();
        lines.extend(self.leaves.keys().map(|&class| format!("leaf {}", name(class))));
        lines.extend(self.nests.iter().map(|(&class, (key, _))| format!("nest {} by {key}", name(class))));
        lines.extend(self.reads.keys().map(|&(taken, held)| format!("read {} below {}", name(taken), name(held))));
        lines.extend(self.aparts.keys().map(|&(a, b)| format!("apart {}, {}", name(a), name(b))));
        for (alias, &id) in &self.index {
            if *alias != self.names[id as usize] {
                lines.push(format!("alias {} = {}", quoted(alias), name(id)));
            }
        }
        lines.sort_unstable();
        lines.iter().fold(String::new(), |text, line| text + line + "\n")
    }

    /// The order file `text`, which this hierarchy was read from, with the observed pairs it does not declare appended
    /// for somebody to place; the text as it is if there are none. Pairs that contradict the file, or pairs before
    /// them, are appended as comments, so the result is an order file.
    #[must_use]
    pub fn with_observed<'a>(&self, text: &str, observed: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        let mut graph: DiGraphMap<&str, ()> = self.pairs().into_iter().map(|(from, to)| (from, to, ())).collect();
        let mut trees: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut contradictions = String::new();
        for (from, to) in observed {
            let (from, to) = (self.own_name(from), self.own_name(to));
            match self.check(from, to, Want::Read) {
                Verdict::Declared => continue,
                _ if from == to || !(is_writable(from) && is_writable(to)) => continue,
                Verdict::Undeclared | Verdict::Unknown if !connected(&graph, to, from) => {
                    graph.add_edge(from, to, ());
                    trees.entry(quoted(from)).or_default().push(quoted(to));
                }
                _ => {
                    let _ = writeln!(contradictions, "# contradicts: {from} -> {to}");
                }
            }
        }
        if trees.is_empty() && contradictions.is_empty() {
            return text.to_owned();
        }
        let mut out = format!("{}\n\n{OBSERVED}\n{contradictions}", text.trim_end());
        for (root, mut children) in trees {
            children.sort_unstable();
            children.dedup();
            let _ = writeln!(out, "\n{root}");
            for child in children {
                let _ = writeln!(out, "  {child}");
            }
        }
        out
    }

    /// What the file calls the class of a label; the label itself if the file does not name it.
    fn own_name<'a>(&'a self, label: &'a str) -> &'a str {
        self.find(label).map_or(label, |id| self.name(id))
    }
}

/// Whether a label can be a name in an order file, in backquotes at worst.
fn is_writable(label: &str) -> bool {
    !label.is_empty() && !label.contains(['`', '\n', '\r'])
}

fn connected<'a>(graph: &DiGraphMap<&'a str, ()>, from: &'a str, to: &'a str) -> bool {
    graph.contains_node(from) && graph.contains_node(to) && has_path_connecting(graph, from, to, None)
}
