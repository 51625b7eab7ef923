//! Poisoning: errors that carry a guard.

use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

/// Changes the guard in a result, poisoned or not.
#[inline(always)]
pub(super) fn map<G, H>(result: LockResult<G>, f: impl FnOnce(G) -> H) -> LockResult<H> {
    match result {
        Ok(guard) => Ok(f(guard)),
        Err(error) => Err(PoisonError::new(f(error.into_inner()))),
    }
}

/// The outcome of an attempt that did not have to wait.
#[inline(always)]
pub(super) fn attempted<G>(result: TryLockResult<G>) -> Option<LockResult<G>> {
    match result {
        Ok(guard) => Some(Ok(guard)),
        Err(TryLockError::Poisoned(error)) => Some(Err(error)),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// The result of an attempt.
#[inline(always)]
pub(super) fn tried<G>(outcome: Option<LockResult<G>>) -> TryLockResult<G> {
    outcome.ok_or(TryLockError::WouldBlock)?.map_err(TryLockError::Poisoned)
}

/// Gives up an acquisition whose books could not be done, because that panics. The panic is not the data's fault.
#[cold]
pub(super) fn undo<G>(result: LockResult<G>, clear: impl FnOnce()) {
    let is_clean = result.is_ok();
    drop(result);
    if is_clean {
        clear();
    }
}
