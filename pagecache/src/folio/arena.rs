//! Where folios live: frames that are never unmapped, counted and numbered anew whenever one is reused.
//!
//! A frame's word holds the generation in its upper half and the number of references in its lower half, so that "is it still this
//! folio" and "does anyone have it" are one question (`folio_try_get`). A frame without references is free.

use super::{Folio, memory};
use crate::page::PageData;
use crate::reclaim::Shadow;
use crate::sync::atomic::AtomicU64;
use crate::sync::plain::Mutex;
use std::sync::OnceLock;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

/// Frames are made in chunks, of which there is a table of tables.
const CHUNK: u32 = 512;
const TABLE: u32 = 1024;

/// Frames, and their bytes, which are apart from them so that each begins with a page of the machine.
struct Chunk {
    frames: Box<[Frame]>,
    pages: &'static [PageData],
}

type Table = Box<[OnceLock<Chunk>]>;

/// A place for a folio. One line of the processor's cache has all that a lookup asks for.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Frame {
    number: u32,
    refs: AtomicU64,
    pub(super) folio: Folio,
}

/// Names one folio for as long as it is one: the frame's number and its generation. Never 0, which stands for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FolioId(u64);

static FRAMES: [OnceLock<Table>; TABLE as usize] = [const { OnceLock::new() }; TABLE as usize];

/// Frames without references, and how many frames there are. A leaf that no user ever sees, as the kernel's page allocator.
static FREE: Mutex<(Vec<u32>, u32)> = Mutex::new((Vec::new(), 0));

impl FolioId {
    /// The page in a slot of an index, if there is one.
    pub(crate) fn from_bits(bits: u64) -> Option<FolioId> {
        (bits != 0 && Shadow::from_bits(bits).is_none()).then_some(FolioId(bits))
    }

    pub(crate) fn bits(self) -> u64 {
        self.0
    }

    fn new(number: u32, generation: u64) -> FolioId {
        FolioId(generation << 32 | u64::from(number + 1))
    }
}

/// The chunk of a frame, and where the frame is in it.
fn chunk_of(number: u32) -> (&'static Chunk, usize) {
    let (chunk, within) = (number / CHUNK, number % CHUNK);
    let table = FRAMES[(chunk / TABLE) as usize]
        .get_or_init(|| (0..TABLE).map(|_| OnceLock::new()).collect::<Vec<_>>().into_boxed_slice());
    (table[(chunk % TABLE) as usize].get_or_init(|| Chunk::new(chunk * CHUNK)), within as usize)
}

fn frame(number: u32) -> &'static Frame {
    let (chunk, within) = chunk_of(number);
    &chunk.frames[within]
}

impl Chunk {
    /// Frames from a number on.
    fn new(first: u32) -> Chunk {
        let pages = memory::pages(CHUNK as usize);
        let new = |(number, data)| Frame { number, refs: AtomicU64::new(1 << 32), folio: Folio::empty(data) };
        Chunk { frames: (first..).zip(pages).map(new).collect(), pages }
    }
}

/// A frame with one reference, the caller's. `None` if all numbers are taken.
pub(super) fn allocate() -> Option<&'static Frame> {
    let number = {
        let mut free = FREE.lock();
        match free.0.pop() {
            Some(number) => number,
            None if free.1 == CHUNK * TABLE * TABLE => return None,
            None => {
                free.1 += 1;
                free.1 - 1
            }
        }
    };
    let frame = frame(number);
    // Nobody has it, so nobody else changes the word: attempts to get it fail on the count.
    frame.refs.fetch_add(1, Relaxed);
    Some(frame)
}

impl Frame {
    /// The name of the folio that is in the frame now.
    pub(super) fn id(&self) -> FolioId {
        FolioId::new(self.number, self.refs.load(Relaxed) >> 32)
    }

    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// One more reference, for somebody who has one.
    pub(super) fn get(&self) {
        self.refs.fetch_add(1, Relaxed);
    }

    /// One reference less; the last one frees the frame and ends the generation.
    pub(super) fn put(&self) {
        // Pairs with itself: who frees the frame comes after all uses of it.
        let before = self.refs.fetch_sub(1, AcqRel);
        if before as u32 == 1 {
            self.free(before >> 32);
        }
    }

    fn free(&self, generation: u64) {
        // Generation 0 is left out, so that no id is 0.
        let next = (generation as u32).wrapping_add(1).max(1);
        self.refs.store(u64::from(next) << 32, Release);
        FREE.lock().0.push(self.number);
    }

    /// Sets the count from an expected number to 0, at which nobody gets a reference: `folio_ref_freeze`.
    pub(super) fn freeze(&self, expected: u32) -> bool {
        let now = self.refs.load(Relaxed);
        // Pairs with the release in `put`: what others did with their references comes before.
        now as u32 == expected && self.refs.compare_exchange(now, now >> 32 << 32, AcqRel, Relaxed).is_ok()
    }

    /// Sets the count of a frozen frame: `folio_ref_unfreeze`.
    pub(super) fn unfreeze(&self, count: u32) {
        // Pairs with the acquire of whoever gets one: it sees what was done meanwhile. Nobody else changes the word.
        self.refs.fetch_add(u64::from(count), Release);
    }

    /// How many references there are.
    pub(super) fn count(&self) -> u32 {
        self.refs.load(Relaxed) as u32
    }
}

/// The frame of a folio, with one more reference; `None` if the folio is gone.
pub(super) fn try_get(id: FolioId) -> Option<&'static Frame> {
    let (chunk, within) = chunk_of((id.0 as u32) - 1);
    // Most who look want the bytes next: the processor gets them while it waits for the frame.
    memory::prefetch(&chunk.pages[within]);
    let frame = &chunk.frames[within];
    let mut now = frame.refs.load(Relaxed);
    loop {
        // Somebody else's folio can be in the frame by now.
        let is_another = recheck!("the frame still has the folio that was asked for", now >> 32 != id.0 >> 32);
        if is_another || now as u32 == 0 {
            return None;
        }
        match frame.refs.compare_exchange_weak(now, now + 1, Acquire, Relaxed) {
            Ok(_) => return Some(frame),
            Err(other) => now = other,
        }
    }
}
