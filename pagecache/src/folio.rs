//! One cached page: its data, its state bits, and its lock, which is one of the bits.

use crate::PAGE_SIZE;
use crate::locks::FOLIO_LOCK;
use lockdep::LockMap;
use lockdep::map::Held;
use parking_lot::{Condvar, Mutex};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU32, AtomicU64};

const WORD: usize = size_of::<u64>();
const WORDS: usize = PAGE_SIZE / WORD;

const LOCKED: u32 = 1;
const WAITERS: u32 = 2;
const UPTODATE: u32 = 4;
const DIRTY: u32 = 8;
const TRUNCATED: u32 = 16;

/// The bytes of a page or a block, as words that may be read while they are written: a reader beside a writer gets
/// each word old or new, as a process that reads a file beside a writer does.
#[derive(Debug)]
pub(crate) struct PageData([AtomicU64; WORDS]);

impl PageData {
    pub(crate) fn zeroed() -> PageData {
        PageData([const { AtomicU64::new(0) }; WORDS])
    }

    /// Copies out bytes from `offset` on.
    pub(crate) fn read(&self, offset: usize, buf: &mut [u8]) {
        let (mut word, skip) = (offset / WORD, offset % WORD);
        let mut rest = buf;
        if skip != 0 {
            let (head, tail) = rest.split_at_mut(rest.len().min(WORD - skip));
            head.copy_from_slice(&self.0[word].load(Relaxed).to_ne_bytes()[skip..skip + head.len()]);
            (rest, word) = (tail, word + 1);
        }
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
    pub(crate) fn write(&self, offset: usize, bytes: &[u8]) {
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

    pub(crate) fn zero(&self, range: Range<usize>) {
        self.write(range.start, &[0; PAGE_SIZE][..range.len()]);
    }

    pub(crate) fn copy_from(&self, other: &PageData) {
        for (to, from) in self.0.iter().zip(&other.0) {
            to.store(from.load(Relaxed), Relaxed);
        }
    }
}

/// One page of a file in the cache.
#[derive(Debug)]
pub struct Folio {
    index: u64,
    state: AtomicU32,
    lock: LockMap,
    data: PageData,
}

/// The locked state of a folio; unlocks when dropped, on whatever thread that is.
#[derive(Debug)]
pub(crate) struct FolioLock {
    /// Goes before the folio, which may go with it.
    _held: Held,
    folio: Arc<Folio>,
}

/// Where threads wait for lock bits: few queues for all folios, as the kernel's `folio_wait_table`. Not instrumented: the
/// pseudo-lock in the folio is what stands for the wait.
struct Queue {
    mutex: Mutex<()>,
    condvar: Condvar,
}

static QUEUES: [Queue; 64] = [const { Queue { mutex: Mutex::new(()), condvar: Condvar::new() } }; 64];

impl Folio {
    /// A locked folio without contents, which no other thread knows yet.
    #[track_caller]
    pub(crate) fn new_locked(index: u64) -> FolioLock {
        let lock = LockMap::new(&FOLIO_LOCK);
        let folio = Arc::new(Folio { index, state: AtomicU32::new(LOCKED), lock, data: PageData::zeroed() });
        let held = folio.lock.try_acquire();
        FolioLock { folio, _held: held }
    }

    /// Which page of its file it is.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Whether its contents are the file's.
    #[must_use]
    pub fn is_uptodate(&self) -> bool {
        // Pairs with the release in `mark_uptodate`: who sees the bit sees the contents.
        self.state.load(Acquire) & UPTODATE != 0
    }

    /// Whether its contents are newer than the device's.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.state.load(Relaxed) & DIRTY != 0
    }

    /// Whether it was taken out of its mapping. Constant while the folio is locked.
    pub(crate) fn is_truncated(&self) -> bool {
        self.state.load(Relaxed) & TRUNCATED != 0
    }

    pub(crate) fn data(&self) -> &PageData {
        &self.data
    }

    /// Locks the folio, waiting for its bit. Who gets it has to look whether the folio was truncated meanwhile.
    #[track_caller]
    pub(crate) fn lock(self: &Arc<Folio>) -> FolioLock {
        let held = self.lock.acquire();
        if !self.try_set_locked() {
            self.wait();
        }
        FolioLock { folio: Arc::clone(self), _held: held }
    }

    /// Locks the folio if nobody has it.
    #[track_caller]
    pub(crate) fn try_lock(self: &Arc<Folio>) -> Option<FolioLock> {
        let locked = self.try_set_locked();
        locked.then(|| FolioLock { folio: Arc::clone(self), _held: self.lock.try_acquire() })
    }

    fn try_set_locked(&self) -> bool {
        // Pairs with the release in `FolioLock::drop`.
        self.state.fetch_or(LOCKED, Acquire) & LOCKED == 0
    }

    /// Waits for the bit and takes it. The queue's mutex is held from announcing the wait until it has begun, and whoever
    /// unlocks takes it before waking, so no wake-up is lost.
    #[cold]
    fn wait(&self) {
        let queue = self.queue();
        let mut queued = queue.mutex.lock();
        loop {
            if self.try_set_locked() {
                return;
            }
            if self.state.fetch_or(WAITERS, Relaxed) & LOCKED != 0 {
                queue.condvar.wait(&mut queued);
            }
        }
    }

    fn queue(&self) -> &'static Queue {
        let address = std::ptr::from_ref(self).addr() / align_of::<Folio>();
        &QUEUES[address.wrapping_mul(0x9e37_79b9) >> 16 & 63]
    }
}

impl FolioLock {
    /// The folio.
    pub(crate) fn folio(&self) -> &Arc<Folio> {
        &self.folio
    }

    pub(crate) fn mark_uptodate(&self) {
        self.folio.state.fetch_or(UPTODATE, Release);
    }

    pub(crate) fn mark_dirty(&self) {
        self.folio.state.fetch_or(DIRTY, Relaxed);
    }

    /// Returns whether it was dirty.
    pub(crate) fn clear_dirty(&self) -> bool {
        self.folio.state.fetch_and(!DIRTY, Relaxed) & DIRTY != 0
    }

    pub(crate) fn mark_truncated(&self) {
        self.folio.state.fetch_or(TRUNCATED, Relaxed);
    }
}

impl Drop for FolioLock {
    fn drop(&mut self) {
        // Pairs with the acquire in `try_set_locked`: the next owner sees what this one wrote.
        let before = self.folio.state.fetch_and(!(LOCKED | WAITERS), Release);
        if before & WAITERS != 0 {
            let queue = self.folio.queue();
            drop(queue.mutex.lock());
            queue.condvar.notify_all();
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

    #[test]
    fn a_locked_folio_is_waited_for_and_handed_over() {
        let first = Folio::new_locked(0);
        let folio = Arc::clone(first.folio());
        assert!(folio.try_lock().is_none());
        let waiters: Vec<_> = (0..4)
            .map(|_| {
                let folio = Arc::clone(&folio);
                std::thread::spawn(move || {
                    let lock = folio.lock();
                    let mut count = [0];
                    lock.folio().data().read(0, &mut count);
                    lock.folio().data().write(0, &[count[0] + 1]);
                })
            })
            .collect();
        std::thread::spawn(move || drop(first)).join().expect("unlocking elsewhere is fine");
        waiters.into_iter().for_each(|waiter| waiter.join().expect("every waiter gets it"));
        let mut count = [0];
        folio.data().read(0, &mut count);
        assert_eq!(count, [4]);
    }
}
