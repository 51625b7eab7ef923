//! Hits by two threads, on a file of each and on one.

use pagecache::workload::Random;
use pagecache::{Device, EXT, Inode, PAGE_SIZE, SuperBlock};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

const PAGE: u64 = PAGE_SIZE as u64;
/// It fits into the processor's caches: what is measured is the cache, and not the memory.
const PAGES: u64 = 128;
const ROUND: Duration = Duration::from_millis(40);
const ROUNDS: usize = 25;

fn file() -> Arc<Inode> {
    let file = SuperBlock::new(&EXT, Device::new(PAGES as usize)).create();
    file.write_at(&vec![1; (PAGES * PAGE) as usize], 0).expect("there is memory");
    file
}

/// Reads in a second, by a thread for each file. The best of some rounds, because the machine may have other things to do.
fn reads(files: &[&Inode], size: usize) -> f64 {
    let round = || {
        let stop = &AtomicBool::new(false);
        thread::scope(|scope| {
            let threads = files.iter().enumerate().map(|(number, file)| {
                scope.spawn(move || {
                    let (mut random, mut bytes) = (Random::new(number as u64), [0; PAGE_SIZE]);
                    let (start, mut count) = (Instant::now(), 0_u64);
                    while !stop.load(Relaxed) {
                        file.read_at(black_box(&mut bytes[..size]), random.below(PAGES) * PAGE).expect("it is cached");
                        count += 1;
                    }
                    count as f64 / start.elapsed().as_secs_f64()
                })
            });
            let threads: Vec<_> = threads.collect();
            thread::sleep(ROUND);
            stop.store(true, Relaxed);
            threads.into_iter().map(|thread| thread.join().expect("it has read")).sum::<f64>()
        })
    };
    (0..ROUNDS).map(|_| round()).fold(0.0, f64::max)
}

pub(crate) fn print() {
    let (one, other) = (file(), file());
    println!("\n| hits, million reads in a second | one thread | two, a file each | two, one file |");
    println!("| --- | ---: | ---: | ---: |");
    for size in [8, PAGE_SIZE] {
        let alone = reads(&[&one], size);
        let [apart, together] = [[&*one, &*other], [&*one, &*one]].map(|files| reads(&files, size));
        println!(
            "| {size} bytes | {:.1} | {:.1} ({:.2}x) | {:.1} ({:.2}x) |",
            alone / 1e6,
            apart / 1e6,
            apart / alone,
            together / 1e6,
            together / alone
        );
    }
}
