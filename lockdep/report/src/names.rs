//! Names for classes that nobody named: the field, static or binding at the place where their locks are made. For
//! display only; ids, suppressions and graph texts use labels, which do not change when a binding is renamed.

mod birth;

use crate::source::Sources;
use lockdep_core::class::{LockKind, Origin, Site};
use lockdep_core::finding::{CycleEdge, Finding, HeldLabel, Witness};
use lockdep_core::snapshot::{ClassDetail, GraphDetail, GraphText};
use std::collections::BTreeMap;

/// Names by label. A class without one is called by its label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Looks at the birth sites of all unnamed classes whose source can be read. Two classes that come out with one name keep
    /// their places as well.
    #[must_use]
    pub fn recover(detail: &GraphDetail, sources: &mut Sources) -> Names {
        let unnamed = |(label, class): (&'_ String, &'_ ClassDetail)| match (&class.site, class.origin) {
            (Some(site), Origin::Birth) => Some((label.clone(), site.clone(), type_of(class))),
            _ => None,
        };
        let classes: Vec<(String, Site, String)> = detail.classes.iter().filter_map(unnamed).collect();
        let mut sites: BTreeMap<&str, Vec<&Site>> = BTreeMap::new();
        for (_, site, _) in &classes {
            sites.entry(&site.file).or_default().push(site);
        }
        let mut found: BTreeMap<Site, String> = BTreeMap::new();
        for (file, sites) in sites {
            let Some(text) = sources.text(file) else { continue };
            found.extend(birth::names(&text, &sites).into_iter().map(|(site, name)| (site.clone(), name)));
        }
        let mut takers: BTreeMap<String, Vec<(String, Site)>> = BTreeMap::new();
        for (label, site, lock) in classes {
            if let Some(name) = found.get(&site) {
                takers.entry(format!("{name}: {lock}")).or_default().push((label, site));
            }
        }
        let mut names = BTreeMap::new();
        for (name, takers) in takers {
            let is_one = takers.iter().all(|(_, site)| *site == takers[0].1);
            for (label, site) in takers {
                let name = if is_one { name.clone() } else { format!("{name} ({site})") };
                names.insert(label.clone(), format!("{name}{}", subclass(&label)));
            }
        }
        Names(names)
    }

    /// Uses this name for a label.
    #[must_use]
    pub fn with(mut self, label: &str, name: &str) -> Names {
        self.0.insert(label.to_owned(), name.to_owned());
        self
    }

    /// What a class is called.
    #[must_use]
    pub fn of<'a>(&'a self, label: &'a str) -> &'a str {
        self.0.get(label).map_or(label, String::as_str)
    }

    /// All names by label.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(label, name)| (label.as_str(), name.as_str()))
    }

    /// A graph by names, for pictures.
    #[must_use]
    pub fn in_graph(&self, graph: &GraphText) -> GraphText {
        let name = |label: &String| self.of(label).to_owned();
        let ends = |(from, to): &(String, String)| (name(from), name(to));
        let cycle = |edges: &Vec<_>| edges.iter().map(|(from, kind, to)| (name(from), *kind, name(to))).collect();
        GraphText {
            classes: graph.classes.iter().map(|(label, kind)| (name(label), *kind)).collect(),
            edges: graph.edges.iter().map(|(edge, kinds)| (ends(edge), kinds.clone())).collect(),
            cycles: graph.cycles.iter().map(|(id, edges)| (id.clone(), cycle(edges))).collect(),
        }
    }

    /// A finding by names, and the (label, name) pairs that it needed. The id stays.
    #[must_use]
    pub fn in_finding(&self, finding: &Finding) -> (Finding, Vec<(&str, &str)>) {
        if self.0.is_empty() {
            return (finding.clone(), Vec::new());
        }
        let shown = Finding {
            code: finding.code,
            grade: finding.grade,
            level: finding.level,
            id: finding.id.clone(),
            classes: finding.classes.iter().map(|label| self.of(label).to_owned()).collect(),
            title: self.in_text(&finding.title),
            cycle: finding.cycle.iter().map(|edge| self.in_edge(edge)).collect(),
            witness: finding.witness.as_ref().map(|witness| self.in_witness(witness)),
            notes: finding.notes.iter().map(|note| self.in_text(note)).collect(),
        };
        let concerned = |(label, _): &(&str, &str)| finding.classes.iter().any(|class| class == label);
        (shown, self.iter().filter(concerned).collect())
    }

    fn in_edge(&self, edge: &CycleEdge) -> CycleEdge {
        CycleEdge {
            from: self.of(&edge.from).to_owned(),
            to: self.of(&edge.to).to_owned(),
            witness: self.in_witness(&edge.witness),
            ..edge.clone()
        }
    }

    pub(crate) fn in_witness(&self, witness: &Witness) -> Witness {
        let held = |held: &HeldLabel| HeldLabel { label: self.of(&held.label).to_owned(), ..held.clone() };
        Witness {
            held: witness.held.as_ref().map(held),
            wanted: self.of(&witness.wanted).to_owned(),
            also_held: witness.also_held.iter().map(held).collect(),
            ..witness.clone()
        }
    }

    /// A sentence in which labels stand in backquotes.
    fn in_text(&self, text: &str) -> String {
        let parts = text.split('`').enumerate();
        let named = parts.map(|(index, part)| if index % 2 == 1 { self.of(part) } else { part });
        named.collect::<Vec<_>>().join("`")
    }
}

/// `/1` of a subclass's label.
fn subclass(label: &str) -> &str {
    let level = label.rsplit_once('/').filter(|(_, level)| level.bytes().all(|byte| byte.is_ascii_digit()));
    level.map_or("", |(base, _)| &label[base.len()..])
}

/// `Mutex<Vec<u8>>`: the lock as it would be written, without paths.
fn type_of(class: &ClassDetail) -> String {
    let lock = match class.kind {
        LockKind::Mutex => "Mutex",
        LockKind::FairMutex => "FairMutex",
        LockKind::Reentrant => "ReentrantMutex",
        LockKind::RwLock => "RwLock",
        LockKind::RecursiveRwLock => "RecursiveRwLock",
        LockKind::Spin => "SpinMutex",
        LockKind::SpinRwLock => "SpinRwLock",
        LockKind::Condvar => return "Condvar".to_owned(),
        LockKind::Once => return "Once".to_owned(),
        LockKind::Map | LockKind::Channel | LockKind::Context | LockKind::Thread => {
            return class.kind.name().to_owned();
        }
    };
    format!("{lock}<{}>", without_paths(&class.name))
}

/// `Vec<Account>` of `alloc::vec::Vec<bank::Account>`.
fn without_paths(name: &str) -> String {
    let mut short = String::new();
    let mut rest = name;
    while !rest.is_empty() {
        let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let end = rest.find(|c| !is_path(c)).unwrap_or(rest.len());
        short.push_str(rest[..end].rsplit("::").next().unwrap_or_default());
        let next = rest[end..].find(is_path).map_or(rest.len(), |next| end + next);
        short.push_str(&rest[end..next]);
        rest = &rest[next..];
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_lose_their_paths() {
        assert_eq!(without_paths("alloc::vec::Vec<bank::Account>"), "Vec<Account>");
        assert_eq!(without_paths("(core::option::Option<u8>, &str)"), "(Option<u8>, &str)");
        assert_eq!(without_paths("dyn core::fmt::Debug + Send"), "dyn Debug + Send");
        assert_eq!(without_paths("?"), "?");
    }

    #[test]
    fn only_numbers_after_a_slash_are_a_subclass() {
        assert_eq!((subclass("Inode/2"), subclass("u32 (src/lib.rs)"), subclass("A")), ("/2", "", ""));
    }
}
