//! How long a timed acquisition waits. `lock_api` hides that behind a type parameter, so the facade, which knows, says it
//! beside the call.

use std::cell::Cell;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

thread_local! {
    /// The limit of the timed call that this thread is in, in milliseconds. Const and without `Drop`, so that it can be used
    /// while other thread-locals are being destroyed.
    static LIMIT: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Says how long the timed acquisitions of this thread wait, until it is dropped. The locks of
/// [`parking_lot`](crate::parking_lot) say so themselves; for other locks in [`raw`](crate::raw) wrappers it is needed to
/// tell a wait that gives up soon from one that blocks. Limits do not nest.
#[derive(Debug)]
#[must_use = "the limit counts until this is dropped"]
pub struct Limit(PhantomData<*const ()>);

impl Limit {
    /// Acquisitions of this thread give up after a time.
    pub fn within(limit: Duration) -> Limit {
        LIMIT.set(Some(u32::try_from(limit.as_millis()).unwrap_or(u32::MAX)));
        Limit(PhantomData)
    }

    /// Acquisitions of this thread give up at a time.
    pub fn until(deadline: Instant) -> Limit {
        Limit::within(deadline.saturating_duration_since(Instant::now()))
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        LIMIT.set(None);
    }
}

/// The limit of the acquisition that this thread is making, in milliseconds, if it is known.
pub(crate) fn limit() -> Option<u32> {
    LIMIT.get()
}
