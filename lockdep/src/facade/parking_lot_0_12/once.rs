//! [`Once`]: one-time initialisation.

use crate::facade::once::once_initialiser;

pub use ::parking_lot_0_12::OnceState;

once_initialiser! {
    /// A one-time initialiser with the interface of `parking_lot::Once`. Every call is checked like the acquisition of a
    /// lock, also when there is nothing left to do: the next run may meet it earlier.
    ::parking_lot_0_12::Once: OnceState
}

impl Once {
    /// Returns the current state of this `Once`.
    #[inline]
    pub fn state(&self) -> OnceState {
        self.once.state()
    }
}

impl Default for Once {
    #[inline]
    #[track_caller]
    fn default() -> Once {
        Once::new()
    }
}
