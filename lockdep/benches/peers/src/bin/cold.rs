//! What many locks, threads and classes cost lockdep in time and memory: `cargo run --release --bin cold` in this folder.
//!
//! Memory is what the process has more than before the row; the second half of a row shows whether it still grows.

use lockdep::LockClassKey;
use lockdep::parking_lot::Mutex;
use std::sync::Barrier;
use std::time::{Duration, Instant};

fn resident_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: f64 = status.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0.0);
    pages * 4096.0 / 1e6
}

/// Does something so many times, and prints how long that took and what each half of it left behind.
fn row(name: &str, count: usize, mut work: impl FnMut(usize)) {
    let (start, before) = (Instant::now(), resident_megabytes());
    (0..count / 2).for_each(&mut work);
    let middle = resident_megabytes();
    (count / 2..count).for_each(&mut work);
    let time = start.elapsed() / u32::try_from(count).expect("a count of moderate size");
    let (first, second) = (middle - before, resident_megabytes() - middle);
    println!("| {name} | {count} | {time:.2?} | {first:.1} MB | {second:.1} MB |");
}

/// A million locks of one class, of which ten thousand live at a time, each taken under another.
fn instances() {
    const LIVE: usize = 10_000;
    let parent = Mutex::new(0u64);
    let mut live: Vec<Mutex<u32>> = Vec::with_capacity(LIVE);
    row("locks made, taken and dropped, 10,000 at a time", 1_000_000, |number| {
        let lock = Mutex::new(0);
        *parent.lock() += u64::from(*lock.lock());
        if live.len() < LIVE { live.push(lock) } else { live[number % LIVE] = lock }
    });
}

/// Threads, one after another, each of which takes a lock under a lock.
fn threads() {
    let locks = (Mutex::new(0u8), Mutex::new(0u16));
    let work = || *locks.0.lock() = (*locks.1.lock() & 1) as u8;
    row("threads started, two locks, joined", 10_000, |_| std::thread::scope(|scope| drop(scope.spawn(work))));
    row("threads of lockdep::thread, the same", 10_000, |_| {
        lockdep::thread::scope(|scope| drop(scope.spawn(work)));
    });
}

/// Classes that are used for the first time, by so many threads at once.
fn registration(threads: usize, classes: usize) -> Duration {
    let keys: Vec<Vec<&'static LockClassKey>> = (0..threads)
        .map(|thread| {
            let name = |class| Box::leak(format!("cold::{threads}::{thread}::{class}").into_boxed_str());
            (0..classes).map(|class| &*Box::leak(Box::new(LockClassKey::new(name(class))))).collect()
        })
        .collect();
    let barrier = Barrier::new(threads);
    let register = |keys: &[&'static LockClassKey]| {
        barrier.wait();
        let start = Instant::now();
        keys.iter().for_each(|key| drop(Mutex::named(key, 0u8).lock()));
        start.elapsed()
    };
    let slowest = std::thread::scope(|scope| {
        let register = &register;
        let running: Vec<_> = keys.iter().map(|keys| scope.spawn(move || register(keys))).collect();
        running.into_iter().map(|thread| thread.join().expect("nothing panics")).max()
    });
    slowest.unwrap_or_default() / u32::try_from(threads * classes).expect("a count of moderate size")
}

fn main() {
    println!("| what | count | each | memory, first half | second half |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    instances();
    threads();
    println!("\n| threads that register classes at once | each class |");
    println!("| ---: | ---: |");
    for threads in [1, 2, 4, 8] {
        println!("| {threads} | {:.2?} |", registration(threads, 16_000 / threads));
    }
    assert!(lockdep::findings().is_empty(), "nothing is wrong with these");
}
