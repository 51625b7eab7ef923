//! [`Once`]: one-time initialisation.

use crate::facade::once::{once_initialiser, once_of_parking_lot, once_waits};

pub use ::parking_lot::OnceState;

once_initialiser! {
    /// A one-time initialiser with the interface of `parking_lot::Once`. Every call is checked like the acquisition of a
    /// lock, also when there is nothing left to do: the next run may meet it earlier.
    ///
    /// ```
    /// use lockdep::parking_lot::Once;
    ///
    /// static START: Once = Once::new();
    /// let mut runs = 0;
    /// START.call_once(|| runs += 1);
    /// START.call_once(|| runs += 1);
    /// assert_eq!(runs, 1);
    /// ```
    ::parking_lot::Once: OnceState
}

once_waits!();
once_of_parking_lot!();

impl Once {
    /// Creates a new `Once` value that is completed already.
    #[inline]
    #[must_use]
    #[track_caller]
    pub const fn new_completed() -> Once {
        Once { once: ::parking_lot::Once::new_completed(), map: Map::at(Location::caller()) }
    }
}
