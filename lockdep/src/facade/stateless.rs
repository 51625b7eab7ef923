//! The text of locks of `lock_api` 0.4, where an acquisition has no state, so that a release finds it by the lock.

/// Defines what a mutex has that is not in `lock_api` 0.5 as well.
macro_rules! exclusive_stateless {
    ($Lock:ident: $Raw:ident, $Guard:ident) => {
        crate::facade::newtype::newtype_parts_0_4!($Lock: $Raw);

        impl<T: ?Sized> $Lock<T> {
            crate::facade::acquire::unchecked_guard!(
                "locked": make_guard_unchecked(); typed(self: &Self) -> $Guard<'_, T>
            );
            crate::facade::acquire::force_unlock!("locked": force_unlock());

            #[inline]
            #[track_caller]
            fn lock_in(&self, nesting: crate::raw::Nesting) -> $Guard<'_, T> {
                InstrumentMutex::lock_in(self.typed_raw(), nesting);
                // SAFETY: the lock is held.
                unsafe { self.0.make_guard_unchecked() }
            }
        }
    };
}

/// Defines what a mutex of `lock_api` 0.4 has beyond, if its raw mutex can be fair.
#[cfg(feature = "parking_lot_0_12")]
macro_rules! exclusive_stateless_fair {
    ($Lock:ident) => {
        impl<T: ?Sized> $Lock<T> {
            crate::facade::acquire::force_unlock!("locked": force_unlock_fair());
        }
    };
}

/// Defines what a reader-writer lock has that is not in `lock_api` 0.5 as well.
macro_rules! shared_stateless {
    ($Lock:ident: $Raw:ident, $Read:ident, $Write:ident, $Upgradable:ident) => {
        crate::facade::newtype::newtype_parts_0_4!($Lock: $Raw);

        impl<T: ?Sized> $Lock<T> {
            crate::facade::acquire::unchecked_guard!(
                "held with shared read access": make_read_guard_unchecked();
                typed(self: &Self) -> $Read<'_, T>
            );
            crate::facade::acquire::unchecked_guard!(
                "held with exclusive write access": make_write_guard_unchecked();
                typed(self: &Self) -> $Write<'_, T>
            );
            crate::facade::acquire::unchecked_guard!(
                "held with upgradable read access": make_upgradable_guard_unchecked();
                typed(self: &Self) -> $Upgradable<'_, T>
            );
            crate::facade::acquire::force_unlock!("held with shared read access": force_unlock_read());
            crate::facade::acquire::force_unlock!("held with exclusive write access": force_unlock_write());

            #[inline]
            #[track_caller]
            fn read_in(&self, nesting: crate::raw::Nesting) -> $Read<'_, T> {
                InstrumentRwLock::lock_shared_in(self.typed_raw(), nesting);
                // SAFETY: the lock is held.
                unsafe { self.0.make_read_guard_unchecked() }
            }

            #[inline]
            #[track_caller]
            fn write_in(&self, nesting: crate::raw::Nesting) -> $Write<'_, T> {
                InstrumentRwLock::lock_exclusive_in(self.typed_raw(), nesting);
                // SAFETY: the lock is held.
                unsafe { self.0.make_write_guard_unchecked() }
            }
        }
    };
}

/// Defines what a lock of `lock_api` 0.4 has beyond, if its raw lock can be fair.
#[cfg(feature = "parking_lot_0_12")]
macro_rules! shared_stateless_fair {
    ($Lock:ident) => {
        impl<T: ?Sized> $Lock<T> {
            crate::facade::acquire::force_unlock!("held with shared read access": force_unlock_read_fair());
            crate::facade::acquire::force_unlock!("held with exclusive write access": force_unlock_write_fair());
        }
    };
}

pub(super) use {exclusive_stateless, shared_stateless};

#[cfg(feature = "parking_lot_0_12")]
pub(super) use {exclusive_stateless_fair, shared_stateless_fair};
