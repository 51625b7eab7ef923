//! The text of acquisitions: every lock has them per mode, and again through an `Arc`. `$through` is what gives the lock of
//! `lock_api` once its class knows the protected type, and `$with` is alive during the call.

/// Defines the acquisition of one mode that blocks, and the one that does not.
macro_rules! acquisitions {
    ($mode:literal: $acquire:ident, $try:ident; $through:ident(self: $Self:ty) -> $Guard:ty $(, with $with:expr)?) => {
        #[doc = concat!("Acquires ", $mode, ", blocking the current thread until that is possible.")]
        #[inline]
        #[track_caller]
        pub fn $acquire(self: $Self) -> $Guard {
            $(let _with = $with;)?
            self.$through().$acquire()
        }

        #[doc = concat!("Attempts to acquire ", $mode, " without blocking.")]
        #[inline]
        #[track_caller]
        pub fn $try(self: $Self) -> Option<$Guard> {
            $(let _with = $with;)?
            self.$through().$try()
        }
    };
}

/// Defines the acquisitions of one mode that have a time limit.
macro_rules! timed_acquisitions {
    ($mode:literal: $for:ident, $until:ident; $through:ident(self: $Self:ty) -> $Guard:ty $(, with $with:expr)?) => {
        #[doc = concat!("Attempts to acquire ", $mode, " until a timeout is reached.")]
        #[inline]
        #[track_caller]
        pub fn $for(self: $Self, timeout: std::time::Duration) -> Option<$Guard> {
            let _limit = crate::facade::chosen::Limit::within(timeout);
            $(let _with = $with;)?
            self.$through().$for(timeout)
        }

        #[doc = concat!("Attempts to acquire ", $mode, " until a deadline is reached.")]
        #[inline]
        #[track_caller]
        pub fn $until(self: $Self, timeout: std::time::Instant) -> Option<$Guard> {
            let _limit = crate::facade::chosen::Limit::until(timeout);
            $(let _with = $with;)?
            self.$through().$until(timeout)
        }
    };
}

/// Defines what makes a guard for an acquisition of one mode that the raw lock has; in `lock_api` 0.5 that has a state.
macro_rules! unchecked_guard {
    ($held:literal: $make:ident($($guard:ident: $State:ty)?); $through:ident(self: $Self:ty) -> $Guard:ty) => {
        /// Creates a guard for an acquisition made through the raw lock.
        ///
        /// # Safety
        ///
        #[doc = concat!("The lock must be ", $held, ", by an acquisition that no other guard stands for.")]
        $(#[doc = concat!("`", stringify!($guard), "` must be its state.")])?
        #[inline]
        pub unsafe fn $make(self: $Self, $($guard: $State)?) -> $Guard {
            // SAFETY: the caller's promise is the one asked for.
            unsafe { self.$through().$make($($guard)?) }
        }
    };
}

/// Defines the release of one mode whose guard was forgotten; in `lock_api` 0.5 an acquisition has a state.
macro_rules! force_unlock {
    ($held:literal: $unlock:ident($($guard:ident: $State:ty)?)) => {
        /// Forcibly releases an acquisition; fairly, if that is in the name.
        ///
        /// # Safety
        ///
        #[doc = concat!("The lock must be ", $held, ", by an acquisition whose guard was forgotten.")]
        $(#[doc = concat!("`", stringify!($guard), "` must be its state.")])?
        #[inline]
        #[track_caller]
        pub unsafe fn $unlock(&self, $($guard: $State)?) {
            // SAFETY: the caller's promise is the one asked for.
            unsafe { self.0.$unlock($($guard)?) };
        }
    };
}

pub(super) use {acquisitions, force_unlock, timed_acquisitions, unchecked_guard};
