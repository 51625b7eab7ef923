//! The programs that the semantics was designed around, as one line each: threads separated by `|`, each
//! acquiring its locks in order and releasing them all at the end. `W` write, `r` read, `R` recursive read, `U`
//! upgradable, `^` upgrade, `t` try-lock, `s` timed with 10 ms, `l` timed with 10 s. A lock `a2` is another
//! instance of class `A`; lower-case classes are birth-site classes, upper-case ones keyed.

use lockdep_core::acquisition::{Acquisition, Actor, Held, Instance};
use lockdep_core::class::{ClassRegistry, ClassSpec, LockKind, Node, Origin, Site};
use lockdep_core::engine::Engine;
use lockdep_core::finding::{Code, Finding, Grade};
use lockdep_core::mode::{Manner, Want};

struct Machine {
    registry: ClassRegistry,
    engine: Engine,
    step: u32,
}

impl Machine {
    fn new() -> Machine {
        Machine { registry: ClassRegistry::new(), engine: Engine::new(), step: 0 }
    }

    fn node(&mut self, name: &str) -> (Node, Instance) {
        let class = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let serial = name[class.len()..].parse().unwrap_or(1);
        let keyed = class.chars().all(char::is_uppercase);
        let origin = if keyed { Origin::Key } else { Origin::Birth };
        let spec = ClassSpec { name: class.into(), origin, kind: LockKind::RwLock, site: None };
        let id = self.registry.register(spec);
        let instance = Instance { process: 1, serial: u64::from(id.0) << 32 | serial };
        (Node { class: id, subclass: 0 }, instance)
    }

    fn acquire(&mut self, actor: &Actor, held: &mut Vec<Held>, op: char, name: &str) -> Vec<Finding> {
        self.step += 1;
        let (node, instance) = self.node(name);
        let site = self.registry.site(Site { file: "<program>".into(), line: self.step, column: 1 });
        let (want, manner) = match op {
            'W' => (Want::Write, Manner::Block),
            'r' => (Want::Read, Manner::Block),
            'R' => (Want::RecursiveRead, Manner::Block),
            'U' => (Want::Upgradable, Manner::Block),
            '^' => (Want::Upgrade, Manner::Block),
            't' => (Want::Write, Manner::Try),
            's' => (Want::Write, Manner::Timed(10)),
            'l' => (Want::Write, Manner::Timed(10_000)),
            other => panic!("no such operation: {other}"),
        };
        let next = Acquisition { node, instance, want, manner, site, nest: None, rank: None, reentrant: false };
        let outcome = self.engine.observe(&mut self.registry, actor, held, &next);
        match held.iter_mut().find(|held| op == '^' && held.instance == instance) {
            Some(entry) => entry.mode = want.mode(),
            None => held.push(Held { node, instance, mode: want.mode(), site, rank: None, may_have_left: false }),
        }
        outcome.findings
    }

    fn run(&mut self, program: &str) {
        for (index, thread) in program.split('|').enumerate() {
            let name = format!("t{}", index + 1);
            let actor = Actor { process: 1, thread: name.as_str().into(), test: "".into(), segment: 0 };
            let mut held = Vec::new();
            for step in thread.split_whitespace() {
                let op = step.chars().next().expect("a step has an operation");
                self.acquire(&actor, &mut held, op, &step[1..]);
            }
        }
    }

    /// The codes found, with their grades, in the order of [`Engine::findings`].
    fn verdict(&self) -> Vec<(Code, Grade, Vec<String>)> {
        let findings = self.engine.findings(&self.registry);
        findings.into_iter().map(|finding| (finding.code, finding.grade, finding.classes)).collect()
    }
}

fn verdict(program: &str) -> Vec<(Code, Grade, Vec<String>)> {
    let mut machine = Machine::new();
    machine.run(program);
    machine.verdict()
}

#[track_caller]
fn expect(program: &str, code: Code, grade: Grade, classes: &str) {
    let found = verdict(program);
    let classes: Vec<String> = classes.split_whitespace().map(str::to_owned).collect();
    assert!(found.contains(&(code, grade, classes)), "{program}: {found:?}");
}

#[track_caller]
fn silent(program: &str) {
    assert_eq!(verdict(program), [], "{program}");
}

#[test]
fn opposite_orders_are_an_inversion_though_nothing_hangs() {
    expect("WA WB | WB WA", Code::Inversion, Grade::Possible, "A B");
    silent("WA WB | WA WB");
}

#[test]
fn the_shortest_cycle_is_reported_whatever_its_length() {
    expect("WA WB | WB WC | WC WA", Code::Inversion, Grade::Possible, "A B C");
    expect("WA WB | WB WC | WC WD | WD WA", Code::Inversion, Grade::Possible, "A B C D");
    silent("WA WB | WB WC | WC WD | WA WD");
}

#[test]
fn a_cycle_of_recursive_reads_is_no_deadlock() {
    silent("RA RB | RB RA");
    silent("RA WM | WM RA");
    expect("RA WM | WM WA", Code::Inversion, Grade::Possible, "A M");
    expect("WA RB | WB RA", Code::Inversion, Grade::Possible, "A B");
}

#[test]
fn plain_readers_need_a_writer_that_somebody_saw() {
    expect("rA rB | rB rA", Code::Inversion, Grade::Suspect, "A B");
    expect("rA rB | rB rA | WA | WB", Code::Inversion, Grade::Possible, "A B");
    expect("WA | WB | rA rB | rB rA", Code::Inversion, Grade::Possible, "A B");
}

#[test]
fn edges_come_from_every_held_lock() {
    expect("WA rB WC | WC WA", Code::Inversion, Grade::Possible, "A C");
    expect("WA RB WC | WC WA", Code::Inversion, Grade::Possible, "A C");
}

#[test]
fn a_class_first_reached_weakly_is_reached_strongly_too() {
    expect("WN RM | WN WQ | WQ WM | RM WP | WP WN", Code::Inversion, Grade::Possible, "M P N Q");
}

#[test]
fn a_gate_excuses_and_the_reason_is_told() {
    let mut machine = Machine::new();
    machine.run("WG WA WB | WG WB WA");
    let findings = machine.engine.findings(&machine.registry);
    assert_eq!((findings[0].code, findings[0].grade), (Code::Inversion, Grade::Excused));
    assert_eq!(findings[0].notes[0], "the two sides exclude each other: both hold `G`");
    expect("rG WA WB | rG WB WA", Code::Inversion, Grade::Possible, "A B");
}

#[test]
fn every_choice_has_to_be_guarded() {
    expect("WG WA WB | WH WA WB | WG WH WB WA", Code::Inversion, Grade::Excused, "A B");
    expect("WG WA WB | WH WA WB | WG WB WA", Code::Inversion, Grade::Possible, "A B");
}

#[test]
fn two_gates_of_one_class_do_not_exclude_each_other() {
    expect("WG1 WA WB | WG2 WB WA", Code::Inversion, Grade::Possible, "A B");
}

#[test]
fn an_excused_cycle_does_not_hide_its_longer_neighbour() {
    expect("WG WA WB | WG WB WA | WB WC | WC WA", Code::Inversion, Grade::Possible, "A B C");
    expect("WG WA WB | WG WB WA | WB WC | WC WA", Code::Inversion, Grade::Excused, "A B");
}

#[test]
fn a_try_lock_adds_no_incoming_edge_but_is_a_source() {
    silent("WA WB | WB tA");
    expect("tA WB | WB WA", Code::Inversion, Grade::Possible, "A B");
}

#[test]
fn a_timed_wait_blocks_if_it_lasts() {
    expect("WA lB | WB WA", Code::Inversion, Grade::Possible, "A B");
    expect("WA sB | WB WA", Code::Inversion, Grade::Excused, "A B");
    expect("lA lA", Code::SelfDeadlock, Grade::Possible, "A");
    expect("sA sA", Code::SelfDeadlock, Grade::Excused, "A");
}

#[test]
fn the_same_lock_again_is_a_self_deadlock_by_mode() {
    for program in ["WA WA", "WA rA", "WA RA", "rA WA", "UA WA", "UA UA", "rA UA ^A"] {
        expect(&format!("{program} | WA"), Code::SelfDeadlock, Grade::Possible, "A");
    }
    for program in ["rA RA", "RA RA", "UA rA", "UA ^A", "WA tA"] {
        silent(program);
    }
    expect("rA rA", Code::SelfDeadlock, Grade::Suspect, "A");
    expect("rA rA | WA", Code::SelfDeadlock, Grade::Possible, "A");
    expect("rA UA | WA", Code::SelfDeadlock, Grade::Possible, "A");
}

#[test]
fn another_lock_of_the_class_is_recursion() {
    expect("WA1 WA2", Code::Recursion, Grade::Possible, "A");
    expect("Wa1 Wa2", Code::Recursion, Grade::Suspect, "a");
    silent("RA1 RA2");
}

#[test]
fn an_upgrade_is_blocked_by_readers_only() {
    silent("UA WB ^A | UA WB ^A");
    expect("UA WB ^A | rA WB", Code::Inversion, Grade::Possible, "A B");
}

#[test]
fn what_one_instance_teaches_holds_for_its_class() {
    expect("WA1 WB1 | WB2 WA2", Code::Inversion, Grade::Possible, "A B");
    expect("Wa1 Wb1 | Wb2 Wa2", Code::Inversion, Grade::Suspect, "a b");
    expect("Wa1 Wb1 | Wb1 Wa1", Code::Inversion, Grade::Possible, "a b");
}

#[test]
fn the_verdict_does_not_depend_on_who_came_first() {
    let threads = ["WG WA WB", "WG WB WA", "WB WC", "WC WA", "rA rC", "rC rA"];
    let ids = |order: &[usize]| -> Vec<String> {
        let program: Vec<&str> = order.iter().map(|&index| threads[index]).collect();
        let mut machine = Machine::new();
        machine.run(&program.join(" | "));
        machine.engine.findings(&machine.registry).into_iter().map(|finding| finding.id).collect()
    };
    let expected = ids(&[0, 1, 2, 3, 4, 5]);
    for rotation in 1..threads.len() {
        let mut order: Vec<usize> = (0..threads.len()).collect();
        order.rotate_left(rotation);
        assert_eq!(ids(&order), expected);
        order.reverse();
        assert_eq!(ids(&order), expected);
    }
}
