//! The one word that a lock carries: where its class comes from, and later which class and instance it is.

use std::panic::Location;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Tags an unbound word; one that is a birth site, or null, has no other tag.
const UNBOUND: usize = 4;
/// Tags an unbound word that is a key.
const KEY: usize = 2;
/// A bound word whose lock was not written yet.
pub(crate) const UNWRITTEN: usize = 1;
/// A bound word whose lock was not used yet.
const UNUSED: usize = 8;
/// The bits of a bound word that are flags.
pub(crate) const FLAGS: usize = 0xf;
const CLASS_SHIFT: u32 = 4;
const SERIAL_SHIFT: u32 = 32;

/// Before the first use: null, a birth site, or a key, all tagged. After: class, instance, and whether it is yet to be used and
/// written. A lock whose first use and first write are over has no bit of all these, so that the hot path sees with one test that
/// there is nothing to ask.
///
/// All accesses are relaxed: the word is self-contained. Binding is serialised by the cold side's mutex and gives way to a new key,
/// so whoever wants to know several things of a word loads it once.
#[derive(Debug)]
pub struct ClassWord(AtomicPtr<()>);

/// What an unbound word says of its class.
#[derive(Clone, Copy, Debug)]
pub enum Birth {
    /// Nothing: the lock was made by a constant.
    Unknown,
    /// The place of its construction.
    Site(&'static Location<'static>),
    /// A pointer to its key.
    Key(*const ()),
}

/// A pointer that is a number and points to nothing.
const fn bits(word: usize) -> *mut () {
    std::ptr::null_mut::<()>().wrapping_byte_add(word)
}

impl ClassWord {
    /// A lock of which nothing is known.
    #[must_use]
    pub const fn unknown() -> ClassWord {
        ClassWord(AtomicPtr::new(bits(UNBOUND)))
    }

    /// A lock born here.
    #[must_use]
    pub const fn birth(site: &'static Location<'static>) -> ClassWord {
        ClassWord(AtomicPtr::new(std::ptr::from_ref(site).cast_mut().cast::<()>().wrapping_byte_add(UNBOUND)))
    }

    /// A lock with this key; `key` must be a `'static` object with an alignment of at least eight.
    #[must_use]
    pub const fn key(key: *const ()) -> ClassWord {
        ClassWord(AtomicPtr::new(key.cast_mut().wrapping_byte_add(UNBOUND | KEY)))
    }

    /// A copy of a bound word.
    #[must_use]
    pub const fn bound(word: usize) -> ClassWord {
        ClassWord(AtomicPtr::new(bits(word)))
    }

    /// The raw word.
    #[inline(always)]
    #[must_use]
    pub fn load(&self) -> usize {
        self.0.load(Ordering::Relaxed) as usize
    }

    /// Whether the class is known.
    #[inline(always)]
    #[must_use]
    pub fn is_bound(&self) -> bool {
        Self::is_bound_in(self.load())
    }

    /// Whether this is a bound word.
    #[inline(always)]
    #[must_use]
    pub const fn is_bound_in(word: usize) -> bool {
        word & UNBOUND == 0
    }

    /// Where the class of an unbound word comes from.
    #[must_use]
    pub fn birth_of(&self) -> Birth {
        let pointer = self.0.load(Ordering::Relaxed);
        let word = pointer as usize;
        if word == UNBOUND || Self::is_bound_in(word) {
            Birth::Unknown
        } else if word & KEY != 0 {
            Birth::Key(pointer.wrapping_byte_sub(UNBOUND | KEY).cast_const())
        } else {
            // SAFETY: an unbound word without the tag of a key that is not null was made by `birth` from a `'static` location,
            // which is aligned to eight, so that no tag can be set in it.
            Birth::Site(unsafe { &*pointer.wrapping_byte_sub(UNBOUND).cast_const().cast() })
        }
    }

    /// Binds a lock with this word to a class as its instance `serial`. False if it was given another key since.
    pub fn bind(&self, unbound: usize, class: u32, serial: u32) -> bool {
        self.bind_seen(unbound, class, serial, false, false)
    }

    /// Binds it as [`bind`](ClassWord::bind) does, with what [`mark_used`](ClassWord::mark_used) says.
    pub fn bind_seen(&self, unbound: usize, class: u32, serial: u32, used: bool, written: bool) -> bool {
        let bound = (serial as usize) << SERIAL_SHIFT | (class as usize) << CLASS_SHIFT;
        self.replace(unbound, if used { Self::used(bound, written) } else { bound | UNUSED | UNWRITTEN })
    }

    /// Records that a use of the lock with this word has been judged, and whether it was a write. Nothing happens if it was given
    /// another key since.
    pub fn mark_used(&self, bound: usize, written: bool) {
        self.replace(bound, bound & !if written { UNUSED | UNWRITTEN } else { UNUSED });
    }

    fn replace(&self, old: usize, new: usize) -> bool {
        self.0.compare_exchange(bits(old), bits(new), Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Gives the lock a key; it is bound again at its next acquisition. Any thread may do so at any time.
    pub fn set_key(&self, key: *const ()) {
        self.0.store(key.cast_mut().wrapping_byte_add(UNBOUND | KEY), Ordering::Relaxed);
    }

    /// The class in a bound word.
    #[must_use]
    pub const fn class_in(word: usize) -> u32 {
        (word as u32) >> CLASS_SHIFT
    }

    /// The instance in a bound word.
    #[must_use]
    pub const fn serial_in(word: usize) -> u32 {
        (word >> SERIAL_SHIFT) as u32
    }

    /// A bound word whose lock was used, and maybe written.
    pub(crate) const fn used(word: usize, written: bool) -> usize {
        word & !FLAGS | if written { 0 } else { UNWRITTEN }
    }

    /// Whether an acquisition in this way can be taken without asking: bound, and neither its first use nor its
    /// first write.
    #[inline(always)]
    pub(crate) const fn is_plain(word: usize, writes: bool) -> bool {
        let asks = if writes { FLAGS } else { FLAGS & !UNWRITTEN };
        word & asks == 0
    }
}
