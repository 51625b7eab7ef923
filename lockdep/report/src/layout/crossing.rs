//! Fewer crossings: layers sorted by barycenters, then neighbours swapped.

use super::layers::Layers;

/// Sweeps down and up.
const SWEEPS: usize = 12;
/// Cells up to which neighbours are swapped one by one.
const SWAPPED: usize = 4_000;

/// Sorts the rows so that edges cross less; the best arrangement of all sweeps stays.
pub(super) fn reduce(layers: &mut Layers) {
    let mut places = places(layers);
    let mut best = (crossings(layers, &places), layers.rows.clone());
    for sweep in 0..SWEEPS {
        if best.0 == 0 {
            break;
        }
        for step in 0..layers.rows.len() {
            let row = if sweep % 2 == 0 { step } else { layers.rows.len() - 1 - step };
            sort(layers, &mut places, row, sweep % 2 == 0);
        }
        if layers.layer.len() <= SWAPPED {
            swap(layers, &mut places);
        }
        let now = crossings(layers, &places);
        if now < best.0 {
            best = (now, layers.rows.clone());
        }
    }
    layers.rows = best.1;
}

/// The place of each cell in its row.
fn places(layers: &Layers) -> Vec<usize> {
    let mut places = vec![0; layers.layer.len()];
    for row in &layers.rows {
        for (place, &cell) in row.iter().enumerate() {
            places[cell] = place;
        }
    }
    places
}

/// Sorts a row by where the neighbours above (or below) are; a cell without any stays about where it is.
fn sort(layers: &mut Layers, places: &mut [usize], row: usize, from_above: bool) {
    let mut cells = std::mem::take(&mut layers.rows[row]);
    let center = |cell: usize| {
        let neighbours = if from_above { &layers.up[cell] } else { &layers.down[cell] };
        let sum: usize = neighbours.iter().map(|&neighbour| places[neighbour]).sum();
        if neighbours.is_empty() { places[cell] as f64 } else { sum as f64 / neighbours.len() as f64 }
    };
    let mut keyed: Vec<(f64, usize)> = cells.iter().map(|&cell| (center(cell), cell)).collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    cells.clear();
    cells.extend(keyed.into_iter().map(|(_, cell)| cell));
    for (place, &cell) in cells.iter().enumerate() {
        places[cell] = place;
    }
    layers.rows[row] = cells;
}

/// Swaps neighbours while that saves crossings, at most a few times over.
fn swap(layers: &mut Layers, places: &mut [usize]) {
    for _ in 0..4 {
        let mut better = false;
        for row in 0..layers.rows.len() {
            for left in 1..layers.rows[row].len() {
                let (a, b) = (layers.rows[row][left - 1], layers.rows[row][left]);
                let both = [(&layers.up[a], &layers.up[b]), (&layers.down[a], &layers.down[b])];
                let now: usize = both.iter().map(|(a, b)| between(a, b, places)).sum();
                let then: usize = both.iter().map(|(a, b)| between(b, a, places)).sum();
                if then < now {
                    layers.rows[row].swap(left - 1, left);
                    places.swap(a, b);
                    better = true;
                }
            }
        }
        if !better {
            return;
        }
    }
}

/// Crossings of the edges of two cells, of which the first is on the left.
fn between(left: &[usize], right: &[usize], places: &[usize]) -> usize {
    left.iter().map(|&one| right.iter().filter(|&&other| places[other] < places[one]).count()).sum()
}

/// All crossings: inversions between neighbouring rows, counted with a Fenwick tree (Barth, Mutzel and Jünger).
fn crossings(layers: &Layers, places: &[usize]) -> usize {
    let mut all = 0;
    for row in layers.rows.iter().skip(1) {
        let Some(above) = row.first().map(|&cell| layers.layer[cell] - 1) else { continue };
        let mut seen = vec![0_usize; row.len() + 1];
        let mut count = 0;
        for &top in &layers.rows[above] {
            let mut ends: Vec<usize> = layers.down[top].iter().map(|&cell| places[cell]).collect();
            ends.sort_unstable();
            for &end in &ends {
                let (mut index, mut smaller) = (end + 1, 0);
                while index > 0 {
                    smaller += seen[index];
                    index &= index - 1;
                }
                all += count - smaller;
            }
            for end in ends {
                let mut index = end + 1;
                while index <= row.len() {
                    seen[index] += 1;
                    index += index & index.wrapping_neg();
                }
                count += 1;
            }
        }
    }
    all
}
