//! The text that mutexes share. `lock_api` is, where it is used, the version of that crate which the mutex is made of.

/// Defines a mutex newtype over `lock_api::Mutex` and the aliases of its guards.
macro_rules! exclusive_lock {
    (
        $(#[$lock_doc:meta])*
        lock $Lock:ident: $Raw:ident born $birth:ident;
        $(#[$guard_doc:meta])*
        guard $Guard:ident;
        $(#[$mapped_doc:meta])*
        mapped $Mapped:ident;
    ) => {
        use crate::facade::instrument::InstrumentMutex;

        type Inner<T> = lock_api::Mutex<$Raw, T>;

        crate::facade::newtype::lock_newtype! {
            $(#[$lock_doc])*
            "mutex" $Lock: $Raw born $birth, serialized in lock
        }

        $(#[$guard_doc])*
        pub type $Guard<'a, T> = lock_api::MutexGuard<'a, $Raw, T>;

        $(#[$mapped_doc])*
        pub type $Mapped<'a, T> = lock_api::MappedMutexGuard<'a, $Raw, T>;

        impl<T: ?Sized> $Lock<T> {
            crate::facade::acquire::acquisitions!("the mutex": lock, try_lock; typed(self: &Self) -> $Guard<'_, T>);

            crate::facade::nested::nested_acquisitions!(
                $Guard<'_, T>: lock_in, lock_nested, lock_ranked, lock_under
            );
        }

        impl<T: fmt::Debug + ?Sized> fmt::Debug for $Lock<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // SAFETY: the lock is the one of the data.
                InstrumentMutex::peek(self.raw_lock(), |is_held| unsafe {
                    crate::facade::peek::debug("Mutex", is_held, self.0.data_ptr(), f)
                })
            }
        }
    };
}

/// Defines what touches the states of acquisitions, for `lock_api` 0.5, whose guards have one.
macro_rules! exclusive_stateful {
    ($Lock:ident: $Raw:ident, $Guard:ident) => {
        crate::facade::newtype::newtype_parts_0_5!($Lock: $Raw);

        impl<T: ?Sized> $Lock<T> {
            crate::facade::acquire::unchecked_guard!(
                "locked": make_guard_unchecked(guard: <$Raw as lock_api::RawMutex>::Guard);
                typed(self: &Self) -> $Guard<'_, T>
            );
            crate::facade::acquire::force_unlock!(
                "locked": force_unlock(guard: <$Raw as lock_api::RawMutex>::Guard)
            );
            crate::facade::acquire::force_unlock!(
                "locked": force_unlock_fair(guard: <$Raw as lock_api::RawMutex>::Guard)
            );

            #[inline]
            #[track_caller]
            fn lock_in(&self, nesting: crate::raw::Nesting) -> $Guard<'_, T> {
                let guard = InstrumentMutex::lock_in(self.typed_raw(), nesting);
                // SAFETY: the lock is held, and `guard` is that acquisition.
                unsafe { self.0.make_guard_unchecked(guard) }
            }
        }
    };
}

/// Defines acquisitions with a time limit.
macro_rules! exclusive_timed {
    ($Lock:ident: $Raw:ident, $Guard:ident) => {
        impl<T: ?Sized> $Lock<T> {
            crate::facade::acquire::timed_acquisitions!(
                "the mutex": try_lock_for, try_lock_until; typed(self: &Self) -> $Guard<'_, T>
            );
        }

        #[cfg(feature = "arc_lock")]
        impl<T: ?Sized> $Lock<T> {
            crate::facade::acquire::timed_acquisitions!(
                "the mutex through an `Arc`": try_lock_arc_for, try_lock_arc_until;
                typed_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcMutexGuard<$Raw, T>
            );
        }
    };
}

/// Defines acquisitions through an `Arc`.
macro_rules! exclusive_arc {
    ($Lock:ident: $Raw:ident) => {
        crate::facade::newtype::newtype_arc!($Lock);

        #[cfg(feature = "arc_lock")]
        impl<T: ?Sized> $Lock<T> {
            crate::facade::acquire::acquisitions!(
                "the mutex through an `Arc`": lock_arc, try_lock_arc;
                typed_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcMutexGuard<$Raw, T>
            );
        }
    };
}

pub(super) use {exclusive_arc, exclusive_lock, exclusive_stateful, exclusive_timed};
