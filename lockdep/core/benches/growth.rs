//! What a new dependency costs in a large graph: `cargo bench -p lockdep-core --bench growth`.
//!
//! 100,000 classes and up to 400,000 dependencies, in orders that are kind and orders that are not. The mean counts the time that the
//! thread had a processor, percentiles the time that passed; each figure is the middle one of three runs.

mod program;

use lockdep_core::class::Origin;
use program::{Program, Random, resident_megabytes, running};
use std::time::{Duration, Instant};

const CLASSES: u32 = 100_000;
const EDGES: usize = 400_000;

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
    let short: Vec<_> = (0..EDGES).map(|_| upward(&mut random, CLASSES / 1000)).collect();
    let mut shuffled = chain.clone();
    (1..shuffled.len()).rev().for_each(|last| shuffled.swap(last, random.below(last as u32 + 1) as usize));
    let hub: Vec<_> =
        (0..CLASSES - 1).map(|leaf| if leaf % 2 == 0 { (leaf, CLASSES - 1) } else { (0, leaf) }).collect();
    vec![
        ("random DAG", dag),
        ("layered", layered),
        ("topological", topological),
        ("reversed", reversed),
        ("reversed chain", chain),
        ("shuffled chain", shuffled),
        ("short edges", short),
        ("paths past each other", paths()),
        ("hub and leaves", hub),
    ]
}

/// Paths that stand one after the other, then every one of them before all that it came after, past one of those at a time. Nothing
/// can be done but to move one path or the other with each of these edges.
fn paths() -> Vec<(u32, u32)> {
    let count = (2.0 * (EDGES - CLASSES as usize) as f64).sqrt() as u32;
    let length = CLASSES / count;
    let (start, end) = (|path| path * length, |path| path * length + length - 1);
    let inside = (0..count).flat_map(|path| (start(path)..end(path)).map(|from| (from, from + 1)));
    let between = (0..count).flat_map(|late| (0..late).map(move |early| (end(late), start(early))));
    inside.chain(between).collect()
}

/// What one run cost: mean, 99th percentile and maximum of the time for a dependency, and megabytes.
type Cost = (Duration, Duration, Duration, f64);

fn insert(edges: &[(u32, u32)]) -> Cost {
    let before = resident_megabytes();
    let mut program = Program::new(CLASSES, Origin::Key);
    let mut times = Vec::with_capacity(edges.len());
    let before_all = running();
    for &(from, to) in edges {
        let start = Instant::now();
        program.take(&[(from, 0)], (to, 0));
        times.push(start.elapsed());
    }
    let mean = (running() - before_all) / edges.len() as u32;
    let memory = resident_megabytes() - before;
    assert!(program.engine.findings(&program.registry).is_empty(), "these graphs have no cycle");
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
