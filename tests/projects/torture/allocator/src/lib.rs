//! An allocator that takes a lock for every allocation.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;

/// The system's, with a count of what is allocated.
#[derive(Debug)]
pub struct Counting(Mutex<usize>);

// SAFETY: it is the system's.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        *self.0.lock().unwrap() += layout.size();
        System.alloc(layout)
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        *self.0.lock().unwrap() -= layout.size();
        System.dealloc(pointer, layout);
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting(Mutex::new(0));

#[test]
fn allocations_under_locks_are_fine() {
    let lock = Mutex::new(Vec::new());
    let threads: Vec<_> = (0..4).map(|number| std::thread::spawn(move || vec![number; 100])).collect();
    for thread in threads {
        lock.lock().unwrap().extend(thread.join().unwrap());
    }
    assert_eq!(lock.lock().unwrap().len(), 400);
    assert!(*ALLOCATOR.0.lock().unwrap() > 0);
}
