//! Lock classes: the nodes' identities, their labels, and the registry that hands out [`ClassId`]s.
//!
//! A class is what the checker reasons about: every lock constructed with one key, or at one birth site for one
//! protected type, belongs to one class, and what one instance teaches holds for all. A class is identified by
//! content ([`ClassSpec`]), never by address, so that records of different processes and builds agree.

use crate::segment::SegmentOrder;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Index of a class in its [`ClassRegistry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassId(pub u32);

/// Index of a source position in its [`ClassRegistry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SiteId(pub u32);

/// A node of the dependency graph: one subclass of a class. Subclass 0 is the ordinary one; there is no cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// The class.
    pub class: ClassId,
    /// The nesting level within the class.
    pub subclass: u32,
}

/// A place in the source, 1-based.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Site {
    /// The file as the compiler names it.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// What kind of lock a class stands for; printed in graphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LockKind {
    /// An exclusive lock.
    Mutex,
    /// An exclusive lock with fair hand-over.
    FairMutex,
    /// An exclusive lock its owner may take again.
    Reentrant,
    /// A reader-writer lock.
    RwLock,
    /// A reader-writer lock whose readers pass queued writers.
    RecursiveRwLock,
    /// A spinning exclusive lock.
    Spin,
    /// A spinning reader-writer lock.
    SpinRwLock,
    /// A condition variable.
    Condvar,
    /// A one-time initialiser.
    Once,
    /// A pseudo-lock: something waited for that is not a lock.
    Map,
    /// One direction of a channel: who receives waits for who sends, and where there is no room the other way round. It is
    /// held, with what is locked then, by who ends such waits.
    Channel,
    /// A context that interrupts threads; see [`crate::context`].
    Context,
    /// A thread, for those who wait for its end. It is on the thread's own stack from its start, so it is left out of what
    /// people read wherever nobody waits for it.
    Thread,
}

impl LockKind {
    /// All kinds, in the order of their discriminants.
    pub const ALL: [LockKind; 13] = [
        LockKind::Mutex,
        LockKind::FairMutex,
        LockKind::Reentrant,
        LockKind::RwLock,
        LockKind::RecursiveRwLock,
        LockKind::Spin,
        LockKind::SpinRwLock,
        LockKind::Condvar,
        LockKind::Once,
        LockKind::Map,
        LockKind::Channel,
        LockKind::Context,
        LockKind::Thread,
    ];

    /// The word used in scenario files, logs and graph texts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            LockKind::Mutex => "mutex",
            LockKind::FairMutex => "fair_mutex",
            LockKind::Reentrant => "reentrant",
            LockKind::RwLock => "rwlock",
            LockKind::RecursiveRwLock => "recursive_rwlock",
            LockKind::Spin => "spin",
            LockKind::SpinRwLock => "spin_rwlock",
            LockKind::Condvar => "condvar",
            LockKind::Once => "once",
            LockKind::Map => "map",
            LockKind::Channel => "channel",
            LockKind::Context => "context",
            LockKind::Thread => "thread",
        }
    }

    /// Whether it is no lock, but something else that is waited for.
    #[must_use]
    pub fn is_pseudo(self) -> bool {
        matches!(self, LockKind::Map | LockKind::Channel | LockKind::Context | LockKind::Thread)
    }

    /// The kind with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<LockKind> {
        LockKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Where a class comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// A `LockClassKey`: somebody named it, so one class is one role.
    Key,
    /// A construction site and the protected type: unrelated instances may share it.
    Birth,
}

/// Everything that identifies a class, across processes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassSpec {
    /// The key's name, or the protected type of a birth-site class (`?` when unknown).
    pub name: Arc<str>,
    /// Where the class comes from.
    pub origin: Origin,
    /// What kind of lock it is.
    pub kind: LockKind,
    /// The definition of the key, or the birth site.
    pub site: Option<Site>,
}

/// One registered class and what has been learnt about it as a whole.
#[derive(Clone, Debug)]
pub struct LockClass {
    /// What identifies it.
    pub spec: ClassSpec,
    /// How many instances have been bound to it, over all processes.
    pub instances: u64,
    /// Whether every instance lives in a `static`, so that one process's instance is the other's too.
    pub is_static: bool,
    /// Whether anyone was seen to take (or upgrade to) it exclusively.
    pub written: bool,
    /// Set by `novalidate`: the lock is on the held stack, but adds no edges.
    pub novalidate: bool,
    /// What waiting for it may do, and what may be done under it, if anybody said so.
    pub wait: Option<WaitType>,
}

/// How much a wait may block. Levels are ordered; users choose what they mean, such as 0 for what is allowed anywhere, 1 for
/// what may spin and 2 for what may sleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WaitType {
    /// What waiting for the lock does.
    pub outer: u8,
    /// The most that may be waited for under it. The same as `outer`, but for locks that forbid less than they are.
    pub inner: u8,
}

/// What all graphs of one process, or of a merged set of logs, share: classes, source positions, the order of segments.
#[derive(Clone, Debug, Default)]
pub struct ClassRegistry {
    classes: Vec<LockClass>,
    by_spec: FxHashMap<ClassSpec, ClassId>,
    sites: Vec<Site>,
    by_site: FxHashMap<Site, SiteId>,
    segments: SegmentOrder,
    /// The labels as they stand, once somebody has asked for them.
    labels: OnceLock<Arc<Labels>>,
}

impl ClassRegistry {
    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The class with this identity, registered now if it is new.
    pub fn register(&mut self, spec: ClassSpec) -> ClassId {
        if let Some(&id) = self.by_spec.get(&spec) {
            return id;
        }
        let id = ClassId(u32::try_from(self.classes.len()).expect("fewer than 2^32 classes"));
        self.by_spec.insert(spec.clone(), id);
        self.labels.take();
        self.classes.push(LockClass {
            spec,
            instances: 0,
            is_static: false,
            written: false,
            novalidate: false,
            wait: None,
        });
        id
    }

    /// The source position, interned.
    pub fn site(&mut self, site: Site) -> SiteId {
        if let Some(&id) = self.by_site.get(&site) {
            return id;
        }
        let id = SiteId(u32::try_from(self.sites.len()).expect("fewer than 2^32 sites"));
        self.by_site.insert(site.clone(), id);
        self.sites.push(site);
        id
    }

    /// The source position behind an id.
    #[must_use]
    pub fn site_at(&self, id: SiteId) -> &Site {
        &self.sites[id.0 as usize]
    }

    /// The order of the segments.
    #[must_use]
    pub fn segments(&self) -> &SegmentOrder {
        &self.segments
    }

    /// The order of the segments, to be told of one.
    pub fn segments_mut(&mut self) -> &mut SegmentOrder {
        &mut self.segments
    }

    /// Whether a class stands for something that runs, a context or a thread, and not for a lock: documents do not order those.
    #[must_use]
    pub fn is_runner(&self, id: ClassId) -> bool {
        self.is_thread(id) || self.is_context(id)
    }

    /// Whether a class stands for a context.
    #[must_use]
    pub fn is_context(&self, id: ClassId) -> bool {
        self.get(id).spec.kind == LockKind::Context
    }

    /// Whether a class stands for threads.
    #[must_use]
    pub fn is_thread(&self, id: ClassId) -> bool {
        self.get(id).spec.kind == LockKind::Thread
    }

    /// The class behind an id.
    #[must_use]
    pub fn get(&self, id: ClassId) -> &LockClass {
        &self.classes[id.0 as usize]
    }

    /// The class behind an id, to record what was learnt about it.
    pub fn get_mut(&mut self, id: ClassId) -> &mut LockClass {
        &mut self.classes[id.0 as usize]
    }

    /// All classes in order of registration.
    pub fn iter(&self) -> impl Iterator<Item = (ClassId, &LockClass)> {
        self.classes.iter().enumerate().map(|(index, class)| (ClassId(index as u32), class))
    }

    /// Number of classes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether no class has been registered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// The labels of all classes as they stand now.
    #[must_use]
    pub fn labels(&self) -> Arc<Labels> {
        self.labels.get_or_init(|| Arc::new(Labels::new(self))).clone()
    }
}

/// What classes are called in reports, graphs and ids: the key's name, or `Type (file)`; equal labels get an
/// ordinal (`#2`, `#3`, ...) in the order of their source positions, so registration order does not show.
#[derive(Clone, Debug)]
pub struct Labels {
    labels: Vec<String>,
}

impl Labels {
    fn new(registry: &ClassRegistry) -> Labels {
        let mut labels = vec![String::new(); registry.len()];
        let mut groups: BTreeMap<String, Vec<ClassId>> = BTreeMap::new();
        for (id, class) in registry.iter() {
            let base = match (class.spec.origin, &class.spec.site) {
                (Origin::Birth, Some(site)) => format!("{} ({})", class.spec.name, site.file),
                _ => class.spec.name.to_string(),
            };
            groups.entry(base).or_default().push(id);
        }
        for (base, mut ids) in groups {
            ids.sort_by(|a, b| {
                let (a, b) = (&registry.get(*a).spec, &registry.get(*b).spec);
                (&a.site, a.origin, a.kind).cmp(&(&b.site, b.origin, b.kind))
            });
            for (ordinal, id) in ids.into_iter().enumerate() {
                labels[id.0 as usize] = if ordinal == 0 { base.clone() } else { format!("{base}#{}", ordinal + 1) };
            }
        }
        Labels { labels }
    }

    /// The label of a class.
    #[must_use]
    pub fn class(&self, id: ClassId) -> &str {
        &self.labels[id.0 as usize]
    }

    /// The label of a node: the class's, with `/n` for a subclass other than 0.
    #[must_use]
    pub fn node(&self, node: Node) -> String {
        if node.subclass == 0 {
            self.class(node.class).to_owned()
        } else {
            format!("{}/{}", self.class(node.class), node.subclass)
        }
    }
}
