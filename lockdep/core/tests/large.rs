//! Graphs with more cycles than anybody writes down: each is told once, and none is left out.

use lockdep_core::class::Origin;
use lockdep_core::finding::{Code, Finding, Grade};
use program::Program;
use std::collections::BTreeSet;

#[path = "../benches/program/mod.rs"]
mod program;

const GATE: u32 = 40;

/// Every one of forty classes under every other, under a gate or not.
fn dense(is_gated: bool) -> Vec<Finding> {
    let mut program = Program::new(GATE + 1, Origin::Key);
    for from in 0..GATE {
        for to in (0..GATE).filter(|to| *to != from) {
            let held = [(GATE, 0), (from, 0)];
            program.take(&held[usize::from(!is_gated)..], (to, 0));
        }
    }
    program.engine.findings(&program.registry)
}

fn count(findings: &[Finding], code: Code, grade: Grade) -> usize {
    findings.iter().filter(|found| (found.code, found.grade) == (code, grade)).count()
}

#[test]
fn every_pair_of_opposite_orders_is_told_and_nothing_else() {
    let findings = dense(false);
    let pairs = (GATE * (GATE - 1) / 2) as usize;
    assert_eq!((count(&findings, Code::Inversion, Grade::Possible), findings.len()), (pairs, pairs));
}

#[test]
fn under_a_gate_every_pair_is_excused_and_no_search_is_cut_short() {
    let findings = dense(true);
    let pairs = (GATE * (GATE - 1) / 2) as usize;
    assert_eq!((count(&findings, Code::Inversion, Grade::Excused), findings.len()), (pairs, pairs));
}

#[test]
fn a_ring_is_one_finding_live_and_afterwards_whatever_comes_first() {
    let mut ids = BTreeSet::new();
    for first in [0, 1, 250, 499] {
        let mut program = Program::new(500, Origin::Key);
        let mut live = Vec::new();
        for step in 0..500 {
            let from = (first + step) % 500;
            live.extend(program.take(&[(from, 0)], ((from + 1) % 500, 0)).findings);
        }
        let findings = program.engine.findings(&program.registry);
        assert_eq!((live.len(), findings.len(), findings[0].cycle.len()), (1, 1, 500));
        assert_eq!((live[0].grade, findings[0].grade), (Grade::Possible, Grade::Possible));
        ids.extend([live[0].id.clone(), findings[0].id.clone()]);
    }
    assert_eq!(ids.len(), 1);
}

#[test]
fn a_ring_of_unnamed_classes_is_suspect_until_the_same_locks_meet() {
    let mut program = Program::new(100, Origin::Birth);
    for from in 0..100 {
        program.take(&[(from, 1)], ((from + 1) % 100, 2));
    }
    let graded = |program: &Program| program.engine.findings(&program.registry).first().map(|found| found.grade);
    assert_eq!(graded(&program), Some(Grade::Suspect));
    let risen = (0..100).flat_map(|from| program.take(&[(from, 2)], ((from + 1) % 100, 2)).findings);
    assert_eq!(
        risen.map(|found| found.grade).collect::<Vec<_>>(),
        [Grade::Possible],
        "told once more, when it is sure"
    );
    assert_eq!(graded(&program), Some(Grade::Possible));
}
