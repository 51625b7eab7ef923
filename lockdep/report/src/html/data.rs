//! What the page's script reads: everything by index, places and people told once.

use super::Page;
use crate::background::Background;
use crate::human::{self, Style};
use crate::layout::{HEIGHT, Link, Placed, layout};
use crate::source::{Sources, span};
use crate::svg::{drawn, loop_at, path, width_of};
use crate::words::severity;
use lockdep_core::class::{LockKind, Origin, Site};
use lockdep_core::finding::{Finding, HeldLabel, Witness};
use lockdep_core::hierarchy::Verdict;
use lockdep_core::mode::{DepKind, Manner};
use lockdep_core::snapshot::{EdgeDetail, GraphDetail};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Lines of code around a place.
const AROUND: u32 = 2;

/// Everything the page shows.
pub(super) fn of(page: Page<'_>, background: &mut Background) -> Value {
    let labels = labels(page.detail);
    let index: BTreeMap<&str, usize> = labels.iter().enumerate().map(|(index, label)| (*label, index)).collect();
    let edges = edges(page.detail);
    let numbers: BTreeMap<(&str, &str), usize> =
        edges.keys().enumerate().map(|(number, ends)| (*ends, number)).collect();
    let findings: Vec<(&Finding, Vec<usize>)> =
        page.findings.iter().map(|finding| (finding, cycle(finding, &numbers))).collect();

    let names: Vec<&str> = labels.iter().map(|label| background.names.of(label)).collect();
    let widths: Vec<f64> = names.iter().map(|name| width_of(name)).collect();
    let mut within: Vec<Vec<usize>> = vec![Vec::new(); edges.len()];
    for (index, (_, cycle)) in findings.iter().enumerate() {
        cycle.iter().for_each(|&edge| within[edge].push(index));
    }
    let links = edges.iter().enumerate().map(|(number, (&(from, to), edge))| {
        let routed = edge.is_some_and(|edge| edge.adjacent) || !within[number].is_empty();
        Link { from: index[from], to: index[to], routed }
    });
    let links: Vec<Link> = links.collect();
    let picture = layout(&widths, &links);

    let mut tables = Tables::default();
    let on_cycle = links.iter().zip(&within).filter(|(_, within)| !within.is_empty());
    let in_cycle: BTreeSet<usize> = on_cycle.flat_map(|(link, _)| [link.from, link.to]).collect();
    let crates = crates(page.detail);
    let classes: Vec<Value> = labels
        .iter()
        .enumerate()
        .map(|(number, label)| {
            let class = page.detail.classes.get(*label);
            let kind = page.detail.graph.classes.get(*label).copied();
            json!({
                "label": label,
                "name": (names[number] != *label).then_some(names[number]),
                "drawn": drawn(names[number]),
                "kind": kind.map_or("unknown", LockKind::name),
                "soft": kind.is_some_and(LockKind::is_pseudo),
                "ghost": kind.is_none(),
                "bad": in_cycle.contains(&number),
                "keyed": class.is_some_and(|class| class.origin == Origin::Key),
                "crate": crates.get(*label).map_or("", String::as_str),
                "site": class.and_then(|class| class.site.as_ref()).map(|site| tables.site(site)),
                "instances": class.map_or(0, |class| class.instances),
                "x": picture.boxes[number].x,
                "y": picture.boxes[number].y,
                "w": picture.boxes[number].width,
            })
        })
        .collect();
    let edges: Vec<Value> = edges
        .iter()
        .enumerate()
        .map(|(number, (&(from, to), edge))| {
            let kinds = page.detail.graph.edges.get(&(from.to_owned(), to.to_owned()));
            let (state, line) = state(*edge, kinds.is_some());
            let witnesses = edge.map_or(&[][..], |edge| &edge.witnesses);
            let witnesses: Vec<Value> = witnesses.iter().map(|witness| tables.witness(witness, background)).collect();
            let kind_names = kinds.iter().copied().flatten().map(DepKind::to_string).collect::<Vec<_>>();
            json!({
                "f": links[number].from,
                "t": links[number].to,
                "kinds": kind_names.join(" "),
                "shared": kinds.is_some_and(|kinds| kinds.iter().all(|kind| matches!(kind, DepKind::SN | DepKind::SR))),
                "count": edge.map_or(0, |edge| edge.count),
                "adjacent": edge.is_none_or(|edge| edge.adjacent),
                "state": state,
                "line": line,
                "cycle": within[number],
                "d": curve(&picture.routes[number], links[number], &picture.boxes),
                "w": witnesses,
            })
        })
        .collect();
    let cut = background.cut().edges().filter_map(|ends| numbers.get(&ends).copied()).collect::<Vec<_>>();
    let findings: Vec<Value> = findings.iter().map(|(finding, cycle)| told(finding, cycle, background)).collect();
    json!({
        "title": page.title,
        "stats": stats(page),
        "classes": classes,
        "edges": edges,
        "findings": findings,
        "cut": cut,
        "actors": tables.actors.iter().map(|(thread, test)| json!([&**thread, &**test])).collect::<Vec<_>>(),
        "code": tables.code(&mut background.sources),
        "sites": tables.places(&mut background.sources),
    })
}

/// All classes, those included that only the document names.
fn labels(detail: &GraphDetail) -> Vec<&str> {
    let of_edges = detail.graph.edges.keys().chain(&detail.never_seen).flat_map(|(from, to)| [from, to]);
    let labels: BTreeSet<&str> = detail.graph.classes.keys().chain(of_edges).map(String::as_str).collect();
    labels.into_iter().collect()
}

/// All edges with what is known of them; nothing, for those that only the document has.
fn edges(detail: &GraphDetail) -> BTreeMap<(&str, &str), Option<&EdgeDetail>> {
    let unseen = detail.never_seen.iter().map(|ends| (ends, None));
    let seen = detail.graph.edges.keys().map(|ends| (ends, detail.edges.get(ends)));
    unseen.chain(seen).map(|((from, to), edge)| ((from.as_str(), to.as_str()), edge)).collect()
}

fn cycle(finding: &Finding, numbers: &BTreeMap<(&str, &str), usize>) -> Vec<usize> {
    let ends = finding.cycle.iter().map(|edge| (edge.from.as_str(), edge.to.as_str()));
    ends.filter_map(|ends| numbers.get(&ends).copied()).collect()
}

/// What the document says of an edge, and where.
fn state(edge: Option<&EdgeDetail>, is_seen: bool) -> (Option<&'static str>, Option<u32>) {
    match edge.and_then(|edge| edge.verdict) {
        _ if !is_seen => (Some("unseen"), None),
        None | Some(Verdict::Unknown) => (None, None),
        Some(Verdict::Declared) => (Some("declared"), None),
        Some(Verdict::Contradicts { line, .. }) => (Some("contradicts"), Some(line)),
        Some(Verdict::Undeclared) => (Some("undeclared"), None),
    }
}

/// The curve of an edge; one that was not routed goes straight from side to side.
fn curve(route: &[(f64, f64)], link: Link, boxes: &[Placed]) -> String {
    let (from, to) = (boxes[link.from], boxes[link.to]);
    if link.from == link.to {
        return loop_at(from);
    }
    let side = if from.y <= to.y { HEIGHT / 2.0 } else { -HEIGHT / 2.0 };
    let straight = [(from.x, from.y + side), (to.x, to.y - side)];
    path(if route.is_empty() { &straight } else { route })
}

fn told(finding: &Finding, cycle: &[usize], background: &mut Background) -> Value {
    let (named, _) = background.names.in_finding(finding);
    json!({
        "id": finding.id,
        "code": finding.code.name(),
        "grade": finding.grade.name(),
        "level": severity(finding.level),
        "title": named.title,
        "edges": cycle,
        "accepted": background.accepted(finding),
        "rendered": human::render(finding, background, Style::plain()),
    })
}

/// Figures for the top of the page: number, word, tone.
fn stats(page: Page<'_>) -> Value {
    let word = |count: u64, one: &'static str, many: &'static str| if count == 1 { one } else { many };
    let (classes, edges) = (page.detail.graph.classes.len() as u64, page.detail.graph.edges.len() as u64);
    let cycles = page.detail.graph.cycles.len() as u64;
    let mut stats = vec![
        json!([classes, word(classes, "class", "classes"), ""]),
        json!([edges, word(edges, "dependency", "dependencies"), ""]),
        json!([cycles, word(cycles, "cycle", "cycles"), if cycles > 0 { "bad" } else { "good" }]),
    ];
    if let Some(summary) = page.summary {
        let processes = summary.processes as u64;
        stats.push(json!([summary.acquisitions, word(summary.acquisitions, "acquisition", "acquisitions"), ""]));
        stats.push(json!([processes, word(processes, "process", "processes"), ""]));
        if let Some(verdict) = &summary.hierarchy {
            let all = verdict.declared == verdict.observed;
            stats.push(json!([
                verdict.declared,
                format!("of {} declared", verdict.observed),
                if all { "good" } else { "" }
            ]));
        }
    }
    Value::Array(stats)
}

/// The crate of each class: that of its birth site, or else of the first place where it was taken.
fn crates(detail: &GraphDetail) -> BTreeMap<&str, String> {
    let mut first: BTreeMap<&str, &Site> = BTreeMap::new();
    for ((from, to), edge) in &detail.edges {
        for witness in &edge.witnesses {
            let held = witness.held.as_ref().map(|held| (from, &held.site));
            for (label, site) in held.into_iter().chain([(to, &witness.site)]) {
                let known = first.entry(label).or_insert(site);
                *known = (*known).min(site);
            }
        }
    }
    for (label, class) in &detail.classes {
        if let Some(site) = &class.site {
            first.insert(label, site);
        }
    }
    first.into_iter().map(|(label, site)| (label, crate_of(&site.file))).collect()
}

/// The folder above `src` and the like, without a version; `.` for that of the root package.
fn crate_of(file: &str) -> String {
    let parts: Vec<&str> = file.split(['/', '\\']).collect();
    let inner = parts.iter().rposition(|part| ["src", "tests", "benches", "examples"].contains(part));
    let Some(folder) = inner.and_then(|inner| parts[..inner].last()) else { return ".".to_owned() };
    let is_version = |version: &str| version.contains('.') && version.starts_with(|c: char| c.is_ascii_digit());
    match folder.rsplit_once('-') {
        Some((name, version)) if is_version(version) => name.to_owned(),
        _ => (*folder).to_owned(),
    }
}

/// Places and people that are told once.
#[derive(Default)]
struct Tables {
    sites: Vec<Site>,
    by_site: BTreeMap<Site, usize>,
    actors: Vec<(Arc<str>, Arc<str>)>,
    by_actor: BTreeMap<(Arc<str>, Arc<str>), usize>,
}

impl Tables {
    fn site(&mut self, site: &Site) -> usize {
        *self.by_site.entry(site.clone()).or_insert_with(|| {
            self.sites.push(site.clone());
            self.sites.len() - 1
        })
    }

    fn actor(&mut self, witness: &Witness) -> usize {
        let actor = (witness.thread.clone(), witness.test.clone());
        *self.by_actor.entry(actor.clone()).or_insert_with(|| {
            self.actors.push(actor);
            self.actors.len() - 1
        })
    }

    fn witness(&mut self, witness: &Witness, background: &Background) -> Value {
        let held = witness.held.as_ref();
        let limit = match witness.manner {
            Manner::Timed(limit) => format!(", for at most {limit} ms"),
            Manner::Block | Manner::Try => String::new(),
        };
        let also =
            |held: &HeldLabel| json!([background.names.of(&held.label), held.mode.name(), self.site(&held.site)]);
        let also: Vec<Value> = witness.also_held.iter().map(also).collect();
        json!({
            "who": self.actor(witness),
            "mode": held.map(|held| held.mode.name()),
            "held_at": held.map(|held| self.site(&held.site)),
            "want": format!("{}{limit}", witness.want.name()),
            "site": self.site(&witness.site),
            "also": also,
        })
    }

    /// File, line, column and the width of what stands there, if it can be read.
    fn places(&self, sources: &mut Sources) -> Vec<Value> {
        let width = |site: &Site, sources: &mut Sources| {
            let text = sources.text(&site.file)?;
            Some(text[span(&text, site.line, site.column)?].chars().count())
        };
        self.sites.iter().map(|site| json!([&*site.file, site.line, site.column, width(site, sources)])).collect()
    }

    /// The lines around all places, by file and number.
    fn code(&self, sources: &mut Sources) -> Value {
        let mut wanted: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
        for site in &self.sites {
            let lines = site.line.saturating_sub(AROUND).max(1)..=site.line + AROUND;
            wanted.entry(&site.file).or_default().extend(lines);
        }
        let mut code = Map::new();
        for (file, lines) in wanted {
            let Some(text) = sources.text(file) else { continue };
            let all = (1..).zip(text.lines()).filter(|(number, _)| lines.contains(number));
            let lines: Map<String, Value> = all.map(|(number, line)| (number.to_string(), json!(line))).collect();
            code.insert(file.to_owned(), Value::Object(lines));
        }
        Value::Object(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_called_after_its_folder() {
        assert_eq!(crate_of("pagecache/src/mm/fault.rs"), "pagecache");
        assert_eq!(crate_of("src/lib.rs"), ".");
        assert_eq!(crate_of("/home/x/.cargo/registry/src/index-1/dash-map-6.1.0/src/lib.rs"), "dash-map");
        assert_eq!(crate_of("lockdep\\core\\tests\\a.rs"), "core");
        assert_eq!(crate_of("lib.rs"), ".");
    }
}
