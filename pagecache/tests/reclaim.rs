//! A cache that is smaller than its files: what is evicted is what should be, comes back right, and is never lost.

use pagecache::backing::MemoryBlocks;
use pagecache::workload::Random;
use pagecache::{
    Completion, Device, EXT, FileSystemType, Inode, LOG, Memory, Mm, MountOptions, PAGE_SIZE, Sharing, SuperBlock,
    locks,
};
use std::sync::Arc;
use std::thread;

const PAGE: u64 = PAGE_SIZE as u64;

fn mount(fs: &'static FileSystemType, completion: Completion, limit: usize) -> (Arc<SuperBlock>, Arc<Memory>) {
    let memory = Memory::new(limit);
    let options = MountOptions { memory: Arc::clone(&memory), ..MountOptions::default() };
    (SuperBlock::mount(fs, Device::with(MemoryBlocks::new(1024), completion), options), memory)
}

/// A file whose pages are on the device; the bytes of each tell which it is.
fn file(sb: &Arc<SuperBlock>, pages: u64) -> Arc<Inode> {
    let file = sb.create();
    for page in 0..pages {
        file.write_at(&[page as u8; PAGE_SIZE], page * PAGE).unwrap();
        file.fsync().unwrap();
    }
    file
}

fn byte(file: &Inode, page: u64) -> u8 {
    let mut byte = [0xee];
    assert_eq!(file.read_at(&mut byte, page * PAGE + 77), Ok(1));
    byte[0]
}

#[test]
fn files_far_larger_than_the_cache_read_right_from_many_threads_and_through_mappings() {
    for (fs, completion, limit) in
        [(&EXT, Completion::Inline, 16), (&LOG, Completion::Thread, 7), (&EXT, Completion::Thread, 1)]
    {
        let (sb, memory) = mount(fs, completion, limit);
        let files = [file(&sb, 200), file(&sb, 100)];
        thread::scope(|scope| {
            for seed in 0..3 {
                let files = &files;
                scope.spawn(move || {
                    let (mut random, mm) = (Random::new(seed), Mm::new());
                    let mapped = files.each_ref().map(|file| mm.map(file, 0, 200, Sharing::Shared).unwrap());
                    for _ in 0..300 {
                        let which = random.below(2) as usize;
                        let page = random.below(if which == 0 { 200 } else { 100 });
                        match random.below(2) {
                            0 => assert_eq!(byte(&files[which], page), page as u8),
                            _ => {
                                let mut byte = [0xee];
                                mm.load(mapped[which] + page * PAGE, &mut byte).unwrap();
                                assert_eq!(byte[0], page as u8);
                            }
                        }
                    }
                });
            }
        });
        assert!(memory.pages() <= limit && memory.evicted() > 0, "{memory:?}");
        drop((files, sb));
        assert_eq!(memory.pages(), 0);
    }
}

#[test]
fn a_scan_passes_by_what_is_used_often() {
    let (sb, _) = mount(&EXT, Completion::Inline, 100);
    let (hot, cold) = (file(&sb, 50), file(&sb, 800));
    for page in (0..50).cycle().take(200) {
        byte(&hot, page);
    }
    let cached = hot.cached_pages();
    for page in 0..800 {
        byte(&cold, page);
    }
    assert!(cached >= 45 && hot.cached_pages() == cached, "{} of {cached}", hot.cached_pages());
}

#[test]
fn a_page_that_comes_back_soon_is_known() {
    let (sb, memory) = mount(&EXT, Completion::Inline, 20);
    let file = file(&sb, 200);
    assert_eq!(memory.refaulted(), 0, "no page has come back");
    byte(&file, 190);
    byte(&file, 20);
    let refaulted = memory.refaulted();
    for page in 20..30 {
        byte(&file, page);
    }
    assert_eq!(memory.refaulted(), refaulted, "these were evicted long ago");
    for page in 5..40 {
        byte(&file, page);
    }
    let before = memory.refaulted();
    byte(&file, 12);
    assert_eq!(memory.refaulted(), before + 1);
}

#[test]
fn a_mapped_page_that_is_evicted_is_faulted_in_again() {
    let (sb, _) = mount(&EXT, Completion::Inline, 8);
    let (mapped, other) = (file(&sb, 4), file(&sb, 100));
    let mm = Mm::new();
    let address = mm.map(&mapped, 0, 4, Sharing::Shared).unwrap();
    let mut byte_there = [0];
    mm.load(address + PAGE, &mut byte_there).unwrap();
    for page in 0..100 {
        byte(&other, page);
    }
    assert_eq!(mapped.cached_pages(), 0);
    mm.load(address + PAGE, &mut byte_there).unwrap();
    assert_eq!(byte_there, [1]);
}

#[test]
fn files_that_come_and_go_leave_nothing_behind() {
    let (sb, memory) = mount(&LOG, Completion::Inline, 64);
    for _ in 0..100 {
        let file = file(&sb, 8);
        file.truncate(3 * PAGE).unwrap();
        file.write_at(&[1; PAGE_SIZE], 5 * PAGE).unwrap();
    }
    assert_eq!((memory.pages(), memory.evicted()), (0, 0));
}

/// There is room for one page, which is dirty: each of these waits until it is written, and finds nothing wrong.
#[test]
fn whatever_needs_a_page_waits_until_one_that_is_dirty_is_written() {
    type Act = fn(&Arc<Inode>, &Arc<Inode>) -> pagecache::Result<()>;
    let acts: [(&str, Act); 7] = [
        ("read", |one, _| one.read_at(&mut [0], 0).map(drop)),
        ("write", |one, _| one.write_at(&[1], 0).map(drop)),
        ("load", |one, _| {
            let mm = Mm::new();
            mm.load(mm.map(one, 0, 2, Sharing::Shared)?, &mut [0])
        }),
        ("punch", |one, _| one.punch_hole(1, 1)),
        ("grow", |one, _| one.truncate(PAGE + 1).and_then(|()| one.truncate(2 * PAGE))),
        ("dedupe", |one, two| one.dedupe_range(0, two, 0, PAGE).map(|same| assert!(same))),
        ("copy", |one, two| one.copy_range(1, two, 1, PAGE).map(drop)),
    ];
    for fs in [&EXT, &LOG] {
        for (name, act) in acts {
            let (sb, _) = mount(fs, Completion::Inline, 1);
            let [one, two] = [(); 2].map(|()| {
                let file = sb.create();
                file.write_at(&[1; PAGE_SIZE], 0).unwrap();
                file.fsync().unwrap();
                file
            });
            let dirty = sb.create();
            // The thread that writes was asked, and may have been there already: most of the time it was not.
            dirty.write_at(&[2], 0).unwrap();
            assert_eq!(act(&one, &two), Ok(()), "{}: {name}", fs.name);
        }
    }
}

/// Memory is wanted under `invalidate_lock`, so what makes room for it must not want that lock. It is enough that both happen once.
#[cfg(debug_assertions)]
#[test]
fn a_truncation_in_reclaim_is_reported() {
    let scope = lockdep::testing::isolated();
    let (sb, _) = mount(&EXT, Completion::Inline, 8);
    let file = file(&sb, 1);
    file.drop_cache();
    byte(&file, 0);
    assert_eq!(scope.findings(), []);
    let fs_reclaim = lockdep::LockMap::new(&locks::FS_RECLAIM[0]);
    let reclaiming = fs_reclaim.acquire();
    file.truncate(0).unwrap();
    drop(reclaiming);
    let found = scope.findings();
    assert!(found.iter().any(|found| found.classes == ["ext::invalidate_lock", "fs_reclaim"]), "{found:?}");
}
