//! What is known about the locks of this process: classes, the process's graph, the graphs of scopes, the threads.

use super::context::{Declared, Place};
use super::grant::{Birth, Grants};
use super::thread::{self, Thread};
use super::{held_in, instance, limit, node, to_site, want_in};
use crate::config;
use crate::sink;
use lockdep_core::acquisition::{Acquisition, Actor, Held};
use lockdep_core::class::{ClassId, ClassRegistry, LockKind, Site};
use lockdep_core::engine::{Engine, Outcome};
use lockdep_core::finding::Finding;
use lockdep_core::log::{self, ChainRecord, Record};
use lockdep_core::mode::{Manner, Want};
use lockdep_rt::{Beside, Block, Chain, ClassWord, Entry, How, chains};
use std::collections::{BTreeMap, HashMap};
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Everything that the cold side knows. One value, behind one mutex.
pub(crate) struct State {
    pub(super) registry: ClassRegistry,
    pub(super) engine: Engine,
    /// The classes of locks by where they come from.
    pub(super) births: HashMap<Birth, ClassId>,
    pub(super) grants: Grants,
    pub(super) scopes: BTreeMap<u32, ScopeState>,
    pub(super) scopes_made: u32,
    pub(super) threads: Vec<Thread>,
    pub(super) segments_made: u32,
    /// Those of threads that were in no scope.
    pub(super) unscoped_segments: u32,
    /// The contexts, by their numbers.
    pub(super) contexts: Vec<&'static Declared>,
    /// What the marks at the beginnings of contexts stand for, by their numbers.
    pub(super) places: Vec<Place>,
    pub(super) serial: u32,
    /// Acquisitions that were made before this process was forked off.
    inherited: u64,
}

/// The graph of one scope.
#[derive(Default)]
pub(super) struct ScopeState {
    pub(super) engine: Engine,
    pub(super) name: Arc<str>,
    pub(super) isolated: bool,
    pub(super) segments: u32,
}

/// One acquisition that the hot path asks about.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) word: &'a ClassWord,
    pub(crate) kind: LockKind,
    pub(crate) how: How,
    pub(crate) site: &'static Location<'static>,
    /// The bound word of the lock that serialises nesting in the class, if one was named.
    pub(crate) nest: Option<usize>,
    /// Its place in the declared order of its class.
    pub(crate) rank: Option<u64>,
}

impl Asked<'_> {
    fn beside(&self) -> Beside {
        Beside { rank: self.rank.unwrap_or_default(), nest: self.nest.unwrap_or_default() }
    }
}

/// What is to be done once the state's mutex is free again.
#[derive(Default)]
pub(crate) struct Work {
    /// Facts for the log.
    pub(crate) records: Vec<Record>,
    /// Orders that were seen for the first time, by label, when anyone wants to know.
    pub(crate) dependencies: Vec<(String, String)>,
    /// Classes that were registered, by label, when anyone wants to know.
    pub(crate) classes: Vec<String>,
    /// Findings to deliver.
    pub(crate) findings: Vec<Finding>,
    /// The chain that is known as soon as the log has it.
    pub(crate) known: Option<Chain>,
    listening: bool,
}

impl Work {
    /// Nothing to do yet. Asks the subscriber what it wants to hear, so call it before the state is locked.
    pub(super) fn new() -> Work {
        Work { listening: sink::listening(), ..Work::default() }
    }

    /// Where the observed locks were taken and wanted.
    pub(super) fn places(&self) -> impl Iterator<Item = (Option<Site>, Site)> {
        self.records.iter().flat_map(|record| match record {
            Record::Chain(chain) => {
                let wanted = &chain.next.site;
                chain.held.iter().map(|held| (Some(held.site.clone()), wanted.clone())).collect()
            }
            Record::Fault { witness, .. } => vec![(None, witness.site.clone())],
            _ => Vec::new(),
        })
    }
}

impl Default for State {
    fn default() -> State {
        let mut engine = Engine::new();
        if let Some(order) = &config::get().order {
            engine.set_hierarchy(order.clone());
        }
        State {
            registry: ClassRegistry::new(),
            engine,
            births: HashMap::new(),
            grants: Grants::new(),
            scopes: BTreeMap::new(),
            scopes_made: 0,
            threads: Vec::new(),
            segments_made: 0,
            unscoped_segments: 0,
            contexts: Vec::new(),
            places: Vec::new(),
            serial: 0,
            inherited: 0,
        }
    }
}

impl State {
    /// Spares a new lock of a class that was used, and maybe written, to be asked about its own first use and write. Not so in
    /// scopes, whose graphs may not have seen the class.
    pub(super) fn spare(&self, block: &Block, word: &ClassWord, bound: usize) {
        if block.scope() == 0 {
            let (used, written) = self.engine.has_seen(node(bound, How(0)));
            if used {
                word.mark_used(bound, written);
            }
        }
    }

    /// Everything that a new log has to begin with, and what an ending one says once more: classes and their totals.
    pub(super) fn preamble(&mut self) -> Vec<Record> {
        self.settle_all();
        log::preamble(&self.registry)
    }

    /// Takes in one acquisition, of a lock with this word, on top of what its thread holds.
    pub(super) fn observe(&mut self, block: &Block, asked: Asked<'_>, bound: usize, work: &mut Work) {
        let Asked { word, how, .. } = asked;
        thread::make_room(block, 1);
        let chain = block.chain(bound, how, asked.beside());
        let want = want_in(how);
        let writes = matches!(want, Want::Write | Want::Upgrade);
        // What happens in an isolated scope must be new outside of it.
        if !self.scopes.get(&block.scope()).is_some_and(|scope| scope.isolated) {
            word.mark_used(bound, writes);
        }
        if block.knows(chain) && self.registry.get(node(bound, how).class).written >= writes {
            return;
        }
        let next = Acquisition {
            node: node(bound, how),
            instance: instance(bound),
            want,
            manner: manner(how),
            site: self.registry.site(to_site(asked.site)),
            nest: asked.nest.map(instance),
            rank: asked.rank,
            reentrant: self.registry.get(node(bound, how).class).spec.kind == LockKind::Reentrant,
        };
        let held = self.held(block);
        let mut outcome = self.judge(block, &held, &next, work);
        let with_next: Vec<Held> = held.iter().copied().chain([next.held()]).collect();
        outcome.cacheable &= self.interruptions(block, &with_next, next.site, work);
        if block.is_full() {
            outcome.findings.extend(self.overflow(block, &next));
        }
        work.findings.append(&mut outcome.findings);
        work.known = outcome.cacheable.then_some(chain);
    }

    /// Asks the graph of the thread's scope and that of the process; what the latter finds is delivered. An isolated
    /// scope keeps its facts to itself.
    pub(super) fn judge(&mut self, block: &Block, held: &[Held], next: &Acquisition, work: &mut Work) -> Outcome {
        let actor = self.actor(block);
        let scope = self.scopes.get_mut(&block.scope());
        let isolated = scope.as_ref().is_some_and(|scope| scope.isolated);
        let in_scope = scope.map(|scope| scope.engine.observe(&mut self.registry, &actor, held, next));
        if isolated {
            return Outcome { findings: Vec::new(), ..in_scope.expect("only a scope is isolated") };
        }
        let mut outcome = self.engine.observe(&mut self.registry, &actor, held, next);
        if outcome.teaches_class {
            self.seen(next.node.class);
        }
        let is_told_once = outcome.cacheable || outcome.teaches_evidence;
        if !held.is_empty() && is_told_once || outcome.teaches_class {
            work.records.push(Record::Chain(ChainRecord::new(&self.registry, &actor, held, next)));
        }
        if let Some(scope) = in_scope {
            outcome.cacheable &= scope.cacheable;
        }
        if work.listening && !outcome.new_dependencies.is_empty() {
            let labels = self.registry.labels();
            let named = outcome.new_dependencies.iter().map(|&(from, to)| (labels.node(from), labels.node(to)));
            work.dependencies.extend(named);
        }
        outcome
    }

    /// What a thread holds, as the engine wants to see it.
    pub(super) fn held(&mut self, block: &Block) -> Vec<Held> {
        let entries = block.held();
        // What a context has interrupted is not its doing.
        let base = entries.iter().rposition(Entry::is_base).unwrap_or(0);
        entries[base..].iter().filter_map(|entry| held_in(&mut self.registry, entry)).collect()
    }

    /// No thread has to ask about this chain again.
    pub(super) fn learn(&mut self, chain: Chain) {
        if let Some(places) = chains::wanted() {
            let places = Box::leak((0..places).map(|_| AtomicU64::new(0)).collect::<Box<[AtomicU64]>>());
            chains::grow(Box::leak(Box::new(chains::Table::new(places))));
        }
        chains::add(chain.tag);
    }

    /// Who a block belongs to, in words.
    pub(super) fn actor(&self, block: &Block) -> Actor {
        let thread = self.thread(block).map_or_else(|| "?".into(), |thread| thread.name.clone());
        let test = self.scopes.get(&block.scope()).map_or_else(|| "".into(), |scope| scope.name.clone());
        Actor { process: 1, thread, test, segment: block.segment() }
    }

    /// The thread that a block belongs to.
    pub(super) fn thread(&self, block: &Block) -> Option<&Thread> {
        self.threads.iter().find(|thread| std::ptr::eq(thread.block, block))
    }

    /// The thread that works on a block now.
    pub(super) fn thread_mut(&mut self, block: &Block) -> &mut Thread {
        let thread = self.threads.iter_mut().find(|thread| std::ptr::eq(thread.block, block));
        thread.expect("every block that works belongs to a thread")
    }

    /// How many acquisitions all threads of this process have made and put on their stacks; about, while they do.
    pub(super) fn acquisitions(&self) -> u64 {
        let all: u64 = self.threads.iter().map(|thread| thread.block.acquisitions()).sum();
        all.saturating_sub(self.inherited)
    }

    /// This is another process from now on.
    pub(super) fn forked(&mut self) {
        self.inherited += self.acquisitions();
    }
}

pub(super) fn manner(how: How) -> Manner {
    match limit() {
        _ if how.0 & How::TRY != 0 => Manner::Try,
        Some(limit) => Manner::Timed(limit),
        None => Manner::Block,
    }
}
