//! Where the program calls what `lock_api` puts between itself and a raw lock: its reentrant mutexes and condition variables do
//! not pass their callers on, so the facade says it beside the call.

use std::cell::Cell;
use std::marker::PhantomData;
use std::panic::Location;

thread_local! {
    /// The call that this thread is in. Const and without `Drop`, so that it can be used while other thread-locals are being
    /// destroyed.
    static CALLER: Cell<Option<&'static Location<'static>>> = const { Cell::new(None) };
}

/// Says where reentrant mutexes and condition variables are used by this thread, until it is dropped. Those of
/// [`parking_lot`](crate::parking_lot) say so themselves; others in [`raw`](crate::raw) wrappers are reported inside
/// `lock_api` without it.
#[derive(Debug)]
#[must_use = "the place counts until this is dropped"]
pub struct Caller {
    outer: Option<&'static Location<'static>>,
    _not_send: PhantomData<*const ()>,
}

impl Caller {
    /// They are used by the caller of this function.
    #[inline]
    #[track_caller]
    pub fn here() -> Caller {
        Caller { outer: CALLER.replace(Some(Location::caller())), _not_send: PhantomData }
    }
}

impl Drop for Caller {
    #[inline]
    fn drop(&mut self) {
        CALLER.set(self.outer);
    }
}

/// The place that was said, or else this one.
pub(crate) fn caller_or(site: &'static Location<'static>) -> &'static Location<'static> {
    CALLER.get().unwrap_or(site)
}
