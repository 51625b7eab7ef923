//! The engine against every interleaving: ten thousand random programs, or `ORACLE_PROGRAMS=n` of them from
//! `ORACLE_SEED=n` on. A failure is shrunk before it is shown.
#![allow(clippy::print_stdout, reason = "the counts are for people")]

use lockdep_core::class::LockKind;
use lockdep_core::finding::{Code, Finding, Grade};
use lockdep_core::mode::Want;
use lockdep_core::scenario::naive;
use lockdep_tests::oracle::explore::{Question, explore};
use lockdep_tests::oracle::program::{Part, Program, Random, name};
use std::collections::BTreeSet;

/// What became of the programs.
#[derive(Debug, Default)]
struct Counts {
    programs: usize,
    /// Programs of which some interleaving deadlocks.
    deadlocking: usize,
    /// Different deadlocks, and those of them that have a finding of their own: its classes are all waited for.
    deadlocks: usize,
    within: usize,
    /// Programs with a finding of grade `Possible`, and those whose cycles are all excused or doubted.
    possible: usize,
    not_possible: usize,
    /// Cycles whose closure program was run.
    closures: usize,
    /// Programs, or closures, with more states than are looked at.
    too_big: usize,
    /// Programs whose threads cannot run one after another.
    not_serial: usize,
    /// Cycles that claim 2 leaves out: see the module's *Exception*.
    tried_and_downgraded: usize,
}

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.programs += other.programs;
        self.deadlocking += other.deadlocking;
        self.deadlocks += other.deadlocks;
        self.within += other.within;
        self.possible += other.possible;
        self.not_possible += other.not_possible;
        self.closures += other.closures;
        self.too_big += other.too_big;
        self.not_serial += other.not_serial;
        self.tried_and_downgraded += other.tried_and_downgraded;
    }
}

/// What is wrong with a program, if anything is.
fn judge(program: &Program, counts: &mut Counts) -> Option<String> {
    counts.programs += 1;
    let Ok(validator) = program.run_serially() else {
        counts.not_serial += 1;
        return None;
    };
    let findings = validator.findings();
    let possible: Vec<&Finding> =
        findings.iter().filter(|finding| finding.code == Code::Inversion && finding.grade == Grade::Possible).collect();
    let explored = explore(program, Question::Which);
    if explored.too_big {
        counts.too_big += 1;
        return None;
    }
    counts.deadlocking += usize::from(!explored.deadlocks.is_empty());
    counts.possible += usize::from(!possible.is_empty());
    counts.not_possible += usize::from(possible.is_empty() && !findings.is_empty());
    for deadlock in &explored.deadlocks {
        let waited: BTreeSet<String> = deadlock.iter().map(|(_, waited)| name(*waited)).collect();
        let is_within = |finding: &Finding| finding.classes.iter().all(|class| waited.contains(class));
        let pairs: BTreeSet<(String, String)> =
            deadlock.iter().map(|(held, waited)| (name(*held), name(*waited))).collect();
        let shares =
            |finding: &Finding| finding.cycle.iter().any(|edge| pairs.contains(&(edge.from.clone(), edge.to.clone())));
        if !possible.iter().copied().any(shares) {
            return Some(format!("claim 1: threads are stuck at {pairs:?}, and no Possible finding has one of those"));
        }
        counts.deadlocks += 1;
        counts.within += usize::from(possible.iter().copied().any(is_within));
    }
    twin(&validator.log(), &possible).or_else(|| possible.iter().find_map(|finding| closure(program, finding, counts)))
}

/// The naive twin's cycles and the engine's.
fn twin(log: &str, possible: &[&Finding]) -> Option<String> {
    let sure = |finding: &Finding| finding.code == Code::Inversion && finding.grade == Grade::Possible;
    let cycles = naive::judge(log).into_iter().filter(sure);
    let naive: BTreeSet<BTreeSet<String>> = cycles.map(|finding| finding.classes.into_iter().collect()).collect();
    for finding in possible {
        let classes: BTreeSet<String> = finding.classes.iter().cloned().collect();
        if !naive.contains(&classes) {
            return Some(format!("twin: {classes:?} is Possible to the engine alone"));
        }
    }
    match naive.first() {
        Some(classes) if possible.is_empty() => {
            Some(format!("twin: {classes:?} is possible, and the engine has nothing"))
        }
        _ => None,
    }
}

/// Claim 2: one copy of the witness's thread per edge, and the writers, deadlock.
fn closure(program: &Program, finding: &Finding, counts: &mut Counts) -> Option<String> {
    let thread = |name: &str| name.trim_start_matches('t').parse::<usize>().expect("threads are numbered");
    let mut threads: Vec<Vec<Part>> =
        finding.cycle.iter().map(|edge| program.threads[thread(&edge.witness.thread)].clone()).collect();
    if threads.iter().flatten().any(tries_and_downgrades) {
        counts.tried_and_downgraded += 1;
        return None;
    }
    counts.closures += 1;
    for (lock, kind) in program.locks.iter().enumerate() {
        let is_written = |parts: &Vec<Part>| writes(parts, lock);
        if *kind != LockKind::Mutex && program.threads.iter().any(is_written) {
            threads.push(vec![Part::Hold { lock, want: Want::Write, is_try: false, body: Vec::new() }]);
        }
    }
    let closed = Program { locks: program.locks.clone(), threads };
    let explored = explore(&closed, Question::Whether);
    if explored.too_big {
        counts.too_big += 1;
        return None;
    }
    let none = explored.deadlocks.is_empty();
    none.then(|| format!("claim 2: {:?} is Possible, and its closure never deadlocks", finding.classes))
}

fn writes(parts: &[Part], lock: usize) -> bool {
    parts.iter().any(|part| match part {
        Part::Hold { lock: held, want, body, .. } => (*held == lock && *want == Want::Write) || writes(body, lock),
        Part::Upgrade(upgraded) => *upgraded == lock,
        Part::Downgrade(_) => false,
    })
}

fn tries_and_downgrades(part: &Part) -> bool {
    let Part::Hold { lock, is_try, body, .. } = part else { return false };
    (*is_try && body.contains(&Part::Downgrade(*lock))) || body.iter().any(tries_and_downgrades)
}

/// The smallest program reachable by leaving things out that is still wrong in the same way.
fn shrink(program: Program, claim: &str) -> (Program, String) {
    let kind = |text: &str| text.split(':').next().unwrap_or("").to_owned();
    for smaller in program.smaller() {
        if let Some(why) = judge(&smaller, &mut Counts::default())
            && kind(&why) == kind(claim)
        {
            return shrink(smaller, &why);
        }
    }
    (program, claim.to_owned())
}

/// Judges every `step`-th program of a range. The first that is wrong ends it.
fn judge_all(seeds: std::ops::Range<u64>, step: usize) -> (Counts, Option<(u64, String)>) {
    let mut counts = Counts::default();
    for seed in seeds.step_by(step) {
        let program = Program::random(&mut Random::new(seed));
        if let Some(why) = judge(&program, &mut counts) {
            let (smallest, why) = shrink(program, &why);
            return (counts, Some((seed, format!("{why}\n{smallest}"))));
        }
    }
    (counts, None)
}

#[test]
fn every_interleaving_agrees_with_the_engine() {
    let number = |name: &str, default| std::env::var(name).map_or(default, |text| text.parse().expect("a number"));
    let (first, programs) = (number("ORACLE_SEED", 0), number("ORACLE_PROGRAMS", 10_000));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut counts = Counts::default();
    let mut wrong = Vec::new();
    std::thread::scope(|scope| {
        let work = |worker| scope.spawn(move || judge_all(first + worker as u64..first + programs, workers));
        let running: Vec<_> = (0..workers).map(work).collect();
        for done in running {
            let (part, failure) = done.join().expect("a worker does not panic");
            counts.add(&part);
            wrong.extend(failure);
        }
    });
    if let Some((seed, why)) = wrong.into_iter().min() {
        panic!("ORACLE_SEED={seed} ORACLE_PROGRAMS=1\n{why}");
    }
    println!("{counts:#?}");
    let is_interesting = programs < 1000 || counts.deadlocking > counts.programs / 20;
    assert!(is_interesting, "too few of the programs deadlock: {counts:?}");
}
