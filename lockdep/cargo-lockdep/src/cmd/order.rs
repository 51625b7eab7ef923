//! `cargo lockdep order`: from what was observed to the documented hierarchy.

use crate::cargo::{ORDER_FILE, Workspace};
use crate::cli::Order;
use crate::cmd::read::{merged, sources, workspace};
use crate::exit::{Exit, Failure};
use crate::settings::Settings;
use crate::shell::{self, Shell};
use crate::verdict::read_order;
use lockdep_core::class::{LockKind, Site};
use lockdep_core::hierarchy::{Hierarchy, Observed};
use lockdep_core::log::Merged;
use lockdep_core::snapshot::GraphDetail;
use lockdep_report::source::Sources;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Writes, checks or prints.
pub(crate) fn order(args: &Order, shell: Shell) -> Result<Exit, Failure> {
    let workspace = workspace(&args.recorded)?;
    let merged = merged(&workspace, &args.recorded, shell)?;
    let orders = orders(&merged, &mut sources(&workspace));
    let observed: Vec<Observed<'_>> = orders
        .iter()
        .map(|((held, taken), (weight, at))| Observed { held, taken, weight: *weight, at: at.clone() })
        .collect();
    if args.kernel_comment {
        shell::print(Hierarchy::kernel_comment(&observed));
        return Ok(Exit::Clean);
    }
    let file = file(args, &workspace)?;
    let (before, after) = match file.exists() {
        true => {
            let (text, hierarchy) = read_order(&file)?;
            let after = hierarchy.with_observed(&text, &observed);
            (Some(text), after)
        }
        false => (None, Hierarchy::draft(&observed)),
    };
    let name = workspace.relative(&file).display();
    if before.as_ref() == Some(&after) {
        shell.status("Unchanged", format!("{name} says all that was observed"));
        return Ok(Exit::Clean);
    }
    if args.check {
        shell::print(added(before.as_deref().unwrap_or(""), &after));
        shell.error(format!("{name} is not up to date; `cargo lockdep order` adds these lines"));
        return Ok(Exit::Findings);
    }
    std::fs::write(&file, &after).map_err(|error| Failure::file(&file, "written", &error))?;
    match before {
        None => shell.status("Created", format!("{name}; every run is checked against it from now on")),
        Some(before) => {
            shell.status("Updated", format!("{name}, with what was observed at its end, to be placed:"));
            shell.note(format!("\n{}", added(&before, &after).trim_end()));
        }
    }
    Ok(Exit::Clean)
}

/// The order file that is meant, which need not exist.
fn file(args: &Order, workspace: &Workspace) -> Result<PathBuf, Failure> {
    if let Some(file) = &args.order {
        return Ok(file.clone());
    }
    let settings = Settings::read(workspace, args.config.as_deref())?;
    let named = workspace.order_file(&[], settings.order.as_deref())?;
    Ok(named.unwrap_or_else(|| workspace.root.join(ORDER_FILE)))
}

/// The lines that were appended.
fn added<'t>(before: &str, after: &'t str) -> &'t str {
    after.strip_prefix(before.trim_end()).unwrap_or(after).trim_start()
}

/// Every observed order between locks: how many different observations speak for it, and where it was seen.
type Orders = BTreeMap<(String, String), (u64, Option<String>)>;

fn orders(merged: &Merged, sources: &mut Sources) -> Orders {
    let detail = GraphDetail::of(&merged.engine, &merged.registry);
    let is_lock =
        |label: &str| !matches!(detail.graph.classes.get(label), None | Some(LockKind::Thread | LockKind::Context));
    let between_locks = detail.edges.iter().filter(|((held, taken), _)| is_lock(held) && is_lock(taken));
    between_locks
        .map(|(ends, edge)| {
            let first = edge.witnesses.iter().map(|witness| &witness.site).min();
            let at = first.map(|site| place(site, sources));
            (ends.clone(), (edge.witnesses.len() as u64, at))
        })
        .collect()
}

/// The function that a site is in, or its file if the source cannot be read: lines change with every edit.
fn place(site: &Site, sources: &mut Sources) -> String {
    let text = sources.text(&site.file);
    let function = text.as_deref().and_then(|text| function_at(text, site.line));
    function.unwrap_or(&site.file).to_owned()
}

/// The name of the function around a line: the nearest `fn` above that is indented less.
fn function_at(text: &str, line: u32) -> Option<&str> {
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let lines: Vec<&str> = text.lines().take(line as usize).collect();
    let inside = indentation(lines.last()?);
    lines.iter().rev().skip(1).filter(|line| indentation(line) < inside).find_map(|line| {
        let (before, after) = line.split_once("fn ")?;
        let is_code = before.chars().all(|c| c.is_alphanumeric() || " _\"()".contains(c));
        let end = after.find(|c: char| !c.is_alphanumeric() && c != '_')?;
        (is_code && end > 0).then(|| &after[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::function_at;

    #[test]
    fn a_line_is_in_the_function_above_it() {
        let text = "\
impl Board {
    pub(crate) async fn castle<T>(&self) {
        // a fn in a comment
        if self.is_free() {
            let rook = self.rook.lock();
        }
    }
}
static KING: u8 = 0;
";
        assert_eq!(function_at(text, 5), Some("castle"));
        assert_eq!(function_at(text, 9), None);
        assert_eq!(function_at(text, 99), None);
        assert_eq!(function_at("", 1), None);
    }
}
