//! What making room costs whoever needs a page: what a thread that does it before (`kswapd`) could save.

use pagecache::workload::Random;
use pagecache::{Device, EXT, Inode, Memory, MountOptions, PAGE_SIZE, SuperBlock};
use std::sync::Arc;
use std::time::Instant;

const PAGE: u64 = PAGE_SIZE as u64;
const PAGES: u64 = 65_536;
const ROOM: usize = 8192;

/// A file that is on the device and not in the cache.
fn file(memory: Arc<Memory>) -> Arc<Inode> {
    let options = MountOptions { memory, ..MountOptions::default() };
    let file = SuperBlock::mount(&EXT, Device::new(PAGES as usize), options).create();
    file.allocate_range(0, PAGES * PAGE, false).expect("there is room");
    file
}

/// Nanoseconds of each read of a page that was not there, in order of length.
fn misses(file: &Inode) -> Vec<u64> {
    let (mut random, mut bytes) = (Random::new(1), [0; PAGE_SIZE]);
    let mut order: Vec<u64> = (0..PAGES).collect();
    (1..order.len()).for_each(|at| order.swap(at, random.below(at as u64 + 1) as usize));
    let read = |page: u64| {
        let start = Instant::now();
        file.read_at(&mut bytes, page * PAGE).expect("the device is memory");
        start.elapsed().as_nanos() as u64
    };
    let mut times: Vec<u64> = order.into_iter().map(read).skip(ROOM).collect();
    times.sort_unstable();
    times
}

pub(crate) fn print() {
    println!("\n| a page read from a device in memory, ns | median | 99 % | 99.9 % | mean |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    let free = file(Memory::unlimited());
    // So that the frames are there, as they are where others were reclaimed.
    misses(&free);
    free.drop_cache();
    for (name, times) in [("there is room", misses(&free)), ("room is made", misses(&file(Memory::new(ROOM))))] {
        let at = |part: f64| times[(times.len() as f64 * part) as usize];
        let mean = times.iter().sum::<u64>() / times.len() as u64;
        println!("| {name} | {} | {} | {} | {mean} |", at(0.5), at(0.99), at(0.999));
    }
}
