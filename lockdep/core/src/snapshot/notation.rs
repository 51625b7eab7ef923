//! The graph in the notations of other tools.

use super::GraphText;
use crate::mode::DepKind;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

impl GraphText {
    /// The graph in Graphviz's notation. Edges of cycles are red, edges that only readers make are dashed, pseudo-locks
    /// are ellipses.
    #[must_use]
    pub fn to_dot(&self) -> String {
        let cycles = self.on_cycles();
        let mut dot = String::from("digraph lockdep {\n  node [shape=box];\n");
        for (label, kind) in &self.classes {
            let shape = if kind.is_pseudo() { ", shape=ellipse" } else { "" };
            let _ = writeln!(dot, "  {} [tooltip={}{shape}];", quote(label), quote(kind.name()));
        }
        for ((from, to), kinds) in &self.edges {
            let names: Vec<String> = kinds.iter().map(DepKind::to_string).collect();
            let style = if only_readers(kinds) { ", style=dashed" } else { "" };
            let in_cycle = cycles.contains(&(from.as_str(), to.as_str()));
            let colour = if in_cycle { ", color=red, penwidth=2" } else { "" };
            let label = quote(&names.join(" "));
            let _ = writeln!(dot, "  {} -> {} [label={label}{style}{colour}];", quote(from), quote(to));
        }
        dot.push_str("}\n");
        dot
    }

    /// The graph as a Mermaid flow chart, which GitHub and GitLab draw within Markdown. Edges of cycles are red, edges that
    /// only readers make are dotted, pseudo-locks are rounded.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        let on_cycles = self.on_cycles();
        let mut chart = String::from("flowchart TD\n");
        let ends = self.edges.keys().flat_map(|(from, to)| [from, to]);
        let labels: BTreeSet<&String> = self.classes.keys().chain(ends).collect();
        let index: BTreeMap<&str, usize> =
            labels.iter().enumerate().map(|(index, label)| (label.as_str(), index)).collect();
        for (label, number) in &index {
            let (open, close) =
                if self.classes.get(*label).is_some_and(|kind| kind.is_pseudo()) { ("([", "])") } else { ("[", "]") };
            let _ = writeln!(chart, "  n{number}{open}\"{}\"{close}", entities(label));
        }
        let mut red = Vec::new();
        for (number, ((from, to), kinds)) in self.edges.iter().enumerate() {
            let arrow = if only_readers(kinds) { "-.->" } else { "-->" };
            let names: Vec<String> = kinds.iter().map(DepKind::to_string).collect();
            let (from_index, to_index) = (index[from.as_str()], index[to.as_str()]);
            let _ = writeln!(chart, "  n{from_index} {arrow}|{}| n{to_index}", names.join(" "));
            if on_cycles.contains(&(from.as_str(), to.as_str())) {
                red.push(number.to_string());
            }
        }
        if !red.is_empty() {
            let _ = writeln!(chart, "  linkStyle {} stroke:red,stroke-width:2px", red.join(","));
        }
        chart
    }

    fn on_cycles(&self) -> BTreeSet<(&str, &str)> {
        self.cycles.values().flatten().map(|(from, _, to)| (from.as_str(), to.as_str())).collect()
    }
}

/// Whether nobody who holds the one exclusively was seen to want the other.
fn only_readers(kinds: &BTreeSet<DepKind>) -> bool {
    kinds.iter().all(|kind| matches!(kind, DepKind::SN | DepKind::SR))
}

/// Everything that Mermaid or HTML could take for its own, as numeric entities.
fn entities(label: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || " _:/.-()+=".contains(c);
    label.chars().map(|c| if is_plain(c) { c.to_string() } else { format!("#{};", u32::from(c)) }).collect()
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\r', "\\r"))
}
