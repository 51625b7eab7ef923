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
        use crate::LockClassKey;
        use crate::facade::instrument::{Instrument, InstrumentMutex};
        use core::any::type_name;
        use core::fmt;
        use core::ops::Deref;
        use core::panic::Location;

        $(#[$lock_doc])*
        #[repr(transparent)]
        pub struct $Lock<T: ?Sized>(lock_api::Mutex<$Raw, T>);

        $(#[$guard_doc])*
        pub type $Guard<'a, T> = lock_api::MutexGuard<'a, $Raw, T>;

        $(#[$mapped_doc])*
        pub type $Mapped<'a, T> = lock_api::MappedMutexGuard<'a, $Raw, T>;

        impl<T> $Lock<T> {
            /// Creates a new mutex in an unlocked state. Its lock class is this call and the type `T`.
            #[inline]
            #[track_caller]
            pub const fn new(val: T) -> Self {
                Self(lock_api::Mutex::from_raw($birth::at(Location::caller()), val))
            }

            /// Creates a new mutex in an unlocked state, in the lock class of `key`.
            #[inline]
            pub const fn named(key: &'static LockClassKey, val: T) -> Self {
                Self(lock_api::Mutex::from_raw($birth::keyed(key), val))
            }

            /// Creates a mutex around a raw mutex, which says what its class is.
            #[inline]
            pub const fn from_raw(raw_mutex: $Raw, val: T) -> Self {
                Self(lock_api::Mutex::from_raw(raw_mutex, val))
            }

            /// Consumes this mutex, returning the underlying data.
            #[inline]
            pub fn into_inner(self) -> T {
                self.0.into_inner()
            }
        }

        impl<T: ?Sized> $Lock<T> {
            /// The facade's view of a `lock_api` mutex, such as the one a guard refers to.
            #[inline]
            pub const fn from_lock_api(lock: &lock_api::Mutex<$Raw, T>) -> &Self {
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
            fn typed(&self) -> &lock_api::Mutex<$Raw, T> {
                Instrument::bind_type(self.raw_lock(), type_name::<T>);
                &self.0
            }

            /// Moves this mutex into the lock class of `key`.
            #[inline]
            pub fn set_class(&self, key: &'static LockClassKey) {
                Instrument::set_class(self.raw_lock(), key);
            }

            /// Acquires the mutex, blocking the current thread until it is able to do so.
            #[inline]
            #[track_caller]
            pub fn lock(&self) -> $Guard<'_, T> {
                self.typed().lock()
            }

            crate::facade::nested::nested_acquisitions!(
                $Guard<'_, T>: lock_in, lock_nested, lock_ranked, lock_under
            );

            /// Attempts to acquire the mutex without blocking.
            #[inline]
            #[track_caller]
            pub fn try_lock(&self) -> Option<$Guard<'_, T>> {
                self.typed().try_lock()
            }

            /// Checks whether the mutex is currently locked.
            #[inline]
            #[track_caller]
            pub fn is_locked(&self) -> bool {
                self.0.is_locked()
            }

            /// Returns the underlying raw mutex.
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
            type Target = lock_api::Mutex<$Raw, T>;

            #[inline]
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl<'a, T: ?Sized> From<&'a lock_api::Mutex<$Raw, T>> for &'a $Lock<T> {
            #[inline]
            fn from(lock: &'a lock_api::Mutex<$Raw, T>) -> Self {
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
                InstrumentMutex::peek(self.raw_lock(), |is_held| unsafe {
                    crate::facade::peek::debug("Mutex", is_held, self.0.data_ptr(), f)
                })
            }
        }

        #[cfg(feature = "serde")]
        impl<T: serde::Serialize + ?Sized> serde::Serialize for $Lock<T> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.lock().serialize(serializer)
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
macro_rules! exclusive_stateful {
    ($Lock:ident: $Raw:ident, $Guard:ident) => {
        impl<T> $Lock<T> {
            /// Consumes this mutex, returning the raw mutex and the underlying data.
            #[inline]
            pub fn into_inner_with_raw(self) -> ($Raw, T) {
                self.0.into_inner_with_raw()
            }
        }

        impl<T: ?Sized> $Lock<T> {
            /// Creates a guard for an acquisition made through the raw mutex.
            ///
            /// # Safety
            ///
            /// The mutex must be locked, and `guard` must be that acquisition, which no other guard stands for.
            #[inline]
            pub unsafe fn make_guard_unchecked(&self, guard: <$Raw as lock_api::RawMutex>::Guard) -> $Guard<'_, T> {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.make_guard_unchecked(guard) }
            }

            #[inline]
            #[track_caller]
            fn lock_in(&self, nesting: crate::raw::Nesting) -> $Guard<'_, T> {
                Instrument::bind_type(self.raw_lock(), type_name::<T>);
                let guard = InstrumentMutex::lock_in(self.raw_lock(), nesting);
                // SAFETY: the lock is held, and `guard` is that acquisition.
                unsafe { self.0.make_guard_unchecked(guard) }
            }

            /// Returns a mutable reference to the underlying data. The borrow proves that nobody holds the lock.
            #[inline]
            pub const fn get_mut(&mut self) -> &mut T {
                self.0.get_mut()
            }

            /// Forcibly unlocks the mutex.
            ///
            /// # Safety
            ///
            /// The mutex must be locked, and `guard` must be that acquisition, whose guard was forgotten.
            #[inline]
            #[track_caller]
            pub unsafe fn force_unlock(&self, guard: <$Raw as lock_api::RawMutex>::Guard) {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.force_unlock(guard) };
            }

            /// Forcibly unlocks the mutex using a fair unlock protocol.
            ///
            /// # Safety
            ///
            /// The mutex must be locked, and `guard` must be that acquisition, whose guard was forgotten.
            #[inline]
            #[track_caller]
            pub unsafe fn force_unlock_fair(&self, guard: <$Raw as lock_api::RawMutex>::Guard) {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.force_unlock_fair(guard) };
            }

            /// Returns a raw pointer to the underlying data.
            #[inline]
            pub const fn data_ptr(&self) -> *mut T {
                self.0.data_ptr()
            }
        }
    };
}

/// Defines acquisitions with a time limit.
macro_rules! exclusive_timed {
    ($Lock:ident: $Raw:ident, $Guard:ident) => {
        impl<T: ?Sized> $Lock<T> {
            /// Attempts to acquire the mutex until a timeout is reached.
            #[inline]
            #[track_caller]
            pub fn try_lock_for(&self, timeout: std::time::Duration) -> Option<$Guard<'_, T>> {
                let _limit = crate::facade::chosen::Limit::within(timeout);
                self.typed().try_lock_for(timeout)
            }

            /// Attempts to acquire the mutex until a deadline is reached.
            #[inline]
            #[track_caller]
            pub fn try_lock_until(&self, timeout: std::time::Instant) -> Option<$Guard<'_, T>> {
                let _limit = crate::facade::chosen::Limit::until(timeout);
                self.typed().try_lock_until(timeout)
            }
        }

        #[cfg(feature = "arc_lock")]
        impl<T: ?Sized> $Lock<T> {
            /// Attempts to acquire the mutex through an `Arc` until a timeout is reached.
            #[inline]
            #[track_caller]
            pub fn try_lock_arc_for(
                self: &std::sync::Arc<Self>,
                timeout: std::time::Duration,
            ) -> Option<lock_api::ArcMutexGuard<$Raw, T>> {
                let _limit = crate::facade::chosen::Limit::within(timeout);
                self.typed_arc().try_lock_arc_for(timeout)
            }

            /// Attempts to acquire the mutex through an `Arc` until a deadline is reached.
            #[inline]
            #[track_caller]
            pub fn try_lock_arc_until(
                self: &std::sync::Arc<Self>,
                timeout: std::time::Instant,
            ) -> Option<lock_api::ArcMutexGuard<$Raw, T>> {
                let _limit = crate::facade::chosen::Limit::until(timeout);
                self.typed_arc().try_lock_arc_until(timeout)
            }
        }
    };
}

/// Defines acquisitions through an `Arc`.
macro_rules! exclusive_arc {
    ($Lock:ident: $Raw:ident) => {
        #[cfg(feature = "arc_lock")]
        impl<T: ?Sized> $Lock<T> {
            /// The facade's view of a shared `lock_api` mutex, such as the one an `Arc` guard gives back.
            #[inline]
            pub fn from_lock_api_arc(lock: std::sync::Arc<lock_api::Mutex<$Raw, T>>) -> std::sync::Arc<Self> {
                // SAFETY: the pointer comes from `into_raw`, and `Self` is `repr(transparent)` over what it points to,
                // so size, alignment and metadata are the same.
                unsafe { std::sync::Arc::from_raw(std::sync::Arc::into_raw(lock) as *const Self) }
            }

            /// The lock, once its class knows the protected type, under the `Arc` that keeps it alive.
            #[inline(always)]
            fn typed_arc(
                self: &std::sync::Arc<Self>,
            ) -> core::mem::ManuallyDrop<std::sync::Arc<lock_api::Mutex<$Raw, T>>> {
                self.typed();
                let inner = std::sync::Arc::as_ptr(self) as *const lock_api::Mutex<$Raw, T>;
                // SAFETY: `as_ptr` gives what `into_raw` would give, `Self` is `repr(transparent)` over the pointee's
                // type, and `ManuallyDrop` keeps the count that belongs to `self` from being given up.
                core::mem::ManuallyDrop::new(unsafe { std::sync::Arc::from_raw(inner) })
            }

            /// Acquires the mutex through an `Arc`.
            #[inline]
            #[track_caller]
            pub fn lock_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcMutexGuard<$Raw, T> {
                self.typed_arc().lock_arc()
            }

            /// Attempts to acquire the mutex through an `Arc` without blocking.
            #[inline]
            #[track_caller]
            pub fn try_lock_arc(self: &std::sync::Arc<Self>) -> Option<lock_api::ArcMutexGuard<$Raw, T>> {
                self.typed_arc().try_lock_arc()
            }
        }
    };
}

pub(super) use {exclusive_arc, exclusive_lock, exclusive_stateful, exclusive_timed};
