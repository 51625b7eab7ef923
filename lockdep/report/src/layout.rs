//! Where classes and edges go in a picture: layers from the outermost lock down, after Sugiyama, Tagawa and Toda (1981).
//! The same graph gives the same picture, to the byte.
//!
//! 1. Edges that point backwards in a small feedback arc set are turned round (Eades, Lin and Smyth); the rest is acyclic.
//! 2. A class is one layer below the lowest of those it is taken under (longest path).
//! 3. Edges over several layers get a bend in each. Layers are sorted by barycenters, sweeping down and up, and neighbours are
//!    swapped where that saves crossings.
//! 4. Each layer takes the positions that are closest to where its neighbours want them, in the least-squares sense and
//!    without overlaps (isotonic regression by pooling adjacent violators).
//!
//! Components that nothing connects are laid out on their own and put on shelves.

mod crossing;
mod layers;
mod place;

use layers::Layers;

/// The height of a box.
pub const HEIGHT: f64 = 30.0;
/// The least distance between boxes of one layer.
const GAP: f64 = 28.0;
/// The distance between components.
const MARGIN: f64 = 56.0;

/// An edge to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Index of the upper end.
    pub from: usize,
    /// Index of the lower end.
    pub to: usize,
    /// Whether it has a say in where things go. Others are drawn straight, through whatever is there.
    pub routed: bool,
}

/// A box; its place is that of its centre.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Placed {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// How wide it is.
    pub width: f64,
}

/// Boxes and the points that edges go through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// The boxes, as they were given.
    pub boxes: Vec<Placed>,
    /// The points of the edges, as those were given, from end to end, each higher or each lower than the one before. An edge
    /// from a box to itself has none.
    pub routes: Vec<Vec<(f64, f64)>>,
    /// The width of everything.
    pub width: f64,
    /// The height of everything.
    pub height: f64,
}

/// Lays out boxes of these widths.
///
/// ```
/// use lockdep_report::layout::{Link, layout};
///
/// let link = |from, to| Link { from, to, routed: true };
/// let chain = layout(&[80.0, 80.0, 80.0], &[link(0, 1), link(1, 2), link(0, 2)]);
/// assert!(chain.boxes[0].y < chain.boxes[1].y && chain.boxes[1].y < chain.boxes[2].y);
/// assert_eq!(chain.routes[2].len(), 3, "it bends around the box in the middle");
/// ```
#[must_use]
pub fn layout(widths: &[f64], links: &[Link]) -> Layout {
    let mut whole = Layout {
        boxes: widths.iter().map(|&width| Placed { width, ..Placed::default() }).collect(),
        routes: vec![Vec::new(); links.len()],
        ..Layout::default()
    };
    let parts: Vec<Part> = components(widths.len(), links).iter().map(|nodes| part(nodes, widths, links)).collect();
    let area: f64 = parts.iter().map(|part| (part.width + MARGIN) * (part.height + MARGIN)).sum();
    let widest = parts.iter().map(|part| part.width).fold(0.0, f64::max);
    let limit = widest.max((area * 1.6).sqrt());
    let (mut x, mut y, mut shelf) = (0.0, 0.0, 0.0_f64);
    for part in parts {
        if x > 0.0 && x + part.width > limit {
            (x, y, shelf) = (0.0, y + shelf + MARGIN, 0.0);
        }
        for (node, at) in part.boxes {
            whole.boxes[node] = Placed { x: round(at.x + x), y: round(at.y + y), width: at.width };
        }
        for (link, route) in part.routes {
            whole.routes[link] = route.into_iter().map(|(px, py)| (round(px + x), round(py + y))).collect();
        }
        shelf = shelf.max(part.height);
        x += part.width + MARGIN;
        whole.width = whole.width.max(x - MARGIN);
        whole.height = whole.height.max(y + part.height);
    }
    whole
}

/// A component, laid out on its own.
struct Part {
    boxes: Vec<(usize, Placed)>,
    routes: Vec<(usize, Vec<(f64, f64)>)>,
    width: f64,
    height: f64,
}

fn part(nodes: &[usize], widths: &[f64], links: &[Link]) -> Part {
    let mut layers = Layers::of(nodes, widths, links);
    crossing::reduce(&mut layers);
    let (cells, height) = place::place(&layers);
    let boxes = (0..nodes.len()).map(|cell| (nodes[cell], cells[cell])).collect();
    let routes = place::routes(&layers, &cells);
    let right = cells.iter().map(|cell| cell.x + cell.width / 2.0).fold(0.0, f64::max);
    Part { boxes, routes, width: right, height }
}

/// The nodes of each component in ascending order, the largest component first.
fn components(nodes: usize, links: &[Link]) -> Vec<Vec<usize>> {
    let mut leader: Vec<usize> = (0..nodes).collect();
    fn find(leader: &mut [usize], mut node: usize) -> usize {
        while leader[node] != node {
            leader[node] = leader[leader[node]];
            node = leader[node];
        }
        node
    }
    for link in links {
        let (a, b) = (find(&mut leader, link.from), find(&mut leader, link.to));
        leader[a.max(b)] = a.min(b);
    }
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    for node in 0..nodes {
        let leader = find(&mut leader, node);
        members[leader].push(node);
    }
    members.retain(|members| !members.is_empty());
    members.sort_by_key(|members| std::cmp::Reverse(members.len()));
    members
}

/// Tenths are enough, and print the same everywhere.
fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests;
