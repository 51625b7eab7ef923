//! Programs of nested acquisitions, taken in by an engine, to make graphs of.

use lockdep_core::acquisition::{Acquisition, Actor, Held, Instance};
use lockdep_core::class::{ClassRegistry, ClassSpec, LockKind, Node, Origin, Site};
use lockdep_core::engine::Engine;
use lockdep_core::finding::Finding;
use lockdep_core::hierarchy::Hierarchy;
use lockdep_core::mode::{Manner, Want};
use lockdep_core::snapshot::GraphDetail;
use lockdep_report::source::Sources;

use super::samples::site;

/// One thread's nest of locks, outermost first: a class, and the place where it is taken.
#[derive(Clone, Debug)]
pub(crate) struct Nest {
    thread: &'static str,
    test: &'static str,
    locks: Vec<(String, Site)>,
}

/// What an engine made of some nests.
pub(crate) struct Seen {
    pub(crate) detail: GraphDetail,
    pub(crate) findings: Vec<Finding>,
}

/// A bank that is not annotated at all.
const BANK: &str = "\
pub struct Account {
    owner: RwLock<String>,
    balance: Mutex<u64>,
}

impl Account {
    pub fn open(owner: &str) -> Self {
        Self { owner: RwLock::new(owner.to_owned()), balance: Mutex::new(0) }
    }

    fn describe(&self) -> String {
        let owner = self.owner.read();
        let balance = self.balance.lock();
        format!(\"{owner}: {balance}\")
    }

    fn close(&self) {
        let balance = self.balance.lock();
        assert_eq!(*balance, 0);
        self.owner.write().clear();
    }
}

static AUDIT: Mutex<Vec<Entry>> = Mutex::new(Vec::new());
";

/// The page cache's document, or a part of it.
const ORDER: &str = "\
lockdep order v1
closed

Inode::i_rwsem
  Mm::mmap_lock
    Mapping::invalidate_lock
      Folio::lock
        Mapping::i_pages
          Bdi::list_lock
      Mapping::i_mmap
";

pub(crate) fn sources() -> Sources {
    super::samples::sources().with_text("bank/src/lib.rs", BANK)
}

/// A cache with a documented order, and a bank without one.
pub(crate) fn nests() -> Vec<Nest> {
    let nest = |thread, test, locks: &[(&str, Site)]| Nest {
        thread,
        test,
        locks: locks.iter().map(|(class, site)| ((*class).to_owned(), site.clone())).collect(),
    };
    let cache = |line| site("cache/src/filemap.rs", line, 20);
    let (owner, balance) = ("String@8:23", "u64@8:63");
    vec![
        nest("write", "writes_are_seen", &[("Inode::i_rwsem", cache(10)), ("Mm::mmap_lock", cache(12))]),
        nest(
            "fault",
            "faults_read",
            &[("Mm::mmap_lock", cache(40)), ("Mapping::invalidate_lock", cache(42)), ("Folio::lock", cache(44))],
        ),
        nest(
            "fault",
            "faults_read",
            &[("Folio::lock", cache(44)), ("Mapping::i_pages", site("src/filemap.rs", 2, 34))],
        ),
        nest(
            "writer-3",
            "writes_are_seen",
            &[("Mapping::i_pages", site("src/filemap.rs", 2, 34)), ("Bdi::list_lock", site("src/filemap.rs", 4, 24))],
        ),
        nest(
            "flusher-0",
            "",
            &[
                ("Sb::s_umount", cache(80)),
                ("Bdi::list_lock", site("src/writeback.rs", 2, 31)),
                ("Mapping::i_pages", site("src/writeback.rs", 4, 31)),
            ],
        ),
        nest("truncate", "truncate_waits", &[("Inode::i_rwsem", cache(90)), ("Mapping::invalidate_lock", cache(92))]),
        nest(
            "main",
            "accounts_close",
            &[(owner, site("bank/src/lib.rs", 12, 32)), (balance, site("bank/src/lib.rs", 13, 36))],
        ),
        nest(
            "main",
            "accounts_close",
            &[(balance, site("bank/src/lib.rs", 18, 36)), (owner, site("bank/src/lib.rs", 20, 20))],
        ),
        nest(
            "main",
            "accounts_close",
            &[(balance, site("bank/src/lib.rs", 13, 36)), ("Vec@24:35", site("bank/src/lib.rs", 30, 9))],
        ),
    ]
}

/// A graph of `classes` classes and about `edges` dependencies, with some cycles.
pub(crate) fn many(classes: usize, edges: usize) -> Vec<Nest> {
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let name = |index: usize| format!("Part{:02}::lock_{index:04}", index % 40);
    let lock = |index: usize, line: usize| {
        let file = format!("part-{:02}/src/lib.rs", index % 40);
        (name(index), site(&file, line as u32 % 900 + 1, 9))
    };
    (0..edges)
        .map(|number| {
            let from = random(classes - 1);
            let to = (from + 1 + random((classes / 8).max(1))).min(classes - 1);
            let (from, to) = if number % 1_000 == 999 { (to, from) } else { (from, to) };
            Nest { thread: "worker", test: "everything_at_once", locks: vec![lock(from, number), lock(to, number + 7)] }
        })
        .collect()
}

/// What comes of the nests in this order.
pub(crate) fn run(nests: &[Nest]) -> Seen {
    let (mut registry, mut engine) = (ClassRegistry::new(), Engine::new());
    engine.set_hierarchy(Hierarchy::parse(ORDER).expect("an order"));
    for nest in nests {
        let test = if nest.test.is_empty() { nest.thread } else { nest.test };
        let actor = Actor { process: 1, thread: nest.thread.into(), test: test.into(), segment: 0 };
        let mut held: Vec<Held> = Vec::new();
        for (class, place) in &nest.locks {
            let spec = spec(class);
            let node = Node { class: registry.register(spec.clone()), subclass: 0 };
            registry.get_mut(node.class).instances = 1;
            let instance = Instance { process: 1, serial: serial(class) };
            let site = registry.site(place.clone());
            let is_read = spec.kind == LockKind::RwLock && place.column == 32;
            let want = if is_read { Want::Read } else { Want::Write };
            let manner = Manner::Block;
            let next = Acquisition { node, instance, want, manner, site, nest: None, rank: None, reentrant: false };
            engine.observe(&mut registry, &actor, &held, &next);
            held.push(next.held());
        }
    }
    Seen { detail: GraphDetail::of(&engine, &registry), findings: engine.findings(&registry) }
}

/// A key's class by its name, or a birth site's as `type@line:column` of the bank.
fn spec(class: &str) -> ClassSpec {
    let Some((name, place)) = class.split_once('@') else {
        let kind = if class.contains("rwsem") || class.contains("mmap") { LockKind::RwLock } else { LockKind::Mutex };
        let kind = if class == "Folio::lock" { LockKind::Map } else { kind };
        return ClassSpec { name: class.into(), origin: Origin::Key, kind, site: None };
    };
    let (line, column) = place.split_once(':').expect("line:column");
    let number = |text: &str| text.parse().expect("a number");
    let (name, kind) = match name {
        "String" => ("alloc::string::String", LockKind::RwLock),
        "Vec" => ("alloc::vec::Vec<bank::Entry>", LockKind::Mutex),
        name => (name, LockKind::Mutex),
    };
    let site = Some(site("bank/src/lib.rs", number(line), number(column)));
    ClassSpec { name: name.into(), origin: Origin::Birth, kind, site }
}

/// A number for the lock that does not depend on who came first.
fn serial(class: &str) -> u64 {
    class.bytes().fold(1, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
