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
        use crate::LockClassKey;
        use crate::facade::instrument::{Instrument, InstrumentRwLock};
        use core::any::type_name;
        use core::fmt;
        use core::ops::Deref;
        use core::panic::Location;

        $(#[$lock_doc])*
        #[repr(transparent)]
        pub struct $Lock<T: ?Sized>(lock_api::RwLock<$Raw, T>);

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

        impl<T> $Lock<T> {
            /// Creates a new lock in an unlocked state. Its lock class is this call and the type `T`.
            #[inline]
            #[track_caller]
            pub const fn new(val: T) -> Self {
                Self(lock_api::RwLock::from_raw($birth::at(Location::caller()), val))
            }

            /// Creates a new lock in an unlocked state, in the lock class of `key`.
            #[inline]
            pub const fn named(key: &'static LockClassKey, val: T) -> Self {
                Self(lock_api::RwLock::from_raw($birth::keyed(key), val))
            }

            /// Creates a lock around a raw lock, which says what its class is.
            #[inline]
            pub const fn from_raw(raw_rwlock: $Raw, val: T) -> Self {
                Self(lock_api::RwLock::from_raw(raw_rwlock, val))
            }

            /// Consumes this lock, returning the underlying data.
            #[inline]
            pub fn into_inner(self) -> T {
                self.0.into_inner()
            }
        }

        impl<T: ?Sized> $Lock<T> {
            /// The facade's view of a `lock_api` lock, such as the one a guard refers to.
            #[inline]
            pub const fn from_lock_api(lock: &lock_api::RwLock<$Raw, T>) -> &Self {
                // SAFETY: `Self` is `repr(transparent)` over the type of `lock`.
                unsafe { &*(core::ptr::from_ref(lock) as *const Self) }
            }

            #[inline(always)]
            fn raw_lock(&self) -> &$Raw {
                // SAFETY: no caller in this file unlocks through this reference what a guard has locked.
                unsafe { self.0.raw() }
            }

            /// The lock, once its class knows the protected type.
            #[inline(always)]
            fn typed(&self) -> &lock_api::RwLock<$Raw, T> {
                Instrument::bind_type(self.raw_lock(), type_name::<T>);
                &self.0
            }

            /// Moves this lock into the lock class of `key`.
            #[inline]
            pub fn set_class(&self, key: &'static LockClassKey) {
                Instrument::set_class(self.raw_lock(), key);
            }

            /// Locks with shared read access, blocking the current thread until it can be acquired.
            #[inline]
            #[track_caller]
            pub fn read(&self) -> $Read<'_, T> {
                self.typed().read()
            }

            /// Attempts to acquire shared read access without blocking.
            #[inline]
            #[track_caller]
            pub fn try_read(&self) -> Option<$Read<'_, T>> {
                self.typed().try_read()
            }

            crate::facade::nested::nested_acquisitions!(
                $Read<'_, T>: read_in, read_nested, read_ranked, read_under
            );

            /// Locks with exclusive write access, blocking the current thread until it can be acquired.
            #[inline]
            #[track_caller]
            pub fn write(&self) -> $Write<'_, T> {
                self.typed().write()
            }

            /// Attempts to acquire exclusive write access without blocking.
            #[inline]
            #[track_caller]
            pub fn try_write(&self) -> Option<$Write<'_, T>> {
                self.typed().try_write()
            }

            crate::facade::nested::nested_acquisitions!(
                $Write<'_, T>: write_in, write_nested, write_ranked, write_under
            );

            /// Locks with upgradable read access, blocking the current thread until it can be acquired.
            #[inline]
            #[track_caller]
            pub fn upgradable_read(&self) -> $Upgradable<'_, T> {
                self.typed().upgradable_read()
            }

            /// Attempts to acquire upgradable read access without blocking.
            #[inline]
            #[track_caller]
            pub fn try_upgradable_read(&self) -> Option<$Upgradable<'_, T>> {
                self.typed().try_upgradable_read()
            }

            /// Checks whether the lock is currently held in any way.
            #[inline]
            #[track_caller]
            pub fn is_locked(&self) -> bool {
                self.0.is_locked()
            }

            /// Checks whether the lock is currently held exclusively.
            #[inline]
            #[track_caller]
            pub fn is_locked_exclusive(&self) -> bool {
                self.0.is_locked_exclusive()
            }

            /// Returns the underlying raw lock.
            ///
            /// # Safety
            ///
            /// It must not be used to unlock while a guard is alive.
            #[inline]
            pub unsafe fn raw(&self) -> &$Raw {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.raw() }
            }
        }

        impl<T: ?Sized> crate::annotate::Watched for $Lock<T> {
            #[inline(always)]
            fn word(&self) -> Option<&lockdep_rt::ClassWord> {
                Instrument::bind_type(self.raw_lock(), type_name::<T>);
                Instrument::word(self.raw_lock())
            }
        }

        /// Code that is generic over `lock_api` accepts the facade's lock by reference.
        impl<T: ?Sized> Deref for $Lock<T> {
            type Target = lock_api::RwLock<$Raw, T>;

            #[inline]
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl<'a, T: ?Sized> From<&'a lock_api::RwLock<$Raw, T>> for &'a $Lock<T> {
            #[inline]
            fn from(lock: &'a lock_api::RwLock<$Raw, T>) -> Self {
                $Lock::from_lock_api(lock)
            }
        }

        impl<T: Default> Default for $Lock<T> {
            #[inline]
            #[track_caller]
            fn default() -> Self {
                Self::new(T::default())
            }
        }

        impl<T> From<T> for $Lock<T> {
            #[inline]
            #[track_caller]
            fn from(val: T) -> Self {
                Self::new(val)
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

        #[cfg(feature = "serde")]
        impl<T: serde::Serialize + ?Sized> serde::Serialize for $Lock<T> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.read().serialize(serializer)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for $Lock<T> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                T::deserialize(deserializer).map(Self::new)
            }
        }
    };
}

/// Defines what touches the states of acquisitions, for `lock_api` 0.5, whose guards have one.
macro_rules! shared_stateful {
    ($Lock:ident: $Raw:ident, $Read:ident, $Write:ident, $Upgradable:ident) => {
        impl<T> $Lock<T> {
            /// Consumes this lock, returning the raw lock and the underlying data.
            #[inline]
            pub fn into_inner_with_raw(self) -> ($Raw, T) {
                self.0.into_inner_with_raw()
            }
        }

        impl<T: ?Sized> $Lock<T> {
            /// Creates a guard for an acquisition made through the raw lock.
            ///
            /// # Safety
            ///
            /// The lock must be held with shared read access, and `guard` must be that acquisition, which no other guard
            /// stands for.
            #[inline]
            pub unsafe fn make_read_guard_unchecked(
                &self,
                guard: <$Raw as lock_api::RawRwLock>::SharedGuard,
            ) -> $Read<'_, T> {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.make_read_guard_unchecked(guard) }
            }

            /// Creates a guard for an acquisition made through the raw lock.
            ///
            /// # Safety
            ///
            /// The lock must be held with exclusive write access, and `guard` must be that acquisition, which no other guard
            /// stands for.
            #[inline]
            pub unsafe fn make_write_guard_unchecked(
                &self,
                guard: <$Raw as lock_api::RawRwLock>::ExclusiveGuard,
            ) -> $Write<'_, T> {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.make_write_guard_unchecked(guard) }
            }

            /// Creates a guard for an acquisition made through the raw lock.
            ///
            /// # Safety
            ///
            /// The lock must be held with upgradable read access, and `guard` must be that acquisition, which no other guard
            /// stands for.
            #[inline]
            pub unsafe fn make_upgradable_guard_unchecked(
                &self,
                guard: <$Raw as lock_api::RawRwLockUpgrade>::UpgradableGuard,
            ) -> $Upgradable<'_, T> {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.make_upgradable_guard_unchecked(guard) }
            }

            #[inline]
            #[track_caller]
            fn read_in(&self, nesting: crate::raw::Nesting) -> $Read<'_, T> {
                Instrument::bind_type(self.raw_lock(), type_name::<T>);
                let guard = InstrumentRwLock::lock_shared_in(self.raw_lock(), nesting);
                // SAFETY: the lock is held, and `guard` is that acquisition.
                unsafe { self.0.make_read_guard_unchecked(guard) }
            }

            #[inline]
            #[track_caller]
            fn write_in(&self, nesting: crate::raw::Nesting) -> $Write<'_, T> {
                Instrument::bind_type(self.raw_lock(), type_name::<T>);
                let guard = InstrumentRwLock::lock_exclusive_in(self.raw_lock(), nesting);
                // SAFETY: the lock is held, and `guard` is that acquisition.
                unsafe { self.0.make_write_guard_unchecked(guard) }
            }

            /// Returns a mutable reference to the underlying data. The borrow proves that nobody holds the lock.
            #[inline]
            pub const fn get_mut(&mut self) -> &mut T {
                self.0.get_mut()
            }

            /// Forcibly unlocks shared read access.
            ///
            /// # Safety
            ///
            /// The lock must be held that way, and `guard` must be that acquisition, whose guard was forgotten.
            #[inline]
            #[track_caller]
            pub unsafe fn force_unlock_read(&self, guard: <$Raw as lock_api::RawRwLock>::SharedGuard) {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.force_unlock_read(guard) };
            }

            /// Forcibly unlocks exclusive write access.
            ///
            /// # Safety
            ///
            /// The lock must be held that way, and `guard` must be that acquisition, whose guard was forgotten.
            #[inline]
            #[track_caller]
            pub unsafe fn force_unlock_write(&self, guard: <$Raw as lock_api::RawRwLock>::ExclusiveGuard) {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.force_unlock_write(guard) };
            }

            /// Forcibly unlocks shared read access using a fair unlock protocol.
            ///
            /// # Safety
            ///
            /// The lock must be held that way, and `guard` must be that acquisition, whose guard was forgotten.
            #[inline]
            #[track_caller]
            pub unsafe fn force_unlock_read_fair(&self, guard: <$Raw as lock_api::RawRwLock>::SharedGuard) {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.force_unlock_read_fair(guard) };
            }

            /// Forcibly unlocks exclusive write access using a fair unlock protocol.
            ///
            /// # Safety
            ///
            /// The lock must be held that way, and `guard` must be that acquisition, whose guard was forgotten.
            #[inline]
            #[track_caller]
            pub unsafe fn force_unlock_write_fair(&self, guard: <$Raw as lock_api::RawRwLock>::ExclusiveGuard) {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.force_unlock_write_fair(guard) };
            }

            /// Returns a raw pointer to the underlying data.
            #[inline]
            pub const fn data_ptr(&self) -> *mut T {
                self.0.data_ptr()
            }
        }

        #[cfg(feature = "arc_lock")]
        impl<T: ?Sized> $Lock<T> {
            /// Creates an `Arc` guard for an acquisition made through the raw lock.
            ///
            /// # Safety
            ///
            /// The lock must be held with shared read access, and `guard` must be that acquisition, which no other guard
            /// stands for.
            #[inline]
            pub unsafe fn make_arc_read_guard_unchecked(
                self: &std::sync::Arc<Self>,
                guard: <$Raw as lock_api::RawRwLock>::SharedGuard,
            ) -> lock_api::ArcRwLockReadGuard<$Raw, T> {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.inner_arc().make_arc_read_guard_unchecked(guard) }
            }

            /// Creates an `Arc` guard for an acquisition made through the raw lock.
            ///
            /// # Safety
            ///
            /// The lock must be held with exclusive write access, and `guard` must be that acquisition, which no other guard
            /// stands for.
            #[inline]
            pub unsafe fn make_arc_write_guard_unchecked(
                self: &std::sync::Arc<Self>,
                guard: <$Raw as lock_api::RawRwLock>::ExclusiveGuard,
            ) -> lock_api::ArcRwLockWriteGuard<$Raw, T> {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.inner_arc().make_arc_write_guard_unchecked(guard) }
            }

            /// Creates an `Arc` guard for an acquisition made through the raw lock.
            ///
            /// # Safety
            ///
            /// The lock must be held with upgradable read access, and `guard` must be that acquisition, which no other guard
            /// stands for.
            #[inline]
            pub unsafe fn make_upgradable_arc_guard_unchecked(
                self: &std::sync::Arc<Self>,
                guard: <$Raw as lock_api::RawRwLockUpgrade>::UpgradableGuard,
            ) -> lock_api::ArcRwLockUpgradableReadGuard<$Raw, T> {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.inner_arc().make_upgradable_arc_guard_unchecked(guard) }
            }
        }
    };
}

/// Defines acquisitions with a time limit.
macro_rules! shared_timed {
    ($Lock:ident: $Raw:ident, $Read:ident, $Write:ident, $Upgradable:ident) => {
        impl<T: ?Sized> $Lock<T> {
            /// Attempts to acquire shared read access until a timeout is reached.
            #[inline]
            #[track_caller]
            pub fn try_read_for(&self, timeout: std::time::Duration) -> Option<$Read<'_, T>> {
                let _limit = crate::facade::chosen::Limit::within(timeout);
                self.typed().try_read_for(timeout)
            }

            /// Attempts to acquire shared read access until a deadline is reached.
            #[inline]
            #[track_caller]
            pub fn try_read_until(&self, timeout: std::time::Instant) -> Option<$Read<'_, T>> {
                let _limit = crate::facade::chosen::Limit::until(timeout);
                self.typed().try_read_until(timeout)
            }

            /// Attempts to acquire exclusive write access until a timeout is reached.
            #[inline]
            #[track_caller]
            pub fn try_write_for(&self, timeout: std::time::Duration) -> Option<$Write<'_, T>> {
                let _limit = crate::facade::chosen::Limit::within(timeout);
                self.typed().try_write_for(timeout)
            }

            /// Attempts to acquire exclusive write access until a deadline is reached.
            #[inline]
            #[track_caller]
            pub fn try_write_until(&self, timeout: std::time::Instant) -> Option<$Write<'_, T>> {
                let _limit = crate::facade::chosen::Limit::until(timeout);
                self.typed().try_write_until(timeout)
            }

            /// Attempts to acquire upgradable read access until a timeout is reached.
            #[inline]
            #[track_caller]
            pub fn try_upgradable_read_for(&self, timeout: std::time::Duration) -> Option<$Upgradable<'_, T>> {
                let _limit = crate::facade::chosen::Limit::within(timeout);
                self.typed().try_upgradable_read_for(timeout)
            }

            /// Attempts to acquire upgradable read access until a deadline is reached.
            #[inline]
            #[track_caller]
            pub fn try_upgradable_read_until(&self, timeout: std::time::Instant) -> Option<$Upgradable<'_, T>> {
                let _limit = crate::facade::chosen::Limit::until(timeout);
                self.typed().try_upgradable_read_until(timeout)
            }
        }

        #[cfg(feature = "arc_lock")]
        impl<T: ?Sized> $Lock<T> {
            /// Attempts to acquire shared read access through an `Arc` until a timeout is reached.
            #[inline]
            #[track_caller]
            pub fn try_read_arc_for(
                self: &std::sync::Arc<Self>,
                timeout: std::time::Duration,
            ) -> Option<lock_api::ArcRwLockReadGuard<$Raw, T>> {
                let _limit = crate::facade::chosen::Limit::within(timeout);
                self.typed_arc().try_read_arc_for(timeout)
            }

            /// Attempts to acquire shared read access through an `Arc` until a deadline is reached.
            #[inline]
            #[track_caller]
            pub fn try_read_arc_until(
                self: &std::sync::Arc<Self>,
                timeout: std::time::Instant,
            ) -> Option<lock_api::ArcRwLockReadGuard<$Raw, T>> {
                let _limit = crate::facade::chosen::Limit::until(timeout);
                self.typed_arc().try_read_arc_until(timeout)
            }

            /// Attempts to acquire exclusive write access through an `Arc` until a timeout is reached.
            #[inline]
            #[track_caller]
            pub fn try_write_arc_for(
                self: &std::sync::Arc<Self>,
                timeout: std::time::Duration,
            ) -> Option<lock_api::ArcRwLockWriteGuard<$Raw, T>> {
                let _limit = crate::facade::chosen::Limit::within(timeout);
                self.typed_arc().try_write_arc_for(timeout)
            }

            /// Attempts to acquire exclusive write access through an `Arc` until a deadline is reached.
            #[inline]
            #[track_caller]
            pub fn try_write_arc_until(
                self: &std::sync::Arc<Self>,
                timeout: std::time::Instant,
            ) -> Option<lock_api::ArcRwLockWriteGuard<$Raw, T>> {
                let _limit = crate::facade::chosen::Limit::until(timeout);
                self.typed_arc().try_write_arc_until(timeout)
            }

            /// Attempts to acquire upgradable read access through an `Arc` until a timeout is reached.
            #[inline]
            #[track_caller]
            pub fn try_upgradable_read_arc_for(
                self: &std::sync::Arc<Self>,
                timeout: std::time::Duration,
            ) -> Option<lock_api::ArcRwLockUpgradableReadGuard<$Raw, T>> {
                let _limit = crate::facade::chosen::Limit::within(timeout);
                self.typed_arc().try_upgradable_read_arc_for(timeout)
            }

            /// Attempts to acquire upgradable read access through an `Arc` until a deadline is reached.
            #[inline]
            #[track_caller]
            pub fn try_upgradable_read_arc_until(
                self: &std::sync::Arc<Self>,
                timeout: std::time::Instant,
            ) -> Option<lock_api::ArcRwLockUpgradableReadGuard<$Raw, T>> {
                let _limit = crate::facade::chosen::Limit::until(timeout);
                self.typed_arc().try_upgradable_read_arc_until(timeout)
            }
        }
    };
}

/// Defines acquisitions through an `Arc`.
macro_rules! shared_arc {
    ($Lock:ident: $Raw:ident) => {
        #[cfg(feature = "arc_lock")]
        impl<T: ?Sized> $Lock<T> {
            /// The facade's view of a shared `lock_api` lock, such as the one an `Arc` guard gives back.
            #[inline]
            pub fn from_lock_api_arc(lock: std::sync::Arc<lock_api::RwLock<$Raw, T>>) -> std::sync::Arc<Self> {
                // SAFETY: the pointer comes from `into_raw`, and `Self` is `repr(transparent)` over what it points to,
                // so size, alignment and metadata are the same.
                unsafe { std::sync::Arc::from_raw(std::sync::Arc::into_raw(lock) as *const Self) }
            }

            /// The lock under the `Arc` that keeps it alive.
            #[inline(always)]
            fn inner_arc(
                self: &std::sync::Arc<Self>,
            ) -> core::mem::ManuallyDrop<std::sync::Arc<lock_api::RwLock<$Raw, T>>> {
                let inner = std::sync::Arc::as_ptr(self) as *const lock_api::RwLock<$Raw, T>;
                // SAFETY: `as_ptr` gives what `into_raw` would give, `Self` is `repr(transparent)` over the pointee's
                // type, and `ManuallyDrop` keeps the count that belongs to `self` from being given up.
                core::mem::ManuallyDrop::new(unsafe { std::sync::Arc::from_raw(inner) })
            }

            /// The lock, once its class knows the protected type, under the `Arc` that keeps it alive.
            #[inline(always)]
            fn typed_arc(
                self: &std::sync::Arc<Self>,
            ) -> core::mem::ManuallyDrop<std::sync::Arc<lock_api::RwLock<$Raw, T>>> {
                self.typed();
                self.inner_arc()
            }

            /// Locks with shared read access through an `Arc`.
            #[inline]
            #[track_caller]
            pub fn read_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcRwLockReadGuard<$Raw, T> {
                self.typed_arc().read_arc()
            }

            /// Attempts to acquire shared read access through an `Arc` without blocking.
            #[inline]
            #[track_caller]
            pub fn try_read_arc(self: &std::sync::Arc<Self>) -> Option<lock_api::ArcRwLockReadGuard<$Raw, T>> {
                self.typed_arc().try_read_arc()
            }

            /// Locks with exclusive write access through an `Arc`.
            #[inline]
            #[track_caller]
            pub fn write_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcRwLockWriteGuard<$Raw, T> {
                self.typed_arc().write_arc()
            }

            /// Attempts to acquire exclusive write access through an `Arc` without blocking.
            #[inline]
            #[track_caller]
            pub fn try_write_arc(self: &std::sync::Arc<Self>) -> Option<lock_api::ArcRwLockWriteGuard<$Raw, T>> {
                self.typed_arc().try_write_arc()
            }

            /// Locks with upgradable read access through an `Arc`.
            #[inline]
            #[track_caller]
            pub fn upgradable_read_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcRwLockUpgradableReadGuard<$Raw, T> {
                self.typed_arc().upgradable_read_arc()
            }

            /// Attempts to acquire upgradable read access through an `Arc` without blocking.
            #[inline]
            #[track_caller]
            pub fn try_upgradable_read_arc(
                self: &std::sync::Arc<Self>,
            ) -> Option<lock_api::ArcRwLockUpgradableReadGuard<$Raw, T>> {
                self.typed_arc().try_upgradable_read_arc()
            }
        }
    };
}

pub(super) use {shared_arc, shared_lock, shared_stateful, shared_timed};
