//! What a known acquisition does not do: allocate.
#![cfg(debug_assertions)]

use lockdep::LockClassKey;
use lockdep::parking_lot::{Mutex, RwLock};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, which counts what each thread asks of it.
struct Counting;

thread_local!(static COUNT: Cell<u64> = const { Cell::new(0) });

// SAFETY: every operation is the system allocator's.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: the caller's promise is the one asked for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often the allocator is asked by what happens again and again.
fn allocations(mut again: impl FnMut()) -> u64 {
    // Twice, because what is learnt in the first round may be told in the second.
    (0..2).for_each(|_| again());
    let before = COUNT.get();
    (0..100).for_each(|_| again());
    COUNT.get() - before
}

#[test]
fn the_count_counts() {
    assert_eq!(allocations(|| drop(Box::new(1))), 200);
}

#[test]
fn nested_locks_allocate_nothing() {
    let keys: [LockClassKey; 16] = std::array::from_fn(|_| LockClassKey::new("zeros::nested"));
    let keys: &'static [LockClassKey; 16] = Box::leak(Box::new(keys));
    static NAMES: [LockClassKey; 4] = [
        LockClassKey::new("zeros::a"),
        LockClassKey::new("zeros::b"),
        LockClassKey::new("zeros::c"),
        LockClassKey::new("zeros::d"),
    ];
    let locks: [Mutex<u8>; 4] = std::array::from_fn(|index| Mutex::named(&NAMES[index], 0));
    let [a, b, c, d] = &locks;
    assert_eq!(allocations(|| drop((a.lock(), b.lock(), c.lock(), d.lock()))), 0, "released oldest first");
    assert_eq!(
        allocations(|| {
            let _a = a.lock();
            let _b = b.lock();
            drop(c.try_lock());
        }),
        0,
        "released newest first"
    );
    let many: Vec<Mutex<u8>> = keys.iter().map(|key| Mutex::named(key, 0)).collect();
    let mut guards = Vec::with_capacity(many.len());
    let ranked = allocations(|| {
        guards.extend((0..).zip(&many).map(|(rank, lock)| lock.lock_ranked(rank)));
        guards.clear();
    });
    assert_eq!(ranked, 0, "sixteen of one class, in order");
}

#[test]
fn readers_upgrades_and_nest_locks_allocate_nothing() {
    let (outer, lock, other) = (Mutex::new(()), RwLock::new(0), RwLock::new(0u8));
    assert_eq!(allocations(|| drop((lock.read(), other.write()))), 0);
    assert_eq!(
        allocations(|| {
            let outer_held = outer.lock();
            drop((lock.read_under(&outer), outer_held));
        }),
        0
    );
}

#[test]
fn a_new_lock_of_a_known_class_allocates_nothing() {
    let parent = Mutex::new(());
    let new = || Mutex::new(0u16);
    let count = allocations(|| {
        let _parent = parent.lock();
        *new().lock() += 1;
    });
    assert!(count < 20, "{count}: nothing, but for telling their number at powers of two");
}
