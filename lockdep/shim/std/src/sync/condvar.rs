//! `Condvar`: a wait releases the mutex and acquires it again, with everything else still held.

use super::mutex::{self, MutexGuard};
use crate::books::{self, Held};
use ::std::fmt;
use ::std::panic::Location;
use ::std::sync::{self, LockResult, PoisonError, WaitTimeoutResult};
use ::std::time::Duration;
use lockdep_rt::foreign;
use lockdep_rt::ClassWord;

/// As the real one.
#[derive(Default)]
pub struct Condvar {
    pub(crate) inner: sync::Condvar,
}

/// A mutex that was released to wait.
struct Waiting<'a> {
    word: &'a ClassWord,
    site: &'static Location<'static>,
}

impl<'a> Waiting<'a> {
    /// Takes the mutex off the books, and tells that it will be wanted again.
    #[track_caller]
    fn start<T: ?Sized>(guard: MutexGuard<'a, T>) -> (Waiting<'a>, sync::MutexGuard<'a, T>) {
        let MutexGuard { held, inner } = guard;
        let waiting = Waiting { word: held.word, site: Location::caller() };
        drop(held);
        foreign::before_wait(waiting.word, &mutex::wanted::<T>(), waiting.site);
        (waiting, inner)
    }

    /// The mutex is held again.
    fn again<T: ?Sized>(&self) -> Held<'a> {
        let token = foreign::after_wait(self.word, &mutex::wanted::<T>(), self.site);
        Held { word: self.word, token }
    }

    fn end<T: ?Sized>(&self, inner: sync::MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        MutexGuard { held: self.again::<T>(), inner }
    }

    /// Looks at the condition, which is done with the mutex held.
    fn look<T>(&self, condition: &mut impl FnMut(&mut T) -> bool, value: &mut T) -> bool {
        let _held = self.again::<T>();
        condition(value)
    }
}

/// The same result with other guards in it.
fn map_timed<G, H, R>(result: LockResult<(G, R)>, guard: impl FnOnce(G) -> H) -> LockResult<(H, R)> {
    match result {
        Ok((inner, outcome)) => Ok((guard(inner), outcome)),
        Err(error) => {
            let (inner, outcome) = error.into_inner();
            Err(PoisonError::new((guard(inner), outcome)))
        }
    }
}

impl Condvar {
    /// As the real one.
    #[inline]
    #[must_use]
    pub const fn new() -> Condvar {
        Condvar { inner: sync::Condvar::new() }
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let (waiting, inner) = Waiting::start(guard);
        books::map(self.inner.wait(inner), |inner| waiting.end(inner))
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[track_caller]
    pub fn wait_while<'a, T, F>(&self, guard: MutexGuard<'a, T>, mut condition: F) -> LockResult<MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        let (waiting, inner) = Waiting::start(guard);
        let result = self.inner.wait_while(inner, |value| waiting.look(&mut condition, value));
        books::map(result, |inner| waiting.end(inner))
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[deprecated(since = "1.6.0", note = "replaced by `std::sync::Condvar::wait_timeout`")]
    #[track_caller]
    pub fn wait_timeout_ms<'a, T>(&self, guard: MutexGuard<'a, T>, ms: u32) -> LockResult<(MutexGuard<'a, T>, bool)> {
        let (waiting, inner) = Waiting::start(guard);
        #[allow(deprecated, reason = "it is as deprecated as this")]
        let result = self.inner.wait_timeout_ms(inner, ms);
        map_timed(result, |inner| waiting.end(inner))
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[track_caller]
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        dur: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let (waiting, inner) = Waiting::start(guard);
        map_timed(self.inner.wait_timeout(inner, dur), |inner| waiting.end(inner))
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[track_caller]
    pub fn wait_timeout_while<'a, T, F>(
        &self,
        guard: MutexGuard<'a, T>,
        dur: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        let (waiting, inner) = Waiting::start(guard);
        let result = self.inner.wait_timeout_while(inner, dur, |value| waiting.look(&mut condition, value));
        map_timed(result, |inner| waiting.end(inner))
    }

    /// As the real one.
    #[inline]
    pub fn notify_one(&self) {
        self.inner.notify_one();
    }

    /// As the real one.
    #[inline]
    pub fn notify_all(&self) {
        self.inner.notify_all();
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
