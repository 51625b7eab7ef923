//! The observed orders against the documented ones, and the graph as an artefact.
#![cfg(debug_assertions)]

use lockdep::core::hierarchy::{Hierarchy, Verdict};
use lockdep::core::mode::Want;
use pagecache::PAGE_SIZE;
use pagecache::backing::Device;
use pagecache::locks::ORDER;
use pagecache::seeded;
use pagecache::superblock::{EXT, FileSystemType, LOG, SuperBlock};

/// Every operation, on pages that are cached and pages that are not.
fn use_everything(fs: &'static FileSystemType) {
    let file = SuperBlock::new(fs, Device::new(16)).create();
    file.write_at(&[1; 4 * PAGE_SIZE], 0);
    file.fsync().expect("there is room");
    file.drop_cache();
    file.write_at(b"partial", 10);
    file.read_at(&mut [0; 2 * PAGE_SIZE], 0);
    file.drop_cache();
    file.punch_hole(100, PAGE_SIZE as u64);
    file.punch_hole(2 * PAGE_SIZE as u64, PAGE_SIZE as u64);
    file.truncate(100);
    file.truncate(1000);
}

#[test]
fn every_observed_order_is_documented() {
    let order = Hierarchy::parse(ORDER).unwrap_or_else(|errors| panic!("locks.order:{}", errors[0]));
    assert!(order.is_closed());
    let scope = lockdep::testing::scope();
    use_everything(&EXT);
    use_everything(&LOG);
    let graph = scope.graph();
    for (from, to) in graph.edges.keys() {
        assert_eq!(order.check(from, to, Want::Write), Verdict::Declared, "{from} -> {to}");
    }
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
    file.write_at(&[1; PAGE_SIZE], 0);
    file.punch_hole(0, PAGE_SIZE as u64);
    assert_eq!(scope.findings(), []);
    seeded::inversion(&file);
    let found = scope.findings();
    assert_eq!(found[0].classes, ["Folio::lock", "ext::invalidate_lock"], "{found:?}");
}
