//! Reports for people, in rustc's style: the site that completed the problem is primary, every other site of the
//! whole cycle is shown, and numbers tie the title, the labels and the chain together.

use crate::source::{Sources, span};
use crate::words::{advice, clean, held_as, took, wanted_as, wants, who, wrap};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use lockdep_core::class::Site;
use lockdep_core::finding::{self, Code, CycleEdge, Finding, Witness};
use std::sync::Arc;

/// Edges that are shown with their source; further ones are in the chain only.
const SHOWN: usize = 4;

/// How a report looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// ANSI colours.
    pub color: bool,
    /// Unicode lines instead of ASCII.
    pub unicode: bool,
    /// Columns that text may take.
    pub width: usize,
}

impl Style {
    /// No colours, ASCII, 100 columns.
    #[must_use]
    pub const fn plain() -> Style {
        Style { color: false, unicode: false, width: 100 }
    }
}

/// A labelled site.
struct Mark<'a> {
    site: &'a Site,
    label: String,
    primary: bool,
}

/// One titled part of a report.
struct Part<'a> {
    title: String,
    marks: Vec<Mark<'a>>,
    notes: Vec<String>,
}

/// Renders one finding. It ends without a newline.
#[must_use]
pub fn render(finding: &Finding, sources: &mut Sources, style: Style) -> String {
    let level = match finding.level {
        finding::Level::Deny => Level::ERROR,
        finding::Level::Warn => Level::WARNING,
        finding::Level::Allow => Level::NOTE,
    };
    let parts = parts(finding);
    let mut texts = Vec::new();
    for part in &parts {
        texts.push(part.marks.iter().map(|mark| sources.text(&mark.site.file)).collect::<Vec<_>>());
    }
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (index, (part, texts)) in parts.iter().zip(&texts).enumerate() {
        let title = match index {
            0 => level.clone().primary_title(part.title.as_str()).id(format!("lockdep::{}", finding.code)),
            _ => Level::NOTE.secondary_title(part.title.as_str()),
        };
        let notes = part.notes.iter().map(|note| Element::from(Level::NOTE.message(note.as_str())));
        groups.push(title.elements(elements(part, texts)).elements(notes));
    }
    groups.push(verdict(finding));
    if let Some(advice) = advice(finding) {
        groups.push(Group::with_title(Level::HELP.secondary_title(wrap(&advice))));
    }
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let decor = if style.unicode { DecorStyle::Unicode } else { DecorStyle::Ascii };
    renderer.term_width(style.width).decor_style(decor).render(&groups)
}

/// Everything that has sites.
fn parts(finding: &Finding) -> Vec<Part<'_>> {
    if finding.cycle.is_empty() {
        return vec![lone(finding)];
    }
    let mut parts = Vec::new();
    for (number, edge) in newest_first(finding).into_iter().take(SHOWN).enumerate() {
        let (first, second) = (2 * number + 1, 2 * number + 2);
        let witness = &edge.witness;
        let title = match number {
            0 => clean(&finding.title),
            _ if finding.cycle.len() == 2 && finding.code == Code::Inversion && one_thread(finding) => {
                "the same thread took them in the other order".into()
            }
            _ if finding.cycle.len() == 2 && finding.code == Code::Inversion => {
                format!("{} took them in the other order", who(witness))
            }
            _ if finding.code == Code::Context => match &witness.held {
                Some(held) => format!("{} {} and {}", who(witness), took(held, ""), wants(witness)),
                None => format!("{} {}", who(witness), wants(witness)),
            },
            _ => format!("{} took `{}`, then `{}`", who(witness), clean(&edge.from), clean(&edge.to)),
        };
        let mut marks = Vec::new();
        if let Some(held) = &witness.held {
            let label = match number {
                0 => format!("({first}) {} {} here", who(witness), took(held, "")),
                _ if finding.code == Code::Context => format!("({first}) {} here", took(held, "")),
                _ => format!("({first}) first {}", held_as(held)),
            };
            marks.push(Mark { site: &held.site, label, primary: false });
        }
        let label = match number {
            0 => format!("({second}) and now {}", wants(witness)),
            _ if finding.code == Code::Context => format!("({second}) and {}", wants(witness)),
            _ => format!("({second}) then {}", wanted_as(witness)),
        };
        marks.push(Mark { site: &witness.site, label, primary: number == 0 });
        parts.push(Part { title, marks, notes: also_held(witness) });
    }
    parts
}

/// The edges, starting with the one that closed the cycle.
fn newest_first(finding: &Finding) -> Vec<&CycleEdge> {
    let closing = finding.cycle.iter().position(|edge| edge.closing).unwrap_or(0);
    finding.cycle[closing..].iter().chain(&finding.cycle[..closing]).collect()
}

fn one_thread(finding: &Finding) -> bool {
    let mut who = finding.cycle.iter().map(|edge| (&edge.witness.thread, &edge.witness.test));
    let first = who.next();
    who.all(|other| Some(other) == first)
}

fn also_held(witness: &Witness) -> Vec<String> {
    let locks: Vec<String> =
        witness.also_held.iter().map(|held| format!("{} (taken at {})", held_as(held), held.site)).collect();
    if locks.is_empty() { Vec::new() } else { vec![wrap(&format!("{} also held {}", who(witness), locks.join(", ")))] }
}

/// A finding that is about one observation.
fn lone(finding: &Finding) -> Part<'_> {
    let mut marks = Vec::new();
    let mut notes = Vec::new();
    if let Some(witness) = &finding.witness {
        let who = who(witness);
        if let Some(held) = &witness.held {
            let (one, still) = match finding.code {
                Code::Recursion => ("one ", ""),
                Code::SelfDeadlock => ("", ", and still holds it"),
                _ => ("", ""),
            };
            let label = format!("(1) {who} {} here{still}", took(held, one));
            marks.push(Mark { site: &held.site, label, primary: false });
        }
        let label = match finding.code {
            Code::SelfDeadlock => format!("(2) and waits for {} again: for itself", wanted_as(witness)),
            Code::Recursion => format!("(2) and now wants another {}", wanted_as(witness)),
            Code::HeldAtExit => format!("{who} took {} here, and never released it", wanted_as(witness)),
            Code::BadRelease => format!("{who} released it here"),
            Code::AssertHeld => format!("{who} asserted it here"),
            Code::Limit => format!("{who} took it here"),
            _ if witness.held.is_some() => format!("(2) and now wants {}", wanted_as(witness)),
            _ => format!("{who} wants {} here", wanted_as(witness)),
        };
        marks.push(Mark { site: &witness.site, label, primary: true });
        notes = also_held(witness);
    }
    Part { title: clean(&finding.title), marks, notes }
}

/// Sites with their source where it can be read; neighbours of one file share a snippet.
fn elements<'a>(part: &'a Part<'a>, texts: &'a [Option<Arc<str>>]) -> Vec<Element<'a>> {
    let mut elements: Vec<Element<'a>> = Vec::new();
    let mut open: Option<(&str, Snippet<'a, Annotation<'a>>)> = None;
    for (mark, text) in part.marks.iter().zip(texts) {
        let found = text.as_deref().and_then(|text| Some((text, span(text, mark.site.line, mark.site.column)?)));
        let Some((text, range)) = found else {
            elements.extend(open.take().map(|(_, snippet)| Element::from(snippet)));
            let (line, column) = (mark.site.line as usize, mark.site.column as usize);
            elements.push(Origin::path(&*mark.site.file).line(line).char_column(column).into());
            elements.push(Level::NOTE.no_name().message(mark.label.as_str()).into());
            continue;
        };
        let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(range).label(mark.label.as_str());
        let (file, snippet) = match open.take() {
            Some((file, snippet)) if file == &*mark.site.file => (file, snippet),
            other => {
                elements.extend(other.map(|(_, snippet)| Element::from(snippet)));
                (&*mark.site.file, Snippet::source(text).path(&*mark.site.file))
            }
        };
        open = Some((file, snippet.annotation(annotation)));
    }
    elements.extend(open.map(|(_, snippet)| Element::from(snippet)));
    elements
}

/// The chain of the cycle, what was weighed, and how to find more about it.
fn verdict(finding: &Finding) -> Group<'_> {
    let grade = finding.grade.name();
    let title = match finding.cycle.is_empty() {
        true => format!("{}, {grade}", finding.id),
        false => format!("the cycle, {}, {grade}", finding.id),
    };
    let mut messages = Vec::new();
    if !finding.cycle.is_empty() {
        messages.push(Level::NOTE.no_name().message(chain(finding)));
    }
    messages.extend(finding.notes.iter().map(|note| Level::NOTE.message(wrap(&clean(note)))));
    if let Some(wording) = finding.code.kernel_wording() {
        messages.push(Level::NOTE.message(format!("kernel lockdep calls this \"{wording}\"")));
    }
    Level::NOTE.secondary_title(title).elements(messages)
}

/// `A -EN-> B   new, at (1)(2)`, one line per edge.
fn chain(finding: &Finding) -> String {
    let edges = newest_first(finding);
    let width = |label: fn(&CycleEdge) -> &str| edges.iter().map(|edge| clean(label(edge)).chars().count()).max();
    let (from, to) = (width(|edge| &edge.from).unwrap_or(0), width(|edge| &edge.to).unwrap_or(0));
    let line = |(number, edge): (usize, &&CycleEdge)| {
        let seen = match (number, edge.count) {
            (0, 1) => "new".to_owned(),
            (_, 1) => "recorded once".to_owned(),
            (_, count) => format!("recorded {count} times"),
        };
        let place = match number {
            shown if shown < SHOWN => format!("at ({})({})", 2 * shown + 1, 2 * shown + 2),
            _ => format!("by {} at {}", who(&edge.witness), edge.witness.site),
        };
        format!("{:from$} -{}-> {:to$}  {seen}, {place}", clean(&edge.from), edge.kind, clean(&edge.to))
    };
    edges.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}
