//! Sequences of pages, as programs use files.

use crate::{ACCESSES, PAGES};
use pagecache::workload::Random;

/// Makes the accesses for a cache of so many pages.
pub(crate) type Mix = fn(u64) -> Vec<u64>;

pub(crate) const MIXES: [(&str, Mix); 6] = [
    ("Zipf 0.8", |_| zipf(0.8)),
    ("Zipf 1.1", |_| zipf(1.1)),
    ("Zipf and scans", zipf_and_scans),
    ("drifting Zipf", drifting),
    ("whole files", |_| whole_files()),
    ("loop 1.2x", |limit| (0..limit * 6 / 5).cycle().take(ACCESSES).collect()),
];

/// Draws ranks with a probability in proportion to 1 / rank^skew.
struct Zipf {
    sums: Vec<f64>,
    random: Random,
}

impl Zipf {
    fn new(count: u64, skew: f64, seed: u64) -> Zipf {
        let sums = (1..=count).scan(0.0, |sum, rank| {
            *sum += (rank as f64).powf(-skew);
            Some(*sum)
        });
        Zipf { sums: sums.collect(), random: Random::new(seed) }
    }

    fn draw(&mut self) -> u64 {
        const STEPS: u64 = 1 << 40;
        let total = self.sums.last().expect("there are ranks");
        let point = self.random.below(STEPS) as f64 / STEPS as f64 * total;
        self.sums.partition_point(|sum| *sum <= point) as u64
    }
}

/// Spreads ranks over the file, so that neighbours are no equals.
fn place(rank: u64) -> u64 {
    rank * 7919 % PAGES
}

fn zipf(skew: f64) -> Vec<u64> {
    let mut zipf = Zipf::new(PAGES, skew, 1);
    (0..ACCESSES).map(|_| place(zipf.draw())).collect()
}

/// Half of the accesses are scans of twice the cache.
fn zipf_and_scans(limit: u64) -> Vec<u64> {
    let (mut zipf, mut random) = (Zipf::new(PAGES / 2, 0.9, 2), Random::new(3));
    let mut accesses = Vec::with_capacity(ACCESSES);
    while accesses.len() < ACCESSES {
        let start = PAGES / 2 + random.below(PAGES / 2);
        accesses.extend((start..start + limit * 2).flat_map(|page| [place(zipf.draw()), page % PAGES]));
    }
    accesses.truncate(ACCESSES);
    accesses
}

/// What is used most is another page all the time.
fn drifting(_: u64) -> Vec<u64> {
    let mut zipf = Zipf::new(PAGES, 1.0, 4);
    (0..ACCESSES as u64).map(|at| (place(zipf.draw()) + at / 400) % PAGES).collect()
}

/// Files of 1 to 64 pages, some more popular than others, each read from start to end.
fn whole_files() -> Vec<u64> {
    let (mut zipf, mut random) = (Zipf::new(PAGES / 64, 0.9, 5), Random::new(6));
    let sizes: Vec<u64> = (0..PAGES / 64).map(|_| 1 + random.below(64)).collect();
    let mut accesses = Vec::with_capacity(ACCESSES);
    while accesses.len() < ACCESSES {
        let file = zipf.draw();
        accesses.extend((0..sizes[file as usize]).map(|page| file * 64 + page));
    }
    accesses.truncate(ACCESSES);
    accesses
}
