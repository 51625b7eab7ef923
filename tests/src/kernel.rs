//! The kernel's own lock tests as scenarios: `lib/locking-selftest.c` and the programs of liblockdep, which
//! `cases/kernel-selftest.json` describes as data, converted to `lockdep scenarios v1`.
//!
//! What the kernel runs in one task, event after event with nothing held in between, becomes one thread per event. Interrupts
//! become contexts: `hard` and `soft`, with interrupts off meaning that both are masked. Wait types are numbers from 0 (any
//! context, RCU) over 1 (raw spinlocks) and 2 (spinlocks) to 3 (sleeping locks); what a context allows is a pseudo-lock.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A case of the data file; keys that are not needed are passed over.
#[derive(Debug, Deserialize)]
struct KernelCase {
    name: String,
    family: String,
    desc: String,
    locks: Vec<KernelLock>,
    sequence: Vec<KernelOp>,
    expected: String,
    userspace: String,
    derived: Option<Derived>,
}

#[derive(Debug, Deserialize)]
struct KernelLock {
    id: String,
    class: String,
    kind: String,
}

#[derive(Debug, Deserialize)]
struct KernelOp {
    op: String,
    lock: Option<String>,
    irq: Option<String>,
    threaded: Option<bool>,
    nest: Option<String>,
    mode: Option<String>,
    ev: u32,
    thread: Option<u32>,
}

#[derive(Debug, Deserialize)]
struct Derived {
    report: Option<String>,
}

/// What became of the data file.
#[derive(Debug)]
pub struct Converted {
    /// The scenario file.
    pub text: String,
    /// Cases in it.
    pub cases: usize,
    /// Cases that user space cannot have, with the reason.
    pub excluded: Vec<(String, String)>,
}

/// Converts the data file.
///
/// # Panics
/// When the data has something that this converter does not know.
#[must_use]
pub fn convert(json: &str) -> Converted {
    let cases: Vec<KernelCase> = serde_json::from_str(json).expect("the data file is the one this is written for");
    let mut text = String::from(
        "# Converted from cases/kernel-selftest.json by src/kernel.rs; `LOCKDEP_TESTS_UPDATE=1 cargo test -p lockdep-tests --test kernel`\n\
         # writes it anew.\nformat = \"lockdep scenarios v1\"\n",
    );
    let (mut converted, mut excluded) = (0, Vec::new());
    for case in &cases {
        if case.family == "ww" || case.userspace.starts_with("needs wound/wait") && case.family != "nest_lock" {
            excluded.push((case.name.clone(), case.userspace.clone()));
            continue;
        }
        converted += 1;
        case.write(&mut text);
    }
    Converted { text, cases: converted, excluded }
}

impl KernelCase {
    fn write(&self, text: &mut String) {
        let mut converter = Converter { case: self, steps: Vec::new(), threads: BTreeMap::new(), limits: Vec::new() };
        for op in &self.sequence {
            converter.convert(op);
        }
        let Converter { steps, limits, .. } = converter;
        let locks =
            self.locks.iter().map(KernelLock::declaration).chain(limits.iter().map(|limit| limit.declaration()));
        let list = |items: Vec<String>| items.iter().map(|item| format!("{item:?}")).collect::<Vec<_>>().join(", ");
        let _ = write!(text, "\n[[case]]\nname = {:?}\nabout = {:?}\n", self.name, self.desc);
        let _ = write!(text, "locks = [{}]\nsteps = [{}]\n", list(locks.collect()), list(steps));
        let (grade, codes) = self.verdict();
        let _ = match grade {
            // The nested acquisition is also an edge of the graph.
            "expect" if self.name == "liblockdep_ABA" => {
                writeln!(text, "expect = [{}]\nalso = [\"inversion\"]", list(codes))
            }
            "expect" => writeln!(text, "expect = [{}]", list(codes)),
            _ => writeln!(text, "expect = []\n{grade} = [{}]", list(codes)),
        };
    }

    /// What the kernel's verdict is here: the list it goes into, and the codes.
    fn verdict(&self) -> (&'static str, Vec<String>) {
        if self.expected == "SUCCESS" {
            return ("expect", Vec::new());
        }
        // Who waits behind a queued writer needs one, and where nobody ever writes the finding says so.
        let releases = ["double_unlock", "init_held"].contains(&self.family.as_str());
        let grade = if !releases && self.waits_for_a_writer_that_never_comes() { "suspect" } else { "expect" };
        let report = self.derived.as_ref().and_then(|derived| derived.report.as_deref()).unwrap_or("");
        let code = match (self.family.as_str(), report) {
            ("double_unlock" | "init_held", _) => "bad-release",
            ("liblockdep", _) if self.name == "liblockdep_unlock_balance" => "bad-release",
            ("nest_lock", _) => "wrong-nest",
            ("wait_context", _) => "wait-type",
            ("fs_reclaim", _) => "self-deadlock",
            ("liblockdep", _) if ["liblockdep_AA", "liblockdep_ABA", "liblockdep_WW"].contains(&self.name.as_str()) => {
                "self-deadlock"
            }
            // One instance, read twice.
            ("rlock_AA1", _) => "self-deadlock",
            (_, "recursive_locking") => "recursion",
            ("queued_read_lock", _) if self.name.ends_with("RE_Er") => "inversion",
            (family, _) if family.contains("irq") || ["queued_read_lock", "local_lock"].contains(&family) => "context",
            _ => "inversion",
        };
        (grade, vec![code.to_owned()])
    }

    fn waits_for_a_writer_that_never_comes(&self) -> bool {
        let class = |op: &KernelOp| {
            self.locks.iter().find(|lock| Some(&lock.id) == op.lock.as_ref()).map(|lock| (&lock.kind, &lock.class))
        };
        let used = |verb: &str| self.sequence.iter().filter(move |op| op.op == verb).map(class).collect::<Vec<_>>();
        let written = used("lock");
        used("rlock").iter().any(|read| !written.contains(read))
    }
}

impl KernelLock {
    /// The same letter in two kinds is two classes.
    fn declaration(&self) -> String {
        let (kind, options) = match self.kind.as_str() {
            "spin" => ("spin", " wait=2"),
            "raw_spin" => ("spin", " wait=1"),
            "mutex" | "rtmutex" => ("mutex", " wait=3"),
            "rwlock" => ("rwlock", " wait=2"),
            "rwsem" => ("rwlock", " wait=3"),
            "rcu" | "rcu_bh" => ("map", " wait=0:2"),
            "rcu_sched" => ("map", " wait=0:1"),
            // A lock of its processor alone: nobody waits for it across processors.
            "local" => ("map", " novalidate"),
            "map" | "ww" => ("map", ""),
            other => panic!("locks of kind {other} are not known"),
        };
        format!("{}: {kind} {}_{}{options}", self.id, self.kind, self.class)
    }
}

/// What a running context allows to wait for, as a pseudo-lock that it holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Limit {
    Hard,
    Soft,
    Threaded,
}

impl Limit {
    fn name(self) -> &'static str {
        match self {
            Limit::Hard => "in_hard",
            Limit::Soft => "in_soft",
            Limit::Threaded => "in_threaded",
        }
    }

    fn declaration(self) -> String {
        format!("{}: map wait=0:{} novalidate", self.name(), if self == Limit::Hard { 1 } else { 2 })
    }
}

/// What is off on one thread.
#[derive(Default)]
struct Interrupts {
    hard_off: bool,
    soft_off: bool,
    limits: Vec<Limit>,
    nofs: bool,
}

struct Converter<'a> {
    case: &'a KernelCase,
    steps: Vec<String>,
    threads: BTreeMap<String, Interrupts>,
    limits: Vec<Limit>,
}

impl Converter<'_> {
    fn convert(&mut self, op: &KernelOp) {
        let thread = op.thread.map_or_else(|| format!("e{}", op.ev), |thread| format!("e{}t{thread}", op.ev));
        self.threads.entry(thread.clone()).or_default();
        let lock = op.lock.as_deref().unwrap_or("");
        let is_nofs = self.threads[&thread].nofs || op.mode.as_deref() == Some("no_fs");
        let verb = match op.op.as_str() {
            "lock" | "reclaim_enter" => "lock",
            "rlock" => "read",
            "rrlock" => "rread",
            "unlock" | "runlock" | "reclaim_exit" => "unlock",
            "trylock" => "try_lock",
            "init" => "drop",
            "might_alloc" if is_nofs => return,
            "might_alloc" => "might_lock",
            "nofs_save" | "nofs_restore" => {
                self.threads.entry(thread).or_default().nofs = op.op == "nofs_save";
                return;
            }
            // That a subclass does not rename its class: here labels are made of both.
            "set_subclass" => return self.steps.push(format!("{thread} lock {lock} sub=1")),
            "assert_name_unchanged" => return,
            "irq_enter" | "irq_exit" | "irq_disable" | "irq_enable" => return self.interrupts(&thread, op),
            other => panic!("{}: the operation {other} is not known", self.case.name),
        };
        let nest = op.nest.as_deref().map_or_else(String::new, |nest| format!(" nest={nest}"));
        self.steps.push(format!("{thread} {verb} {lock}{nest}"));
    }

    fn interrupts(&mut self, thread: &str, op: &KernelOp) {
        let context = op.irq.as_deref().unwrap_or("hard");
        let state = self.threads.get_mut(thread).expect("it was made when its first step was converted");
        let mut steps = Vec::new();
        match op.op.as_str() {
            "irq_enter" => {
                let limit = match (context, op.threaded) {
                    ("soft", _) => Limit::Soft,
                    (_, Some(false)) => Limit::Hard,
                    _ => Limit::Threaded,
                };
                state.limits.push(limit);
                if !self.limits.contains(&limit) {
                    self.limits.push(limit);
                }
                // Interrupts are off while one is handled, and with them the software ones.
                steps.extend(["mask hard".into(), "mask soft".into(), format!("enter {context}")]);
                steps.push(format!("lock {}", limit.name()));
            }
            "irq_exit" => {
                let limit = state.limits.pop().expect("an interrupt was entered");
                steps.extend([format!("unlock {}", limit.name()), format!("exit {context}")]);
                steps.extend(unmasks(state));
            }
            "irq_disable" if context == "hard" => {
                state.hard_off = true;
                steps.extend(["mask hard".into(), "mask soft".into()]);
            }
            "irq_disable" => {
                state.soft_off = true;
                steps.push("mask soft".into());
            }
            _ => {
                match context {
                    "hard" => state.hard_off = false,
                    _ => state.soft_off = false,
                }
                steps.extend(unmasks(state));
            }
        }
        self.steps.extend(steps.into_iter().map(|step| format!("{thread} {step}")));
    }
}

/// What can interrupt again, given what is still off.
fn unmasks(state: &Interrupts) -> Vec<String> {
    let mut steps = Vec::new();
    if !state.hard_off {
        steps.push("unmask hard".to_owned());
        if !state.soft_off {
            steps.push("unmask soft".to_owned());
        }
    }
    steps
}
