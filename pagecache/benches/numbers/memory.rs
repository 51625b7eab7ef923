//! How many bytes there are beside the pages: every allocation is counted.

use crate::Measure;
use pagecache::{Device, Directory, EXT, Memory, MountOptions, PAGE_SIZE, SuperBlock};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

const PAGE: u64 = PAGE_SIZE as u64;
const PAGES: u64 = 32_768;
const FILES: usize = 1000;

/// Each returns bytes.
pub(crate) const ALL: &[Measure] = &[
    ("for a cached page, beside its 4096", || per_page(&Memory::unlimited())),
    ("for a cached page where there is a limit", || per_page(&Memory::new(PAGES as usize))),
    ("for a file in memory, of which nothing is cached", || per_file(false)),
    ("for a file that was evicted", || per_file(true)),
    ("at most for each of a million files with a page each, and room for 10,000 pages", a_million_files),
];

struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: it hands everything on, and counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn live() -> f64 {
    LIVE.load(Relaxed) as f64
}

fn mount(blocks: usize, memory: &Arc<Memory>) -> Arc<SuperBlock> {
    let options = MountOptions { memory: Arc::clone(memory), ..MountOptions::default() };
    SuperBlock::mount(&EXT, Device::new(blocks), options)
}

fn per_page(memory: &Arc<Memory>) -> f64 {
    let sb = mount(PAGES as usize, memory);
    let file = sb.create();
    file.allocate_range(0, PAGES * PAGE, false).expect("there is room");
    let before = live();
    for page in 0..PAGES {
        file.read_at(&mut [0], page * PAGE).expect("there is memory");
    }
    assert_eq!(file.cached_pages() as u64, PAGES);
    (live() - before) / PAGES as f64 - PAGE as f64
}

fn per_file(evicted: bool) -> f64 {
    let directory = Directory::new(&mount(FILES * 2, &Memory::unlimited()));
    let before = live();
    for number in 0..FILES {
        let file = directory.create(&number.to_string()).expect("there is room");
        file.write_at(&[1], 0).expect("there is memory");
        file.fsync().expect("there is room");
        file.drop_cache();
    }
    if evicted {
        directory.evict_unused();
    }
    assert_eq!(directory.in_memory(), if evicted { 0 } else { FILES });
    directory.fsync().expect("there is room");
    directory.drop_cache();
    // Frames of pages are used again.
    let frames = (FILES.div_ceil(64)).div_ceil(512) * 512 * (PAGE_SIZE + 64);
    (live() - before - frames as f64) / FILES as f64
}

fn a_million_files() -> f64 {
    const DIRECTORIES: usize = 1000;
    const LIMIT: usize = 10_000;
    let memory = Memory::new(LIMIT);
    let sb = mount(DIRECTORIES * (FILES + FILES.div_ceil(64)), &memory);
    let (before, mut most) = (live(), 0.0_f64);
    let mut directories = Vec::new();
    for _ in 0..DIRECTORIES {
        let directory = Directory::new(&sb);
        for number in 0..FILES {
            directory.create(&number.to_string()).and_then(|file| file.write_at(&[1], 0)).expect("there is room");
            assert!(memory.pages() <= LIMIT && memory.inodes() <= 2 * LIMIT);
        }
        directories.push(directory);
        most = most.max(live() - before);
    }
    most / (DIRECTORIES * FILES) as f64
}
