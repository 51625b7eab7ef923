//! Writes a hierarchy.

use super::Hierarchy;
use super::names::quoted;
use std::collections::BTreeMap;
use std::fmt;

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
}
