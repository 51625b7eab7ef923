//! Programs as large as one likes, and what they cost.
#![allow(dead_code, reason = "no bench uses all of it")]

use lockdep_core::acquisition::{Acquisition, Actor, Held, Instance};
use lockdep_core::class::{ClassRegistry, ClassSpec, LockKind, Node, Origin, Site, SiteId};
use lockdep_core::engine::{Engine, Outcome};
use lockdep_core::mode::{Manner, Mode, Want};
use std::time::{Duration, Instant};

/// A small generator (splitmix64), so that every run makes the same program.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % u64::from(bound)) as u32
    }
}

/// How long this thread has run, as the system counts it; where it does not say, since the first question.
pub(crate) fn running() -> Duration {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let status = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    status.split(' ').next().and_then(|run| run.parse().ok()).map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// A lock: its class, and which lock of that class.
pub(crate) type Lock = (u32, u32);

/// A program that has done nothing yet, and the engine that looks on.
pub(crate) struct Program {
    pub(crate) registry: ClassRegistry,
    pub(crate) engine: Engine,
    nodes: Vec<Node>,
    site: SiteId,
    actor: Actor,
}

impl Program {
    /// A program with so many classes.
    pub(crate) fn new(classes: u32, origin: Origin) -> Program {
        let mut registry = ClassRegistry::new();
        let at = |line| Site { file: "bench.rs".into(), line, column: 1 };
        let site = registry.site(at(1));
        let node = |index: u32| {
            let name = format!("Class{index}").into();
            let class = registry.register(ClassSpec { name, origin, kind: LockKind::Mutex, site: Some(at(index + 1)) });
            Node { class, subclass: 0 }
        };
        let nodes = (0..classes).map(node).collect();
        let actor = Actor { process: 1, thread: "main".into(), test: "".into(), segment: 0 };
        Program { registry, engine: Engine::new(), nodes, site, actor }
    }

    /// Takes `next` while these are held, all of them exclusively.
    pub(crate) fn take(&mut self, held: &[Lock], next: Lock) -> Outcome {
        let (nodes, site) = (&self.nodes, self.site);
        let instance = |lock: Lock| Instance { process: 1, serial: u64::from(lock.0) << 32 | u64::from(lock.1) };
        let hold = |&lock: &Lock| Held {
            node: nodes[lock.0 as usize],
            instance: instance(lock),
            mode: Mode::Write,
            site,
            rank: None,
            may_have_left: false,
        };
        let held: Vec<Held> = held.iter().map(hold).collect();
        let next = Acquisition {
            node: nodes[next.0 as usize],
            instance: instance(next),
            want: Want::Write,
            manner: Manner::Block,
            site,
            nest: None,
            rank: None,
            reentrant: false,
        };
        self.engine.observe(&mut self.registry, &self.actor, &held, &next)
    }
}

/// How much memory this process has.
pub(crate) fn resident_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: f64 = status.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0.0);
    pages * 4096.0 / 1e6
}
