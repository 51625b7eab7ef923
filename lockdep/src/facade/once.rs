//! One-time initialisers: the text that all of them share. Initialising is a pseudo-lock: whoever comes while another thread
//! initialises has to wait for it.

/// Defines `Once` around a plain one.
macro_rules! once_initialiser {
    ($(#[$doc:meta])* $Plain:path: $State:ty) => {
        use crate::LockClassKey;
        use crate::facade::chosen::{Hold, Map};
        use core::fmt;
        use core::panic::Location;
        use lockdep_core::class::LockKind;
        use lockdep_core::mode::Want;

        $(#[$doc])*
        pub struct Once {
            once: $Plain,
            map: Map,
        }

        impl Once {
            /// Creates a new `Once` value. Its lock class is this call.
            #[inline]
            #[must_use]
            #[track_caller]
            pub const fn new() -> Once {
                Once { once: <$Plain>::new(), map: Map::at(Location::caller()) }
            }

            /// Creates a new `Once` value, in the lock class of `key`.
            #[inline]
            #[must_use]
            pub const fn named(key: &'static LockClassKey) -> Once {
                Once { once: <$Plain>::new(), map: Map::keyed(key) }
            }

            #[track_caller]
            fn hold(&self) -> Hold {
                self.bind();
                self.map.acquire(Want::Write, false)
            }

            fn bind(&self) {
                self.map.bind(LockKind::Once, || "Once");
            }

            /// Runs the closure, if no closure has been run to its end yet, or waits for the one that is running.
            ///
            /// # Panics
            /// If an earlier closure panicked.
            #[inline]
            #[track_caller]
            pub fn call_once<F: FnOnce()>(&self, f: F) {
                let _held = self.hold();
                self.once.call_once(f);
            }

            /// As [`Once::call_once`], but also after a closure that panicked.
            #[inline]
            #[track_caller]
            pub fn call_once_force<F: FnOnce($State)>(&self, f: F) {
                let _held = self.hold();
                self.once.call_once_force(f);
            }
        }

        impl fmt::Debug for Once {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.once.fmt(f)
            }
        }
    };
}

/// Defines what `Once` has for those who only wait, in the libraries that have it.
macro_rules! once_waits {
    () => {
        impl Once {
            /// Whether some closure has run to its end.
            #[inline]
            pub fn is_completed(&self) -> bool {
                self.once.is_completed()
            }

            /// Waits until a closure has run to its end.
            ///
            /// # Panics
            /// If it panicked.
            #[inline]
            #[track_caller]
            pub fn wait(&self) {
                self.bind();
                self.map.wait_beside(|| self.once.wait());
            }

            /// Waits until a closure has run to its end, whatever panicked before it.
            #[inline]
            #[track_caller]
            pub fn wait_force(&self) {
                self.bind();
                self.map.wait_beside(|| self.once.wait_force());
            }
        }
    };
}

/// Defines what `Once` has in parking_lot, of any version.
macro_rules! once_of_parking_lot {
    () => {
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
    };
}

pub(super) use {once_initialiser, once_of_parking_lot, once_waits};
