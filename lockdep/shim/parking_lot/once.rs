//! The books of parking_lot's `Once`: this file goes into the crate beside its own, and a `Once` gets a second field. As with
//! `std`'s, whoever comes while another thread is at it waits, so it is a lock for the time being; that it may be waited for is told also
//! when it is done, by threads that hold something.

use core::panic::Location;
use lockdep_rt::foreign::{self, Kind, Wanted};
use lockdep_rt::{ClassWord, How, Token};

/// Which `Once` it is.
pub(crate) struct Books(ClassWord);

/// A `Once` that is being run or waited for.
pub(crate) struct Held(Token);

impl Books {
    /// Of one that is made here.
    #[inline]
    #[track_caller]
    pub(crate) const fn new() -> Books {
        Books(ClassWord::birth(Location::caller()))
    }

    /// To be called before it is run or waited for; `is_done` if it need not be.
    #[inline]
    #[track_caller]
    pub(crate) fn hold(&self, is_done: bool) -> Option<Held> {
        if is_done && !foreign::holds_any() {
            return None;
        }
        let wanted = Wanted { kind: Kind::Once, how: How::WRITE, limit_ms: 0, name: || "Once" };
        foreign::arrive();
        Some(Held(foreign::entered(&self.0, &wanted, Location::caller())))
    }
}

impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        foreign::release(self.0);
    }
}
