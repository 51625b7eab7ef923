//! The observed orders against the documented ones, and the graph as an artefact.
#![cfg(debug_assertions)]

use lockdep::core::hierarchy::{Hierarchy, Verdict};
use lockdep::core::mode::Want;
use lockdep::core::snapshot::GraphText;
use pagecache::PAGE_SIZE;
use pagecache::backing::MemoryBlocks;
use pagecache::locks::{MAX_STACK_DEPTH, ORDER};
use pagecache::seeded;
use pagecache::{
    Completion, Device, EXT, Error, FileSystemType, LOG, Memory, Mm, MountOptions, Readahead, Result, Sharing,
    SuperBlock,
};

use std::sync::Arc;

const PAGE: u64 = PAGE_SIZE as u64;

/// Every operation, on pages that are cached and pages that are not.
fn use_everything(sb: &Arc<SuperBlock>) -> Result<()> {
    let (file, other) = (sb.create(), sb.create());
    file.write_at(&[1; 8 * PAGE_SIZE], 0)?;
    file.fsync()?;
    file.drop_cache();
    file.write_at(&[1; 512], 512)?;
    file.write_at(b"partial", 10)?;
    file.read_at(&mut [0; 2 * PAGE_SIZE], 0)?;
    file.drop_cache();
    file.read_sequentially(&mut Readahead::default(), &mut [0; 8 * PAGE_SIZE], 0)?;
    file.drop_cache();
    file.will_need(0, 8 * PAGE);
    file.punch_hole(100, PAGE)?;
    file.punch_hole(2 * PAGE, PAGE)?;
    file.zero_range(3 * PAGE + 5, PAGE)?;
    file.allocate_range(3 * PAGE, 2 * PAGE, true)?;
    file.collapse_range(0, PAGE)?;
    file.insert_range(PAGE, PAGE)?;
    let mm = Mm::new();
    let (shared, private) = (mm.map(&file, 0, 8, Sharing::Shared)?, mm.map(&file, 0, 8, Sharing::Private)?);
    mm.load(shared, &mut [0; 4 * PAGE_SIZE])?;
    mm.store(shared, b"shared")?;
    mm.store(shared + 5 * PAGE, b"shared")?;
    mm.store(private, b"private")?;
    let child = mm.fork();
    child.store(private, b"child")?;
    mm.fail_memory(private)?;
    drop(child);
    mm.unmap(private)?;
    let private = mm.map(&file, 0, 8, Sharing::Private)?;
    file.fsync()?;
    mm.store(shared, b"shared")?;
    mm.write_file(&other, shared, 3 * PAGE_SIZE, 0)?;
    mm.read_file(&other, private, 2 * PAGE_SIZE, 0)?;
    file.invalidate(0, 4 * PAGE)?;
    for (one, two) in [(&file, &other), (&other, &file)] {
        one.clone_range(0, two, PAGE, PAGE)?;
        one.dedupe_range(0, two, PAGE, PAGE)?;
        one.copy_range(0, two, 2 * PAGE + 5, 10)?;
        one.write_direct(&[1; PAGE_SIZE], 0)?;
        one.read_direct(&mut [0; PAGE_SIZE], 0)?;
    }
    mm.store(shared, b"again")?;
    file.truncate(PAGE + 100)?;
    file.truncate(5 * PAGE)?;
    mm.unmap(shared)?;
    drop(sb.freeze());
    Ok(())
}

/// A cache of two pages, one of them mapped.
fn use_little_memory(fs: &'static FileSystemType, completion: Completion) -> Result<()> {
    let options = MountOptions { memory: Memory::new(2), ..MountOptions::default() };
    let file = SuperBlock::mount(fs, Device::with(MemoryBlocks::new(8), completion), options).create();
    let mm = Mm::new();
    let mapped = mm.map(&file, 0, 8, Sharing::Shared)?;
    for page in 0..8 {
        file.write_at(&[1; PAGE_SIZE], page * PAGE)?;
        file.fsync()?;
        mm.load(mapped + page * PAGE, &mut [0])?;
    }
    Ok(())
}

fn all_documented(order: &Hierarchy, graph: &GraphText) {
    for (from, to) in graph.edges.keys().filter(|(from, _)| !from.starts_with("context:")) {
        assert_eq!(order.check(from, to, Want::Write), Verdict::Declared, "{from} -> {to}");
    }
}

/// In a stack, what a thread of a device does is in no scope: the orders are the process's.
#[test]
fn every_observed_order_of_a_stack_is_documented() {
    let order = Hierarchy::parse(ORDER).unwrap();
    for types in [[&EXT, &EXT, &EXT], [&LOG, &LOG, &LOG], [&EXT, &LOG, &EXT], [&LOG, &EXT, &LOG]] {
        let mut device = Device::with(MemoryBlocks::new(512), Completion::Thread);
        for fs in types {
            let sb = SuperBlock::new(fs, device);
            use_everything(&sb).unwrap();
            let image = sb.create();
            image.truncate(64 * 2 * PAGE).unwrap();
            match Device::over(&image) {
                Ok(above) => device = above,
                Err(error) => {
                    assert_eq!((error, sb.depth()), (Error::TooDeep, MAX_STACK_DEPTH));
                    break;
                }
            }
        }
    }
    all_documented(&order, &lockdep::graph());
}

#[test]
fn every_observed_order_is_documented() {
    let order = Hierarchy::parse(ORDER).unwrap_or_else(|errors| panic!("locks.order:{}", errors[0]));
    assert!(order.is_closed());
    let scope = lockdep::testing::scope();
    for fs in [&EXT, &LOG] {
        for completion in [Completion::Inline, Completion::Thread] {
            use_everything(&SuperBlock::new(fs, Device::with(MemoryBlocks::new(64), completion))).unwrap();
            use_little_memory(fs, completion).unwrap();
        }
    }
    assert_eq!(scope.findings(), []);
    let graph = scope.graph();
    all_documented(&order, &graph);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots/graphs");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("pagecache", graph));
}

#[test]
fn the_planted_inversion_is_found() {
    let scope = lockdep::testing::isolated();
    let file = SuperBlock::new(&EXT, Device::new(16)).create();
    file.write_at(&[1; PAGE_SIZE], 0).unwrap();
    file.fsync().unwrap();
    file.drop_cache();
    file.read_at(&mut [0], 0).unwrap();
    assert_eq!(scope.findings(), []);
    seeded::inversion(&file);
    let found = scope.findings();
    assert_eq!(found[0].classes, ["Folio::lock", "ext::invalidate_lock"], "{found:?}");
}
