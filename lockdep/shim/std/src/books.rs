//! The books around an acquisition.

use ::std::panic::Location;
use ::std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};
use lockdep_rt::foreign::{self, Wanted};
use lockdep_rt::{ClassWord, Token};

/// A place on the books. It is part of a guard and stands before the real one, so that it is given up first.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    pub(crate) word: &'a ClassWord,
    pub(crate) token: Token,
}

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        foreign::release(self.token);
    }
}

/// Acquires: tries, and waits only if it must.
#[inline]
#[track_caller]
pub(crate) fn acquire<'a, G, H>(
    word: &'a ClassWord,
    wanted: Wanted,
    attempt: impl FnOnce() -> TryLockResult<G>,
    wait: impl FnOnce() -> LockResult<G>,
    guard: impl FnOnce(Held<'a>, G) -> H,
) -> LockResult<H> {
    let site = Location::caller();
    foreign::arrive();
    let got = match attempt() {
        Ok(inner) => Ok(inner),
        Err(TryLockError::Poisoned(error)) => Err(error),
        Err(TryLockError::WouldBlock) => {
            foreign::before_wait(word, &wanted, site);
            let got = wait();
            let held = Held { word, token: foreign::after_wait(word, &wanted, site) };
            return map(got, |inner| guard(held, inner));
        }
    };
    let held = Held { word, token: foreign::entered(word, &wanted, site) };
    map(got, |inner| guard(held, inner))
}

/// Acquires if that can be done at once.
#[inline]
#[track_caller]
pub(crate) fn attempt<'a, G, H>(
    word: &'a ClassWord,
    wanted: Wanted,
    attempt: impl FnOnce() -> TryLockResult<G>,
    guard: impl FnOnce(Held<'a>, G) -> H,
) -> TryLockResult<H> {
    let site = Location::caller();
    foreign::arrive();
    let got = match attempt() {
        Ok(inner) => Ok(inner),
        Err(TryLockError::Poisoned(error)) => Err(error),
        Err(TryLockError::WouldBlock) => return Err(TryLockError::WouldBlock),
    };
    let wanted = Wanted { how: wanted.how.tried(), ..wanted };
    let held = Held { word, token: foreign::entered(word, &wanted, site) };
    Ok(map(got, |inner| guard(held, inner))?)
}

/// Takes something that is waited for and is no lock, such as an initialiser, before the wait.
#[inline]
#[track_caller]
pub(crate) fn hold(word: &ClassWord, wanted: Wanted) -> Held<'_> {
    foreign::arrive();
    Held { word, token: foreign::entered(word, &wanted, Location::caller()) }
}

/// The same result with another guard in it.
#[inline]
pub(crate) fn map<G, H>(result: LockResult<G>, guard: impl FnOnce(G) -> H) -> LockResult<H> {
    match result {
        Ok(inner) => Ok(guard(inner)),
        Err(error) => Err(PoisonError::new(guard(error.into_inner()))),
    }
}
