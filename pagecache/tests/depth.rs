//! Lock classes for each depth of a stack, and what happens without.
#![cfg(debug_assertions)]

use lockdep::core::finding::{Code, Finding};
use lockdep::testing::Scope;
use pagecache::hooks::{Hook, Point};
use pagecache::locks::MAX_STACK_DEPTH;
use pagecache::{Device, EXT, FileSystemType, Inode, LOG, MountOptions, PAGE_SIZE, SuperBlock};
use std::cell::Cell;
use std::sync::{Arc, OnceLock, Weak};
use std::thread;

const PAGE: u64 = PAGE_SIZE as u64;

fn read(file: &Inode, offset: u64, len: usize) {
    assert_eq!(file.read_at(&mut vec![0; len], offset), Ok(len));
}

fn drop_caches(files: &[&Arc<Inode>]) {
    for file in files {
        file.drop_cache();
    }
}

thread_local! {
    static IS_IN_SCOPE: Cell<bool> = const { Cell::new(false) };
}

/// Takes the threads of the devices above into a scope for as long as they run, and does something else where pages were removed.
fn hook(scope: &Scope, on_removal: impl Fn() + Send + Sync + 'static) -> Hook {
    let handle = scope.handle();
    Box::new(move |point, _| {
        if thread::current().name() == Some("stacked") && !IS_IN_SCOPE.replace(true) {
            std::mem::forget(handle.enter());
        }
        if point == Point::PagesRemoved {
            on_removal();
        }
    })
}

/// What is found of inversions when a file on a file is used, and in the end a hole is punched in a file below: then something else may
/// happen in the middle of that.
fn inversions_in_a_stack(fs: &'static FileSystemType, in_punch: fn(&Inode)) -> Vec<Finding> {
    let scope = lockdep::testing::isolated();
    let above: Arc<OnceLock<Weak<Inode>>> = Arc::default();
    let on_removal = {
        let above = Arc::clone(&above);
        move || above.get().and_then(Weak::upgrade).iter().for_each(|file| in_punch(file))
    };
    let options = MountOptions { hook: Some(hook(&scope, on_removal)), ..MountOptions::default() };
    let below = SuperBlock::mount(fs, Device::new(64), options);
    let (image, plain) = (below.create(), below.create());
    image.truncate(16 * PAGE).unwrap();
    let file = SuperBlock::new(fs, Device::over(&image).unwrap()).create();
    for _ in 0..2 {
        file.write_at(&[1; 4 * PAGE_SIZE], 0).unwrap();
        file.fsync().unwrap();
        drop_caches(&[&file, &image]);
        read(&file, 0, 4 * PAGE_SIZE);
        file.punch_hole(0, PAGE).unwrap();
    }
    drop_caches(&[&file, &image]);
    above.set(Arc::downgrade(&file)).unwrap();
    plain.write_at(&[1; 2 * PAGE_SIZE], 0).unwrap();
    plain.punch_hole(0, PAGE).unwrap();
    scope.findings().into_iter().filter(|finding| finding.code == Code::Inversion).collect()
}

#[test]
fn a_type_on_itself_is_silent_with_keys_for_each_depth_and_reported_without() {
    static WITHOUT: FileSystemType = {
        let FileSystemType { name, keys, transaction, extents } = &EXT;
        FileSystemType { name, keys: [keys[0]; MAX_STACK_DEPTH + 1], transaction: *transaction, extents: *extents }
    };
    for fs in [&EXT, &LOG] {
        assert_eq!(inversions_in_a_stack(fs, |_| {}), []);
    }
    let found = inversions_in_a_stack(&WITHOUT, |_| {});
    assert!(found.iter().any(|finding| finding.classes.contains(&"ext::invalidate_lock".to_owned())), "{found:?}");
}

#[test]
fn a_call_from_below_into_what_is_above_is_found() {
    let found = inversions_in_a_stack(&EXT, |above| read(above, PAGE, 1));
    let is_across = |finding: &Finding| {
        ["ext[1]::invalidate_lock", "ext::invalidate_lock"]
            .iter()
            .all(|name| finding.classes.iter().any(|of| of == name))
    };
    assert!(found.iter().any(is_across), "{found:?}");
}
