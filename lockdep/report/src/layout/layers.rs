//! Who is above whom: cycles turned round, layers by longest path, bends for edges over several layers.

use super::Link;
use petgraph::algo::greedy_feedback_arc_set;
use petgraph::graph::DiGraph;
use petgraph::visit::EdgeRef;
use std::collections::BTreeSet;

/// The most bends of one component. Beyond it the longest edges are drawn straight: in a picture of this size nobody follows
/// them with the eye anyway.
const BENDS: usize = 30_000;

/// One component in layers. Cells are its boxes, in the order given, and then the bends.
pub(super) struct Layers {
    /// Widths of the cells; bends have none.
    pub(super) widths: Vec<f64>,
    /// How many cells are boxes.
    pub(super) boxes: usize,
    /// The layer of each cell.
    pub(super) layer: Vec<usize>,
    /// The cells of each layer from left to right.
    pub(super) rows: Vec<Vec<usize>>,
    /// Neighbours in the layer above, for each cell.
    pub(super) up: Vec<Vec<usize>>,
    /// Neighbours in the layer below, for each cell.
    pub(super) down: Vec<Vec<usize>>,
    /// The way of each edge.
    pub(super) ways: Vec<Way>,
}

/// The cells that an edge goes through.
pub(super) struct Way {
    /// Index of the edge as it was given.
    pub(super) link: usize,
    /// Cells from the top down.
    pub(super) cells: Vec<usize>,
    /// Whether the edge points up.
    pub(super) turned: bool,
}

impl Layers {
    /// Layers of these nodes and the edges between them.
    pub(super) fn of(nodes: &[usize], widths: &[f64], links: &[Link]) -> Layers {
        let local = |node: usize| nodes.binary_search(&node).ok();
        let inside = links.iter().enumerate().filter(|(_, link)| link.from != link.to);
        let inside: Vec<(usize, usize, usize)> =
            inside.filter_map(|(index, link)| Some((index, local(link.from)?, local(link.to)?))).collect();
        let turned = turned(nodes.len(), &inside);
        let downwards = |&(_, from, to): &(usize, usize, usize)| {
            if turned.contains(&(from, to)) { (to, from) } else { (from, to) }
        };
        let layer = longest_paths(nodes.len(), &inside.iter().map(downwards).collect::<BTreeSet<_>>());
        let mut layers = Layers {
            widths: nodes.iter().map(|&node| widths[node]).collect(),
            boxes: nodes.len(),
            rows: vec![Vec::new(); layer.iter().max().map_or(0, |last| last + 1)],
            layer,
            up: vec![Vec::new(); nodes.len()],
            down: vec![Vec::new(); nodes.len()],
            ways: Vec::new(),
        };
        let mut by_length: Vec<_> = inside.iter().collect();
        by_length.sort_by_key(|link| {
            let (top, bottom) = downwards(link);
            (layers.layer[bottom] - layers.layer[top], link.0)
        });
        for link in by_length {
            let (top, bottom) = downwards(link);
            let is_routed = links[link.0].routed;
            layers.add(link.0, top, bottom, top != link.1, is_routed);
        }
        for cell in 0..layers.layer.len() {
            let row = layers.layer[cell];
            layers.rows[row].push(cell);
        }
        layers
    }

    fn add(&mut self, link: usize, top: usize, bottom: usize, turned: bool, routed: bool) {
        let between = self.layer[top] + 1..self.layer[bottom];
        let mut cells = vec![top];
        if routed && self.layer.len() - self.boxes + between.len() <= BENDS {
            for layer in between {
                cells.push(self.layer.len());
                self.layer.push(layer);
                self.widths.push(0.0);
                self.up.push(Vec::new());
                self.down.push(Vec::new());
            }
            cells.push(bottom);
            for pair in cells.windows(2) {
                self.down[pair[0]].push(pair[1]);
                self.up[pair[1]].push(pair[0]);
            }
        } else {
            cells.push(bottom);
        }
        self.ways.push(Way { link, cells, turned });
    }

    /// Whether a cell is a bend.
    pub(super) fn is_bend(&self, cell: usize) -> bool {
        cell >= self.boxes
    }
}

/// The edges to turn round so that no cycle is left.
fn turned(nodes: usize, links: &[(usize, usize, usize)]) -> BTreeSet<(usize, usize)> {
    let mut graph = DiGraph::<(), ()>::with_capacity(nodes, links.len());
    let nodes: Vec<_> = (0..nodes).map(|_| graph.add_node(())).collect();
    for &(_, from, to) in links {
        graph.add_edge(nodes[from], nodes[to], ());
    }
    let back = greedy_feedback_arc_set(&graph);
    back.map(|edge| (edge.source().index(), edge.target().index())).collect()
}

/// How many layers are above each node; nodes under nothing come down to just above their first successor.
fn longest_paths(nodes: usize, edges: &BTreeSet<(usize, usize)>) -> Vec<usize> {
    let (mut after, mut before) = (vec![Vec::new(); nodes], vec![0_usize; nodes]);
    for &(from, to) in edges {
        after[from].push(to);
        before[to] += 1;
    }
    let is_top: Vec<bool> = before.iter().map(|count| *count == 0).collect();
    let mut layer = vec![0; nodes];
    let mut ready: Vec<usize> = (0..nodes).filter(|&node| is_top[node]).collect();
    while let Some(node) = ready.pop() {
        for &next in &after[node] {
            layer[next] = layer[next].max(layer[node] + 1);
            before[next] -= 1;
            if before[next] == 0 {
                ready.push(next);
            }
        }
    }
    for node in (0..nodes).filter(|&node| is_top[node]) {
        if let Some(first) = after[node].iter().map(|&next| layer[next]).min() {
            layer[node] = first - 1;
        }
    }
    layer
}
