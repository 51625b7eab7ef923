//! The end of a report: the chain of the cycle, what was weighed, what to do, how to accept it, how to see it again.

use super::SHOWN;
use crate::background::Background;
use crate::words::{advice, clean, newest_first, who, wrap};
use annotate_snippets::{Group, Level};
use lockdep_core::finding::{Code, CycleEdge, Finding, Witness};

/// Where the project's decisions are.
const SETTINGS: &str = ".config/lockdep.toml";

/// The end of a report, in words.
pub(super) struct Verdict {
    title: String,
    chain: Option<String>,
    notes: Vec<String>,
    advice: String,
    accept: Option<String>,
    replay: String,
}

/// What is to be said at the end, in lines of this width.
pub(super) fn of(finding: &Finding, background: &Background, width: usize) -> Verdict {
    let (named, names) = background.names.in_finding(finding);
    let grade = finding.grade.name();
    let mut notes: Vec<String> = named.notes.iter().map(|note| clean(note)).collect();
    notes.extend(cut_note(finding, background));
    if let Some(wording) = finding.code.kernel_wording() {
        notes.push(format!("kernel lockdep calls this \"{wording}\""));
    }
    if !names.is_empty() {
        let pairs = names.iter().map(|(label, name)| clean(&format!("`{name}` is `{label}`")));
        notes.push(format!("in graphs and order files, {}", pairs.collect::<Vec<_>>().join(", ")));
    }
    Verdict {
        title: match finding.cycle.is_empty() {
            true => format!("{}, {grade}", finding.id),
            false => format!("the cycle, {}, {grade}", finding.id),
        },
        chain: (!finding.cycle.is_empty()).then(|| chain(&named)),
        notes: notes.iter().map(|note| wrap(note, width - "note: ".len())).collect(),
        advice: wrap(&advice(&named), width),
        accept: is_acceptable(finding.code).then(|| accept(finding)),
        replay: format!("replay: {}", clean(&background.replay(finding))),
    }
}

impl Verdict {
    pub(super) fn groups(&self) -> Vec<Group<'_>> {
        let chain = self.chain.iter().map(|chain| Level::NOTE.no_name().message(chain.as_str()));
        let notes = self.notes.iter().map(|note| Level::NOTE.message(note.as_str()));
        let verdict = Level::NOTE.secondary_title(self.title.as_str()).elements(chain).elements(notes);
        let help = Group::with_title(Level::HELP.secondary_title(self.advice.as_str()));
        let replay = Level::NOTE.no_name().message(self.replay.as_str());
        match &self.accept {
            Some(accept) => {
                let title = format!("or accept it: say why in `{SETTINGS}`");
                let lines = Level::NOTE.no_name().message(accept.as_str());
                vec![verdict, help, Level::HELP.secondary_title(title).element(lines).element(replay)]
            }
            None => vec![verdict, help.element(replay)],
        }
    }
}

/// Whether a project may decide to live with this: not with threads that are stuck, nor with what says that the verdict itself
/// is incomplete.
fn is_acceptable(code: Code) -> bool {
    !matches!(code, Code::Deadlock | Code::UnmatchedAllow | Code::Limit)
}

/// The lines that accept a finding.
fn accept(finding: &Finding) -> String {
    format!("[[allow]]\nid = \"{}\"\nreason = \"...\"", finding.id)
}

/// What this cycle has of the smallest set of edges that ends all cycles of the run.
fn cut_note(finding: &Finding, background: &Background) -> Option<String> {
    let cut = background.cut();
    if cut.cycles() < 2 {
        return None;
    }
    let name = |label| clean(background.names.of(label));
    let here = finding.cycle.iter().filter(|edge| cut.contains(&edge.from, &edge.to));
    let here: Vec<String> = here.map(|edge| format!("`{}` -> `{}`", name(&edge.from), name(&edge.to))).collect();
    let all = match cut.len() {
        1 => format!("one edge less ends all {} cycles of this run", cut.cycles()),
        edges => format!("{edges} edges less, and no fewer, end all {} cycles of this run; one of them", cut.cycles()),
    };
    (!here.is_empty()).then(|| format!("{all}: {}", here.join(", ")))
}

/// `A -EN-> B   new, at (1)(2)`, one line per edge.
fn chain(finding: &Finding) -> String {
    let edges = newest_first(finding);
    let width = |label: fn(&CycleEdge) -> &str| edges.iter().map(|edge| clean(label(edge)).chars().count()).max();
    let (from, to) = (width(|edge| &edge.from).unwrap_or(0), width(|edge| &edge.to).unwrap_or(0));
    let line = |(number, edge): (usize, &&CycleEdge)| {
        let seen = match (number, edge.count) {
            _ if finding.code == Code::Deadlock => format!("{} waits", who(&edge.witness)),
            (0, 1) => "new".to_owned(),
            (_, 1) => "recorded once".to_owned(),
            (_, count) => format!("recorded {count} times"),
        };
        let place = match number {
            shown if shown < SHOWN => format!("at ({})({})", 2 * shown + 1, 2 * shown + 2),
            _ => format!("by {} at {}", who(&edge.witness), sites(&edge.witness)),
        };
        format!("{:from$} -{}-> {:to$}  {seen}, {place}", clean(&edge.from), edge.kind, clean(&edge.to))
    };
    edges.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// Where the one was taken and then the other, for edges that are in the chain only.
fn sites(witness: &Witness) -> String {
    let held = witness.held.as_ref().map(|held| format!("{}, then ", held.site));
    format!("{}{}", held.unwrap_or_default(), witness.site)
}
