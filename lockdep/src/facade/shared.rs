//! The text that reader-writer locks share. `lock_api` is, where it is used, the version of that crate which the lock is made of.

/// Defines a reader-writer lock newtype over `lock_api::RwLock` and the aliases of its guards.
macro_rules! shared_lock {
    (
        $(#[$lock_doc:meta])*
        lock $Lock:ident: $Raw:ident born $birth:ident;
        $(#[$read_doc:meta])*
        read $Read:ident;
        $(#[$write_doc:meta])*
        write $Write:ident;
        $(#[$upgradable_doc:meta])*
        upgradable $Upgradable:ident;
        $(#[$mapped_read_doc:meta])*
        mapped read $MappedRead:ident;
        $(#[$mapped_write_doc:meta])*
        mapped write $MappedWrite:ident;
    ) => {
        use crate::facade::instrument::InstrumentRwLock;

        type Inner<T> = lock_api::RwLock<$Raw, T>;

        crate::facade::newtype::lock_newtype! {
            $(#[$lock_doc])*
            "lock" $Lock: $Raw born $birth, serialized in read
        }

        $(#[$read_doc])*
        pub type $Read<'a, T> = lock_api::RwLockReadGuard<'a, $Raw, T>;

        $(#[$write_doc])*
        pub type $Write<'a, T> = lock_api::RwLockWriteGuard<'a, $Raw, T>;

        $(#[$upgradable_doc])*
        pub type $Upgradable<'a, T> = lock_api::RwLockUpgradableReadGuard<'a, $Raw, T>;

        $(#[$mapped_read_doc])*
        pub type $MappedRead<'a, T> = lock_api::MappedRwLockReadGuard<'a, $Raw, T>;

        $(#[$mapped_write_doc])*
        pub type $MappedWrite<'a, T> = lock_api::MappedRwLockWriteGuard<'a, $Raw, T>;

        impl<T: ?Sized> $Lock<T> {
            crate::facade::acquire::acquisitions!(
                "shared read access": read, try_read; typed(self: &Self) -> $Read<'_, T>
            );
            crate::facade::acquire::acquisitions!(
                "exclusive write access": write, try_write; typed(self: &Self) -> $Write<'_, T>
            );
            crate::facade::acquire::acquisitions!(
                "upgradable read access": upgradable_read, try_upgradable_read;
                typed(self: &Self) -> $Upgradable<'_, T>
            );

            crate::facade::nested::nested_acquisitions!(
                $Read<'_, T>: read_in, read_nested, read_ranked, read_under
            );
            crate::facade::nested::nested_acquisitions!(
                $Write<'_, T>: write_in, write_nested, write_ranked, write_under
            );

            /// Checks whether the lock is currently held exclusively.
            #[inline]
            #[track_caller]
            pub fn is_locked_exclusive(&self) -> bool {
                self.0.is_locked_exclusive()
            }
        }

        impl<T: fmt::Debug + ?Sized> fmt::Debug for $Lock<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // SAFETY: the lock is the one of the data.
                InstrumentRwLock::peek(self.raw_lock(), |is_held| unsafe {
                    crate::facade::peek::debug("RwLock", is_held, self.0.data_ptr(), f)
                })
            }
        }
    };
}

/// Defines what touches the states of acquisitions, for `lock_api` 0.5, whose guards have one.
macro_rules! shared_stateful {
    ($Lock:ident: $Raw:ident, $Read:ident, $Write:ident, $Upgradable:ident) => {
        type Shared = <$Raw as lock_api::RawRwLock>::SharedGuard;
        type Exclusive = <$Raw as lock_api::RawRwLock>::ExclusiveGuard;
        type Upgradable = <$Raw as lock_api::RawRwLockUpgrade>::UpgradableGuard;

        crate::facade::newtype::newtype_parts_0_5!($Lock: $Raw);

        impl<T: ?Sized> $Lock<T> {
            crate::facade::acquire::unchecked_guard!(
                "held with shared read access": make_read_guard_unchecked(guard: Shared);
                typed(self: &Self) -> $Read<'_, T>
            );
            crate::facade::acquire::unchecked_guard!(
                "held with exclusive write access": make_write_guard_unchecked(guard: Exclusive);
                typed(self: &Self) -> $Write<'_, T>
            );
            crate::facade::acquire::unchecked_guard!(
                "held with upgradable read access": make_upgradable_guard_unchecked(guard: Upgradable);
                typed(self: &Self) -> $Upgradable<'_, T>
            );
            crate::facade::acquire::force_unlock!(
                "held with shared read access": force_unlock_read(guard: Shared)
            );
            crate::facade::acquire::force_unlock!(
                "held with shared read access": force_unlock_read_fair(guard: Shared)
            );
            crate::facade::acquire::force_unlock!(
                "held with exclusive write access": force_unlock_write(guard: Exclusive)
            );
            crate::facade::acquire::force_unlock!(
                "held with exclusive write access": force_unlock_write_fair(guard: Exclusive)
            );

            #[inline]
            #[track_caller]
            fn read_in(&self, nesting: crate::raw::Nesting) -> $Read<'_, T> {
                let guard = InstrumentRwLock::lock_shared_in(self.typed_raw(), nesting);
                // SAFETY: the lock is held, and `guard` is that acquisition.
                unsafe { self.0.make_read_guard_unchecked(guard) }
            }

            #[inline]
            #[track_caller]
            fn write_in(&self, nesting: crate::raw::Nesting) -> $Write<'_, T> {
                let guard = InstrumentRwLock::lock_exclusive_in(self.typed_raw(), nesting);
                // SAFETY: the lock is held, and `guard` is that acquisition.
                unsafe { self.0.make_write_guard_unchecked(guard) }
            }
        }

        #[cfg(feature = "arc_lock")]
        impl<T: ?Sized> $Lock<T> {
            crate::facade::acquire::unchecked_guard!(
                "held with shared read access": make_arc_read_guard_unchecked(guard: Shared);
                typed_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcRwLockReadGuard<$Raw, T>
            );
            crate::facade::acquire::unchecked_guard!(
                "held with exclusive write access": make_arc_write_guard_unchecked(guard: Exclusive);
                typed_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcRwLockWriteGuard<$Raw, T>
            );
            crate::facade::acquire::unchecked_guard!(
                "held with upgradable read access": make_upgradable_arc_guard_unchecked(guard: Upgradable);
                typed_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcRwLockUpgradableReadGuard<$Raw, T>
            );
        }
    };
}

/// Defines acquisitions with a time limit.
macro_rules! shared_timed {
    ($Lock:ident: $Raw:ident, $Read:ident, $Write:ident, $Upgradable:ident) => {
        impl<T: ?Sized> $Lock<T> {
            crate::facade::acquire::timed_acquisitions!(
                "shared read access": try_read_for, try_read_until; typed(self: &Self) -> $Read<'_, T>
            );
            crate::facade::acquire::timed_acquisitions!(
                "exclusive write access": try_write_for, try_write_until; typed(self: &Self) -> $Write<'_, T>
            );
            crate::facade::acquire::timed_acquisitions!(
                "upgradable read access": try_upgradable_read_for, try_upgradable_read_until;
                typed(self: &Self) -> $Upgradable<'_, T>
            );
        }

        #[cfg(feature = "arc_lock")]
        impl<T: ?Sized> $Lock<T> {
            crate::facade::acquire::timed_acquisitions!(
                "shared read access through an `Arc`": try_read_arc_for, try_read_arc_until;
                typed_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcRwLockReadGuard<$Raw, T>
            );
            crate::facade::acquire::timed_acquisitions!(
                "exclusive write access through an `Arc`": try_write_arc_for, try_write_arc_until;
                typed_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcRwLockWriteGuard<$Raw, T>
            );
            crate::facade::acquire::timed_acquisitions!(
                "upgradable read access through an `Arc`": try_upgradable_read_arc_for, try_upgradable_read_arc_until;
                typed_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcRwLockUpgradableReadGuard<$Raw, T>
            );
        }
    };
}

/// Defines acquisitions through an `Arc`.
macro_rules! shared_arc {
    ($Lock:ident: $Raw:ident) => {
        crate::facade::newtype::newtype_arc!($Lock);

        #[cfg(feature = "arc_lock")]
        impl<T: ?Sized> $Lock<T> {
            crate::facade::acquire::acquisitions!(
                "shared read access through an `Arc`": read_arc, try_read_arc;
                typed_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcRwLockReadGuard<$Raw, T>
            );
            crate::facade::acquire::acquisitions!(
                "exclusive write access through an `Arc`": write_arc, try_write_arc;
                typed_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcRwLockWriteGuard<$Raw, T>
            );
            crate::facade::acquire::acquisitions!(
                "upgradable read access through an `Arc`": upgradable_read_arc, try_upgradable_read_arc;
                typed_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcRwLockUpgradableReadGuard<$Raw, T>
            );
        }
    };
}

pub(super) use {shared_arc, shared_lock, shared_stateful, shared_timed};
