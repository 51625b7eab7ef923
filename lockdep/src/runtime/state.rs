//! What is known about the locks of this process: classes, the process's graph, the graphs of scopes, the threads.

use super::context::Contexts;
use super::image::is_static;
use super::thread::{self, Thread};
use super::{held_in, instance, limit, node, to_site, want_in};
use crate::class::LockClassKey;
use crate::config;
use crate::sink;
use lockdep_core::acquisition::{Acquisition, Actor, Held};
use lockdep_core::check::wait_type;
use lockdep_core::class::{ClassId, ClassRegistry, ClassSpec, LockKind, Node, Origin, Site};
use lockdep_core::engine::{Engine, Outcome};
use lockdep_core::finding::{Code, Finding, HeldLabel, Witness};
use lockdep_core::log::{self, ChainRecord, ClassRecord, Record};
use lockdep_core::mode::{Manner, Want};
use lockdep_rt::{Beside, Birth, Block, Chain, ClassWord, DEEPEST, Entry, How, chains};
use std::collections::{BTreeMap, HashMap};
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Everything that the cold side knows. One value, behind one mutex.
pub(crate) struct State {
    pub(super) registry: ClassRegistry,
    pub(super) engine: Engine,
    /// The classes of locks by where they come from: the unbound word, the kind, the address of the type's name.
    births: HashMap<(usize, LockKind, usize), ClassId>,
    pub(super) scopes: BTreeMap<u32, ScopeState>,
    pub(super) scopes_made: u32,
    pub(super) threads: Vec<Thread>,
    pub(super) segments_made: u32,
    /// Those of threads that were in no scope.
    pub(super) unscoped_segments: u32,
    /// The classes of the contexts, by their numbers.
    pub(super) contexts: Vec<ClassId>,
    pub(super) context_states: BTreeMap<Contexts, u32>,
    serial: u32,
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
            scopes: BTreeMap::new(),
            scopes_made: 0,
            threads: Vec::new(),
            segments_made: 0,
            unscoped_segments: 0,
            contexts: Vec::new(),
            context_states: BTreeMap::new(),
            serial: 0,
            inherited: 0,
        }
    }
}

impl State {
    /// Binds a lock to its class, if that has not happened yet, and returns its word.
    pub(super) fn bind(&mut self, word: &ClassWord, kind: LockKind, type_name: &str, work: &mut Work) -> usize {
        loop {
            let seen = word.load();
            if ClassWord::is_bound_in(seen) {
                return seen;
            }
            let class = self.one_more(word, kind, type_name, work);
            word.bind(seen, class.0, self.next_serial());
        }
    }

    /// Counts one more lock of the class that an unbound word says.
    fn one_more(&mut self, word: &ClassWord, kind: LockKind, type_name: &str, work: &mut Work) -> ClassId {
        let birth = (word.load(), kind, type_name.as_ptr() as usize);
        let classes = self.registry.len();
        let class = match self.births.get(&birth) {
            Some(&class) => class,
            None => {
                let class = self.register(word, kind, type_name, work);
                // Another thread may have given the lock another class meanwhile.
                if word.load() == birth.0 {
                    self.births.insert(birth, class);
                }
                class
            }
        };
        let is_new = self.registry.len() > classes;
        let (count, was_static) = {
            let class = self.registry.get_mut(class);
            class.instances += 1;
            (class.instances, class.is_static)
        };
        // Once one of them is none, the others do not matter.
        let is_static = (count == 1 || was_static) && is_static(std::ptr::from_ref(word).addr());
        self.registry.get_mut(class).is_static = is_static;
        if is_new || was_static && !is_static {
            work.records.push(Record::Class(ClassRecord::new(&self.registry, class)));
        }
        // The second instance ends what holds only for a class with one; after that, powers of two will do.
        if count.is_power_of_two() {
            work.records.push(Record::Instances { class: class.0, n: count });
        }
        class
    }

    /// The class of a lock that comes from where none came from before, registered now if it is new.
    fn register(&mut self, word: &ClassWord, kind: LockKind, type_name: &str, work: &mut Work) -> ClassId {
        let birth = |name: &str, site| ClassSpec { name: name.into(), origin: Origin::Birth, kind, site };
        let (mut wait, mut novalidate) = (None, false);
        let spec = match word.birth_of() {
            Birth::Key(key) => {
                // SAFETY: only `Tracked::keyed`, `Tracked::set_class` and `TrackedMap::keyed` make key words, from
                // `&'static LockClassKey`.
                let key = unsafe { &*key.cast::<LockClassKey>() };
                (wait, novalidate) = (key.wait(), key.is_novalidate());
                ClassSpec { name: key.name().into(), origin: Origin::Key, kind, site: None }
            }
            Birth::Site(location) => birth(type_name, Some(to_site(location))),
            Birth::Unknown => birth(type_name, None),
        };
        let classes = self.registry.len();
        let id = self.registry.register(spec);
        if self.registry.len() > classes {
            work.classes.push(self.registry.get(id).spec.name.to_string());
        }
        let class = self.registry.get_mut(id);
        class.wait = class.wait.or(wait);
        class.novalidate |= novalidate;
        id
    }

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
    pub(super) fn preamble(&self) -> Vec<Record> {
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

    /// Adds a finding that needs no graph to the thread's scope and to the process.
    pub(super) fn fault(
        &mut self,
        block: &Block,
        code: Code,
        concerned: Concerned,
        title: impl FnOnce(&str, &str) -> String,
        work: &mut Work,
    ) {
        let actor = self.actor(block);
        let labels = self.registry.labels();
        let wanted = concerned.node.map_or_else(|| "?".to_owned(), |node| labels.node(node));
        let held = self.held(block);
        let site = to_site(concerned.site);
        let witness = Witness {
            thread: actor.thread.clone(),
            test: actor.test.clone(),
            held: None,
            wanted,
            want: concerned.want,
            manner: Manner::Block,
            also_held: HeldLabel::locks(&self.registry, &labels, &held)
                .into_iter()
                .filter(|held| code != Code::HeldAtExit || held.site != site)
                .collect(),
            site,
        };
        let title = title(&witness.wanted, &actor.thread);
        self.tell(block, code, title, witness, work);
    }

    fn tell(&mut self, block: &Block, code: Code, title: String, witness: Witness, work: &mut Work) {
        if let Some(scope) = self.scopes.get_mut(&block.scope()) {
            scope.engine.fault(code, witness.clone(), title.clone());
            if scope.isolated {
                return;
            }
        }
        work.records.push(Record::Fault { code, title: title.clone(), witness: witness.clone() });
        work.findings.extend(self.engine.fault(code, witness, title));
    }

    /// Takes in that a thread calls something that may block, and is no lock.
    pub(super) fn block(&mut self, block: &Block, level: u8, site: Site, work: &mut Work) {
        let (actor, held) = (self.actor(block), self.held(block));
        if let Some((title, witness)) = wait_type::blocking(&self.registry, &actor, &held, level, site) {
            self.tell(block, Code::WaitType, title, witness, work);
        }
    }

    /// What a thread holds, as the engine wants to see it.
    pub(super) fn held(&mut self, block: &Block) -> Vec<Held> {
        let entries = block.held();
        // What a context has interrupted is not its doing.
        let base = entries.iter().rposition(Entry::is_base).unwrap_or(0);
        entries[base..].iter().filter_map(|entry| held_in(&mut self.registry, entry)).collect()
    }

    /// A number for one more lock object.
    pub(super) fn next_serial(&mut self) -> u32 {
        // After four billion locks numbers come again; 0 is none.
        self.serial = self.serial.wrapping_add(1).max(1);
        self.serial
    }

    /// The stack is full: this acquisition is judged, but no order after it will see it as held.
    fn overflow(&mut self, block: &Block, next: &Acquisition) -> Option<Finding> {
        let actor = self.actor(block);
        let wanted = self.registry.labels().node(next.node);
        let title = format!("`{wanted}` is one lock more than the {DEEPEST} that a thread's stack has room for");
        let witness = Witness {
            thread: actor.thread,
            test: actor.test,
            held: None,
            wanted,
            want: next.want,
            manner: next.manner,
            site: self.registry.site_at(next.site).clone(),
            also_held: Vec::new(),
        };
        self.engine.fault(Code::Limit, witness, title)
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

    /// How many acquisitions all threads of this process have made and put on their stacks.
    pub(super) fn acquisitions(&self) -> u64 {
        self.threads.iter().map(|thread| thread.block.acquisitions()).sum::<u64>() - self.inherited
    }

    /// This is another process from now on.
    pub(super) fn forked(&mut self) {
        self.inherited += self.acquisitions();
    }
}

fn manner(how: How) -> Manner {
    match limit() {
        _ if how.0 & How::TRY != 0 => Manner::Try,
        Some(limit) => Manner::Timed(limit),
        None => Manner::Block,
    }
}

/// The lock that a fault concerns, and where.
#[derive(Clone, Copy)]
pub(super) struct Concerned {
    pub(super) node: Option<Node>,
    pub(super) want: Want,
    pub(super) site: &'static Location<'static>,
}
