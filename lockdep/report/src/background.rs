//! What a report says beyond its finding: source text, names, and what the other findings of the run have to do with it.

use crate::cut::Cut;
use crate::names::Names;
use crate::source::Sources;
use lockdep_core::finding::Finding;
use std::collections::BTreeMap;

/// The background of a run's findings.
///
/// ```
/// use lockdep_report::{background::Background, source::Sources};
///
/// let background = Background::new(Sources::none().with_root(".")).with_replay("cargo lockdep report old.jsonl");
/// assert!(background.cut().is_empty(), "there are no findings");
/// ```
#[derive(Clone, Debug)]
pub struct Background {
    pub(crate) sources: Sources,
    pub(crate) names: Names,
    cut: Cut,
    accepted: BTreeMap<String, String>,
    replay: String,
}

impl Background {
    /// A background of source text alone.
    #[must_use]
    pub fn new(sources: Sources) -> Background {
        Background {
            sources,
            names: Names::default(),
            cut: Cut::default(),
            accepted: BTreeMap::new(),
            replay: "cargo lockdep report".to_owned(),
        }
    }

    /// Calls unnamed classes by these names.
    #[must_use]
    pub fn with_names(mut self, names: Names) -> Background {
        self.names = names;
        self
    }

    /// Looks for the smallest set of edges whose removal ends all cycles of these findings.
    #[must_use]
    pub fn with_findings<'a>(mut self, findings: impl IntoIterator<Item = &'a Finding>) -> Background {
        self.cut = Cut::of(findings);
        self
    }

    /// Says that the project accepts the finding with this id, and why.
    #[must_use]
    pub fn with_accepted(mut self, id: &str, reason: &str) -> Background {
        self.accepted.insert(id.to_owned(), reason.to_owned());
        self
    }

    /// The command that shows a finding again, without the id: `cargo lockdep report` if it is not set.
    #[must_use]
    pub fn with_replay(mut self, command: &str) -> Background {
        self.replay = command.to_owned();
        self
    }

    /// Why the project accepts a finding, if it does.
    #[must_use]
    pub fn accepted(&self, finding: &Finding) -> Option<&str> {
        self.accepted.get(&finding.id).map(String::as_str)
    }

    /// The edges that would have to go.
    #[must_use]
    pub fn cut(&self) -> &Cut {
        &self.cut
    }

    /// The names of unnamed classes.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The source text.
    pub fn sources(&mut self) -> &mut Sources {
        &mut self.sources
    }

    /// The command that shows this finding again.
    pub(crate) fn replay(&self, finding: &Finding) -> String {
        format!("{} {}", self.replay, finding.id)
    }
}
