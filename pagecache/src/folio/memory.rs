//! Memory for many pages at once, aligned so that the system can give large pages for it: who reads 4 KiB at random misses the
//! processor's page tables more often than its caches.

use crate::page::PageData;
use std::alloc::{Layout, alloc_zeroed, handle_alloc_error};

/// The size of a large page on most machines.
const LARGE: usize = 2 << 20;

/// Zeroed pages that are never unmapped.
pub(super) fn pages(count: usize) -> &'static [PageData] {
    let layout = Layout::array::<PageData>(count).and_then(|layout| layout.align_to(LARGE)).expect("a chunk is small");
    // SAFETY: the layout has a size, because a chunk has pages.
    let memory = unsafe { alloc_zeroed(layout) };
    if memory.is_null() {
        handle_alloc_error(layout);
    }
    ask_for_large_pages(memory, layout.size());
    // SAFETY: the memory is ours, is large and aligned enough for `count` pages, and is never given back; a page is an array of
    // atomic words, for which zeros are values.
    unsafe { std::slice::from_raw_parts(memory.cast(), count) }
}

#[cfg(target_os = "linux")]
fn ask_for_large_pages(memory: *mut u8, size: usize) {
    const MADV_HUGEPAGE: i32 = 14;
    unsafe extern "C" {
        fn madvise(memory: *mut u8, size: usize, advice: i32) -> i32;
    }
    // SAFETY: the range is one allocation of ours; the advice changes nothing that can be seen. That it may be refused is why it is
    // advice.
    unsafe { madvise(memory, size, MADV_HUGEPAGE) };
}

#[cfg(not(target_os = "linux"))]
fn ask_for_large_pages(_: *mut u8, _: usize) {}
