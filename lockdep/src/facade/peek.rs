//! Looking at protected data for `Debug`, without a trace in the lock graph.
//!
//! Printing a lock is not a use of it that says anything about the program's lock order, and it happens in log lines
//! and panic messages, where a new edge would be a surprise. So the plain lock underneath is tried, and never waited for.

use core::fmt;

/// Looks while something is held, and releases it when the look is over, also if that panics.
pub(super) fn look<G, T>(guard: Option<G>, release: impl FnOnce(G), look: impl FnOnce(bool) -> T) -> T {
    struct Held<G, F: FnOnce(G)>(Option<(G, F)>);

    impl<G, F: FnOnce(G)> Drop for Held<G, F> {
        fn drop(&mut self) {
            if let Some((guard, release)) = self.0.take() {
                release(guard);
            }
        }
    }

    let held = Held(guard.map(|guard| (guard, release)));
    look(held.0.is_some())
}

/// Prints a lock as `lock_api` does: the data, or that somebody has it.
///
/// # Safety
///
/// If `is_held`, the lock that protects `data` must be held until the call returns.
pub(super) unsafe fn debug<T: fmt::Debug + ?Sized>(
    name: &str,
    is_held: bool,
    data: *const T,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    if is_held {
        // SAFETY: the caller says that it is held.
        f.debug_struct(name).field("data", &unsafe { &*data }).finish()
    } else {
        f.debug_struct(name).field("data", &format_args!("<locked>")).finish()
    }
}
