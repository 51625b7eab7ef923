//! Many logs, one engine. Classes of different logs are the same if their specs are; findings are judged anew
//! from all the evidence, never taken over from a log.
//!
//! Memory is bounded by what is different in the logs, not by their size: the first pass learns the classes and how many
//! locks there are of each, the second replays the chains. In between, records are kept while they are few, and read again if not.

use super::learn::{First, Process, count_instances, total};
use super::source::{Complaints, LogSource};
use super::{ChainRecord, Header, HeldRecord, LogReader, NotALog, Record, Warning};
use crate::acquisition::{Acquisition, Actor, Held, Instance};
use crate::class::{ClassId, ClassRegistry, Node};
use crate::engine::Engine;
use crate::mode::{Mode, Want};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

/// How many records are kept between the passes.
const KEPT: usize = 200_000;

/// The most locks that a chain may hold to be believed; a thread of an instrumented program holds a quarter of it at most.
const HELD: usize = 256;

/// What a set of logs amounts to.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    /// The classes of all logs.
    pub registry: ClassRegistry,
    /// An engine that has seen all their chains and faults.
    pub engine: Engine,
    /// What was passed over, log by log.
    pub warnings: Vec<Warning>,
    /// How many different processes wrote the logs.
    pub processes: usize,
    /// How many real processes that is too many for: those whose libraries had states of their own, each with a log.
    pub apart: usize,
    /// How many of them ended in good order.
    pub complete: usize,
    /// How many acquisitions those made.
    pub acquisitions: u64,
    /// How many different chains of two or more locks there were.
    pub chains: u64,
}

/// One log after the first pass.
struct Read<'s, S> {
    source: &'s S,
    process: u32,
    test: Arc<str>,
    classes: FxHashMap<u32, ClassId>,
    /// Its records that are facts, if they were kept.
    records: Option<Vec<Record>>,
    complaints: Complaints,
}

/// Reads and merges logs; each comes with the name that warnings give it. A log that is given twice counts once: its
/// process keeps its number, so its evidence is the same evidence. A text that is no log is passed over with a warning.
pub fn merge<S: LogSource>(logs: impl IntoIterator<Item = S>) -> Merged {
    merge_within(KEPT, &logs.into_iter().collect::<Vec<S>>())
}

/// Merges, keeping this many records between the passes.
fn merge_within<S: LogSource>(mut room: usize, logs: &[S]) -> Merged {
    let mut merged = Merged::default();
    let mut numbers: FxHashMap<String, u32> = FxHashMap::default();
    let mut processes: Vec<Process> = Vec::new();
    let mut reads = Vec::new();
    let mut executions: FxHashMap<(u32, u64), FxHashSet<u32>> = FxHashMap::default();
    for (source, Header { process, pid, test, execution, .. }) in headers(logs, &mut merged.warnings) {
        let next = u32::try_from(processes.len() + 1).expect("fewer than 2^32 processes");
        let number = *numbers.entry(process).or_insert(next);
        if number == next {
            processes.push(Process::default());
        }
        if execution != 0 {
            executions.entry((pid, execution)).or_default().insert(number);
        }
        let process = &mut processes[number as usize - 1];
        let mut first = First::default();
        let complaints = stream(source, &mut |record| first.take(record, &mut room));
        let (classes, records) = first.learn(&mut merged.registry, process);
        reads.push(Read { source, process: number, test: test.into(), classes, records, complaints });
    }
    let shared = count_instances(&mut merged.registry, &processes);
    merged.processes = processes.len();
    merged.apart = executions.values().filter(|logs| logs.len() > 1).count();
    merged.complete = processes.iter().filter(|process| process.acquisitions.is_some()).count();
    merged.acquisitions = total(processes.iter().filter_map(|process| process.acquisitions));
    let mut chains = FxHashSet::default();
    for read in reads {
        replay(&mut merged, &mut chains, &shared, read);
    }
    merged.chains = chains.len() as u64;
    merged
}

/// The logs that are logs, sorted by process, so that numbers do not depend on the order in which they were given.
fn headers<'s, S: LogSource>(logs: &'s [S], told: &mut Vec<Warning>) -> Vec<(&'s S, Header)> {
    let mut found = Vec::new();
    for source in logs {
        match header(source) {
            Ok(header) => found.push((source, header)),
            Err(NotALog { message }) => told.push(Warning { log: source.name(), line: 0, message }),
        }
    }
    found.sort_by(|(a_log, a), (b_log, b)| (&a.process, a_log.name()).cmp(&(&b.process, b_log.name())));
    found
}

fn header(source: &impl LogSource) -> Result<Header, NotALog> {
    let mut reader = LogReader::new();
    let mut fault = Ok(());
    let ended = source.pieces(&mut |piece| match reader.feed(piece) {
        Ok(_) if reader.header().is_none() => ControlFlow::Continue(()),
        Ok(_) => ControlFlow::Break(()),
        Err(error) => {
            fault = Err(error);
            ControlFlow::Break(())
        }
    });
    fault?;
    if let (Err(message), None) = (ended, reader.header()) {
        return Err(NotALog { message });
    }
    if reader.header().is_none() {
        reader.finish()?;
    }
    Ok(reader.header().expect("a text without a header is no log").clone())
}

/// Reads a log from its start to its end. Returns what was passed over.
fn stream(source: &impl LogSource, take: &mut impl FnMut(Record)) -> Complaints {
    let mut reader = LogReader::new();
    let ended = source.pieces(&mut |piece| match reader.feed(piece) {
        Ok(records) => {
            records.into_iter().for_each(|record| take(source.understood(record)));
            ControlFlow::Continue(())
        }
        Err(_) => ControlFlow::Break(()),
    });
    // The header was read before, so what is left can only be torn.
    reader.finish().into_iter().flatten().for_each(|record| take(source.understood(record)));
    let mut complaints = reader.into_complaints();
    if let Err(error) = ended {
        complaints.add(0, format!("{error}; what was read until then counts"));
    }
    complaints
}

/// Chains are told apart by their nodes and modes.
type Chain = (Vec<(Node, Mode)>, Node, Want);

fn replay<S: LogSource>(merged: &mut Merged, chains: &mut FxHashSet<Chain>, shared: &[bool], read: Read<'_, S>) {
    let Read { source, process, test, classes, records, mut complaints } = read;
    let log = Log { process, test: &test, classes: &classes, shared };
    let mut take = |record| {
        if let Err(message) = log.replay(merged, chains, record) {
            complaints.add(0, message);
        }
    };
    match records {
        Some(records) => records.into_iter().for_each(take),
        // What is wrong with its lines was told by the first pass.
        None => drop(stream(source, &mut take)),
    }
    merged.warnings.extend(complaints.about(&source.name()));
}

/// How the numbers of one log are to be understood.
struct Log<'a> {
    process: u32,
    test: &'a Arc<str>,
    classes: &'a FxHashMap<u32, ClassId>,
    shared: &'a [bool],
}

impl Log<'_> {
    fn replay(&self, merged: &mut Merged, chains: &mut FxHashSet<Chain>, record: Record) -> Result<(), String> {
        match record {
            Record::Chain(chain) => {
                let (actor, held, next) = self.observation(&mut merged.registry, chain)?;
                if !held.is_empty() {
                    let held = held.iter().map(|held| (held.node, held.mode)).collect();
                    chains.insert((held, next.node, next.want));
                }
                merged.engine.observe(&mut merged.registry, &actor, &held, &next);
            }
            Record::Fault { code, title, mut witness } => {
                if witness.test.is_empty() {
                    witness.test = self.test.clone();
                }
                merged.engine.fault(code, witness, title);
            }
            Record::Segment(segment) => merged.registry.segments_mut().add(self.process, &segment),
            Record::Class(_) | Record::Instances { .. } | Record::Finding { .. } | Record::Exit { .. } => {}
        }
        Ok(())
    }

    fn node(&self, class: u32, subclass: u32) -> Result<Node, String> {
        match self.classes.get(&class) {
            Some(&class) => Ok(Node { class, subclass }),
            None => Err(format!("a chain does not count, because its class {class} is described nowhere in the log")),
        }
    }

    /// The lock object. The one instance of a static class is numbered by its class, in process 0.
    fn instance(&self, class: ClassId, serial: u64) -> Instance {
        match self.shared[class.0 as usize] {
            true => Instance { process: 0, serial: u64::from(class.0) },
            false => Instance { process: self.process, serial },
        }
    }

    fn observation(
        &self,
        registry: &mut ClassRegistry,
        chain: ChainRecord,
    ) -> Result<(Actor, Vec<Held>, Acquisition), String> {
        let next = chain.next;
        if chain.held.len() > HELD {
            return Err(format!(
                "a chain does not count: {} held locks are more than a thread can hold",
                chain.held.len()
            ));
        }
        let mut held = Vec::with_capacity(chain.held.len());
        let mut nest = next.nest.map(|serial| Instance { process: self.process, serial });
        for HeldRecord { class, subclass, instance: serial, mode, site, rank, may_have_left } in chain.held {
            let node = self.node(class, subclass)?;
            let instance = self.instance(node.class, serial);
            // The log names a nest lock by its number alone; its class is that of the held entry with this number.
            if next.nest == Some(serial) {
                nest = Some(instance);
            }
            held.push(Held { node, instance, mode, site: registry.site(site), rank, may_have_left });
        }
        let node = self.node(next.class, next.subclass)?;
        let acquisition = Acquisition {
            node,
            instance: self.instance(node.class, next.instance),
            want: next.want,
            manner: next.manner,
            site: registry.site(next.site),
            nest,
            rank: next.rank,
            reentrant: next.reentrant,
        };
        let test = if chain.test.is_empty() { self.test.clone() } else { chain.test.into() };
        let actor = Actor { process: self.process, thread: chain.thread.into(), test, segment: chain.segment };
        Ok((actor, held, acquisition))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(process: &str, is_static: bool, n: u64) -> (String, String) {
        let text = format!(
            "{{\"lockdep\":\"log v1\",\"process\":\"{process}\"}}\n\
             {{\"t\":\"instances\",\"class\":5,\"n\":{n}}}\n\
             {{\"t\":\"class\",\"id\":5,\"name\":\"A\",\"origin\":\"key\",\"kind\":\"mutex\",\"site\":null,\"static\":{is_static}}}\n\
             {{\"t\":\"exit\",\"acquisitions\":10}}\n"
        );
        (format!("{process}.log"), text)
    }

    fn instances(logs: Vec<(String, String)>) -> u64 {
        let merged = merge(logs);
        assert_eq!(merged.registry.len(), 1);
        merged.registry.get(ClassId(0)).instances
    }

    #[test]
    fn a_log_given_twice_counts_once() {
        let merged = merge([log("p", false, 2), log("p", false, 2), log("q", false, 1)]);
        assert_eq!((merged.processes, merged.complete, merged.acquisitions), (2, 2, 20));
        assert_eq!(merged.registry.get(ClassId(0)).instances, 3);
        assert!(merged.warnings.is_empty());
    }

    #[test]
    fn a_process_with_several_states_is_told_from_one_that_replaced_itself() {
        let log = |process: &str, pid: u32, execution: u64| {
            let more = format!("\"process\":\"{process}\",\"pid\":{pid},\"execution\":{execution}}}");
            (process.to_owned(), format!("{{\"lockdep\":\"log v1\",{more}\n"))
        };
        let apart = |logs: [(u32, u64); 2]| {
            let [(pid, execution), (other_pid, other)] = logs;
            merge([log("p", pid, execution), log("q", other_pid, other)]).apart
        };
        assert_eq!(apart([(7, 1), (7, 1)]), 1);
        assert_eq!(apart([(7, 1), (7, 2)]), 0, "it was replaced");
        assert_eq!(apart([(7, 1), (8, 1)]), 0, "it has a child");
        assert_eq!(apart([(7, 0), (7, 0)]), 0, "they do not say");
        assert_eq!(merge([log("p", 7, 1), log("p", 7, 1)]).apart, 0, "it is one log, given twice");
    }

    #[test]
    fn logs_that_are_read_again_say_the_same_as_logs_that_are_kept() {
        let chain = |held: u32, next: u32| {
            format!(
                "{{\"t\":\"chain\",\"thread\":\"t\",\"held\":[{{\"class\":{held},\"inst\":{held},\"mode\":\"write\",\"site\":\"a.rs:1:1\"}}],\
                 \"next\":{{\"class\":{next},\"inst\":{next},\"want\":\"write\",\"manner\":\"block\",\"site\":\"a.rs:2:1\"}}}}\n"
            )
        };
        let class = |id: u32, name: &str| {
            format!(
                "{{\"t\":\"class\",\"id\":{id},\"name\":\"{name}\",\"origin\":\"key\",\"kind\":\"mutex\",\"site\":null}}\n"
            )
        };
        let log = |process: &str, first: u32, second: u32| {
            let text = format!("{{\"lockdep\":\"log v1\",\"process\":\"{process}\"}}\n");
            (process.to_owned(), text + &chain(first, second) + &class(1, "Rook") + &class(2, "Knight") + "torn")
        };
        let logs = [log("p", 1, 2), log("q", 2, 1), ("r".to_owned(), "nonsense".to_owned())];
        let said = |merged: &Merged| {
            let findings = merged.engine.findings(&merged.registry);
            (findings, merged.warnings.clone(), merged.processes, merged.chains)
        };
        let kept = said(&merge(logs.clone()));
        assert_eq!((kept.0.len(), kept.1.len(), kept.2), (1, 3, 2));
        for room in 0..3 {
            assert_eq!(said(&merge_within(room, &logs)), kept, "{room}");
        }
    }

    #[test]
    fn numbers_that_no_process_reaches_do_no_harm() {
        let merged = merge([log("p", false, u64::MAX), log("q", false, u64::MAX)]);
        assert_eq!(merged.registry.get(ClassId(0)).instances, u64::MAX);
    }

    #[test]
    fn a_static_is_one_lock_in_all_processes() {
        assert_eq!(instances(vec![log("p", true, 1), log("q", true, 1)]), 1);
        assert_eq!(instances(vec![log("p", true, 1), log("q", true, 2)]), 3);
        assert_eq!(instances(vec![log("p", true, 1), log("q", false, 1)]), 2);
    }

    #[test]
    fn numbers_of_one_log_that_mean_one_class_are_counted_together() {
        let (name, text) = log("p", true, 1);
        let other = "{\"t\":\"instances\",\"class\":6,\"n\":1}\n\
             {\"t\":\"class\",\"id\":6,\"name\":\"A\",\"origin\":\"key\",\"kind\":\"mutex\",\"site\":null,\"static\":true}\n";
        assert_eq!(instances(vec![(name, text + other), log("q", true, 1)]), 3);
    }

    #[test]
    fn what_is_no_log_and_what_names_no_class_is_warned_about() {
        let (name, text) = log("p", false, 1);
        let site = "\"site\":\"a.rs:1:1\"";
        let chain = format!(
            "{{\"t\":\"chain\",\"thread\":\"t\",\"held\":[],\"next\":{{\"class\":6,\"inst\":1,\"want\":\"write\",\"manner\":\"block\",{site}}}}}\n"
        );
        let merged = merge([("x".to_owned(), "hello\n".to_owned()), (name, text + &chain)]);
        let warned: Vec<_> = merged.warnings.iter().map(|warning| warning.log.as_str()).collect();
        assert_eq!(warned, ["x", "p.log"]);
        assert_eq!(merged.processes, 1);
    }
}
