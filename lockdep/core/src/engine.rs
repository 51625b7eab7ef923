//! The engine: the only place where facts become dependencies and dependencies become findings.

use crate::acquisition::{Acquisition, Actor, Held};
use crate::class::ClassRegistry;
use crate::finding::{Code, Finding, Witness};
use crate::hierarchy::Hierarchy;
use crate::snapshot::GraphText;

/// What came of one observation.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Findings that are new, or whose grade rose.
    pub findings: Vec<Finding>,
    /// Whether the caller may remember this chain and skip the engine when it comes again. Not so while the
    /// chain is part of a Suspect or Excused cycle and samples are still wanted.
    pub cacheable: bool,
    /// Whether one class nests in itself here, so that instances must be compared even when the chain is known.
    pub nests_in_itself: bool,
}

/// The dependency graph of one scope, with its evidence and its findings.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    hierarchy: Option<Hierarchy>,
}

impl Engine {
    /// An engine that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks every order against this documented hierarchy from now on.
    pub fn set_hierarchy(&mut self, hierarchy: Hierarchy) {
        self.hierarchy = Some(hierarchy);
    }

    /// Takes in one acquisition on top of what its thread holds (oldest first).
    pub fn observe(
        &mut self,
        registry: &mut ClassRegistry,
        actor: &Actor,
        held: &[Held],
        next: &Acquisition,
    ) -> Outcome {
        let _ = (registry, actor, held, next);
        Outcome::default()
    }

    /// Takes in a finding that no graph is needed for: `bad-release`, `held-at-exit`, `assert-held`, `limit`.
    /// Returns it if it is new.
    pub fn fault(&mut self, code: Code, witness: Witness, title: String) -> Option<Finding> {
        let _ = (code, witness, title);
        None
    }

    /// All findings as the evidence stands now, sorted by grade (surest first), code and id.
    #[must_use]
    pub fn findings(&self, registry: &ClassRegistry) -> Vec<Finding> {
        let _ = registry;
        Vec::new()
    }

    /// The graph as text v1 data.
    #[must_use]
    pub fn graph(&self, registry: &ClassRegistry) -> GraphText {
        let _ = registry;
        GraphText::default()
    }
}
