//! What the hierarchy says about one observed order.

use super::{Hierarchy, names};
use crate::mode::Want;

/// What the hierarchy says about taking one class while another is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The order is documented.
    Declared,
    /// The document forbids it.
    Contradicts {
        /// The line that does; for an order, the line that completes the opposite one.
        line: u32,
        /// By which rule.
        rule: Rule,
    },
    /// Both classes are documented, an order between them is not.
    Undeclared,
    /// The document does not speak of one of the classes, or not of holding two locks of this one.
    Unknown,
}

/// The rule of a hierarchy that an order contradicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// The trees declare the opposite order.
    Order,
    /// Nothing may be taken while the held class is held.
    Leaf,
    /// The two are never held together.
    Apart,
    /// The class is taken shared only while the other is held.
    Read,
}

impl Hierarchy {
    /// What the hierarchy says about wanting `to` while `from` is held. Labels may end in a subclass, which stands for its
    /// class unless the file names it.
    ///
    /// ```
    /// use lockdep_core::hierarchy::{Hierarchy, Rule, Verdict};
    /// use lockdep_core::mode::Want;
    /// let order = Hierarchy::parse("lockdep order v1\n\nouter\n  inner\n").unwrap();
    /// assert_eq!(order.check("outer", "inner", Want::Write), Verdict::Declared);
    /// let contradicts = Verdict::Contradicts { line: 4, rule: Rule::Order };
    /// assert_eq!(order.check("inner", "outer", Want::Write), contradicts);
    /// assert_eq!(order.check("inner", "elsewhere", Want::Write), Verdict::Unknown);
    /// ```
    #[must_use]
    pub fn check(&self, from: &str, to: &str, want: Want) -> Verdict {
        let (held, taken) = (self.find(from), self.find(to));
        if let (Some(held), Some(taken)) = (held, taken)
            && held == taken
        {
            return if self.nests.contains_key(&held) { Verdict::Declared } else { Verdict::Unknown };
        }
        if let Some(line) = held.and_then(|held| self.leaves.get(&held)) {
            return Verdict::Contradicts { line: *line, rule: Rule::Leaf };
        }
        match (held, taken) {
            (Some(held), Some(taken)) => self.check_pair(held, taken, want),
            _ => Verdict::Unknown,
        }
    }

    fn check_pair(&self, held: u32, taken: u32, want: Want) -> Verdict {
        if let Some(&line) = self.aparts.get(&(held.min(taken), held.max(taken))) {
            return Verdict::Contradicts { line, rule: Rule::Apart };
        }
        if self.reach.has(taken, held) {
            let path = self.path_between(taken, held).unwrap_or_default();
            let line = path.last().map_or(0, |pair| self.edges[pair][0].line);
            return Verdict::Contradicts { line, rule: Rule::Order };
        }
        let exclusive = matches!(want, Want::Write | Want::Upgrade);
        match self.reads.get(&(taken, held)) {
            Some(&line) if exclusive => Verdict::Contradicts { line, rule: Rule::Read },
            _ if self.reach.has(held, taken) => Verdict::Declared,
            _ => Verdict::Undeclared,
        }
    }

    /// Whether the file names this class, under its own name, by an alias, or as the class of a subclass.
    #[must_use]
    pub fn mentions(&self, label: &str) -> bool {
        self.index.contains_key(label)
            || names::without_subclass(label).is_some_and(|base| self.index.contains_key(base))
    }
}
