//! What merging logs costs in time and memory: `cargo bench -p lockdep-core --features log --bench logs`.
//!
//! A hundred logs of one program with a thousand classes, and logs of 100 MB and 1 GB that are made while they are read, so that
//! memory is what merging needs. Times are those of the thread on a processor. Each chain of these is of locks that no other chain has. A row can be had alone by a part of its name.

mod program;

use lockdep_core::class::{ClassSpec, LockKind, Origin, Site};
use lockdep_core::log::{
    ChainRecord, ClassRecord, Header, HeldRecord, LogSource, NextRecord, Record, header, line, merge,
};
use lockdep_core::mode::{Manner, Mode, Want};
use program::{Random, resident_megabytes, running};
use std::cell::Cell;
use std::ops::ControlFlow;
use std::time::Duration;

const CLASSES: u32 = 1000;
const PLACES: u32 = 4000;

/// A log that is written anew whenever it is read.
struct Written<'a> {
    process: u32,
    bytes: u64,
    most: &'a Cell<f64>,
    writing: &'a Cell<Duration>,
}

fn site(line: u32) -> Site {
    Site { file: "src/bench.rs".into(), line, column: 9 }
}

/// A class under one or two others, in an order that all logs agree on.
fn chain(random: &mut Random, number: u64) -> Record {
    // A program has so many places where it takes locks in locks, and comes by them again and again.
    let mut place = Random(u64::from(random.below(PLACES)));
    let mut classes: Vec<u32> = (0..2 + place.below(2)).map(|_| place.below(CLASSES)).collect();
    classes.sort_unstable();
    classes.dedup();
    let wanted = classes.pop().unwrap_or(0);
    let hold = |class: u32| HeldRecord {
        class,
        subclass: 0,
        instance: number * 4 + u64::from(class % 4),
        mode: Mode::Write,
        site: site(class + 1),
        rank: None,
        may_have_left: false,
    };
    let next = NextRecord {
        class: wanted,
        subclass: 0,
        instance: number * 4,
        want: Want::Write,
        manner: Manner::Block,
        site: site(wanted + 1),
        nest: None,
        rank: None,
        reentrant: false,
    };
    let held = classes.into_iter().map(hold).collect();
    Record::Chain(ChainRecord { thread: "main".into(), test: String::new(), segment: 0, held, next })
}

impl LogSource for Written<'_> {
    fn name(&self) -> String {
        format!("log {}", self.process)
    }

    fn pieces(&self, take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<(), String> {
        let process = format!("process {}", self.process);
        let (pid, exe, test) = (self.process, "bench".into(), String::new());
        let mut text = header(&Header { process, pid, exe, test, execution: 0 });
        for id in 0..CLASSES {
            let name = format!("Class{id:04}").into();
            let spec = ClassSpec { name, origin: Origin::Key, kind: LockKind::Mutex, site: None };
            let class = ClassRecord { id, spec, is_static: false, novalidate: false, wait: None, place: None };
            text.push_str(&line(&Record::Class(class)));
        }
        let (mut random, mut number, mut written) = (Random(u64::from(self.process)), 0, 0);
        while written < self.bytes {
            let start = running();
            while text.len() < 64 * 1024 {
                text.push_str(&line(&chain(&mut random, number)));
                number += 1;
            }
            self.writing.set(self.writing.get() + (running() - start));
            written += text.len() as u64;
            if take(text.as_bytes()).is_break() {
                break;
            }
            text.clear();
            self.most.set(self.most.get().max(resident_megabytes()));
        }
        Ok(())
    }
}

#[allow(clippy::print_stdout, reason = "a bench prints its table")]
fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let many = |count: u32, bytes: u64| (0..count).map(|process| (process, bytes)).collect::<Vec<_>>();
    let rows = [
        ("100 logs of 0.5 MB", many(100, 500_000)),
        ("a log of 100 MB", many(1, 100_000_000)),
        ("a log of 1 GB", many(1, 1_000_000_000)),
    ];
    println!("| logs | time | of which writing them | dependencies | memory |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for (name, logs) in rows {
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part.as_str())) {
            continue;
        }
        let (before, start) = (resident_megabytes(), running());
        let (most, written) = (Cell::new(before), Cell::new(Duration::ZERO));
        let merged =
            merge(logs.into_iter().map(|(process, bytes)| Written { process, bytes, most: &most, writing: &written }));
        let time = running() - start;
        let writing = written.get();
        let most = most.get() - before;
        println!(
            "| {name} | {time:.2?} | {writing:.2?} | {} | {most:.0} MB |",
            merged.engine.dependencies().edges().len()
        );
    }
}
