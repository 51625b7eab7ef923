//! Reading pages that are in the cache, against what else could have them, in one run:
//!
//! - `cargo bench -p pagecache --bench read`: the cache without the checker;
//! - `RUSTFLAGS="--cfg lockdep" cargo bench -p pagecache --bench read`: with it.
//!
//! The file is a real one, and `pread(2)` of the same file is what it is compared with.

use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};
use pagecache::backing::FileBlocks;
use pagecache::workload::Random;
use pagecache::{Completion, Device, EXT, Inode, PAGE_SIZE, SuperBlock};
use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

const PAGE: u64 = PAGE_SIZE as u64;

/// A file of this many pages, cached by us and by the system.
fn files(pages: u64) -> (Arc<Inode>, File) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pages-{pages}"));
    std::fs::write(&path, vec![0x5a; (pages * PAGE) as usize]).expect("there is room for the file");
    let file = File::options().read(true).write(true).open(&path).expect("it is ours");
    let device =
        Device::with(FileBlocks::new(file.try_clone().expect("a descriptor")).expect("a length"), Completion::Inline);
    let inode = SuperBlock::new(&EXT, device).create();
    for index in 0..pages {
        inode.write_at(&[0x5a; PAGE_SIZE], index * PAGE).expect("there is memory");
    }
    inode.fsync().expect("the file has room");
    (inode, file)
}

fn pages(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, pages: u64) {
    let (inode, file) = files(pages);
    let mut bytes = [0; PAGE_SIZE];
    let mut random = Random::new(1);
    group.bench_function(format!("pagecache/{name}"), |bencher| {
        bencher.iter(|| inode.read_at(black_box(&mut bytes), random.below(pages) * PAGE));
    });
    group.bench_function(format!("pread/{name}"), |bencher| {
        bencher.iter(|| file.read_exact_at(black_box(&mut bytes), random.below(pages) * PAGE));
    });
    let memory = vec![0x5a_u8; (pages * PAGE) as usize];
    group.bench_function(format!("copy/{name}"), |bencher| {
        bencher.iter(|| {
            let at = (random.below(pages) * PAGE) as usize;
            black_box(&mut bytes).copy_from_slice(&memory[at..at + PAGE_SIZE]);
        });
    });
}

/// 4 KiB at a random page that is cached, of a file that fits into the processor's caches and of one that does not.
fn resident(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("4 KiB read");
    pages(&mut group, "1 MiB", 256);
    pages(&mut group, "256 MiB", 65536);
    group.finish();
}

/// Eight bytes of a random page: what is left is finding it.
fn lookup(criterion: &mut Criterion) {
    const PAGES: u64 = 4096;
    let mut group = criterion.benchmark_group("lookup");
    let mut random = Random::new(2);
    let (inode, _) = files(PAGES);
    let mut word = [0; 8];
    group.bench_function("pagecache", |bencher| {
        bencher.iter(|| inode.read_at(black_box(&mut word), random.below(PAGES) * PAGE));
    });
    let page = || Arc::new([0x5a_u8; PAGE_SIZE]);
    let moka = moka::sync::Cache::new(PAGES * 2);
    (0..PAGES).for_each(|index| moka.insert(index, page()));
    group.bench_function("moka", |bencher| {
        bencher.iter(|| moka.get(&random.below(PAGES)).map(|page| black_box(&mut word).copy_from_slice(&page[..8])));
    });
    let quick = quick_cache::sync::Cache::new(PAGES as usize * 2);
    (0..PAGES).for_each(|index| quick.insert(index, page()));
    group.bench_function("quick_cache", |bencher| {
        bencher.iter(|| quick.get(&random.below(PAGES)).map(|page| black_box(&mut word).copy_from_slice(&page[..8])));
    });
    let foyer: foyer_memory::Cache<u64, Arc<[u8; PAGE_SIZE]>> =
        foyer_memory::CacheBuilder::new(PAGES as usize * 2).build();
    (0..PAGES).for_each(|index| drop(foyer.insert(index, page())));
    group.bench_function("foyer", |bencher| {
        bencher.iter(|| {
            foyer.get(&random.below(PAGES)).map(|page| black_box(&mut word).copy_from_slice(&page.value()[..8]))
        });
    });
    group.finish();
}

criterion_group!(benches, resident, lookup);
criterion_main!(benches);
