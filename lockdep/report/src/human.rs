//! Reports for people, in rustc's style: the site that completed the problem is primary, every other site of the
//! whole cycle is shown, and numbers tie the title, the labels and the chain together.

mod verdict;

use crate::background::Background;
use crate::source::span;
use crate::words::{clean, held_as, newest_first, took, wanted_as, wants, who, wrap};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use lockdep_core::class::Site;
use lockdep_core::finding::{self, Code, Finding, Witness};
use std::sync::Arc;

/// Edges that are shown with their source; further ones are in the chain only.
const SHOWN: usize = 4;

/// Columns that sentences take at most.
pub const PROSE: usize = 100;

/// How a report looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// ANSI colours.
    pub color: bool,
    /// Unicode lines instead of ASCII.
    pub unicode: bool,
    /// Columns of the terminal: source lines are cut there. Sentences are wrapped there too, but at [`PROSE`] at the latest.
    pub width: usize,
}

impl Style {
    /// No colours, ASCII, 100 columns.
    #[must_use]
    pub const fn plain() -> Style {
        Style { color: false, unicode: false, width: PROSE }
    }

    /// What is left for a sentence in an indented part of a report.
    fn prose(self) -> usize {
        self.width.min(PROSE).saturating_sub(8).max(20)
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

/// Renders one finding, its classes called by their names. It ends without a newline.
#[must_use]
pub fn render(finding: &Finding, background: &mut Background, style: Style) -> String {
    let level = match finding.level {
        finding::Level::Deny => Level::ERROR,
        finding::Level::Warn => Level::WARNING,
        finding::Level::Allow => Level::NOTE,
    };
    let verdict = verdict::of(finding, background, style.prose());
    let (named, _) = background.names.in_finding(finding);
    let parts = parts(&named, style.prose());
    let sources = &mut background.sources;
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
    groups.extend(verdict.groups());
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let decor = if style.unicode { DecorStyle::Unicode } else { DecorStyle::Ascii };
    renderer.term_width(style.width).decor_style(decor).render(&groups)
}

/// Everything that has sites.
fn parts(finding: &Finding, width: usize) -> Vec<Part<'_>> {
    if finding.cycle.is_empty() {
        return vec![lone(finding, width)];
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
            _ if finding.code == Code::Deadlock => format!("{} waits too", who(witness)),
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
                _ if finding.code != Code::Inversion => format!("({first}) {} here", took(held, "")),
                _ => format!("({first}) first {}", held_as(held)),
            };
            marks.push(Mark { site: &held.site, label, primary: false });
        }
        let label = match number {
            _ if finding.code == Code::Deadlock => format!("({second}) and waits for {} now", wanted_as(witness)),
            0 => format!("({second}) and now {}", wants(witness)),
            _ if finding.code == Code::Context => format!("({second}) and {}", wants(witness)),
            _ => format!("({second}) then {}", wanted_as(witness)),
        };
        marks.push(Mark { site: &witness.site, label, primary: number == 0 });
        parts.push(Part { title, marks, notes: also_held(witness, width) });
    }
    parts
}

fn one_thread(finding: &Finding) -> bool {
    let mut who = finding.cycle.iter().map(|edge| (&edge.witness.thread, &edge.witness.test));
    let first = who.next();
    who.all(|other| Some(other) == first)
}

fn also_held(witness: &Witness, width: usize) -> Vec<String> {
    let locks: Vec<String> =
        witness.also_held.iter().map(|held| format!("{} (taken at {})", held_as(held), held.site)).collect();
    let told = || wrap(&format!("{} also held {}", who(witness), locks.join(", ")), width - "note: ".len());
    if locks.is_empty() { Vec::new() } else { vec![told()] }
}

/// A finding that is about one observation.
fn lone(finding: &Finding, width: usize) -> Part<'_> {
    let mut marks = Vec::new();
    let mut notes = Vec::new();
    if let Some(witness) = &finding.witness {
        let who = who(witness);
        if let Some(held) = &witness.held {
            let (one, still) = match finding.code {
                Code::Recursion | Code::WrongNest => ("one ", ""),
                Code::SelfDeadlock => ("", ", and still holds it"),
                _ => ("", ""),
            };
            let label = format!("(1) {who} {} here{still}", took(held, one));
            marks.push(Mark { site: &held.site, label, primary: false });
        }
        let label = match finding.code {
            Code::SelfDeadlock => format!("(2) and waits for {} again: for itself", wanted_as(witness)),
            Code::Recursion | Code::WrongNest if witness.held.is_some() => {
                format!("(2) and now wants another {}", wanted_as(witness))
            }
            Code::WaitType if witness.held.is_some() => format!("(2) and now may block on {}", wanted_as(witness)),
            Code::HeldAtExit => format!("{who} took {} here, and never released it", wanted_as(witness)),
            Code::BadRelease => format!("{who} released {} here", wanted_as(witness)),
            Code::HeldAcrossAwait => format!("{who} awaits here, with {} held", wanted_as(witness)),
            Code::GuardLost if witness.held.is_some() => {
                format!("(2) and wants {}, without the guard", wanted_as(witness))
            }
            Code::AssertHeld => format!("{who} asserted it here"),
            Code::Limit => format!("{who} took it here"),
            _ if witness.held.is_some() => format!("(2) and now wants {}", wanted_as(witness)),
            _ => format!("{who} wants {} here", wanted_as(witness)),
        };
        marks.push(Mark { site: &witness.site, label, primary: true });
        notes = also_held(witness, width);
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
