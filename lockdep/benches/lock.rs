//! Lock and unlock in steady state, against the plain locks in the same run:
//! `RUSTFLAGS="--cfg lockdep" cargo bench -p lockdep --bench lock`.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

/// Takes `depth` locks one inside the other and releases them in reverse.
macro_rules! nested {
    ($group:expr, $name:literal, $depth:literal, $new:expr, $lock:ident $($unwrap:ident)?) => {{
        let locks: [_; $depth] = std::array::from_fn($new);
        let mut guards: Vec<_> = Vec::with_capacity($depth);
        $group.bench_function(concat!($name, "/", $depth), |bencher| {
            bencher.iter(|| {
                for lock in &locks {
                    guards.push(black_box(lock).$lock()$(.$unwrap())?);
                }
                while guards.pop().is_some() {}
            });
        });
    }};
}

macro_rules! depths {
    ($criterion:expr, $($depth:literal)*) => { $( {
        let mut group = $criterion.benchmark_group("lock+unlock");
        nested!(group, "parking_lot", $depth, |_| parking_lot::Mutex::new(0u64), lock);
        nested!(group, "lockdep", $depth, |_| lockdep::parking_lot::Mutex::new(0u64), lock);
        nested!(group, "std", $depth, |_| std::sync::Mutex::new(0u64), lock unwrap);
        group.finish();
    } )* };
}

fn one_lock(criterion: &mut Criterion) {
    depths!(criterion, 1);
}

fn two_classes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("lock+unlock, two classes");
    let plain = (parking_lot::Mutex::new(0u64), parking_lot::Mutex::new(0u64));
    group.bench_function("parking_lot", |bencher| {
        bencher.iter(|| {
            let mut outer = plain.0.lock();
            *outer += 1;
            *black_box(&plain.1).lock() += *outer;
        });
    });
    let checked = (lockdep::parking_lot::Mutex::new(0u64), lockdep::parking_lot::Mutex::new(0u64));
    group.bench_function("lockdep", |bencher| {
        bencher.iter(|| {
            let mut outer = checked.0.lock();
            *outer += 1;
            *black_box(&checked.1).lock() += *outer;
        });
    });
    group.finish();
}

fn readers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read+unlock");
    let plain = parking_lot::RwLock::new(0u64);
    group.bench_function("parking_lot", |bencher| bencher.iter(|| *black_box(&plain).read()));
    let checked = lockdep::parking_lot::RwLock::new(0u64);
    group.bench_function("lockdep", |bencher| bencher.iter(|| *black_box(&checked).read()));
    group.finish();
}

criterion_group!(benches, one_lock, two_classes, readers);
criterion_main!(benches);
