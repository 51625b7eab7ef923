//! How a graph is drawn, and where the picture goes.

use crate::cargo::Workspace;
use crate::cli::{Destination, Notation};
use crate::exit::Failure;
use crate::shell::{self, Shell};
use crate::verdict::Judged;
use lockdep_core::snapshot::GraphText;
use lockdep_report::background::Background;
use lockdep_report::html::{self, Page};
use lockdep_report::svg;
use std::fs;
use std::path::Path;

/// The notation that was asked for; whoever wants it opened and does not say more wants the page.
pub(crate) fn notation(format: Option<Notation>, destination: &Destination) -> Option<Notation> {
    format.or(destination.open.then_some(Notation::Html))
}

/// A graph in a notation for people, classes by their names, or as the text that is stable.
pub(crate) fn draw(
    graph: &GraphText,
    notation: Notation,
    judged: &Judged,
    background: &mut Background,
    title: &str,
) -> String {
    let named = background.names().in_graph(graph);
    match notation {
        Notation::Text => graph.to_string(),
        Notation::Dot => named.to_dot(),
        Notation::Mermaid => named.to_mermaid(),
        Notation::Svg => svg::render(&named),
        Notation::Html => {
            let (detail, findings) = (&judged.detail.part(graph), &judged.findings);
            html::render(Page { title, detail, findings, summary: Some(&judged.summary) }, background)
        }
    }
}

/// Prints a drawing, or writes it to a file and opens that.
pub(crate) fn deliver(
    text: &str,
    notation: Notation,
    destination: &Destination,
    workspace: &Workspace,
    shell: Shell,
) -> Result<(), Failure> {
    let file = match (&destination.output, destination.open) {
        (Some(file), _) => file.clone(),
        (None, true) => workspace.drawing(extension(notation)),
        (None, false) => {
            shell::print(text);
            return Ok(());
        }
    };
    write(&file, text)?;
    shell.status("Wrote", file.display());
    if destination.open {
        opener::open(&file).map_err(|error| Failure::usage(format!("{} cannot be opened: {error}", file.display())))?;
    }
    Ok(())
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let folder = file.parent().map_or(Ok(()), fs::create_dir_all);
    folder.and_then(|()| fs::write(file, text)).map_err(|error| Failure::file(file, "written", &error))
}

fn extension(notation: Notation) -> &'static str {
    match notation {
        Notation::Text => "graph",
        Notation::Dot => "dot",
        Notation::Mermaid => "mmd",
        Notation::Svg => "svg",
        Notation::Html => "html",
    }
}
