//! From indices to words: findings as self-contained data.

use crate::acquisition::{Acquisition, Held};
use crate::class::{ClassRegistry, Labels};
use crate::context;
use crate::engine::Engine;
use crate::evidence::Occurrence;
use crate::finding::{Code, CycleEdge, Finding, Grade, HeldLabel, Witness};
use crate::graph::EdgeIx;
use crate::id;
use crate::judge::Judgement;
use crate::mode::DepKind;
use crate::search::realisation;

/// One occurrence in words.
#[must_use]
pub(crate) fn witness(engine: &Engine, registry: &ClassRegistry, labels: &Labels, seen: &Occurrence) -> Witness {
    let mut witness = lone_witness(engine, registry, labels, seen.actor, &seen.others, &seen.next);
    witness.held = Some(HeldLabel::new(registry, labels, &seen.held));
    witness
}

/// An acquisition in words, when no single held lock is concerned.
#[must_use]
pub(crate) fn lone_witness(
    engine: &Engine,
    registry: &ClassRegistry,
    labels: &Labels,
    actor: u32,
    held: &[Held],
    next: &Acquisition,
) -> Witness {
    let actor = engine.actor(actor);
    Witness {
        thread: actor.thread.clone(),
        test: actor.test.clone(),
        held: None,
        wanted: labels.node(next.node),
        want: next.want,
        manner: next.manner,
        site: registry.site_at(next.site).clone(),
        also_held: HeldLabel::locks(registry, labels, held),
    }
}

/// A finding about one class that nests in itself.
pub(crate) fn same_class(
    engine: &Engine,
    registry: &ClassRegistry,
    labels: &Labels,
    code: Code,
    seen: &Occurrence,
    (grade, notes): (Grade, Vec<String>),
) -> Finding {
    let label = labels.node(seen.next.node);
    let title = match code {
        Code::SelfDeadlock => format!("taking `{label}` while the same thread holds it already"),
        Code::WrongNest => format!("taking one `{label}` while holding another against their declared order"),
        _ => format!("taking one `{label}` while holding another"),
    };
    Finding {
        code,
        grade,
        level: grade.default_level(),
        id: id::of_labels(code, [label.as_str()]),
        classes: vec![label],
        title,
        cycle: Vec::new(),
        witness: Some(witness(engine, registry, labels, seen)),
        notes,
    }
}

/// A finding that no graph is needed for.
pub(crate) fn fault(code: Code, witness: Witness, title: String) -> Finding {
    let mut classes = vec![witness.wanted.clone()];
    classes.extend(witness.held.iter().map(|held| held.label.clone()));
    classes.dedup();
    // A limit is ours and not the program's.
    let grade = if code == Code::Limit { Grade::Suspect } else { Grade::Possible };
    Finding {
        code,
        grade,
        level: grade.default_level(),
        id: id::of_labels(code, classes.iter().map(String::as_str)),
        classes,
        title,
        cycle: Vec::new(),
        witness: Some(witness),
        notes: Vec::new(),
    }
}

/// The finding that says that some search was cut short.
pub(crate) fn limit(searches: usize) -> Finding {
    Finding {
        code: Code::Limit,
        grade: Grade::Suspect,
        level: Grade::Suspect.default_level(),
        id: id::of_labels(Code::Limit, ["cycles"]),
        classes: Vec::new(),
        title: format!("{searches} searches for further cycles were cut short"),
        cycle: Vec::new(),
        witness: None,
        notes: vec!["every edge on a cycle has its shortest cycle reported; alternatives may be missing".to_owned()],
    }
}

/// A strong cycle with its verdict. `closing` is the edge that completed it, when that is known; otherwise the
/// edge seen least often stands in, because it is the likelier mistake.
pub(crate) fn cycle(
    engine: &Engine,
    registry: &ClassRegistry,
    labels: &Labels,
    cycle: &[EdgeIx],
    closing: Option<EdgeIx>,
    mut judgement: Judgement,
) -> Finding {
    let graph = engine.dependencies();
    let label = |edge: EdgeIx| labels.node(graph.node_at(graph.edge(edge).from));
    let mut cycle = cycle.to_vec();
    let smallest = (0..cycle.len()).min_by_key(|&index| label(cycle[index])).unwrap_or(0);
    cycle.rotate_left(smallest);
    judgement.chosen.rotate_left(smallest);
    let rarest = cycle.iter().copied().min_by_key(|&edge| (graph.edge(edge).count, label(edge)));
    let closing = closing.filter(|edge| cycle.contains(edge)).or(rarest);
    let pairs = realisation(graph, &cycle).expect("a reported cycle is strong");
    let edges: Vec<CycleEdge> = cycle
        .iter()
        .zip(&judgement.chosen)
        .zip(pairs)
        .map(|((&edge, seen), (held, want))| CycleEdge {
            from: label(edge),
            to: labels.node(graph.node_at(graph.edge(edge).to)),
            kind: DepKind::of(held, want),
            closing: closing == Some(edge),
            count: graph.edge(edge).count,
            witness: witness(engine, registry, labels, seen),
        })
        .collect();
    let newest = edges.iter().find(|edge| edge.closing).unwrap_or(&edges[0]);
    let title = match edges.iter().find_map(|edge| Some((context::name_in(&edge.from)?, &edge.to))) {
        Some((name, lock)) if edges.len() == 2 => {
            format!("`{lock}` is taken in context `{name}`, which can interrupt its holder")
        }
        Some((name, _)) => format!("context `{name}` can interrupt the holder of a lock that it waits for over others"),
        None => format!("taking `{}` while holding `{}` closes a lock cycle", newest.to, newest.from),
    };
    let is_context = edges.iter().any(|edge| context::name_in(&edge.from).is_some());
    let code = if is_context { Code::Context } else { Code::Inversion };
    let mut notes = judgement.notes;
    let threads = edges.iter().map(|edge| &edge.witness.thread);
    if edges.len() > 1 && threads.clone().all(|thread| *thread == edges[0].witness.thread) {
        notes.push(format!(
            "one thread, `{}`, made every edge; two threads that do so at once deadlock",
            edges[0].witness.thread
        ));
    }
    Finding {
        code,
        grade: judgement.grade,
        level: judgement.grade.default_level(),
        id: id::of_cycle(code, &edges),
        classes: edges.iter().map(|edge| edge.from.clone()).collect(),
        title,
        cycle: edges,
        witness: None,
        notes,
    }
}
