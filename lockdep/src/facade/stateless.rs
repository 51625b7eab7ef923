//! The text of locks of `lock_api` 0.4, where an acquisition has no state, so that a release finds it by the lock.

/// Defines what a mutex has that is not in `lock_api` 0.5 as well.
macro_rules! exclusive_stateless {
    ($Lock:ident: $Raw:ident, $Guard:ident) => {
        impl<T> $Lock<T> {
            /// As `from_raw`, under its older name.
            #[inline]
            pub const fn const_new(raw_mutex: $Raw, val: T) -> Self {
                Self::from_raw(raw_mutex, val)
            }
        }

        impl<T: ?Sized> $Lock<T> {
            /// Creates a guard for an acquisition made through the raw mutex.
            ///
            /// # Safety
            ///
            /// The mutex must be locked, by an acquisition that no other guard stands for.
            #[inline]
            pub unsafe fn make_guard_unchecked(&self) -> $Guard<'_, T> {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.make_guard_unchecked() }
            }

            #[inline]
            #[track_caller]
            fn lock_in(&self, nesting: crate::raw::Nesting) -> $Guard<'_, T> {
                Instrument::bind_type(self.raw_lock(), type_name::<T>);
                InstrumentMutex::lock_in(self.raw_lock(), nesting);
                // SAFETY: the lock is held.
                unsafe { self.0.make_guard_unchecked() }
            }

            /// Returns a mutable reference to the underlying data. The borrow proves that nobody holds the lock.
            #[inline]
            pub fn get_mut(&mut self) -> &mut T {
                self.0.get_mut()
            }

            /// Forcibly unlocks the mutex.
            ///
            /// # Safety
            ///
            /// The mutex must be locked, by an acquisition whose guard was forgotten.
            #[inline]
            #[track_caller]
            pub unsafe fn force_unlock(&self) {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.force_unlock() };
            }

            /// Returns a raw pointer to the underlying data.
            #[inline]
            pub fn data_ptr(&self) -> *mut T {
                self.0.data_ptr()
            }
        }
    };
}

#[cfg(feature = "parking_lot_0_12")]
/// Defines what a mutex of `lock_api` 0.4 has beyond, if its raw mutex can be fair.
macro_rules! exclusive_stateless_fair {
    ($Lock:ident) => {
        impl<T: ?Sized> $Lock<T> {
            /// Forcibly unlocks the mutex using a fair unlock protocol.
            ///
            /// # Safety
            ///
            /// The mutex must be locked, by an acquisition whose guard was forgotten.
            #[inline]
            #[track_caller]
            pub unsafe fn force_unlock_fair(&self) {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.force_unlock_fair() };
            }
        }
    };
}

/// Defines what a reader-writer lock has that is not in `lock_api` 0.5 as well.
macro_rules! shared_stateless {
    ($Lock:ident: $Raw:ident, $Read:ident, $Write:ident, $Upgradable:ident) => {
        impl<T> $Lock<T> {
            /// As `from_raw`, under its older name.
            #[inline]
            pub const fn const_new(raw_rwlock: $Raw, val: T) -> Self {
                Self::from_raw(raw_rwlock, val)
            }
        }

        impl<T: ?Sized> $Lock<T> {
            /// Creates a guard for an acquisition made through the raw lock.
            ///
            /// # Safety
            ///
            /// The lock must be held with shared read access, by an acquisition that no other guard stands for.
            #[inline]
            pub unsafe fn make_read_guard_unchecked(&self) -> $Read<'_, T> {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.make_read_guard_unchecked() }
            }

            /// Creates a guard for an acquisition made through the raw lock.
            ///
            /// # Safety
            ///
            /// The lock must be held with exclusive write access, by an acquisition that no other guard stands for.
            #[inline]
            pub unsafe fn make_write_guard_unchecked(&self) -> $Write<'_, T> {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.make_write_guard_unchecked() }
            }

            /// Creates a guard for an acquisition made through the raw lock.
            ///
            /// # Safety
            ///
            /// The lock must be held with upgradable read access, by an acquisition that no other guard stands for.
            #[inline]
            pub unsafe fn make_upgradable_guard_unchecked(&self) -> $Upgradable<'_, T> {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.make_upgradable_guard_unchecked() }
            }

            #[inline]
            #[track_caller]
            fn read_in(&self, nesting: crate::raw::Nesting) -> $Read<'_, T> {
                Instrument::bind_type(self.raw_lock(), type_name::<T>);
                InstrumentRwLock::lock_shared_in(self.raw_lock(), nesting);
                // SAFETY: the lock is held.
                unsafe { self.0.make_read_guard_unchecked() }
            }

            #[inline]
            #[track_caller]
            fn write_in(&self, nesting: crate::raw::Nesting) -> $Write<'_, T> {
                Instrument::bind_type(self.raw_lock(), type_name::<T>);
                InstrumentRwLock::lock_exclusive_in(self.raw_lock(), nesting);
                // SAFETY: the lock is held.
                unsafe { self.0.make_write_guard_unchecked() }
            }

            /// Returns a mutable reference to the underlying data. The borrow proves that nobody holds the lock.
            #[inline]
            pub fn get_mut(&mut self) -> &mut T {
                self.0.get_mut()
            }

            /// Forcibly unlocks shared read access.
            ///
            /// # Safety
            ///
            /// The lock must be held that way, by an acquisition whose guard was forgotten.
            #[inline]
            #[track_caller]
            pub unsafe fn force_unlock_read(&self) {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.force_unlock_read() };
            }

            /// Forcibly unlocks exclusive write access.
            ///
            /// # Safety
            ///
            /// The lock must be held that way, by an acquisition whose guard was forgotten.
            #[inline]
            #[track_caller]
            pub unsafe fn force_unlock_write(&self) {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.force_unlock_write() };
            }

            /// Returns a raw pointer to the underlying data.
            #[inline]
            pub fn data_ptr(&self) -> *mut T {
                self.0.data_ptr()
            }
        }
    };
}

#[cfg(feature = "parking_lot_0_12")]
/// Defines what a lock of `lock_api` 0.4 has beyond, if its raw lock can be fair.
macro_rules! shared_stateless_fair {
    ($Lock:ident) => {
        impl<T: ?Sized> $Lock<T> {
            /// Forcibly unlocks shared read access using a fair unlock protocol.
            ///
            /// # Safety
            ///
            /// The lock must be held that way, by an acquisition whose guard was forgotten.
            #[inline]
            #[track_caller]
            pub unsafe fn force_unlock_read_fair(&self) {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.force_unlock_read_fair() };
            }

            /// Forcibly unlocks exclusive write access using a fair unlock protocol.
            ///
            /// # Safety
            ///
            /// The lock must be held that way, by an acquisition whose guard was forgotten.
            #[inline]
            #[track_caller]
            pub unsafe fn force_unlock_write_fair(&self) {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.force_unlock_write_fair() };
            }
        }
    };
}

pub(super) use {exclusive_stateless, shared_stateless};

#[cfg(feature = "parking_lot_0_12")]
pub(super) use {exclusive_stateless_fair, shared_stateless_fair};
