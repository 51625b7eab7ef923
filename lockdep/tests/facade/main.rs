//! `lockdep::parking_lot` is `parking_lot`, and so are `std::sync`, parking_lot 0.12 and spin: one program, compiled against both.

#![allow(clippy::duplicate_mod, reason = "the files under `program` are loaded twice, once for each crate")]

mod auto_traits;
mod named;
mod sites;
mod sizes;

#[path = "program"]
mod plain {
    use parking_lot as pl;

    #[cfg(feature = "arc_lock")]
    mod arc;
    mod mutex;
    mod reentrant;
    mod rwlock;
    mod usage;
    mod waiting;
}

#[path = "program"]
mod checked {
    use lockdep::parking_lot as pl;

    #[cfg(feature = "arc_lock")]
    mod arc;
    mod mutex;
    mod reentrant;
    mod rwlock;
    mod usage;
    mod waiting;
}

#[path = "program_std"]
mod plain_std {
    use std::sync as sy;

    mod channels;
    mod locks;
    mod once;
    mod waiting;
}

#[path = "program_std"]
mod checked_std {
    use lockdep::std::sync as sy;

    mod channels;
    mod locks;
    mod once;
    mod waiting;
}

#[cfg(feature = "parking_lot_0_12")]
#[path = "program_0_12"]
mod plain_0_12 {
    use parking_lot_0_12 as pl;

    mod mutex;
    mod rwlock;
    mod waiting;
}

#[cfg(feature = "parking_lot_0_12")]
#[path = "program_0_12"]
mod checked_0_12 {
    use lockdep::parking_lot_0_12 as pl;

    mod mutex;
    mod rwlock;
    mod waiting;
}

#[cfg(feature = "spin")]
#[path = "program_spin"]
mod plain_spin {
    use spin::Once;
    use spin::lock_api as sp;

    mod locks;
    mod once;
}

#[cfg(feature = "spin")]
#[path = "program_spin"]
mod checked_spin {
    use lockdep::spin as sp;
    use lockdep::spin::Once;

    mod locks;
    mod once;
}
