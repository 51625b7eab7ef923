//! `lockdep::parking_lot` is `parking_lot`: one program, compiled against both.

// That the files under `program` are loaded twice, once for each crate, is the point.
#![allow(clippy::duplicate_mod)]

mod auto_traits;
mod named;
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
