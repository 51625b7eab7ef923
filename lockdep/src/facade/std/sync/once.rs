//! [`Once`]: one-time initialisation.

use super::OnceState;
use crate::facade::once::{once_initialiser, once_waits};

once_initialiser! {
    /// A one-time initialiser with the interface of [`std::sync::Once`]. Every call is checked like the acquisition of a
    /// lock, also when there is nothing left to do: the next run may meet it earlier.
    ///
    /// ```
    /// use lockdep::std::sync::Once;
    ///
    /// static START: Once = Once::new();
    /// let mut runs = 0;
    /// START.call_once(|| runs += 1);
    /// START.call_once(|| runs += 1);
    /// assert_eq!(runs, 1);
    /// ```
    ::std::sync::Once: &OnceState
}

once_waits!();
