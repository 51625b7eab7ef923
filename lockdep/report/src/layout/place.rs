//! Where in its row a cell is, and where edges meet boxes.

use super::layers::{Layers, Way};
use super::{GAP, HEIGHT, Placed};
use std::collections::BTreeMap;

/// Passes down and up, each row moved towards its neighbours.
const PASSES: usize = 10;
/// The least distance from a bend to whatever is beside it.
const BEND_GAP: f64 = 14.0;
/// The least and the most distance between two layers; more where more edges pass.
const LAYER_GAP: (f64, f64) = (54.0, 150.0);

/// The places of all cells, and the height.
pub(super) fn place(layers: &Layers) -> (Vec<Placed>, f64) {
    let mut x = vec![0.0; layers.layer.len()];
    for row in &layers.rows {
        let wanted: Vec<f64> = vec![0.0; row.len()];
        settle(layers, row, &wanted, &mut x);
    }
    for pass in 0..PASSES {
        for step in 0..layers.rows.len() {
            let index = if pass % 2 == 0 { step } else { layers.rows.len() - 1 - step };
            let row = &layers.rows[index];
            let last = pass + 2 >= PASSES;
            let wanted: Vec<f64> = row.iter().map(|&cell| wanted(layers, cell, &x, pass % 2 == 0, last)).collect();
            settle(layers, row, &wanted, &mut x);
        }
    }
    let left = (0..x.len()).map(|cell| x[cell] - layers.widths[cell] / 2.0).fold(f64::INFINITY, f64::min);
    let (heights, height) = heights(layers);
    let cells = (0..x.len()).map(|cell| Placed {
        x: x[cell] - left,
        y: heights[layers.layer[cell]],
        width: layers.widths[cell],
    });
    (cells.collect(), height)
}

/// Where a cell's neighbours would have it.
fn wanted(layers: &Layers, cell: usize, x: &[f64], from_above: bool, both: bool) -> f64 {
    let (up, down) = (&layers.up[cell], &layers.down[cell]);
    let neighbours: Vec<usize> = match (both, from_above) {
        (true, _) => up.iter().chain(down).copied().collect(),
        (false, true) => up.clone(),
        (false, false) => down.clone(),
    };
    let sum: f64 = neighbours.iter().map(|&neighbour| x[neighbour]).sum();
    if neighbours.is_empty() { x[cell] } else { sum / neighbours.len() as f64 }
}

/// The positions closest to the wanted ones that keep the order and the distances: isotonic regression. Bends weigh more, so
/// that long edges come out straight.
fn settle(layers: &Layers, row: &[usize], wanted: &[f64], x: &mut [f64]) {
    // Blocks of cells that touch: sum of weighted targets, weight, number of cells.
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    let mut offsets = Vec::with_capacity(row.len());
    let mut offset = 0.0;
    for (index, &cell) in row.iter().enumerate() {
        if index > 0 {
            offset += distance(layers, row[index - 1], cell);
        }
        offsets.push(offset);
        let weight = if layers.is_bend(cell) { 4.0 } else { 1.0 };
        blocks.push(((wanted[index] - offset) * weight, weight, 1));
        while let [.., before, last] = blocks[..]
            && before.0 / before.1 > last.0 / last.1
        {
            blocks.truncate(blocks.len() - 2);
            blocks.push((before.0 + last.0, before.1 + last.1, before.2 + last.2));
        }
    }
    let mut index = 0;
    for (sum, weight, cells) in blocks {
        for _ in 0..cells {
            x[row[index]] = sum / weight + offsets[index];
            index += 1;
        }
    }
}

/// The least distance between the centres of two neighbours.
fn distance(layers: &Layers, left: usize, right: usize) -> f64 {
    let gap = if layers.is_bend(left) || layers.is_bend(right) { BEND_GAP } else { GAP };
    (layers.widths[left] + layers.widths[right]) / 2.0 + gap
}

/// The height of the centre of each layer, and of everything.
fn heights(layers: &Layers) -> (Vec<f64>, f64) {
    let mut heights = Vec::new();
    let mut y = HEIGHT / 2.0;
    for row in &layers.rows {
        heights.push(y);
        let edges: usize = row.iter().map(|&cell| layers.down[cell].len()).sum();
        y += HEIGHT + (LAYER_GAP.0 + edges as f64 * 1.5).min(LAYER_GAP.1);
    }
    let height = heights.last().map_or(0.0, |last| last + HEIGHT / 2.0);
    (heights, height)
}

/// The points of all edges. At a box they are spread over its side in the order of where they come from, so that two edges
/// between the same boxes are two lines.
pub(super) fn routes(layers: &Layers, cells: &[Placed]) -> Vec<(usize, Vec<(f64, f64)>)> {
    // (box, whether at its top) -> the far point's x, which edge
    let mut ports: BTreeMap<(usize, bool), Vec<(f64, usize)>> = BTreeMap::new();
    for (index, Way { cells: way, .. }) in layers.ways.iter().enumerate() {
        let (first, last) = (way[0], way[way.len() - 1]);
        ports.entry((first, false)).or_default().push((cells[way[1]].x, index));
        ports.entry((last, true)).or_default().push((cells[way[way.len() - 2]].x, index));
    }
    let mut ends: Vec<[f64; 2]> = vec![[0.0; 2]; layers.ways.len()];
    for ((cell, at_top), mut edges) in ports {
        edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let usable = (cells[cell].width - 20.0).max(0.0);
        let step = (usable / edges.len() as f64).min(18.0);
        let start = cells[cell].x - step * (edges.len() as f64 - 1.0) / 2.0;
        for (place, (_, edge)) in edges.into_iter().enumerate() {
            ends[edge][usize::from(at_top)] = start + step * place as f64;
        }
    }
    let route = |(way, [top, bottom]): (&Way, [f64; 2])| {
        let (first, last) = (way.cells[0], way.cells[way.cells.len() - 1]);
        let mut points = vec![(top, cells[first].y + HEIGHT / 2.0)];
        points.extend(way.cells[1..way.cells.len() - 1].iter().map(|&bend| (cells[bend].x, cells[bend].y)));
        points.push((bottom, cells[last].y - HEIGHT / 2.0));
        if way.turned {
            points.reverse();
        }
        (way.link, points)
    };
    layers.ways.iter().zip(ends).map(route).collect()
}
