//! What lockdep has found in the kernel around `invalidate_lock`, and what it could not find there because a page lock is a bit: each
//! mistake that these file systems can host is made here, is found, and is not found once it is put right. [`SPLATS.md`](../SPLATS.md) has
//! them all.
#![cfg(debug_assertions)]

use lockdep::core::finding::{Code, Finding};
use lockdep::parking_lot::{Mutex, RwLock};
use lockdep::{LockClassKey, LockMap};
use pagecache::hooks::Point;
use pagecache::locks::MAX_STACK_DEPTH;
use pagecache::{Device, EXT, FileSystemType, Inode, LOG, Mm, MountOptions, PAGE_SIZE, Sharing, SuperBlock, locks};
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

const PAGE: u64 = PAGE_SIZE as u64;

lockdep::lock_classes! {
    S_WRITEPAGES_RWSEM = "ext::s_writepages_rwsem";
    NO_WRITE = "Inode::no_write";
    NI_LOCK = "ntfs::ni_lock";
    XATTR_I_RWSEM = "xattr::i_rwsem";
}

static MMU_LOCK: LockClassKey = LockClassKey::new("Guest::mmu_lock").wait_type(locks::SPINS);

/// What is done in the middle of an operation on one file, at a point.
type Act = Box<dyn Fn() + Send + Sync>;

/// A file of four pages that are on the device and not in the cache, of a file system that does something at a point once it is armed.
struct World {
    file: Arc<Inode>,
    act: Arc<OnceLock<Act>>,
}

impl World {
    fn new(fs: &'static FileSystemType, at: Point) -> World {
        let act: Arc<OnceLock<Act>> = Arc::default();
        let hook = {
            let act = Arc::clone(&act);
            Box::new(move |point, _| act.get().filter(|_| point == at).into_iter().for_each(|act| act()))
        };
        let options = MountOptions { hook: Some(hook), ..MountOptions::default() };
        let world = World { file: SuperBlock::mount(fs, Device::new(64), options).create(), act };
        world.fill(&world.file);
        world
    }

    fn fill(&self, file: &Inode) {
        file.write_at(&[1; 4 * PAGE_SIZE], 0).unwrap();
        file.fsync().unwrap();
        file.drop_cache();
    }

    /// Another file like it.
    fn other(&self) -> Arc<Inode> {
        let other = self.file.superblock().create();
        self.fill(&other);
        other
    }

    fn then(&self, act: impl Fn() + Send + Sync + 'static) {
        assert!(self.act.set(Box::new(act)).is_ok(), "one thing is done");
    }

    /// A load and a store through a mapping, with the faults that come with them.
    fn fault(&self) {
        self.file.drop_cache();
        let mm = Mm::new();
        let mapped = mm.map(&self.file, 0, 4, Sharing::Shared).unwrap();
        mm.load(mapped + PAGE, &mut [0]).unwrap();
        mm.store(mapped, b"s").unwrap();
    }

    fn read(&self) {
        self.file.fsync().unwrap();
        self.file.drop_cache();
        self.file.read_at(&mut [0; PAGE_SIZE], 0).unwrap();
    }
}

/// The file system's one big lock over a copy to the caller of readdir, and over one from the caller of an ioctl.
fn copies_under_the_big_lock(to_user: bool, mistaken: bool) {
    let world = World::new(&LOG, Point::PagesRemoved);
    let (s_lock, mm) = (Mutex::named(&locks::LOG_S_LOCK[0], ()), Mm::new());
    let buffer = mm.map(&world.other(), 0, 1, Sharing::Private).unwrap();
    world.fault();
    let held = mistaken.then(|| s_lock.lock());
    match to_user {
        true => mm.store(buffer, b"names").unwrap(),
        false => mm.load(buffer, &mut [0; 5]).unwrap(),
    }
    drop(held);
    drop(s_lock.lock());
}

/// The list of a file's blocks is made under a lock that truncation takes under `invalidate_lock`, and copied to the caller under it.
fn fiemap_copies_under_a_lock_of_the_file(mistaken: bool) {
    let world = World::new(&EXT, Point::PagesRemoved);
    let (ni_lock, mm) = (Arc::new(Mutex::named(&NI_LOCK, ())), Mm::new());
    let buffer = mm.map(&world.other(), 0, 1, Sharing::Private).unwrap();
    world.fault();
    {
        let ni_lock = Arc::clone(&ni_lock);
        world.then(move || drop(ni_lock.lock()));
    }
    world.file.punch_hole(0, PAGE).unwrap();
    let held = ni_lock.lock();
    let blocks = [0, 1, 2].map(|page| u8::from(world.file.block_of(page).is_some()));
    let held = mistaken.then_some(held);
    mm.store(buffer, &blocks).unwrap();
    drop(held);
}

/// The lock of the block map, which readahead takes under `invalidate_lock`, is held over a fault.
fn faults_under_the_block_map(mistaken: bool) {
    let world = World::new(&EXT, Point::PagesRemoved);
    world.file.will_need(0, 4 * PAGE);
    let i_data_sem = RwLock::named(&locks::EXT_I_DATA_SEM, ());
    let held = i_data_sem.read();
    let held = mistaken.then_some(held);
    world.fault();
    drop(held);
}

/// What is dirty is written out in the middle of an operation that holds `invalidate_lock`, under a lock that a change of the journal mode
/// holds while it waits for write faults.
fn writes_out_under_invalidate_lock(operation: fn(&World), mistaken: bool) {
    let world = World::new(&EXT, Point::PagesRemoved);
    let writepages = Arc::new(RwLock::named(&S_WRITEPAGES_RWSEM, ()));
    world.fault();
    {
        let _switch = writepages.write();
        drop(world.file.superblock().freeze());
    }
    if mistaken {
        let writepages = Arc::clone(&writepages);
        world.then(move || drop(writepages.read()));
    } else {
        drop(writepages.read());
    }
    operation(&world);
}

/// A file goes in the middle of an operation of another that holds `invalidate_lock`, as reclaim lets files go. One that writes itself out
/// first starts a transaction, which this type has above `invalidate_lock`.
fn evicts_under_invalidate_lock(mistaken: bool) {
    let world = World::new(&LOG, Point::PagesRemoved);
    let victim = SuperBlock::new(&LOG, Device::new(8)).create();
    victim.write_at(b"dirty", 0).unwrap();
    let victim = Mutex::new(Some(victim));
    world.then(move || {
        let victim = victim.lock().take();
        if mistaken && let Some(victim) = &victim {
            victim.fsync().unwrap();
        }
        drop(victim);
    });
    world.file.punch_hole(0, PAGE).unwrap();
}

/// The attributes of a file are in another file, which truncation looks into: one of the same class, or of a class for such files.
fn truncates_attributes_of_a_file_like_others(mistaken: bool) {
    static XATTR: FileSystemType = {
        let mut keys = EXT.keys[0];
        keys.i_rwsem = &XATTR_I_RWSEM;
        FileSystemType {
            name: "xattr",
            keys: [keys; MAX_STACK_DEPTH + 1],
            transaction: EXT.transaction,
            extents: EXT.extents,
        }
    };
    let world = World::new(&EXT, Point::PagesRemoved);
    let attributes = if mistaken { world.other() } else { SuperBlock::new(&XATTR, Device::new(8)).create() };
    world.then(move || assert!(attributes.read_direct(&mut [0; PAGE_SIZE], 0).is_ok()));
    world.file.truncate(PAGE).unwrap();
}

/// To verify a page that is being read, another page of the same file is read, in the middle of that; or it was read before.
fn verifies_by_reading_the_same_file(mistaken: bool) {
    let world = World::new(&EXT, Point::BlockMapped);
    let file = Arc::downgrade(&world.file);
    world.file.punch_hole(3 * PAGE, 1).unwrap();
    world.file.fsync().unwrap();
    if mistaken {
        world.file.drop_cache();
    }
    world.then(move || {
        let file = file.upgrade().unwrap();
        thread_local!(static IS_INSIDE: std::cell::Cell<bool> = const { std::cell::Cell::new(false) });
        if !IS_INSIDE.replace(true) {
            file.read_at(&mut [0; 8], 3 * PAGE).unwrap();
            IS_INSIDE.set(false);
        }
    });
    world.file.read_at(&mut [0; PAGE_SIZE], 0).unwrap();
}

/// A page is got under a lock that spins.
fn allocates_under_a_spinlock(mistaken: bool) {
    let world = World::new(&EXT, Point::PagesRemoved);
    let mmu_lock = Mutex::named(&MMU_LOCK, ());
    let held = mistaken.then(|| mmu_lock.lock());
    world.read();
    drop(held);
    drop(mmu_lock.lock());
}

/// To open a file and cut it off, writers are kept out while its pages are waited for; and who fills a page waits for writers to be let in.
fn waits_for_pages_with_writers_kept_out(mistaken: bool) {
    let world = World::new(&EXT, Point::BlockMapped);
    let no_write = Arc::new(LockMap::new(&NO_WRITE));
    {
        let no_write = Arc::clone(&no_write);
        world.then(move || no_write.might_acquire());
    }
    world.read();
    let held = no_write.acquire();
    let held = mistaken.then_some(held);
    world.file.invalidate(0, PAGE).unwrap();
    drop(held);
}

/// A page is filled under its own lock and then a lock of the file; truncation waits for pages under that lock. The kernel cannot see it,
/// and hangs.
fn truncates_under_a_lock_of_the_file(mistaken: bool) {
    let world = World::new(&EXT, Point::BlockMapped);
    let ni_lock = Arc::new(Mutex::named(&NI_LOCK, ()));
    {
        let ni_lock = Arc::clone(&ni_lock);
        world.then(move || drop(ni_lock.lock()));
    }
    world.read();
    let held = mistaken.then(|| ni_lock.lock());
    world.file.truncate(0).unwrap();
    drop(held);
    drop(ni_lock.lock());
}

/// Memory is copied from or to with a page locked; that it is the same page is seen only by who hangs.
fn copies_with_a_page_locked(mistaken: bool) {
    let world = World::new(&EXT, Point::BlockMapped);
    let (mm, source) = (Mm::new(), SuperBlock::new(&EXT, Device::new(8)).create());
    source.write_at(&[1; PAGE_SIZE], 0).unwrap();
    let mapped = mm.map(&source, 0, 1, Sharing::Shared).unwrap();
    world.fault();
    if mistaken {
        world.then(move || mm.load(mapped, &mut [0]).unwrap());
    } else {
        mm.load(mapped, &mut [0]).unwrap();
    }
    world.read();
}

fn collapses(world: &World) {
    world.file.collapse_range(0, PAGE).unwrap();
}

fn inserts(world: &World) {
    world.file.insert_range(0, PAGE).unwrap();
}

/// The boot inode is exchanged with a file.
fn swaps(world: &World) {
    world.file.exchange_range(0, &world.other(), 0, PAGE).unwrap();
}

/// The name in the table, what is done, rightly or wrongly, how that is found, and a class that is in it.
type Splat = (&'static str, fn(bool), Code, &'static str);

const SPLATS: [Splat; 14] = [
    ("exfat-readdir", |wrong| copies_under_the_big_lock(true, wrong), Code::Inversion, "log::s_lock"),
    ("reiserfs-ioctl", |wrong| copies_under_the_big_lock(false, wrong), Code::Inversion, "log::s_lock"),
    ("ntfs3-fiemap", fiemap_copies_under_a_lock_of_the_file, Code::Inversion, "ntfs::ni_lock"),
    (
        "ext4-collapse",
        |wrong| writes_out_under_invalidate_lock(collapses, wrong),
        Code::Inversion,
        "ext::invalidate_lock",
    ),
    ("ext4-insert", |wrong| writes_out_under_invalidate_lock(inserts, wrong), Code::Inversion, "ext::invalidate_lock"),
    ("ext4-swap-boot", |wrong| writes_out_under_invalidate_lock(swaps, wrong), Code::Inversion, "ext::invalidate_lock"),
    ("ext4-evict", evicts_under_invalidate_lock, Code::Inversion, "log::invalidate_lock"),
    ("ext4-data-sem", faults_under_the_block_map, Code::Inversion, "ext::i_data_sem"),
    ("ext4-xattr-inode", truncates_attributes_of_a_file_like_others, Code::Recursion, "ext::i_rwsem"),
    ("fsverity-readahead", verifies_by_reading_the_same_file, Code::SelfDeadlock, "ext::invalidate_lock"),
    ("guest-memfd", allocates_under_a_spinlock, Code::WaitType, "Guest::mmu_lock"),
    ("fuse-open-truncates", waits_for_pages_with_writers_kept_out, Code::Inversion, "Folio::lock"),
    ("ntfs3-page-lock", truncates_under_a_lock_of_the_file, Code::Inversion, "Folio::lock"),
    ("asterinas-3257", copies_with_a_page_locked, Code::Inversion, "Folio::lock"),
];

#[test]
fn each_mistake_is_found_and_what_is_right_is_not() {
    for (name, act, code, class) in SPLATS {
        let scope = lockdep::testing::isolated();
        act(true);
        let found = scope.findings();
        let is_it = |finding: &Finding| finding.code == code && finding.classes.iter().any(|of| of == class);
        assert!(found.iter().any(is_it), "{name}: {found:?}");
        drop(scope);
        let scope = lockdep::testing::isolated();
        act(false);
        let undocumented = [Code::Undeclared];
        let found: Vec<_> = scope.findings().into_iter().filter(|found| !undocumented.contains(&found.code)).collect();
        assert_eq!(found, [], "{name}, put right");
    }
}

#[test]
fn what_the_table_names_is_there() {
    let tests = [
        include_str!("completion.rs"),
        include_str!("depth.rs"),
        include_str!("hierarchy.rs"),
        include_str!("keys.rs"),
    ];
    let scenarios = include_str!("../../tests/scenarios/pagecache.toml");
    let mut hosted = BTreeSet::new();
    for row in include_str!("../SPLATS.md").lines().skip_while(|line| !line.starts_with("| ---")).skip(1) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let (here, shown) = (cells[2], cells[3]);
        let (proofs, as_scenarios) = match here {
            "hosted" => shown.split_once("; as scenario").unwrap_or((shown, "")),
            "scenario" => ("", shown),
            other => panic!("{other} is no way to show it: {row}"),
        };
        let named = |text: &'static str| text.split('`').skip(1).step_by(2);
        for name in named(proofs) {
            let is_here = SPLATS.iter().any(|(splat, ..)| *splat == name);
            let is_a_test = tests.iter().any(|text| text.contains(&format!("fn {name}()")));
            assert!(is_here || is_a_test, "no test is called {name}: {row}");
            hosted.extend(is_here.then_some(name));
        }
        for name in named(as_scenarios) {
            assert!(scenarios.contains(&format!("name = \"{name}\"\n")), "no scenario is called {name}: {row}");
        }
        assert!(here == "hosted" || named(as_scenarios).count() > 1, "wrong and right: {row}");
    }
    assert_eq!(hosted, SPLATS.iter().map(|(name, ..)| *name).collect());
}
