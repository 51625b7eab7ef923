//! Source text for sites: found by name under a few folders, or not at all.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Finds the text of source files, each once.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    roots: Vec<PathBuf>,
    texts: BTreeMap<String, Option<Arc<str>>>,
}

impl Sources {
    /// Reads no files: reports show places without their text.
    #[must_use]
    pub fn none() -> Sources {
        Sources::default()
    }

    /// Reads files relative to `root`, and relative to those given before.
    #[must_use]
    pub fn with_root(mut self, root: impl Into<PathBuf>) -> Sources {
        self.roots.push(root.into());
        self
    }

    /// Uses this text for a file name, whatever the file system says.
    #[must_use]
    pub fn with_text(mut self, file: &str, text: &str) -> Sources {
        self.texts.insert(file.to_owned(), Some(text.into()));
        self
    }

    /// The text of a file; `None` if it cannot be read as UTF-8 under any root.
    pub fn text(&mut self, file: &str) -> Option<Arc<str>> {
        let Sources { roots, texts } = self;
        let find = || roots.iter().find_map(|root| std::fs::read_to_string(root.join(file)).ok()).map(Arc::from);
        texts.entry(file.to_owned()).or_insert_with(find).clone()
    }
}

/// The bytes of the identifier at a place; `#[track_caller]` points at the name of the method. At least one byte, or
/// `None` if the text has no such place, because it is not the text that was compiled.
#[must_use]
pub fn span(text: &str, line: u32, column: u32) -> Option<Range<usize>> {
    let line_start = match line.checked_sub(1)? {
        0 => 0,
        before => text.match_indices('\n').nth(before as usize - 1)?.0 + 1,
    };
    let line = text[line_start..].lines().next()?;
    let (offset, first) = line.char_indices().nth(column.checked_sub(1)? as usize)?;
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let name = line[offset..].find(|c| !is_name(c)).unwrap_or(line.len() - offset);
    let start = line_start + offset;
    Some(start..start + name.max(first.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_covers_the_name_at_the_place() {
        let text = "fn é() {\n    é.lock();\n}\n";
        let at = |line, column| span(text, line, column).map(|range| &text[range]);
        assert_eq!(at(2, 7), Some("lock"));
        assert_eq!(at(2, 6), Some("."));
        assert_eq!(at(1, 4), Some("é"));
        assert_eq!(at(3, 1), Some("}"));
    }

    #[test]
    fn a_place_that_is_not_there_has_no_span() {
        for (line, column) in [(0, 1), (1, 0), (1, 99), (2, 1), (99, 1)] {
            assert_eq!(span("short", line, column), None);
        }
    }

    #[test]
    fn what_cannot_be_read_has_no_text() {
        let mut sources = Sources::none().with_root("/nonexistent").with_text("a.rs", "x");
        assert_eq!(sources.text("b.rs"), None);
        assert_eq!(sources.text("a.rs").as_deref(), Some("x"));
    }
}
