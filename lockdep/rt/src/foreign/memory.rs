//! Memory that is this runtime's own: arrays that grow in anonymous mappings.

use super::sys;
use std::ops::{Deref, DerefMut};

const FIRST: usize = 1 << 16;

/// An array that grows.
pub(super) struct Grown<T: Copy> {
    at: *mut T,
    len: usize,
    bytes: usize,
}

// SAFETY: it owns its memory, as a `Vec` does.
unsafe impl<T: Copy + Send> Send for Grown<T> {}

impl<T: Copy> Grown<T> {
    pub(super) const fn new() -> Grown<T> {
        Grown { at: std::ptr::null_mut(), len: 0, bytes: 0 }
    }

    /// Adds a value. False if there is no memory left.
    pub(super) fn push(&mut self, value: T) -> bool {
        if !self.reserve(1) {
            return false;
        }
        // SAFETY: there is room for one more.
        unsafe { self.at.add(self.len).write(value) };
        self.len += 1;
        true
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// Makes room for more values.
    pub(super) fn reserve(&mut self, more: usize) -> bool {
        let needed = (self.len + more) * size_of::<T>();
        if needed <= self.bytes {
            return true;
        }
        let bytes = needed.next_power_of_two().max(FIRST);
        let at = sys::map(bytes).cast::<T>();
        if at.is_null() {
            return false;
        }
        // SAFETY: both are valid for `len` values and do not overlap; the old memory came from `map` with this length (or
        // is none), and nobody has it once `at` is replaced.
        unsafe {
            if !self.at.is_null() {
                at.copy_from_nonoverlapping(self.at, self.len);
                sys::unmap(self.at.cast(), self.bytes);
            }
        }
        (self.at, self.bytes) = (at, bytes);
        true
    }

    pub(super) fn free(self) {
        if !self.at.is_null() {
            // SAFETY: it came from `map` with this length, and `self` is gone.
            unsafe { sys::unmap(self.at.cast(), self.bytes) };
        }
    }
}

impl<T: Copy> Deref for Grown<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        if self.at.is_null() {
            return &[];
        }
        // SAFETY: `len` values were written.
        unsafe { std::slice::from_raw_parts(self.at, self.len) }
    }
}

impl<T: Copy> DerefMut for Grown<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        if self.at.is_null() {
            return &mut [];
        }
        // SAFETY: as above, and `self` is borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.at, self.len) }
    }
}

/// A value that stays for ever; `None` if there is no memory left.
pub(super) fn keep<T: Sync>(value: T) -> Option<&'static T> {
    let at = sys::map(size_of::<T>()).cast::<T>();
    if at.is_null() {
        return None;
    }
    // SAFETY: mappings are aligned to pages and never given back here.
    unsafe {
        at.write(value);
        Some(&*at)
    }
}

/// So many values that stay for ever, all bits of which are zero; `None` if there is no memory left.
///
/// # Safety
/// Such a value must be valid.
pub(super) unsafe fn zeroed<T: Sync>(count: usize) -> Option<&'static [T]> {
    let at = sys::map(count * size_of::<T>()).cast::<T>();
    if at.is_null() {
        return None;
    }
    // SAFETY: mappings are aligned to pages, zero, and never given back here; the rest is the caller's promise.
    Some(unsafe { std::slice::from_raw_parts(at, count) })
}

/// Texts that stay for ever.
pub(super) struct Texts {
    /// Where the next one goes, and how many bytes there are.
    free: *mut u8,
    left: usize,
}

// SAFETY: what is free is its own.
unsafe impl Send for Texts {}

impl Texts {
    pub(super) const fn new() -> Texts {
        Texts { free: std::ptr::null_mut(), left: 0 }
    }

    /// A copy of a text; `None` if there is no memory left.
    pub(super) fn keep(&mut self, text: &str) -> Option<&'static str> {
        if text.is_empty() {
            return Some("");
        }
        if self.left < text.len() {
            let bytes = text.len().max(FIRST);
            let at = sys::map(bytes);
            if at.is_null() {
                return None;
            }
            (self.free, self.left) = (at, bytes);
        }
        // SAFETY: so many bytes are left, given to nobody before or after and never given back, and they become a text.
        unsafe {
            self.free.copy_from_nonoverlapping(text.as_ptr(), text.len());
            let kept = std::slice::from_raw_parts(self.free, text.len());
            self.free = self.free.add(text.len());
            self.left -= text.len();
            Some(std::str::from_utf8_unchecked(kept))
        }
    }
}

/// Values under 64-bit keys, which are well mixed already. Open addressing, at most half full.
pub(super) struct Table<V: Copy> {
    slots: Grown<Option<(u64, V)>>,
    used: usize,
}

impl<V: Copy> Table<V> {
    pub(super) const fn new() -> Table<V> {
        Table { slots: Grown::new(), used: 0 }
    }

    /// The value under a key, which is `value` if there was none. `None` if there is no memory left.
    pub(super) fn entry(&mut self, key: u64, value: V) -> Option<&mut V> {
        if self.used * 2 >= self.slots.len() && !self.grow() {
            return None;
        }
        let slot = self.place(key);
        if self.slots[slot].is_none() {
            self.used += 1;
        }
        Some(&mut self.slots[slot].get_or_insert((key, value)).1)
    }

    fn place(&self, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = (key >> 7) as usize & mask;
        while self.slots[slot].is_some_and(|(other, _)| other != key) {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) -> bool {
        let len = (self.slots.len() * 2).max(1024);
        let mut slots = Grown::new();
        if !slots.reserve(len) {
            return false;
        }
        for _ in 0..len {
            slots.push(None);
        }
        let old = std::mem::replace(&mut self.slots, slots);
        for (key, value) in old.iter().flatten() {
            let slot = self.place(*key);
            self.slots[slot] = Some((*key, *value));
        }
        old.free();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_keeps_what_it_has() {
        let (mut all, mut table) = (Grown::new(), Table::new());
        for number in 0..100_000_u64 {
            assert!(all.push(number));
            assert_eq!(table.entry(number.wrapping_mul(0x9e37_79b9_7f4a_7c15), number), Some(&mut { number }));
        }
        assert!(all.iter().copied().eq(0..100_000));
        for number in 0..100_000_u64 {
            let value = table.entry(number.wrapping_mul(0x9e37_79b9_7f4a_7c15), 0).expect("there is memory");
            assert_eq!(*value, number);
        }
    }

    #[test]
    fn texts_are_copies() {
        let mut texts = Texts::new();
        let long = "x".repeat(FIRST + 1);
        let kept: Vec<_> = ["", "a", &long, "b"].into_iter().map(|text| texts.keep(text)).collect();
        assert_eq!(kept, [Some(""), Some("a"), Some(&long), Some("b")]);
    }

    #[test]
    fn what_is_kept_stays() {
        let kept = keep(std::sync::atomic::AtomicU32::new(42)).expect("there is memory");
        assert_eq!(kept.load(std::sync::atomic::Ordering::Relaxed), 42);
    }
}
