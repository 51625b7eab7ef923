//! Condition variables: a wait releases the mutex and acquires it again with everything else still held.

use super::{Token, Tracked, TrackedHold};
use crate::runtime;
use core::panic::Location;
use lock_api::{RawCondvar, RawCondvarTimed, RawMutex, RawMutexTimed};

/// A checked condition variable around the raw one `C`.
#[derive(Debug)]
pub struct TrackedCondvar<C>(C);

impl<C: RawCondvar> TrackedCondvar<C> {
    /// Waits with the mutex off the books, and judges its re-acquisition before the wait.
    fn waiting<T>(
        token: &mut Token<<C::RawMutex as RawMutex>::Guard>,
        wait: impl FnOnce(&mut <C::RawMutex as RawMutex>::Guard) -> T,
    ) -> T {
        let site = runtime::caller_or(Location::caller());
        let away = TrackedHold::of(core::mem::take(&mut token.slot)).away_at(site);
        let outcome = wait(&mut token.guard);
        token.slot = away.back().into_slot();
        outcome
    }
}

// SAFETY: every operation is the inner condition variable's, on the inner mutex.
unsafe impl<C: RawCondvar> RawCondvar for TrackedCondvar<C> {
    #[allow(clippy::declare_interior_mutable_const, reason = "the trait asks for it")]
    const INIT: Self = Self(C::INIT);

    type RawMutex = Tracked<C::RawMutex>;

    unsafe fn wait(&self, mutex: &Self::RawMutex, guard: &mut <Self::RawMutex as RawMutex>::Guard) {
        // SAFETY: the caller holds the mutex with this state.
        Self::waiting(guard, |guard| unsafe { self.0.wait(&mutex.raw, guard) });
    }

    fn notify_one(&self) -> bool {
        self.0.notify_one()
    }

    fn notify_all(&self) -> usize {
        self.0.notify_all()
    }
}

// SAFETY: as above.
unsafe impl<C: RawCondvarTimed> RawCondvarTimed for TrackedCondvar<C>
where
    C::RawMutex: RawMutexTimed,
{
    fn checked_duration_to_instant(
        timeout: &<C::RawMutex as RawMutexTimed>::Duration,
    ) -> Option<<C::RawMutex as RawMutexTimed>::Instant> {
        C::checked_duration_to_instant(timeout)
    }

    unsafe fn wait_until(
        &self,
        mutex: &Self::RawMutex,
        guard: &mut <Self::RawMutex as RawMutex>::Guard,
        timeout: &<C::RawMutex as RawMutexTimed>::Instant,
    ) -> bool {
        // SAFETY: the caller holds the mutex with this state.
        Self::waiting(guard, |guard| unsafe { self.0.wait_until(&mutex.raw, guard, timeout) })
    }
}
