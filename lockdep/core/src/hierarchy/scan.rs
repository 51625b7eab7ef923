//! Reads the pieces of a line: names, annotations, comments. Both notations share them.

use super::error::{Fault, Spot};
use super::names;

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    /// `lockdep order v1`.
    Order,
    /// A comment of the kernel: no header, no directives, no `#` comments; tabs and footnotes are allowed.
    Kernel,
}

/// A class name where it stands.
#[derive(Clone, Debug)]
pub(super) struct Mention {
    pub(super) name: String,
    pub(super) spot: Spot,
}

/// A line without its end and, in a comment, without its leader.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where the line really begins; columns are counted from here.
    begin: usize,
}

/// A position in a text that moves forward over the pieces.
#[derive(Debug)]
pub(super) struct Scanner<'t> {
    pub(super) text: &'t str,
    pub(super) origin: u32,
    pub(super) notation: Notation,
    pub(super) lines: Vec<Line>,
    pub(super) row: usize,
    pub(super) at: usize,
    pub(super) faults: Vec<Fault>,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str, origin: u32, notation: Notation) -> Scanner<'t> {
        let mut lines = Vec::new();
        let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        for piece in text[start..].split_inclusive('\n') {
            let line = piece.trim_end_matches(['\n', '\r']);
            lines.push(Line { start, end: start + line.len(), begin: start });
            start += piece.len();
        }
        let mut scanner = Scanner { text, origin, notation, lines, row: 0, at: 0, faults: Vec::new() };
        if notation == Notation::Kernel {
            scanner.strip_leaders();
        }
        scanner
    }

    /// Takes ` *` off every line, and the comment's ends, if all of the text is one comment.
    fn strip_leaders(&mut self) {
        let text = self.text;
        let is_comment = |line: &Line| {
            let line = text[line.start..line.end].trim_start();
            line.is_empty() || line.starts_with('*') || line.starts_with("/*")
        };
        let starred = self.lines.iter().filter(|line| !text[line.start..line.end].trim().is_empty()).count();
        if starred < 2 || !self.lines.iter().all(is_comment) {
            return;
        }
        for line in &mut self.lines {
            let body = text[line.start..line.end].trim_end();
            if body.ends_with("*/") {
                line.end = line.start + body.len() - 2;
            }
            let body = text[line.start..line.end].trim_start();
            line.start = line.end - body.trim_start_matches("/*").trim_start_matches('*').len();
        }
    }

    /// Goes to the start of a row, if there is one.
    pub(super) fn go(&mut self, row: usize) -> bool {
        self.row = row;
        let Some(line) = self.lines.get(row) else { return false };
        self.at = line.start;
        true
    }

    /// What is left of the line.
    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..self.lines[self.row].end.max(self.at)]
    }

    /// Skips blanks and returns the column in which the next piece starts, tabs expanded to eight.
    pub(super) fn indentation(&mut self) -> usize {
        let mut column = 0;
        for c in self.rest().chars() {
            match c {
                '\t' => column = (column / 8 + 1) * 8,
                c if c.is_whitespace() => column += 1,
                _ => break,
            }
            self.at += c.len_utf8();
        }
        column
    }

    pub(super) fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Whether nothing but a comment is left.
    pub(super) fn is_done(&mut self) -> bool {
        self.skip_blanks();
        let rest = self.rest();
        rest.is_empty() || (self.notation == Notation::Order && rest.starts_with('#'))
    }

    /// The place of some bytes of the present line.
    pub(super) fn spot(&self, start: usize, end: usize) -> Spot {
        let column = self.text[self.lines[self.row].begin..start].chars().count() + 1;
        Spot { origin: self.origin, line: self.row as u32 + 1, column: column as u32, start, end }
    }

    /// The place of what is left of the line.
    pub(super) fn spot_of_rest(&self) -> Spot {
        self.spot(self.at, self.at + self.rest().trim_end().len())
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Reads `word` if the rest of the line starts with it.
    pub(super) fn eat(&mut self, word: &str) -> bool {
        let eaten = self.rest().starts_with(word);
        if eaten {
            self.at += word.len();
        }
        eaten
    }

    /// Reads names separated by commas or ` or `. A word of `stops`, between blanks, ends the list.
    pub(super) fn names(&mut self, stops: &[&str]) -> Vec<Mention> {
        let mut mentions = Vec::new();
        loop {
            mentions.extend(self.name(stops));
            self.skip_blanks();
            if !(self.eat(",") || self.eat("or ")) {
                return mentions;
            }
        }
    }

    /// Reads one name.
    pub(super) fn name(&mut self, stops: &[&str]) -> Option<Mention> {
        self.skip_blanks();
        if self.notation == Notation::Order && self.rest().starts_with('`') {
            return self.quoted_name();
        }
        let start = self.at;
        let rest = self.rest();
        let name = rest[..self.name_length(rest, stops)].trim_end();
        self.at += name.len();
        let spot = self.spot(start, self.at);
        if name.is_empty() {
            self.fault(Fault::new(&spot, "a class name is missing here"));
            return None;
        }
        if name.contains(" -> ") {
            let help = "write one class per line; what is taken while it is held stands below it, indented";
            self.fault(Fault::new(&spot, format!("`{name}` is a chain, not a name")).help(help));
            return None;
        }
        if self.notation == Notation::Order && (name.contains('`') || !names::is_balanced(name)) {
            let help = "write a name with commas, parentheses or `->` in backquotes, as in `Vec<u8> (src/lib.rs)`";
            self.fault(Fault::new(&spot, format!("`{name}` is not a whole class name")).help(help));
            return None;
        }
        Some(Mention { name: name.to_owned(), spot })
    }

    fn quoted_name(&mut self) -> Option<Mention> {
        let start = self.at;
        let inner = &self.rest()[1..];
        let length = inner.find('`');
        let spot = self.spot(start, start + length.map_or(inner.len() + 1, |length| length + 2));
        self.at = spot.end;
        match length {
            Some(0) => self.fault(Fault::new(&spot, "a class name is missing here")),
            Some(length) => return Some(Mention { name: inner[..length].to_owned(), spot }),
            None => self.fault(Fault::new(&spot, "the backquote is never closed").help("close it on the same line")),
        }
        None
    }

    fn name_length(&self, rest: &str, stops: &[&str]) -> usize {
        for (index, c) in rest.char_indices() {
            if c == ',' || c == '\t' {
                return index;
            }
            if !c.is_whitespace() {
                continue;
            }
            let next = rest[index..].trim_start();
            let stop = |word: &str| next.strip_prefix(word).is_some_and(|after| after.starts_with([' ', '\t']));
            let comment = self.notation == Notation::Order && next.starts_with('#');
            if next.starts_with('(') || comment || stop("or") || stops.iter().any(|word| stop(word)) {
                return index;
            }
        }
        rest.len()
    }

    /// Reads an annotation in parentheses, over several lines if it is not balanced before; the row moves along.
    pub(super) fn note(&mut self) -> Option<String> {
        self.skip_blanks();
        if !self.rest().starts_with('(') {
            return None;
        }
        let open = self.spot(self.at, self.at + 1);
        let (row, mut depth, mut note) = (self.row, 0usize, String::new());
        loop {
            for (index, c) in self.rest().char_indices() {
                match c {
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    note.push_str(&self.rest()[..index]);
                    self.at += index + 1;
                    return Some(note[1..].split_whitespace().collect::<Vec<_>>().join(" "));
                }
            }
            note.push_str(self.rest());
            note.push(' ');
            if !self.go(self.row + 1) || self.rest().trim().is_empty() {
                self.fault(Fault::new(&open, "the parenthesis is never closed").help("close it before the tree ends"));
                self.row = row;
                self.at = self.lines[row].end;
                return None;
            }
        }
    }
}
