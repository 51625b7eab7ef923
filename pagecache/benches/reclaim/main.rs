//! Which pages a small cache keeps: hit ratios and times on generated mixes, for this cache, for the policies that it could have, and for
//! moka, quick_cache and foyer as they come.
//!
//! `cargo bench -p pagecache --bench reclaim`; every number but the times is the same in every run.
#![allow(clippy::print_stdout, reason = "printing is what a program is for")]

mod mixes;
mod policies;

use mixes::MIXES;
use pagecache::{Device, EXT, Inode, Memory, MountOptions, PAGE_SIZE, SuperBlock};
use policies::{Belady, Clock, Lru, Policy, S3Fifo, Sieve};
use std::sync::Arc;
use std::time::Instant;

/// Pages that are used, and accesses per mix.
const PAGES: u64 = 20_000;
const ACCESSES: usize = 400_000;

type Page = Arc<[u8; PAGE_SIZE]>;

/// The page cache itself, with a file without blocks: what a miss costs is making room and zeroing a page.
struct PageCache(Arc<Inode>);

impl Policy for PageCache {
    fn access(&mut self, key: u64) -> bool {
        let (mut word, at) = ([0; 8], key * PAGE_SIZE as u64);
        let hit = self.0.read_with(&mut word, at, pagecache::Flags { noio: true, ..Default::default() }).is_ok();
        if !hit {
            self.0.read_at(&mut word, at).expect("clean pages can go");
        }
        hit
    }
}

impl Policy for moka::sync::Cache<u64, Page> {
    fn access(&mut self, key: u64) -> bool {
        let hit = self.get(&key).is_some();
        if !hit {
            self.insert(key, Arc::new([0; PAGE_SIZE]));
        }
        hit
    }
}

impl Policy for quick_cache::sync::Cache<u64, Page> {
    fn access(&mut self, key: u64) -> bool {
        let hit = self.get(&key).is_some();
        if !hit {
            self.insert(key, Arc::new([0; PAGE_SIZE]));
        }
        hit
    }
}

impl Policy for foyer_memory::Cache<u64, Page> {
    fn access(&mut self, key: u64) -> bool {
        let hit = self.get(&key).is_some();
        if !hit {
            drop(self.insert(key, Arc::new([0; PAGE_SIZE])));
        }
        hit
    }
}

fn page_cache(limit: usize) -> PageCache {
    let options = MountOptions { memory: Memory::new(limit), ..MountOptions::default() };
    let file = SuperBlock::mount(&EXT, Device::new(1), options).create();
    file.truncate(PAGES * PAGE_SIZE as u64).expect("it is within the limit");
    PageCache(file)
}

/// Per cent of hits, and nanoseconds per access.
fn measure(policy: &mut dyn Policy, accesses: &[u64]) -> (f64, f64) {
    let start = Instant::now();
    let hits = accesses.iter().filter(|key| policy.access(**key)).count();
    let time = start.elapsed();
    (100.0 * hits as f64 / accesses.len() as f64, time.as_nanos() as f64 / accesses.len() as f64)
}

fn main() {
    for limit in [200, 2000] {
        println!("\n{limit} of {PAGES} pages: hits in per cent (nanoseconds per access)\n");
        print!("{:<14}", "");
        MIXES.iter().for_each(|(name, _)| print!("{name:>18}"));
        println!();
        let traces: Vec<Vec<u64>> = MIXES.iter().map(|(_, mix)| mix(limit as u64)).collect();
        let row = |name: &str, make: &dyn Fn(&[u64]) -> Box<dyn Policy>| {
            print!("{name:<14}");
            for trace in &traces {
                let (hits, time) = measure(&mut *make(trace), trace);
                print!("{:>18}", format!("{hits:.1} ({time:.0})"));
            }
            println!();
        };
        row("pagecache", &|_| Box::new(page_cache(limit)));
        row("moka", &|_| Box::new(moka::sync::Cache::<u64, Page>::new(limit as u64)));
        row("quick_cache", &|_| Box::new(quick_cache::sync::Cache::<u64, Page>::new(limit)));
        row("foyer", &|_| Box::new(foyer_memory::CacheBuilder::new(limit).with_shards(1).build::<_>()));
        println!("\nas plain models");
        row("S3-FIFO", &|_| Box::new(S3Fifo::new(limit)));
        row("SIEVE", &|_| Box::new(Sieve::new(limit)));
        row("CLOCK", &|_| Box::new(Clock::new(limit)));
        row("LRU", &|_| Box::new(Lru::new(limit)));
        row("Belady", &|trace| Box::new(Belady::new(limit, trace)));
    }
}
