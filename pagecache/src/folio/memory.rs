//! Memory for many pages at once, aligned so that the system can give large pages for it: who reads 4 KiB at random misses the
//! processor's page tables more often than its caches.

use crate::page::PageData;
use std::alloc::{Layout, alloc, handle_alloc_error};

/// The size of a large page on most machines.
const LARGE: usize = 2 << 20;

/// Zeroed pages that are never unmapped.
pub(super) fn pages(count: usize) -> &'static [PageData] {
    let layout = Layout::array::<PageData>(count).and_then(|layout| layout.align_to(LARGE)).expect("a chunk is small");
    // SAFETY: the layout has a size, because a chunk has pages.
    let memory = unsafe { alloc(layout) };
    if memory.is_null() {
        handle_alloc_error(layout);
    }
    // Before the memory is touched for the first time: that is when the system decides.
    ask_for_large_pages(memory, layout.size());
    // SAFETY: the memory is ours and of this size.
    unsafe { memory.write_bytes(0, layout.size()) };
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

/// How much of a page is asked for before it is read: by then the processor knows where this is going.
#[cfg(target_arch = "x86_64")]
const PREFETCHED: usize = 12;
#[cfg(target_arch = "x86_64")]
const LINE: usize = 64;

/// Asks for the beginning of a page, which is going to be read.
#[inline]
pub(super) fn prefetch(page: &PageData) {
    #[cfg(target_arch = "x86_64")]
    for line in 0..PREFETCHED {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch changes nothing that can be seen, wherever it points to.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(page).cast::<i8>().wrapping_add(line * LINE)) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = page;
}
