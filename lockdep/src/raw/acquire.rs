//! The course of an acquisition: tried, then the books; or judged, waited for, then the books.

use super::family::site_of;
use super::{Family, Nesting, Token, Tracked};
use crate::runtime::{self, Asked};
use core::panic::Location;
use lockdep_core::class::LockKind;
use lockdep_core::mode::Want;
use lockdep_rt::How;

/// Releases a lock again if its books cannot be done.
struct Undo<G, U: FnOnce(G)>(Option<(G, U)>);

impl<G, U: FnOnce(G)> Drop for Undo<G, U> {
    fn drop(&mut self) {
        if let Some((guard, undo)) = self.0.take() {
            undo(guard);
        }
    }
}

/// One acquisition as it is asked for.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) kind: LockKind,
    pub(super) how: How,
    /// What chain keys do not cover, if anything.
    pub(super) beside: Option<&'a Nesting>,
}

impl<R, F: Family> Tracked<R, F> {
    /// Does the books of an acquisition that succeeded without waiting.
    #[inline(always)]
    fn entered<G>(
        &self,
        wanted: Wanted<'_>,
        site: &'static Location<'static>,
        guard: G,
        undo: impl FnOnce(G),
    ) -> Token<G> {
        let known = if wanted.beside.is_none() { lockdep_rt::enter(&self.word, wanted.how, site) } else { None };
        match known {
            Some(slot) => Token { guard, slot },
            None => self.entered_cold(wanted.kind, wanted.how, wanted.beside, site, guard, undo),
        }
    }

    /// The same where the hot path does not know the acquisition. What is wanted comes in pieces, here and below, because as a whole it
    /// would be built in memory on the hot path.
    #[cold]
    #[inline(never)]
    fn entered_cold<G>(
        &self,
        kind: LockKind,
        how: How,
        beside: Option<&Nesting>,
        site: &'static Location<'static>,
        guard: G,
        undo: impl FnOnce(G),
    ) -> Token<G> {
        if runtime::is_untracked() {
            return Token { guard, slot: 0 };
        }
        let wanted = Wanted { kind, how, beside };
        runtime::bind_granted(&self.word, kind, runtime::UNNAMED);
        if let Some(slot) = lockdep_rt::enter_known(&self.word, wanted.how, site, wanted.nesting().beside()) {
            return Token { guard, slot };
        }
        let mut held = Undo(Some((guard, undo)));
        let entered = runtime::Entered::new(&self.word);
        runtime::judge(self.asked(wanted, site));
        drop(entered);
        let (guard, _) = held.0.take().expect("nothing has released it");
        self.after_wait(wanted, site, guard)
    }

    fn asked(&self, wanted: Wanted<'_>, site: &'static Location<'static>) -> Asked<'_> {
        let (Wanted { kind, how, .. }, Nesting { rank, nest, .. }) = (wanted, wanted.nesting());
        Asked { word: &self.word, kind, how, site, nest, rank }
    }

    /// Judges an acquisition that is about to wait.
    #[inline]
    pub(super) fn before_wait(&self, wanted: Wanted<'_>, site: &'static Location<'static>) {
        if !lockdep_rt::check(&self.word, wanted.how, wanted.nesting().beside()) {
            runtime::judge(self.asked(wanted, site));
        }
    }

    /// Does the books of an acquisition that has been judged before it waited.
    #[inline]
    pub(super) fn after_wait<G>(&self, wanted: Wanted<'_>, site: &'static Location<'static>, guard: G) -> Token<G> {
        Token { guard, slot: runtime::push(&self.word, wanted.how, site, wanted.nesting().rank) }
    }

    /// Acquires: tries, and waits only if it must.
    #[inline(always)]
    #[track_caller]
    pub(super) fn obtain<G>(
        &self,
        wanted: Wanted<'_>,
        attempt: impl FnOnce(&R) -> Option<G>,
        wait: impl FnOnce(&R) -> G,
        undo: impl FnOnce(G),
    ) -> Token<G> {
        let site = site_of::<F>(Location::caller());
        match attempt(&self.raw) {
            Some(guard) => self.entered(wanted, site, guard, undo),
            None => self.contended(wanted.kind, wanted.how, wanted.beside, site, wait),
        }
    }

    /// Judges, waits, does the books.
    #[cold]
    #[inline(never)]
    fn contended<G>(
        &self,
        kind: LockKind,
        how: How,
        beside: Option<&Nesting>,
        site: &'static Location<'static>,
        wait: impl FnOnce(&R) -> G,
    ) -> Token<G> {
        let wanted = Wanted { kind, how, beside };
        self.before_wait(wanted, site);
        let waiting = runtime::Waiting::start(&self.word, wanted.how, site);
        let guard = wait(&self.raw);
        drop(waiting);
        self.after_wait(wanted, site, guard)
    }

    /// Acquires with a time limit.
    #[inline]
    #[track_caller]
    pub(super) fn obtain_timed<G>(
        &self,
        wanted: Wanted<'_>,
        attempt: impl FnOnce(&R) -> Option<G>,
        wait: impl FnOnce(&R) -> Option<G>,
        undo: impl FnOnce(G),
    ) -> Option<Token<G>> {
        let (wanted, site) = (Wanted { how: runtime::limited(wanted.how), ..wanted }, site_of::<F>(Location::caller()));
        if let Some(guard) = attempt(&self.raw) {
            return Some(self.entered(wanted, site, guard, undo));
        }
        self.before_wait(wanted, site);
        let waiting = runtime::Waiting::limited(&self.word, wanted.how, site);
        let guard = wait(&self.raw)?;
        drop(waiting);
        Some(self.after_wait(wanted, site, guard))
    }

    /// Does the books of a try-lock that succeeded.
    #[inline(always)]
    #[track_caller]
    pub(super) fn tried<G>(&self, wanted: Wanted<'_>, guard: G, undo: impl FnOnce(G)) -> Token<G> {
        let wanted = Wanted { how: How(wanted.how.0 | How::TRY), ..wanted };
        self.entered(wanted, site_of::<F>(Location::caller()), guard, undo)
    }
}

impl<'a> Wanted<'a> {
    /// An acquisition that says nothing about others of its class.
    pub(super) const fn plain(kind: LockKind, want: Want) -> Wanted<'static> {
        Wanted { kind, how: runtime::how(want, 0), beside: None }
    }

    #[inline(always)]
    pub(super) const fn nested(kind: LockKind, want: Want, nesting: &'a Nesting) -> Wanted<'a> {
        let is_plain = nesting.rank.is_none() && nesting.nest.is_none();
        Wanted { kind, how: nesting.how(want), beside: if is_plain { None } else { Some(nesting) } }
    }

    fn nesting(self) -> Nesting {
        self.beside.copied().unwrap_or(Nesting::NONE)
    }
}
