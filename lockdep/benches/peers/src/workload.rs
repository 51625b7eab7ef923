//! What is measured. Every function returns nanoseconds per operation of one sample.

use crate::peer::Peer;
use std::hint::black_box;
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// Locks that share no cache line, and no pair of adjacent ones.
#[repr(align(256))]
struct Apart<T>(T);

/// A workload, ready to be sampled again and again.
pub type Sampler = Box<dyn FnMut() -> f64>;

/// How long a sample takes, about.
const SAMPLE: Duration = Duration::from_micros(200);

/// Samples a loop that is long enough for the clock.
fn repeated(mut work: impl FnMut() + 'static) -> Sampler {
    let mut count = 1u32;
    let mut time = move |count: u32| {
        let start = Instant::now();
        (0..count).for_each(|_| work());
        start.elapsed()
    };
    // The first time is for learning.
    time(3);
    while count < 1 << 20 && time(count) < SAMPLE / 2 {
        count *= 2;
    }
    Box::new(move || time(count).as_nanos() as f64 / f64::from(count))
}

/// Locks of so many classes, each on a line of its own.
fn locks<P: Peer, const COUNT: usize>() -> [Apart<P::Mutex>; COUNT] {
    std::array::from_fn(|class| Apart(P::mutex(class)))
}

macro_rules! nested {
    ($P:ident $lock:ident $locks:ident;) => { 1 };
    ($P:ident $lock:ident $locks:ident; $first:literal $($rest:literal)*) => {
        $P::$lock(&black_box(&$locks[$first]).0, |count| *count + nested!($P $lock $locks; $($rest)*))
    };
}

macro_rules! depths {
    ($($name:ident $reading:ident $writing:ident: $($index:literal)*;)*) => { $(
        /// Mutexes of different classes, one inside the other.
        pub fn $name<P: Peer>() -> Sampler {
            let locks = locks::<P, 16>();
            repeated(move || _ = black_box(nested!(P lock locks; $($index)*)))
        }

        /// Reader-writer locks of different classes, shared, one inside the other.
        pub fn $reading<P: Peer>() -> Sampler {
            let locks: [_; 16] = std::array::from_fn(|class| Apart(P::rwlock(class)));
            repeated(move || _ = black_box(nested!(P read locks; $($index)*)))
        }

        /// The same, exclusively.
        pub fn $writing<P: Peer>() -> Sampler {
            let locks: [_; 16] = std::array::from_fn(|class| Apart(P::rwlock(class)));
            repeated(move || _ = black_box(nested!(P write locks; $($index)*)))
        }
    )* };
}

depths! {
    depth_1 read_1 write_1: 0;
    depth_2 read_2 write_2: 0 1;
    depth_3 read_3 write_3: 0 1 2;
    depth_4 read_4 write_4: 0 1 2 3;
    depth_5 read_5 write_5: 0 1 2 3 4;
    depth_6 read_6 write_6: 0 1 2 3 4 5;
    depth_7 read_7 write_7: 0 1 2 3 4 5 6;
    depth_8 read_8 write_8: 0 1 2 3 4 5 6 7;
    depth_9 read_9 write_9: 0 1 2 3 4 5 6 7 8;
    depth_10 read_10 write_10: 0 1 2 3 4 5 6 7 8 9;
    depth_11 read_11 write_11: 0 1 2 3 4 5 6 7 8 9 10;
    depth_12 read_12 write_12: 0 1 2 3 4 5 6 7 8 9 10 11;
    depth_13 read_13 write_13: 0 1 2 3 4 5 6 7 8 9 10 11 12;
    depth_14 read_14 write_14: 0 1 2 3 4 5 6 7 8 9 10 11 12 13;
    depth_15 read_15 write_15: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14;
    depth_16 read_16 write_16: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15;
}

/// A lock that is made and dropped.
pub fn creation<P: Peer>() -> Sampler {
    repeated(|| drop(black_box(P::short_lived())))
}

/// A lock that is made, taken once and dropped, under another.
pub fn short_lived<P: Peer>() -> Sampler {
    let [parent] = locks::<P, 1>();
    repeated(move || {
        P::lock(black_box(&parent.0), |_| P::lock(&black_box(P::short_lived()), |count| *count += 1));
    })
}

/// The first acquisition of a lock whose class is known.
pub fn first<P: Peer>() -> Sampler {
    const LOCKS: usize = 1000;
    P::lock(&P::short_lived(), |_| ());
    Box::new(|| {
        let locks: Vec<_> = (0..LOCKS).map(|_| P::short_lived()).collect();
        let start = Instant::now();
        locks.iter().for_each(|lock| P::lock(lock, |count| *count += 1));
        start.elapsed().as_nanos() as f64 / LOCKS as f64
    })
}

/// Two threads at once, from a barrier on: nanoseconds of the slower per operation of one.
fn burst(threads: usize, count: u32, work: &(impl Fn(usize) + Sync)) -> f64 {
    let barrier = Barrier::new(threads);
    let run = |thread: usize| {
        barrier.wait();
        let start = Instant::now();
        (0..count).for_each(|_| work(thread));
        start.elapsed()
    };
    let slowest = std::thread::scope(|scope| {
        let run = &run;
        let threads: Vec<_> = (0..threads).map(|thread| scope.spawn(move || run(thread))).collect();
        threads.into_iter().map(|thread| thread.join().expect("nothing panics")).max()
    });
    slowest.unwrap_or_default().as_nanos() as f64 / f64::from(count)
}

/// How often a burst repeats, for about a millisecond.
fn count_for(work: &(impl Fn(usize) + Sync)) -> u32 {
    (1e6 / burst(1, 50, work)).clamp(50.0, 5000.0) as u32
}

/// Two threads, each with two locks of its own, one inside the other: how much more they do than one thread.
pub fn disjoint<P: Peer>() -> Sampler {
    let locks = locks::<P, 4>();
    Box::new(move || {
        let work = |thread: usize| {
            let [outer, inner] = [&locks[thread * 2], &locks[thread * 2 + 1]];
            P::lock(&black_box(outer).0, |count| *count += P::lock(&black_box(inner).0, |count| *count));
        };
        let count = count_for(&work);
        let best = |threads| (0..3).map(|_| burst(threads, count, &work)).fold(f64::MAX, f64::min);
        let (alone, together) = (best(1), best(2));
        2.0 * alone / together
    })
}

/// Two threads that want one lock.
pub fn contended<P: Peer>() -> Sampler {
    let [lock] = locks::<P, 1>();
    Box::new(move || {
        let work = |_: usize| P::lock(&lock.0, |count| *count += 1);
        burst(2, count_for(&work), &work) / 2.0
    })
}

/// A small generator (splitmix64), so that every peer sees the same edges.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as usize % bound
    }
}

/// So many locks, and random orders between them that agree with each other.
fn graph<P: Peer>(count: usize, edges: usize) -> (Vec<P::Mutex>, Vec<(usize, usize)>) {
    // Classes of their own, so that every growth grows.
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(1000);
    let first = NEXT.fetch_add(count, std::sync::atomic::Ordering::Relaxed);
    let locks: Vec<_> = (first..first + count).map(P::mutex).collect();
    locks.iter().for_each(|lock| P::lock(lock, |_| ()));
    let mut random = Random(1);
    let mut seen = std::collections::HashSet::new();
    let mut edges_made = Vec::new();
    while edges_made.len() < edges {
        let from = random.below(count - 1);
        let to = from + 1 + random.below(count - 1 - from);
        if seen.insert((from, to)) {
            edges_made.push((from, to));
        }
    }
    (locks, edges_made)
}

fn take<P: Peer>(locks: &[P::Mutex], (from, to): (usize, usize)) {
    P::lock(&locks[from], |count| *count += P::lock(&locks[to], |count| *count));
}

/// How long a peer may take to learn an order.
const PATIENCE: Duration = Duration::from_millis(1500);

/// An order that has not been seen, among 1000 locks with 4000 orders.
pub fn growth<P: Peer>() -> Sampler {
    Box::new(|| {
        let (locks, edges) = graph::<P>(1000, 4000);
        let start = Instant::now();
        let taken = edges.iter().take_while(|&&edge| {
            take::<P>(&locks, edge);
            start.elapsed() < PATIENCE
        });
        let taken = taken.count().max(1);
        let time = start.elapsed().as_nanos() as f64 / taken as f64;
        // Some never forget a lock and cannot be asked to.
        std::mem::forget(locks);
        time
    })
}

/// 1000 locks, and 10,000 orders between them that have been seen.
fn learned<P: Peer>() -> (Vec<P::Mutex>, Vec<(usize, usize)>) {
    let (locks, edges) = graph::<P>(1000, 10_000);
    let start = Instant::now();
    let known = edges.into_iter().take_while(|&edge| {
        take::<P>(&locks, edge);
        start.elapsed() < 4 * PATIENCE
    });
    let known = known.collect();
    (locks, known)
}

/// One order that has been seen, again and again, where there are 10,000.
pub fn beside_many<P: Peer>() -> Sampler {
    let (locks, known) = learned::<P>();
    let order = known[known.len() / 2];
    repeated(move || take::<P>(&locks, black_box(order)))
}

/// Orders that have been seen, 10,000 in turn.
pub fn large<P: Peer>() -> Sampler {
    let (locks, known) = learned::<P>();
    let mut next = 0;
    repeated(move || {
        take::<P>(&locks, known[next]);
        next = if next + 1 == known.len() { 0 } else { next + 1 };
    })
}
