//! The engine: the only place where facts become dependencies and dependencies become findings.
//!
//! [`Engine::observe`] is called once for every chain that is not known yet. It records first and judges after, so the
//! graph holds everything that was seen, whatever is thought of it; [`Engine::findings`] judges all of it
//! again, which makes the verdict on merged evidence independent of the order in which it came.

use crate::acquisition::{Acquisition, Actor, Held};
use crate::check::{same_class, same_class::Relation, wait_type};
use crate::class::{ClassId, ClassRegistry, Labels, Node};
use crate::evidence::{Evidence, Occurrence};
use crate::finding::{Code, Finding, Grade, HeldLabel, Witness};
use crate::graph::{DependencyGraph, EdgeIx};
use crate::hierarchy::Hierarchy;
use crate::mode::{Manner, Mode};
use crate::render;
use crate::rule::rule;
use crate::segment::Phase;
use crate::snapshot::GraphText;
use crate::survey::Survey;
use crate::told::Told;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::Arc;

mod verdicts;

/// What came of one observation.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Findings that are new, or whose grade rose.
    pub findings: Vec<Finding>,
    /// Whether the caller may remember this chain and skip the engine when it comes again, with the instances of a class that
    /// nests in itself in the same relations. Not so while the chain is part of a Suspect or Excused cycle and samples are still
    /// wanted.
    pub cacheable: bool,
    /// Whether this is the first that is seen of the class and subclass, or the class's first write: worth a record even if
    /// nothing was held.
    pub teaches_class: bool,
    /// Whether it changed the evidence. If not, and it is asked about again, it is worth no record.
    pub teaches_evidence: bool,
    /// The dependencies that were seen for the first time.
    pub new_dependencies: Vec<(Node, Node)>,
}

/// The dependency graph of one scope, with its evidence and its findings.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    graph: DependencyGraph,
    same_class: BTreeMap<(Code, Node), Evidence>,
    faults: BTreeMap<String, Finding>,
    reported: BTreeMap<String, Grade>,
    survey: Survey,
    told: Told,
    actors: Vec<Actor>,
    actor_index: FxHashMap<Actor, u32>,
    tests: FxHashMap<Arc<str>, u32>,
    /// The classes whose first write this graph has seen; the registry's flag is shared by all graphs.
    written: FxHashSet<ClassId>,
    hierarchy: Option<Hierarchy>,
    observations: u64,
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

    /// The documented hierarchy, if there is one.
    #[must_use]
    pub fn hierarchy(&self) -> Option<&Hierarchy> {
        self.hierarchy.as_ref()
    }

    /// How many observations were taken in: distinct chains, when the caller remembers the cacheable ones.
    #[must_use]
    pub fn observations(&self) -> u64 {
        self.observations
    }

    /// The dependency graph.
    #[must_use]
    pub fn dependencies(&self) -> &DependencyGraph {
        &self.graph
    }

    /// Whether a node was seen in use, and whether its class was seen written, in this graph.
    #[must_use]
    pub fn has_seen(&self, node: Node) -> (bool, bool) {
        (self.graph.find(node).is_some(), self.written.contains(&node.class))
    }

    /// The actors by the numbers that occurrences carry.
    #[must_use]
    pub fn actor(&self, index: u32) -> &Actor {
        &self.actors[index as usize]
    }

    /// Takes in one acquisition on top of what its thread holds (oldest first).
    pub fn observe(
        &mut self,
        registry: &mut ClassRegistry,
        actor: &Actor,
        held: &[Held],
        next: &Acquisition,
    ) -> Outcome {
        self.observations += 1;
        let class = next.node.class;
        let mut outcome = Outcome { cacheable: true, ..Outcome::default() };
        if rule!("novalidate", registry.get(class).novalidate) {
            return outcome;
        }
        outcome.teaches_class = self.graph.find(next.node).is_none();
        self.graph.node(next.node);
        let first_write = next.want.mode() == Mode::Write && self.written.insert(class);
        if first_write {
            registry.get_mut(class).written = true;
            outcome.teaches_class = true;
        }
        let (actor, phase) = self.intern(actor);
        let mut touched = Vec::new();
        for (index, entry) in held.iter().enumerate() {
            if rule!("novalidate", registry.get(entry.node.class).novalidate) {
                continue;
            }
            let occurrence = || {
                let others = held.iter().enumerate().filter(|&(other, _)| other != index).map(|(_, held)| *held);
                Occurrence { held: *entry, next: *next, others: others.collect(), actor, phase }
            };
            match same_class::relate(entry, next) {
                Relation::Harmless => {}
                Relation::Report(code) => self.record_same_class(registry, code, occurrence(), &mut outcome),
                Relation::Dependency if rule!("a try has no incoming edge", next.manner == Manner::Try) => {}
                Relation::Dependency => {
                    let recorded = self.graph.record(occurrence(), index + 1 == held.len(), registry);
                    if recorded.new {
                        outcome.new_dependencies.push((entry.node, next.node));
                    }
                    if recorded.changed {
                        outcome.teaches_evidence = true;
                        touched.push(recorded);
                    }
                    outcome.cacheable &= !recorded.cyclic || !self.is_watched(recorded.edge);
                }
            }
        }
        self.check_nest_lock(registry, held, next, actor, &mut outcome);
        self.check_wait_type(registry, held, next, actor, &mut outcome);
        self.judge_edges(registry, touched, &mut outcome);
        if first_write {
            self.reopen(registry, class, &mut outcome);
        }
        outcome
    }

    /// Takes in a finding that no graph is needed for: `bad-release`, `held-at-exit`, `assert-held`, `limit`.
    /// Returns it if it is new.
    pub fn fault(&mut self, code: Code, witness: Witness, title: String) -> Option<Finding> {
        let finding = render::fault(code, witness, title);
        let new = !self.faults.contains_key(&finding.id);
        let kept = self.faults.entry(finding.id.clone()).or_insert_with(|| finding.clone());
        if finding.witness < kept.witness {
            *kept = finding.clone();
        }
        new.then_some(finding)
    }

    /// Takes in a finding about threads that are stuck now. Returns it if it is new.
    pub fn blocked(&mut self, finding: Finding) -> Option<Finding> {
        let is_new = self.faults.insert(finding.id.clone(), finding.clone()).is_none();
        is_new.then_some(finding)
    }

    /// Forgets a class and every order that it is part of: its locks are no more, so that nothing can be repeated with them. Findings
    /// that need no graph stay.
    pub fn forget(&mut self, registry: &ClassRegistry, class: ClassId) {
        let (graph, kept) = self.graph.without(class);
        self.graph = graph;
        self.same_class.retain(|(_, node), _| node.class != class);
        self.told = self.told.renumbered(&kept);
        if !self.reported.is_empty() {
            let left: FxHashSet<String> = self.findings(registry).into_iter().map(|finding| finding.id).collect();
            self.reported.retain(|id, _| left.contains(id));
        }
    }

    /// Forgets everything but the hierarchy.
    pub fn clear(&mut self) {
        *self = Engine { hierarchy: self.hierarchy.take(), ..Engine::default() };
    }

    /// The graph as text v1 data.
    #[must_use]
    pub fn graph(&self, registry: &ClassRegistry) -> GraphText {
        GraphText::of(self, registry)
    }

    fn node_label(&self, labels: &Labels, index: u32) -> String {
        labels.node(self.graph.node_at(index))
    }

    fn intern(&mut self, actor: &Actor) -> (u32, Phase) {
        let next = self.actors.len() as u32;
        let index = match self.actor_index.get(actor) {
            Some(&index) => index,
            None => {
                self.actors.push(actor.clone());
                self.actor_index.insert(actor.clone(), next);
                next
            }
        };
        let next = self.tests.len() as u32;
        let test = *self.tests.entry(actor.test.clone()).or_insert(next);
        (index, Phase { process: actor.process, test, segment: actor.segment })
    }

    /// Whether more samples of an edge are wanted, because they could change what was told.
    fn is_watched(&self, edge: EdgeIx) -> bool {
        self.graph.edge(edge).evidence.wants_samples() && self.told.concerns(edge)
    }

    fn record_same_class(
        &mut self,
        registry: &ClassRegistry,
        code: Code,
        occurrence: Occurrence,
        outcome: &mut Outcome,
    ) {
        // Two instances of a class nest as they do; a lock that is waited for by its holder is told and judged every time.
        outcome.cacheable &= code == Code::Recursion;
        let key = (code, occurrence.next.node);
        let evidence = self.same_class.entry(key).or_default();
        if evidence.join(occurrence, registry) {
            outcome.teaches_evidence = true;
            let finding = self.same_class_finding(registry, &registry.labels(), code, &self.same_class[&key]);
            self.deliver(finding, outcome);
        }
    }

    /// A nest lock that is named must be held.
    fn check_nest_lock(
        &mut self,
        registry: &ClassRegistry,
        held: &[Held],
        next: &Acquisition,
        actor: u32,
        outcome: &mut Outcome,
    ) {
        let missing = next.nest.is_some_and(|nest| held.iter().all(|held| held.instance != nest));
        if rule!("a nest lock is held", missing && next.manner != Manner::Try) {
            let labels = registry.labels();
            let witness = render::lone_witness(self, registry, &labels, actor, held, next);
            let title = format!("`{}` is taken under a nest lock that is not held", labels.node(next.node));
            outcome.cacheable = false;
            let new = self.fault(Code::WrongNest, witness, title);
            outcome.teaches_evidence |= new.is_some();
            outcome.findings.extend(new);
        }
    }

    /// Nothing may be waited for that what is held forbids. [`wait_type::blocking`] is for waits that are no locks.
    fn check_wait_type(
        &mut self,
        registry: &ClassRegistry,
        held: &[Held],
        next: &Acquisition,
        actor: u32,
        outcome: &mut Outcome,
    ) {
        let outer = wait_type::forbidding(registry, held, next);
        if let Some(outer) = outer.filter(|_| rule!("wait types", true)) {
            let labels = registry.labels();
            let mut witness = render::lone_witness(self, registry, &labels, actor, held, next);
            witness.held = Some(HeldLabel::new(registry, &labels, outer));
            witness.also_held.retain(|also| Some(also) != witness.held.as_ref());
            let (outer, wanted) = (labels.node(outer.node), labels.node(next.node));
            let title = format!("`{wanted}` may block more than `{outer}`, which is held, allows");
            let new = self.fault(Code::WaitType, witness, title);
            outcome.teaches_evidence |= new.is_some();
            outcome.findings.extend(new);
        }
    }

    fn deliver(&mut self, finding: Finding, outcome: &mut Outcome) {
        let known = self.reported.get(&finding.id);
        if known.is_none_or(|grade| *grade < finding.grade) {
            self.reported.insert(finding.id.clone(), finding.grade);
            outcome.findings.push(finding);
        }
    }
}
