//! `lockdep::parking_lot` is `parking_lot`, and `lockdep::std::sync` is `std::sync`: one program, compiled against both.

// That the files under `program` are loaded twice, once for each crate, is the point.
#![allow(clippy::duplicate_mod)]

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
