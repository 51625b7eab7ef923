//! [`Once`]: one-time initialisation.

use crate::facade::once::{once_initialiser, once_of_parking_lot};

pub use ::parking_lot_0_12::OnceState;

once_initialiser! {
    /// A one-time initialiser with the interface of `parking_lot::Once`. Every call is checked like the acquisition of a
    /// lock, also when there is nothing left to do: the next run may meet it earlier.
    ::parking_lot_0_12::Once: OnceState
}

once_of_parking_lot!();
