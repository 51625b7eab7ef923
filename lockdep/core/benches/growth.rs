//! What a new dependency costs in a large graph: `cargo bench -p lockdep-core --bench growth`.
//!
//! 100,000 classes and up to 400,000 dependencies, in orders that are kind and orders that are not. The mean counts the time that the
//! thread had a processor, percentiles the time that passed; each figure is the middle one of three runs.

use lockdep_core::acquisition::{Acquisition, Actor, Held, Instance};
use lockdep_core::class::{ClassRegistry, ClassSpec, LockKind, Node, Origin, Site};
use lockdep_core::engine::Engine;
use lockdep_core::mode::{Manner, Mode, Want};
use std::time::{Duration, Instant};

const CLASSES: u32 = 100_000;
const EDGES: usize = 400_000;

/// A small generator (splitmix64), so that every run inserts the same edges.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % u64::from(bound)) as u32
    }
}

fn upward(random: &mut Random, span: u32) -> (u32, u32) {
    let from = random.below(CLASSES - 1);
    let to = from + 1 + random.below(span.min(CLASSES - 1 - from));
    (from, to)
}

fn workloads() -> Vec<(&'static str, Vec<(u32, u32)>)> {
    let mut random = Random(1);
    let dag: Vec<_> = (0..EDGES).map(|_| upward(&mut random, CLASSES)).collect();
    let layered: Vec<_> = (0..EDGES).map(|_| upward(&mut random, CLASSES / 50)).collect();
    let mut topological = dag.clone();
    topological.sort_unstable();
    let reversed: Vec<_> = topological.iter().rev().copied().collect();
    let chain: Vec<_> = (0..CLASSES - 1).rev().map(|from| (from, from + 1)).collect();
    let hub: Vec<_> =
        (0..CLASSES - 1).map(|leaf| if leaf % 2 == 0 { (leaf, CLASSES - 1) } else { (0, leaf) }).collect();
    vec![
        ("random DAG", dag),
        ("layered", layered),
        ("topological", topological),
        ("reversed", reversed),
        ("reversed chain", chain),
        ("hub and leaves", hub),
    ]
}

fn resident_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: f64 = status.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0.0);
    pages * 4096.0 / 1e6
}

/// How long this thread has run, as the system counts it; where it does not say, since the first question.
fn running() -> Duration {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let status = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    status.split(' ').next().and_then(|run| run.parse().ok()).map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// What one run cost: mean, 99th percentile and maximum of the time for a dependency, and megabytes.
type Cost = (Duration, Duration, Duration, f64);

fn insert(edges: &[(u32, u32)]) -> Cost {
    let before = resident_megabytes();
    let mut registry = ClassRegistry::new();
    let site = registry.site(Site { file: "bench".into(), line: 1, column: 1 });
    let nodes: Vec<Node> = (0..CLASSES)
        .map(|index| {
            let name = format!("Class{index}").into();
            let class = registry.register(ClassSpec { name, origin: Origin::Key, kind: LockKind::Mutex, site: None });
            Node { class, subclass: 0 }
        })
        .collect();
    let actor = Actor { process: 1, thread: "main".into(), test: "".into(), segment: 0 };
    let mut engine = Engine::new();
    let mut times = Vec::with_capacity(edges.len());
    let before_all = running();
    for &(from, to) in edges {
        let lock = |index: u32| (nodes[index as usize], Instance { process: 1, serial: u64::from(index) });
        let ((node, instance), (wanted, other)) = (lock(from), lock(to));
        let held = [Held { node, instance, mode: Mode::Write, site, rank: None, may_have_left: false }];
        let next = Acquisition {
            node: wanted,
            instance: other,
            want: Want::Write,
            manner: Manner::Block,
            site,
            nest: None,
            rank: None,
            reentrant: false,
        };
        let start = Instant::now();
        engine.observe(&mut registry, &actor, &held, &next);
        times.push(start.elapsed());
    }
    let mean = (running() - before_all) / edges.len() as u32;
    let memory = resident_megabytes() - before;
    assert!(engine.findings(&registry).is_empty(), "these graphs have no cycle");
    times.sort_unstable();
    (mean, times[times.len() * 99 / 100], times[times.len() - 1], memory)
}

#[allow(clippy::print_stdout, reason = "a bench prints its table")]
fn main() {
    println!("| order of insertion | edges | mean | p99 | worst | memory |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for (name, edges) in workloads() {
        let mut runs = [insert(&edges), insert(&edges), insert(&edges)];
        // The first run's memory: later ones are given what it gave back.
        let memory = runs[0].3;
        let mut middle = |figure: fn(&Cost) -> Duration| {
            runs.sort_by_key(figure);
            figure(&runs[1])
        };
        let (mean, p99, worst) = (middle(|run| run.0), middle(|run| run.1), middle(|run| run.2));
        println!("| {name} | {} | {mean:.2?} | {p99:.2?} | {worst:.2?} | {memory:.0} MB |", edges.len());
    }
}
