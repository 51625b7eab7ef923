//! The one word that a lock carries: where its class comes from, and later which class and instance it is.

use std::panic::Location;
use std::sync::atomic::{AtomicPtr, Ordering};

const BOUND: usize = 1;
const KEY: usize = 2;
const WRITTEN: usize = 2;
const USED: usize = 4;
const CLASS_SHIFT: u32 = 4;
const SERIAL_SHIFT: u32 = 32;

/// Before the first use: null, a birth site, or a key (tagged). After: class, instance, and whether it was used and written.
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
        ClassWord(AtomicPtr::new(std::ptr::null_mut()))
    }

    /// A lock born here.
    #[must_use]
    pub const fn birth(site: &'static Location<'static>) -> ClassWord {
        ClassWord(AtomicPtr::new(std::ptr::from_ref(site).cast_mut().cast()))
    }

    /// A lock with this key; `key` must be a `'static` object with an alignment of at least four.
    #[must_use]
    pub const fn key(key: *const ()) -> ClassWord {
        ClassWord(AtomicPtr::new(key.cast_mut().wrapping_byte_add(KEY)))
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
        word & BOUND != 0
    }

    /// Where the class of an unbound word comes from.
    #[must_use]
    pub fn birth_of(&self) -> Birth {
        let pointer = self.0.load(Ordering::Relaxed);
        let word = pointer as usize;
        if word == 0 || word & BOUND != 0 {
            Birth::Unknown
        } else if word & KEY != 0 {
            Birth::Key(pointer.wrapping_byte_sub(KEY).cast_const())
        } else {
            // SAFETY: an untagged word that is not null was made by `birth` from a `'static` location, and a
            // location is aligned to at least four, so neither tag can be set in it.
            Birth::Site(unsafe { &*pointer.cast_const().cast() })
        }
    }

    /// Binds a lock with this word to a class as its instance `serial`. False if it was given another key since.
    pub fn bind(&self, unbound: usize, class: u32, serial: u32) -> bool {
        self.replace(unbound, (serial as usize) << SERIAL_SHIFT | (class as usize) << CLASS_SHIFT | BOUND)
    }

    /// Binds it as [`bind`](ClassWord::bind) does, with what [`mark_used`](ClassWord::mark_used) says.
    pub fn bind_seen(&self, unbound: usize, class: u32, serial: u32, used: bool, written: bool) -> bool {
        let bound = (serial as usize) << SERIAL_SHIFT | (class as usize) << CLASS_SHIFT | BOUND;
        self.replace(unbound, if used { Self::used(bound, written) } else { bound })
    }

    /// Records that a use of the lock with this word has been judged, and whether it was a write. Nothing happens if it was given
    /// another key since.
    pub fn mark_used(&self, bound: usize, written: bool) {
        self.replace(bound, bound | USED | if written { WRITTEN } else { 0 });
    }

    fn replace(&self, old: usize, new: usize) -> bool {
        self.0.compare_exchange(bits(old), bits(new), Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Gives the lock a key; it is bound again at its next acquisition. Any thread may do so at any time.
    pub fn set_key(&self, key: *const ()) {
        self.0.store(key.cast_mut().wrapping_byte_add(KEY), Ordering::Relaxed);
    }

    /// The class in a bound word.
    #[inline(always)]
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
        word | BOUND | USED | if written { WRITTEN } else { 0 }
    }

    /// Whether an acquisition in this way can be taken without asking: bound, and neither its first use nor its
    /// first write.
    #[inline(always)]
    pub(crate) const fn is_plain(word: usize, writes: bool) -> bool {
        let wanted = if writes { BOUND | USED | WRITTEN } else { BOUND | USED };
        word & wanted == wanted
    }
}
