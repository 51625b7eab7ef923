//! `Barrier`: who comes waits for the others. Nobody has a barrier, so it is only ever waited for.

use ::std::fmt;
use ::std::panic::Location;
use ::std::sync::{self, BarrierWaitResult};
use lockdep_rt::foreign::{self, Kind, Wanted};
use lockdep_rt::{ClassWord, How};

/// As the real one.
pub struct Barrier {
    word: ClassWord,
    pub(crate) inner: sync::Barrier,
}

impl Barrier {
    /// As the real one. Its class is the place of this call.
    #[inline]
    #[must_use]
    #[track_caller]
    pub const fn new(n: usize) -> Barrier {
        Barrier { word: ClassWord::birth(Location::caller()), inner: sync::Barrier::new(n) }
    }

    /// As the real one.
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        let wanted = Wanted { kind: Kind::Map, how: How::WRITE, limit_ms: 0, name: || "Barrier" };
        foreign::waits(&self.word, &wanted, Location::caller());
        self.inner.wait()
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
