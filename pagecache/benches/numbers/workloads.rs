//! Programs that do I/O, and one that does none.

use crate::Measure;
use pagecache::backing::FileBlocks;
use pagecache::workload::Random;
use pagecache::{
    Completion, Device, Directory, EXT, Inode, LOG, Memory, Mm, MountOptions, PAGE_SIZE, Readahead, Sharing, SuperBlock,
};
use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const PAGE: u64 = PAGE_SIZE as u64;
/// How large the files are.
const PAGES: u64 = 8192;

/// Each returns how many nanoseconds it took.
pub(crate) const ALL: &[Measure] = &[
    ("write a file, sync, read it in order", in_order),
    ("random reads and writes, eight times the memory", at_random),
    ("the same, past the system's cache (`O_DIRECT`)", at_random_direct),
    ("stores and loads through a mapping, and syncs", mapped),
    ("small files created, written, synced, unlinked", small_files),
    ("no I/O: 4 KiB reads of what is cached", cached),
];

/// A device on a real file.
fn device(direct: bool) -> Arc<Device> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("numbers-{}", std::process::id()));
    std::fs::write(&path, vec![0; (PAGES * PAGE) as usize]).expect("there is room for the file");
    let flags = if direct { libc::O_DIRECT } else { 0 };
    let file = File::options().read(true).write(true).custom_flags(flags).open(&path).expect("it is ours");
    std::fs::remove_file(&path).expect("it is ours");
    file.sync_all().expect("the disk works");
    let blocks = if direct { FileBlocks::direct(file) } else { FileBlocks::new(file) };
    Device::with(blocks.expect("a length"), Completion::Inline)
}

fn mount(direct: bool, memory: Arc<Memory>) -> (Arc<SuperBlock>, Arc<Device>) {
    let device = device(direct);
    (SuperBlock::mount(&EXT, Arc::clone(&device), MountOptions { memory, ..MountOptions::default() }), device)
}

fn timed(work: impl FnOnce() -> pagecache::Result<()>) -> f64 {
    let start = Instant::now();
    work().expect("the disk works");
    start.elapsed().as_nanos() as f64
}

fn fill(file: &Inode) -> pagecache::Result<()> {
    (0..PAGES).try_for_each(|page| file.write_at(&[page as u8; PAGE_SIZE], page * PAGE).map(drop))?;
    file.fsync()
}

fn in_order() -> f64 {
    let (sb, _) = mount(false, Memory::unlimited());
    let file = sb.create();
    timed(|| {
        fill(&file)?;
        file.drop_cache();
        let (mut ahead, mut bytes) = (Readahead::default(), [0; PAGE_SIZE]);
        (0..PAGES).try_for_each(|page| file.read_sequentially(&mut ahead, &mut bytes, page * PAGE).map(drop))
    })
}

fn at_random() -> f64 {
    mixed(false, 40_000)
}

fn at_random_direct() -> f64 {
    mixed(true, 4_000)
}

fn mixed(direct: bool, operations: u64) -> f64 {
    let (sb, _) = mount(direct, Memory::new(PAGES as usize / 8));
    let file = sb.create();
    fill(&file).expect("the disk works");
    let (mut random, mut bytes) = (Random::new(1), [0; PAGE_SIZE]);
    timed(|| {
        (0..operations).try_for_each(|_| {
            let at = random.below(PAGES) * PAGE;
            if random.below(4) == 0 {
                file.write_at(&bytes, at).map(drop)
            } else {
                file.read_at(&mut bytes, at).map(drop)
            }
        })?;
        file.fsync()
    })
}

fn mapped() -> f64 {
    let (sb, _) = mount(false, Memory::unlimited());
    let file = sb.create();
    fill(&file).expect("the disk works");
    let (mm, mut random, mut bytes) = (Mm::new(), Random::new(2), [0; 1024]);
    let address = mm.map(&file, 0, PAGES, Sharing::Shared).expect("there are addresses");
    timed(|| {
        (0..40).try_for_each(|_| {
            for _ in 0..200 {
                mm.store(address + random.below(PAGES) * PAGE + 1024, &bytes)?;
                mm.load(address + random.below(PAGES) * PAGE + 1024, &mut bytes)?;
            }
            file.fsync()
        })
    })
}

fn small_files() -> f64 {
    let options = MountOptions { memory: Memory::new(1024), ..MountOptions::default() };
    let directory = Directory::new(&SuperBlock::mount(&LOG, device(false), options));
    timed(|| {
        for number in 0..300 {
            let name = number.to_string();
            let file = directory.create(&name)?;
            file.write_at(&[1; 3000], 0)?;
            file.fsync()?;
            if number % 3 == 0 {
                directory.unlink(&name)?;
            }
        }
        directory.fsync()
    })
}

fn cached() -> f64 {
    let (sb, _) = mount(false, Memory::unlimited());
    let file = sb.create();
    fill(&file).expect("the disk works");
    let (mut random, mut bytes) = (Random::new(3), [0; PAGE_SIZE]);
    timed(|| (0..400_000).try_for_each(|_| file.read_at(&mut bytes, random.below(PAGES) * PAGE).map(drop)))
}
