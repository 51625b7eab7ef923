//! The bytes of one page or one block.

use crate::PAGE_SIZE;
use std::ops::Range;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

const WORD: usize = size_of::<u64>();
const WORDS: usize = PAGE_SIZE / WORD;
/// Words that are copied at once: a cache line.
const LINE: usize = 8;
const LINE_BYTES: usize = LINE * WORD;

type Line = [AtomicU64; LINE];

/// The bytes of a page or a block, as words that may be read while they are written: a reader beside a writer gets
/// each word old or new, as a process that reads a file beside a writer does.
#[derive(Debug)]
#[repr(align(4096))]
pub struct PageData([AtomicU64; WORDS]);

impl PageData {
    /// Zeros.
    #[must_use]
    pub fn zeroed() -> PageData {
        PageData([const { AtomicU64::new(0) }; WORDS])
    }

    /// Copies out bytes from `offset` on.
    ///
    /// # Panics
    /// Beyond the end of the page, as all of these.
    pub fn read(&self, offset: usize, buf: &mut [u8]) {
        let (mut word, skip) = (offset / WORD, offset % WORD);
        let mut rest = buf;
        if skip != 0 {
            let (head, tail) = rest.split_at_mut(rest.len().min(WORD - skip));
            head.copy_from_slice(&self.0[word].load(Relaxed).to_ne_bytes()[skip..skip + head.len()]);
            (rest, word) = (tail, word + 1);
        }
        let (lines, rest) = rest.split_at_mut(rest.len() / LINE_BYTES * LINE_BYTES);
        let sources = self.0[word.min(WORDS)..].as_chunks().0;
        read_lines(sources, lines);
        word += lines.len() / WORD;
        let mut whole = rest.chunks_exact_mut(WORD);
        for (chunk, source) in whole.by_ref().zip(&self.0[word.min(WORDS)..]) {
            chunk.copy_from_slice(&source.load(Relaxed).to_ne_bytes());
            word += 1;
        }
        let tail = whole.into_remainder();
        if !tail.is_empty() {
            tail.copy_from_slice(&self.0[word].load(Relaxed).to_ne_bytes()[..tail.len()]);
        }
    }

    /// Copies in bytes from `offset` on. Writers exclude each other by the folio lock.
    pub fn write(&self, offset: usize, bytes: &[u8]) {
        let mut at = offset;
        let mut rest = bytes;
        while !rest.is_empty() {
            let (word, skip) = (at / WORD, at % WORD);
            let (head, tail) = rest.split_at(rest.len().min(WORD - skip));
            let mut value = match head.len() {
                WORD => [0; WORD],
                _ => self.0[word].load(Relaxed).to_ne_bytes(),
            };
            value[skip..skip + head.len()].copy_from_slice(head);
            self.0[word].store(u64::from_ne_bytes(value), Relaxed);
            (at, rest) = (at + head.len(), tail);
        }
    }

    /// Zeroes bytes.
    pub fn zero(&self, range: Range<usize>) {
        self.write(range.start, &[0; PAGE_SIZE][..range.len()]);
    }

    /// Takes over bytes of another page.
    pub fn copy_part(&self, other: &PageData, part: Range<usize>) {
        let mut bytes = [0; PAGE_SIZE];
        let bytes = &mut bytes[..part.len()];
        other.read(part.start, bytes);
        self.write(part.start, bytes);
    }

    /// Takes over all bytes of another page.
    pub fn copy_from(&self, other: &PageData) {
        for (to, from) in self.0.iter().zip(&other.0) {
            to.store(from.load(Relaxed), Relaxed);
        }
    }
}

/// Copies out as many lines as `bytes` has.
fn read_lines(lines: &[Line], bytes: &mut [u8]) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    if std::arch::is_x86_feature_detected!("avx") && lines.as_ptr().addr().is_multiple_of(LINE_BYTES) {
        // SAFETY: the processor has AVX, and the first line begins with one of its own.
        return unsafe { read_lines_wide(lines, bytes) };
    }
    // Eight at a time, so that as many misses are under way at once; atomics are not vectorised.
    for (line, bytes) in lines.iter().zip(bytes.chunks_exact_mut(LINE_BYTES)) {
        let values: [u64; LINE] = std::array::from_fn(|word| line[word].load(Relaxed));
        for (chunk, value) in bytes.chunks_exact_mut(WORD).zip(values) {
            chunk.copy_from_slice(&value.to_ne_bytes());
        }
    }
}

/// The same with fewer stores: one for each word would soon be as many as the processor can have under way, and so keep it from asking for
/// the lines that come next.
///
/// To the compiler this is what it stands for, relaxed loads of words. None is torn: it is read sixteen bytes at a time, aligned, which is
/// atomic on every processor that has AVX ("Guaranteed Atomic Operations" in Intel's manual, the same in AMD's).
///
/// # Safety
/// The processor has AVX, and `lines` is aligned to the size of a line.
#[cfg(all(target_arch = "x86_64", not(miri)))]
#[target_feature(enable = "avx")]
unsafe fn read_lines_wide(lines: &[Line], bytes: &mut [u8]) {
    for (line, bytes) in lines.iter().zip(bytes.as_chunks_mut::<LINE_BYTES>().0) {
        // SAFETY: it reads one line, which is shared and of atomic words, and is aligned as the caller has seen to; it writes `bytes`, which
        // is as long and ours alone.
        unsafe {
            std::arch::asm!(
                "vmovdqa {a:x}, xmmword ptr [{from}]",
                "vmovdqa {b:x}, xmmword ptr [{from} + 16]",
                "vmovdqa {c:x}, xmmword ptr [{from} + 32]",
                "vmovdqa {d:x}, xmmword ptr [{from} + 48]",
                "vinsertf128 {a:y}, {a:y}, {b:x}, 1",
                "vinsertf128 {c:y}, {c:y}, {d:x}, 1",
                "vmovdqu ymmword ptr [{to}], {a:y}",
                "vmovdqu ymmword ptr [{to} + 32], {c:y}",
                from = in(reg) line.as_ptr(),
                to = in(reg) bytes.as_mut_ptr(),
                a = out(ymm_reg) _,
                b = out(ymm_reg) _,
                c = out(ymm_reg) _,
                d = out(ymm_reg) _,
                options(nostack, preserves_flags)
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_in_and_out_at_any_offset_and_length() {
        let page = PageData::zeroed();
        let mut model = vec![0u8; PAGE_SIZE];
        let mut state = 7u64;
        for round in 0..2000u64 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(round);
            let offset = (state >> 33) as usize % PAGE_SIZE;
            let length = (state >> 20) as usize % (PAGE_SIZE - offset).min(40 + round as usize % 300);
            let bytes: Vec<u8> = (0..length).map(|index| (index as u64 ^ state) as u8).collect();
            page.write(offset, &bytes);
            model[offset..offset + length].copy_from_slice(&bytes);
            let mut read = vec![0; length];
            page.read(offset, &mut read);
            assert_eq!(read, bytes);
        }
        let mut whole = vec![0; PAGE_SIZE];
        page.read(0, &mut whole);
        assert_eq!(whole, model);
        page.zero(3..4093);
        page.read(0, &mut whole);
        assert!(whole[3..4093].iter().all(|byte| *byte == 0) && whole[..3] == model[..3]);
    }
}
