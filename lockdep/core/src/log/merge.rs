//! Many logs, one engine. Classes of different logs are the same if their specs are; findings are judged anew
//! from all the evidence, never taken over from a log.

use super::{ChainRecord, Header, HeldRecord, Record, Warning, read_str};
use crate::acquisition::{Acquisition, Actor, Held, Instance};
use crate::class::{ClassId, ClassRegistry, Node};
use crate::engine::Engine;
use crate::mode::{Mode, Want};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::Arc;

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
    /// How many of them ended in good order.
    pub complete: usize,
    /// How many acquisitions those made.
    pub acquisitions: u64,
    /// How many different chains of two or more locks there were.
    pub chains: u64,
}

/// One log after its classes have been entered in the registry.
struct Read {
    name: String,
    process: u32,
    test: Arc<str>,
    classes: FxHashMap<u32, ClassId>,
    records: Vec<Record>,
}

/// What was learnt about one process, by whatever number of logs.
#[derive(Default)]
struct Process {
    acquisitions: Option<u64>,
    instances: BTreeMap<ClassId, u64>,
    seen: FxHashMap<ClassId, FxHashSet<u64>>,
}

impl Process {
    /// How many instances of a class it had: what it said last, or, where that line was lost, what its chains show.
    fn count(&self, class: ClassId) -> Option<u64> {
        let seen = self.seen.get(&class).map(|serials| serials.len() as u64);
        self.instances.get(&class).copied().max(seen)
    }
}

/// Reads and merges logs; each comes with the name that warnings give it. A log that is given twice counts once: its
/// process keeps its number, so its evidence is the same evidence. A text that is no log is passed over with a warning.
pub fn merge<N: Into<String>, T: AsRef<str>>(logs: impl IntoIterator<Item = (N, T)>) -> Merged {
    let mut merged = Merged::default();
    let mut numbers: FxHashMap<String, u32> = FxHashMap::default();
    let mut processes: Vec<Process> = Vec::new();
    let mut reads = Vec::new();
    for (name, header, records) in parsed(logs, &mut merged.warnings) {
        let Header { process, test, .. } = header;
        let next = u32::try_from(processes.len() + 1).expect("fewer than 2^32 processes");
        let number = *numbers.entry(process).or_insert(next);
        if number == next {
            processes.push(Process::default());
        }
        let classes = enter_classes(&mut merged.registry, &records);
        learn(&mut processes[number as usize - 1], &classes, &records);
        reads.push(Read { name, process: number, test: test.into(), classes, records });
    }
    let shared = count_instances(&mut merged.registry, &processes);
    merged.processes = processes.len();
    merged.complete = processes.iter().filter(|process| process.acquisitions.is_some()).count();
    merged.acquisitions = processes.iter().filter_map(|process| process.acquisitions).sum();
    let mut chains = FxHashSet::default();
    for read in reads {
        replay(&mut merged, &mut chains, &shared, read);
    }
    merged.chains = chains.len() as u64;
    merged
}

/// The logs that are logs, sorted by process, so that numbers do not depend on the order in which they were given.
fn parsed<N: Into<String>, T: AsRef<str>>(
    logs: impl IntoIterator<Item = (N, T)>,
    told: &mut Vec<Warning>,
) -> Vec<(String, Header, Vec<Record>)> {
    let mut parsed = Vec::new();
    for (name, text) in logs {
        let name = name.into();
        match read_str(text.as_ref()) {
            Err(error) => told.push(Warning { log: name, line: 0, message: error.message }),
            Ok((header, records, warnings)) => {
                told.extend(warnings.into_iter().map(|warning| Warning { log: name.clone(), ..warning }));
                parsed.push((name, header, records));
            }
        }
    }
    parsed.sort_by(|(a_name, a, _), (b_name, b, _)| (&a.process, a_name).cmp(&(&b.process, b_name)));
    parsed
}

/// Registers the classes of one log. A class is static only if every log says so.
fn enter_classes(registry: &mut ClassRegistry, records: &[Record]) -> FxHashMap<u32, ClassId> {
    let mut classes = FxHashMap::default();
    for record in records {
        let Record::Class(class) = record else { continue };
        let known = registry.len();
        let id = registry.register(class.spec.clone());
        let is_new = registry.len() > known;
        let entry = registry.get_mut(id);
        entry.is_static = class.is_static && (is_new || entry.is_static);
        entry.novalidate |= class.novalidate;
        entry.wait = entry.wait.or(class.wait);
        classes.insert(class.id, id);
    }
    classes
}

/// Takes in the totals of one log; running totals only grow, so the largest is the last.
fn learn(process: &mut Process, classes: &FxHashMap<u32, ClassId>, records: &[Record]) {
    for record in records {
        match record {
            Record::Instances { class, n } => {
                if let Some(&id) = classes.get(class) {
                    let total = process.instances.entry(id).or_default();
                    *total = (*total).max(*n);
                }
            }
            Record::Exit { acquisitions } => {
                process.acquisitions = Some(process.acquisitions.unwrap_or(0).max(*acquisitions));
            }
            Record::Chain(chain) => {
                let held = chain.held.iter().map(|held| (held.class, held.instance));
                for (class, serial) in held.chain([(chain.next.class, chain.next.instance)]) {
                    if let Some(&id) = classes.get(&class) {
                        process.seen.entry(id).or_default().insert(serial);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Counts the instances of every class over all processes. Returns, by class, whether its one instance is the same lock
/// in every process: it is static, and no process has two of it, which could not be told apart.
fn count_instances(registry: &mut ClassRegistry, processes: &[Process]) -> Vec<bool> {
    let ids: Vec<ClassId> = registry.iter().map(|(id, _)| id).collect();
    let mut shared = Vec::with_capacity(ids.len());
    for id in ids {
        let counts = || processes.iter().filter_map(|process| process.count(id));
        let is_shared = registry.get(id).is_static && counts().all(|count| count <= 1);
        let total = if is_shared { counts().max().unwrap_or(0) } else { counts().sum() };
        registry.get_mut(id).instances = total;
        shared.push(is_shared);
    }
    shared
}

/// Chains are told apart by their nodes and modes.
type Chain = (Vec<(Node, Mode)>, Node, Want);

fn replay(merged: &mut Merged, chains: &mut FxHashSet<Chain>, shared: &[bool], read: Read) {
    let Read { name, process, test, classes, records } = read;
    for record in records {
        match record {
            Record::Chain(chain) => {
                let log = Log { process, test: &test, classes: &classes, shared };
                match log.observation(&mut merged.registry, chain) {
                    Ok((actor, held, next)) => {
                        if !held.is_empty() {
                            let held = held.iter().map(|held| (held.node, held.mode)).collect();
                            chains.insert((held, next.node, next.want));
                        }
                        merged.engine.observe(&mut merged.registry, &actor, &held, &next);
                    }
                    Err(message) => merged.warnings.push(Warning { log: name.clone(), line: 0, message }),
                }
            }
            Record::Fault { code, title, mut witness } => {
                if witness.test.is_empty() {
                    witness.test = test.clone();
                }
                merged.engine.fault(code, witness, title);
            }
            Record::Segment(segment) => merged.registry.segments_mut().add(process, &segment),
            Record::Class(_) | Record::Instances { .. } | Record::Finding { .. } | Record::Exit { .. } => {}
        }
    }
}

/// How the numbers of one log are to be understood.
struct Log<'a> {
    process: u32,
    test: &'a Arc<str>,
    classes: &'a FxHashMap<u32, ClassId>,
    shared: &'a [bool],
}

impl Log<'_> {
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
    fn a_static_is_one_lock_in_all_processes() {
        assert_eq!(instances(vec![log("p", true, 1), log("q", true, 1)]), 1);
        assert_eq!(instances(vec![log("p", true, 1), log("q", true, 2)]), 3);
        assert_eq!(instances(vec![log("p", true, 1), log("q", false, 1)]), 2);
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
