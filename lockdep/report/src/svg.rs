//! The lock graph as a picture: outermost locks on top, the edges of cycles red. It follows the reader's light or dark
//! setting and needs nothing from the network.

use crate::layout::{HEIGHT, Layout, Link, Placed, layout};
use crate::words::clean;
use lockdep_core::class::LockKind;
use lockdep_core::mode::DepKind;
use lockdep_core::snapshot::GraphText;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The space around everything.
const BORDER: f64 = 24.0;
/// The width of a character of a label.
const CHARACTER: f64 = 7.4;
/// Characters of a label that are drawn; the whole of it is in the tooltip.
const CHARACTERS: usize = 44;

const STYLE: &str = "\
svg{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:#fff}\
rect{fill:#f6f8fa;stroke:#8c959f}text{fill:#1f2328;text-anchor:middle;dominant-baseline:central}\
path{fill:none;stroke:#6e7781;stroke-width:1.2}.shared{stroke-dasharray:5 4}\
.cycle{stroke:#cf222e;stroke-width:2}rect.cycle{fill:#ffebe9}.map{stroke-dasharray:3 3}\
marker path{fill:#6e7781;stroke:none}#bad path{fill:#cf222e}\
@media(prefers-color-scheme:dark){svg{background:#0d1117}rect{fill:#161b22;stroke:#6e7681}text{fill:#e6edf3}\
path{stroke:#8b949e}.cycle{stroke:#ff7b72}rect.cycle{fill:#3c1618}marker path{fill:#8b949e}#bad path{fill:#ff7b72}}";

/// The picture of a graph.
///
/// ```
/// use lockdep_core::snapshot::GraphText;
///
/// let text = "lockdep graph v1\n\nclass Outer: mutex\nclass Inner: mutex\n\nOuter -> Inner: EN\n\ncycles: none\n";
/// let graph: GraphText = text.parse().unwrap();
/// assert!(lockdep_report::svg::render(&graph).contains("Outer"));
/// ```
#[must_use]
pub fn render(graph: &GraphText) -> String {
    let labels: BTreeSet<&str> =
        graph.classes.keys().chain(graph.edges.keys().flat_map(|(from, to)| [from, to])).map(String::as_str).collect();
    let labels: Vec<&str> = labels.into_iter().collect();
    let index: BTreeMap<&str, usize> = labels.iter().enumerate().map(|(index, label)| (*label, index)).collect();
    let widths: Vec<f64> = labels.iter().map(|label| width_of(label)).collect();
    let ends = graph.edges.keys().map(|(from, to)| (index[from.as_str()], index[to.as_str()]));
    let links: Vec<Link> = ends.map(|(from, to)| Link { from, to, routed: true }).collect();
    let picture = layout(&widths, &links);
    let cycles: BTreeSet<(&str, &str)> =
        graph.cycles.values().flatten().map(|(from, _, to)| (from.as_str(), to.as_str())).collect();

    let (width, height) = (picture.width + 2.0 * BORDER, picture.height + 2.0 * BORDER);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\">\n<title>Lock graph: {} classes, {} dependencies, {} cycles</title>\n\
         <style>{STYLE}</style>\n<defs>{}{}</defs>\n<g transform=\"translate({BORDER} {BORDER})\">\n",
        labels.len(),
        graph.edges.len(),
        graph.cycles.len(),
        marker("good"),
        marker("bad"),
    );
    edges(&mut svg, graph, &picture, &cycles, &links);
    let in_cycle: BTreeSet<&str> = cycles.iter().map(|(from, _)| *from).collect();
    for (label, at) in labels.iter().zip(&picture.boxes) {
        node(&mut svg, label, graph.classes.get(*label).copied(), *at, in_cycle.contains(label));
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// The width of a label's box.
pub(crate) fn width_of(label: &str) -> f64 {
    label.chars().count().min(CHARACTERS) as f64 * CHARACTER + 24.0
}

/// As much of a label as is drawn: its end, where labels differ.
pub(crate) fn drawn(label: &str) -> String {
    let (label, length) = (clean(label), label.chars().count());
    if length <= CHARACTERS {
        return label;
    }
    let end: String = label.chars().skip(length + 1 - CHARACTERS).collect();
    format!("\u{2026}{end}")
}

fn marker(id: &str) -> String {
    format!(
        "<marker id=\"{id}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
         markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0.5L8 4L0 7.5z\"/></marker>"
    )
}

fn edges(svg: &mut String, graph: &GraphText, picture: &Layout, cycles: &BTreeSet<(&str, &str)>, links: &[Link]) {
    for (((from, to), kinds), (link, route)) in graph.edges.iter().zip(links.iter().zip(&picture.routes)) {
        let in_cycle = cycles.contains(&(from.as_str(), to.as_str()));
        let shared = kinds.iter().all(|kind| matches!(kind, DepKind::SN | DepKind::SR));
        let classes = [(in_cycle, "cycle"), (shared, "shared")].into_iter().filter(|(is, _)| *is);
        let classes: Vec<&str> = classes.map(|(_, name)| name).collect();
        let names: Vec<String> = kinds.iter().map(DepKind::to_string).collect();
        let path = if link.from == link.to { loop_at(picture.boxes[link.from]) } else { path(route) };
        let _ = writeln!(
            svg,
            "<path class=\"{}\" d=\"{path}\" marker-end=\"url(#{})\"><title>{} -&gt; {}: {}</title></path>",
            classes.join(" "),
            if in_cycle { "bad" } else { "good" },
            escape(from),
            escape(to),
            names.join(" "),
        );
    }
}

fn node(svg: &mut String, label: &str, kind: Option<LockKind>, at: Placed, in_cycle: bool) {
    let is_map = kind.is_some_and(LockKind::is_pseudo);
    let class = match (in_cycle, is_map) {
        (true, _) => "cycle",
        (false, true) => "map",
        (false, false) => "",
    };
    let radius = if is_map { HEIGHT / 2.0 } else { 6.0 };
    let (left, top) = (at.x - at.width / 2.0, at.y - HEIGHT / 2.0);
    let _ = writeln!(
        svg,
        "<g><title>{}: {}</title><rect class=\"{class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" \
         height=\"{HEIGHT}\" rx=\"{radius}\"/><text x=\"{:.1}\" y=\"{:.1}\">{}</text></g>",
        escape(label),
        kind.map_or("unknown", LockKind::name),
        at.width,
        at.x,
        at.y,
        escape(&drawn(label)),
    );
}

/// A smooth curve through the points that leaves and arrives vertically: a cubic Hermite spline in the height, its slopes as
/// Fritsch and Carlson limit them, so that it never swings beyond its points.
pub(crate) fn path(route: &[(f64, f64)]) -> String {
    let steps = route.windows(2).map(|pair| (pair[1].0 - pair[0].0) / (pair[1].1 - pair[0].1));
    let steps: Vec<f64> = steps.collect();
    let mut slopes = vec![0.0; route.len()];
    for (slope, pair) in slopes.iter_mut().skip(1).zip(steps.windows(2)) {
        if pair[0] * pair[1] > 0.0 {
            *slope = 2.0 * pair[0] * pair[1] / (pair[0] + pair[1]);
        }
    }
    let mut path = String::new();
    if let Some((x, y)) = route.first() {
        let _ = write!(path, "M{x:.1} {y:.1}");
    }
    for (pair, slopes) in route.windows(2).zip(slopes.windows(2)) {
        let ((x1, y1), (x2, y2)) = (pair[0], pair[1]);
        // Half of the way where it is vertical, which bends softer; a third is what the spline asks for.
        let reach = |slope: f64| if slope == 0.0 { (y2 - y1) / 2.0 } else { (y2 - y1) / 3.0 };
        let (out, home) = (reach(slopes[0]), reach(slopes[1]));
        let (xa, ya, xb, yb) = (x1 + slopes[0] * out, y1 + out, x2 - slopes[1] * home, y2 - home);
        let _ = write!(path, "C{xa:.1} {ya:.1} {xb:.1} {yb:.1} {x2:.1} {y2:.1}");
    }
    path
}

/// A loop at the right side of a box.
pub(crate) fn loop_at(at: Placed) -> String {
    let (right, y) = (at.x + at.width / 2.0, at.y);
    format!(
        "M{right:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {right:.1} {:.1}",
        y - 8.0,
        right + 26.0,
        y - 14.0,
        right + 26.0,
        y + 14.0,
        y + 8.0
    )
}

fn escape(text: &str) -> String {
    clean(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
