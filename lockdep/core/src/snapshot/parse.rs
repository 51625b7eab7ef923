//! Reads `lockdep graph v1`.

use super::{GraphText, HEADER, arrow_kind, unescape};
use crate::class::LockKind;
use crate::mode::DepKind;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Why a text is not a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphError {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for GraphError {}

impl FromStr for GraphText {
    type Err = GraphError;

    fn from_str(text: &str) -> Result<Self, GraphError> {
        GraphText::parse(text)
    }
}

/// What has been read so far: the parts of the text come in one order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Classes,
    Edges,
    /// The text says that there are no cycles.
    NoCycles,
    /// Inside the cycle with this id, which began at this line.
    Cycle(String, u32),
}

impl GraphText {
    /// Reads a text. Blank lines may stand anywhere after the header, the order of the lines within one part is free, and
    /// the last part may be absent; everything else has to be as the writer writes it. What insta puts before a snapshot,
    /// between two lines of `---`, is skipped.
    ///
    /// # Errors
    ///
    /// The first line that is not part of a graph.
    pub fn parse(text: &str) -> Result<GraphText, GraphError> {
        let mut graph = GraphText::default();
        let mut part = Part::Classes;
        let mut header = false;
        let mut last = 1;
        for (line, number) in text.lines().zip(1u32..).skip(front_matter(text)) {
            last = number;
            let fail = |message| GraphError { line: number, message };
            if line.trim().is_empty() {
                continue;
            }
            if header {
                graph.line(line, number, &mut part).map_err(fail)?;
            } else if line.trim_end() == HEADER {
                header = true;
            } else {
                return Err(fail(format!("expected `{HEADER}`")));
            }
        }
        if !header {
            return Err(GraphError { line: last, message: format!("expected `{HEADER}`") });
        }
        graph.end_cycle(&part).map_err(|message| GraphError { line: last, message })?;
        Ok(graph)
    }

    fn line(&mut self, line: &str, number: u32, part: &mut Part) -> Result<(), String> {
        if let Part::Cycle(id, _) = part
            && let Some(edge) = line.strip_prefix("  ")
        {
            let edge = self.cycle_edge(edge)?;
            let edges = self.cycles.entry(id.clone()).or_default();
            if let Some((_, _, end)) = edges.last()
                && *end != edge.0
            {
                return Err(format!("the edge starts at `{}`, the one before it ends at `{end}`", edge.0));
            }
            edges.push(edge);
            return Ok(());
        }
        if let Some((ends, kinds)) = line.rsplit_once(':')
            && let Some((from, to)) = ends.split_once(" -> ")
        {
            expect(part, Part::Edges, "edges stand after the classes and before the cycles")?;
            return self.edge(from, to, kinds);
        }
        if line.trim_end() == "cycles: none" {
            return expect(part, Part::NoCycles, "there are cycles above");
        }
        if let Some(id) = line.strip_prefix("cycle ") {
            if *part == Part::NoCycles {
                return Err("the text says above that there are no cycles".to_owned());
            }
            self.end_cycle(part)?;
            let id = id.trim();
            if self.cycles.contains_key(id) {
                return Err(format!("cycle {id} is listed twice"));
            }
            *part = Part::Cycle(id.to_owned(), number);
            return Ok(());
        }
        if let Some(class) = line.strip_prefix("class ") {
            expect(part, Part::Classes, "classes stand before edges and cycles")?;
            return self.class(class);
        }
        Err("expected `class LABEL: KIND`, `FROM -> TO: KINDS`, `cycle ID` or `cycles: none`".to_owned())
    }

    fn class(&mut self, text: &str) -> Result<(), String> {
        let (label, kind) = text.rsplit_once(": ").ok_or("expected `class LABEL: KIND`")?;
        let kind = LockKind::parse(kind.trim()).ok_or_else(|| format!("`{}` is not a kind of lock", kind.trim()))?;
        let label = unescape(label);
        if self.classes.contains_key(&label) {
            return Err(format!("class `{label}` is listed twice"));
        }
        self.classes.insert(label, kind);
        Ok(())
    }

    fn edge(&mut self, from: &str, to: &str, kinds: &str) -> Result<(), String> {
        let ends = (self.known(from)?, self.known(to)?);
        if self.edges.contains_key(&ends) {
            return Err(format!("`{} -> {}` is listed twice", ends.0, ends.1));
        }
        let mut set = BTreeSet::new();
        for name in kinds.split_whitespace() {
            let kind = DepKind::ALL.into_iter().find(|kind| kind.to_string() == name);
            set.insert(kind.ok_or_else(|| format!("`{name}` is not a dependency kind (EN, ER, SN or SR)"))?);
        }
        if set.is_empty() {
            return Err("a dependency has at least one kind (EN, ER, SN or SR)".to_owned());
        }
        self.edges.insert(ends, set);
        Ok(())
    }

    fn cycle_edge(&self, text: &str) -> Result<(String, DepKind, String), String> {
        let mut start = 0;
        for word in text.split(' ') {
            if let Some(kind) = arrow_kind(word)
                && start > 0
            {
                let after = text.get(start + word.len() + 1..).unwrap_or("");
                return Ok((self.known(&text[..start - 1])?, kind, self.known(after)?));
            }
            start += word.len() + 1;
        }
        Err("expected `FROM -KIND-> TO`".to_owned())
    }

    /// The label, if a class line gave it.
    fn known(&self, text: &str) -> Result<String, String> {
        let label = unescape(text);
        if self.classes.contains_key(&label) { Ok(label) } else { Err(format!("no class line for `{label}`")) }
    }

    /// A cycle is a chain of edges that ends where it starts.
    fn end_cycle(&self, part: &Part) -> Result<(), String> {
        let Part::Cycle(id, line) = part else { return Ok(()) };
        match self.cycles.get(id).map(Vec::as_slice) {
            None | Some([]) => Err(format!("cycle {id} (line {line}) has no edges")),
            Some(edges) if edges[0].0 != edges[edges.len() - 1].2 => {
                Err(format!("cycle {id} (line {line}) does not end at `{}`, where it starts", edges[0].0))
            }
            Some(_) => Ok(()),
        }
    }
}

/// Moves on to a part of the text, which must not stand before the present one.
fn expect(part: &mut Part, next: Part, otherwise: &str) -> Result<(), String> {
    if *part > next {
        return Err(otherwise.to_owned());
    }
    *part = next;
    Ok(())
}

/// The lines that insta puts before a snapshot.
fn front_matter(text: &str) -> usize {
    let mut lines = text.lines();
    let is_rule = |line: &str| line == "---";
    match lines.next().is_some_and(is_rule) {
        true => lines.position(is_rule).map_or(0, |second| second + 2),
        false => 0,
    }
}
