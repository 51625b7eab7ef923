//! What it costs to judge graphs that are full of cycles: `cargo bench -p lockdep-core --bench cycles`.
//!
//! *Live* is the whole program, each new order judged as it comes; *all* is one call of `Engine::findings` after that, as
//! `cargo lockdep` makes it; the time is that of the thread on a processor. A row can be had alone by a part of its name.

mod program;

use lockdep_core::class::Origin;
use lockdep_core::finding::{Code, Grade};
use program::{Lock, Program, Random, running};

/// Acquisitions: what is held, and what is taken then.
type Steps = Vec<(Vec<Lock>, Lock)>;

/// Every class under every other, each time with a lock of another number.
fn all_to_all(classes: u32, number: impl Fn(u32, u32) -> u32) -> Steps {
    let pairs = (0..classes).flat_map(|from| (0..classes).map(move |to| (from, to)));
    pairs.filter(|(from, to)| from != to).map(|(from, to)| (vec![(from, number(from, to))], (to, 0))).collect()
}

/// Class after class, and the first after the last, so many times with other locks.
fn ring(classes: u32, times: u32, is_shared: bool) -> Steps {
    let step = move |time: u32, from: u32| {
        let inner = if is_shared { time } else { 1000 + time };
        (vec![(from, time)], ((from + 1) % classes, inner))
    };
    (0..times).flat_map(|time| (0..classes).map(move |from| step(time, from))).collect()
}

/// The same under one more lock, a gate.
fn guarded(steps: Steps, gate: u32) -> Steps {
    steps.into_iter().map(|(held, next)| ([vec![(gate, 0)], held].concat(), next)).collect()
}

/// A ring, and random orders besides.
fn tangle(classes: u32, orders: u32) -> Steps {
    let mut random = Random(7);
    let mut steps = ring(classes, 1, true);
    while steps.len() < orders as usize {
        let (from, to) = (random.below(classes), random.below(classes));
        if from != to {
            steps.push((vec![(from, 0)], (to, 0)));
        }
    }
    steps
}

fn programs() -> Vec<(&'static str, u32, Origin, Steps)> {
    vec![
        ("200 all to all", 200, Origin::Key, all_to_all(200, |_, _| 0)),
        ("200 all to all, unnamed, other locks", 200, Origin::Birth, all_to_all(200, |_, to| 1 + to)),
        ("200 all to all under a gate", 201, Origin::Key, guarded(all_to_all(200, |_, _| 0), 200)),
        ("ring of 1000", 1000, Origin::Key, ring(1000, 1, true)),
        ("ring of 1000, 4 samples", 1000, Origin::Key, ring(1000, 4, true)),
        ("ring of 1000, 4 samples, unnamed, other locks", 1000, Origin::Birth, ring(1000, 4, false)),
        ("ring of 1000 under a gate", 1001, Origin::Key, guarded(ring(1000, 4, true), 1000)),
        ("tangle of 1000 with 5000 orders", 1000, Origin::Key, tangle(1000, 5000)),
        ("tangle of 1000 under a gate", 1001, Origin::Key, guarded(tangle(1000, 5000), 1000)),
        ("tangle of 5000 with 20000 orders", 5000, Origin::Key, tangle(5000, 20000)),
    ]
}

#[allow(clippy::print_stdout, reason = "a bench prints its table")]
fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    println!("| program | live | all | possible | suspect | excused | cut short |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (name, classes, origin, steps) in programs() {
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part.as_str())) {
            continue;
        }
        let mut program = Program::new(classes, origin);
        let start = running();
        for (held, next) in &steps {
            program.take(held, *next);
        }
        let (live, start) = (running() - start, running());
        let findings = program.engine.findings(&program.registry);
        let all = running() - start;
        let count = |grade| findings.iter().filter(|found| found.grade == grade && found.code != Code::Limit).count();
        let cut = findings.iter().find(|found| found.code == Code::Limit).map_or("", |found| &found.title);
        let [possible, suspect, excused] = [Grade::Possible, Grade::Suspect, Grade::Excused].map(count);
        println!("| {name} | {live:.2?} | {all:.2?} | {possible} | {suspect} | {excused} | {cut} |");
    }
}
