//! An acquisition that is given up for a wait, and taken again after it with everything else still held.

use super::TrackedHold;
use crate::runtime::{self, Asked};
use core::panic::Location;
use lockdep_core::class::LockKind;
use lockdep_rt::{ClassWord, How};
use std::marker::PhantomData;

/// What it takes to put an acquisition back on the books.
///
/// The lock is known by what the books had of it, so that guards need not carry it. It is `None` for an acquisition that was
/// not tracked.
#[derive(Debug)]
pub struct Away {
    again: Option<(ClassWord, How, &'static Location<'static>)>,
    /// It is for the thread that waits.
    _thread: PhantomData<*const ()>,
}

impl TrackedHold {
    /// Takes the acquisition off the books for a wait at this place, and judges, before the wait, that it is taken again.
    ///
    /// # Panics
    /// If it makes a finding that is to be denied, and the policy is to panic.
    #[track_caller]
    pub fn away(self) -> Away {
        self.away_at(Location::caller())
    }

    pub(super) fn away_at(self, site: &'static Location<'static>) -> Away {
        let again = runtime::bound_of(self.slot()).map(|(word, how)| (ClassWord::bound(word), how, site));
        drop(self);
        let away = Away { again, _thread: PhantomData };
        if let Some((word, how, site)) = &away.again
            && !lockdep_rt::check(word, *how, Default::default())
        {
            runtime::judge(Asked { word, kind: LockKind::Mutex, how: *how, site, nest: None, rank: None });
        }
        away
    }
}

impl Away {
    fn enter(&self) -> TrackedHold {
        TrackedHold::of(self.again.as_ref().map_or(0, |(word, how, site)| runtime::push(word, *how, site, None)))
    }

    /// Puts the acquisition back on the books for as long as `f` runs: a condition that is looked at in between.
    pub fn meanwhile<T>(&self, f: impl FnOnce() -> T) -> T {
        let _held = self.enter();
        f()
    }

    /// Puts the acquisition back on the books.
    #[must_use]
    pub fn back(self) -> TrackedHold {
        self.enter()
    }
}
