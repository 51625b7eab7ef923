//! The text that reentrant mutexes share. `lock_api` is, where it is used, the version of that crate which the mutex is made of.
//!
//! `lock_api` counts the levels itself and asks the raw mutex only for the outermost one. So the checker sees one
//! acquisition per thread, which is right: the inner ones cannot wait for anybody. It also means that there is no
//! `lock_nested` here, because a guard of this lock carries no acquisition that could remember a subclass.

/// Defines a mutex newtype over `lock_api::ReentrantMutex` and the aliases of its guards.
macro_rules! reentrant_lock {
    ($(#[$doc:meta])* lock $Raw:ident born $birth:ident, threads $Id:ident) => {
        use crate::LockClassKey;
        use crate::facade::instrument::Instrument;
        use core::any::type_name;
        use core::fmt;
        use core::ops::Deref;
        use core::panic::Location;

        type Inner<T> = lock_api::ReentrantMutex<$Raw, $Id, T>;

        $(#[$doc])*
        #[repr(transparent)]
        pub struct ReentrantMutex<T: ?Sized>(Inner<T>);

        /// An RAII guard which releases one level of a [`ReentrantMutex`] when dropped.
        pub type ReentrantMutexGuard<'a, T> = lock_api::ReentrantMutexGuard<'a, $Raw, $Id, T>;

        /// An RAII guard returned by `ReentrantMutexGuard::map`, for a part of the data.
        pub type MappedReentrantMutexGuard<'a, T> = lock_api::MappedReentrantMutexGuard<'a, $Raw, $Id, T>;

        impl<T> ReentrantMutex<T> {
            /// Creates a new mutex in an unlocked state. Its lock class is this call and the type `T`.
            #[inline]
            #[track_caller]
            pub const fn new(val: T) -> Self {
                Self(lock_api::ReentrantMutex::from_raw($birth::at(Location::caller()), $Id, val))
            }

            /// Creates a new mutex in an unlocked state, in the lock class of `key`.
            #[inline]
            pub const fn named(key: &'static LockClassKey, val: T) -> Self {
                Self(lock_api::ReentrantMutex::from_raw($birth::keyed(key), $Id, val))
            }

            /// Creates a mutex around a raw mutex, which says what its class is.
            #[inline]
            pub const fn from_raw(raw_mutex: $Raw, get_thread_id: $Id, val: T) -> Self {
                Self(lock_api::ReentrantMutex::from_raw(raw_mutex, get_thread_id, val))
            }

            /// Consumes this mutex, returning the underlying data.
            #[inline]
            pub fn into_inner(self) -> T {
                self.0.into_inner()
            }
        }

        impl<T: ?Sized> ReentrantMutex<T> {
            /// The facade's view of a `lock_api` mutex, such as the one a guard refers to.
            #[inline]
            pub const fn from_lock_api(lock: &Inner<T>) -> &Self {
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
            fn typed(&self) -> &Inner<T> {
                Instrument::bind_type(self.raw_lock(), type_name::<T>);
                &self.0
            }

            /// Moves this mutex into the lock class of `key`.
            #[inline]
            pub fn set_class(&self, key: &'static LockClassKey) {
                Instrument::set_class(self.raw_lock(), key);
            }

            /// Creates a guard for one level that was locked before.
            ///
            /// # Safety
            ///
            /// The calling thread must own the mutex, with one level for which there is no guard.
            #[inline]
            pub unsafe fn make_guard_unchecked(&self) -> ReentrantMutexGuard<'_, T> {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.make_guard_unchecked() }
            }

            /// Acquires the mutex, blocking the current thread until it is able to do so; at once if it is the owner.
            #[inline]
            #[track_caller]
            pub fn lock(&self) -> ReentrantMutexGuard<'_, T> {
                let _caller = crate::facade::chosen::Caller::here();
                self.typed().lock()
            }

            /// Attempts to acquire the mutex without blocking.
            #[inline]
            #[track_caller]
            pub fn try_lock(&self) -> Option<ReentrantMutexGuard<'_, T>> {
                let _caller = crate::facade::chosen::Caller::here();
                self.typed().try_lock()
            }

            /// Attempts to acquire the mutex until a timeout is reached.
            #[inline]
            #[track_caller]
            pub fn try_lock_for(&self, timeout: std::time::Duration) -> Option<ReentrantMutexGuard<'_, T>> {
                let _limit = crate::facade::chosen::Limit::within(timeout);
                let _caller = crate::facade::chosen::Caller::here();
                self.typed().try_lock_for(timeout)
            }

            /// Attempts to acquire the mutex until a deadline is reached.
            #[inline]
            #[track_caller]
            pub fn try_lock_until(&self, timeout: std::time::Instant) -> Option<ReentrantMutexGuard<'_, T>> {
                let _limit = crate::facade::chosen::Limit::until(timeout);
                let _caller = crate::facade::chosen::Caller::here();
                self.typed().try_lock_until(timeout)
            }

            /// Checks whether the mutex is currently locked.
            #[inline]
            #[track_caller]
            pub fn is_locked(&self) -> bool {
                self.0.is_locked()
            }

            /// Checks whether the calling thread holds the mutex.
            #[inline]
            #[track_caller]
            pub fn is_owned_by_current_thread(&self) -> bool {
                self.0.is_owned_by_current_thread()
            }

            /// Forcibly unlocks one level of the mutex.
            ///
            /// # Safety
            ///
            /// The calling thread must own the mutex, with one level whose guard was forgotten.
            #[inline]
            #[track_caller]
            pub unsafe fn force_unlock(&self) {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.force_unlock() };
            }

            /// Forcibly unlocks one level of the mutex using a fair unlock protocol.
            ///
            /// # Safety
            ///
            /// The calling thread must own the mutex, with one level whose guard was forgotten.
            #[inline]
            #[track_caller]
            pub unsafe fn force_unlock_fair(&self) {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.0.force_unlock_fair() };
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

        impl<T: ?Sized> crate::annotate::Watched for ReentrantMutex<T> {
            #[inline(always)]
            fn word(&self) -> Option<&lockdep_rt::ClassWord> {
                Instrument::bind_type(self.raw_lock(), type_name::<T>);
                Instrument::word(self.raw_lock())
            }
        }

        #[cfg(feature = "arc_lock")]
        impl<T: ?Sized> ReentrantMutex<T> {
            /// The facade's view of a shared `lock_api` mutex, such as the one an `Arc` guard gives back.
            #[inline]
            pub fn from_lock_api_arc(lock: std::sync::Arc<Inner<T>>) -> std::sync::Arc<Self> {
                // SAFETY: the pointer comes from `into_raw`, and `Self` is `repr(transparent)` over what it points to, so
                // size, alignment and metadata are the same.
                unsafe { std::sync::Arc::from_raw(std::sync::Arc::into_raw(lock) as *const Self) }
            }

            /// The lock under the `Arc` that keeps it alive.
            #[inline(always)]
            fn inner_arc(self: &std::sync::Arc<Self>) -> core::mem::ManuallyDrop<std::sync::Arc<Inner<T>>> {
                // SAFETY: `as_ptr` gives what `into_raw` would give, `Self` is `repr(transparent)` over the pointee's type,
                // and `core::mem::ManuallyDrop` keeps the count that belongs to `self` from being given up.
                core::mem::ManuallyDrop::new(unsafe { std::sync::Arc::from_raw(std::sync::Arc::as_ptr(self) as *const Inner<T>) })
            }

            /// The lock, once its class knows the protected type, under the `Arc` that keeps it alive.
            #[inline(always)]
            fn typed_arc(self: &std::sync::Arc<Self>) -> core::mem::ManuallyDrop<std::sync::Arc<Inner<T>>> {
                self.typed();
                self.inner_arc()
            }

            /// Creates an `Arc` guard for one level that was locked before.
            ///
            /// # Safety
            ///
            /// The calling thread must own the mutex, with one level for which there is no guard.
            #[inline]
            pub unsafe fn make_arc_guard_unchecked(self: &std::sync::Arc<Self>) -> lock_api::ArcReentrantMutexGuard<$Raw, $Id, T> {
                // SAFETY: the caller's promise is the one asked for.
                unsafe { self.inner_arc().make_arc_guard_unchecked() }
            }

            /// Acquires the mutex through an `Arc`.
            #[inline]
            #[track_caller]
            pub fn lock_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcReentrantMutexGuard<$Raw, $Id, T> {
                let _caller = crate::facade::chosen::Caller::here();
                self.typed_arc().lock_arc()
            }

            /// Attempts to acquire the mutex through an `Arc` without blocking.
            #[inline]
            #[track_caller]
            pub fn try_lock_arc(self: &std::sync::Arc<Self>) -> Option<lock_api::ArcReentrantMutexGuard<$Raw, $Id, T>> {
                let _caller = crate::facade::chosen::Caller::here();
                self.typed_arc().try_lock_arc()
            }

            /// Attempts to acquire the mutex through an `Arc` until a timeout is reached.
            #[inline]
            #[track_caller]
            pub fn try_lock_arc_for(self: &std::sync::Arc<Self>, timeout: std::time::Duration) -> Option<lock_api::ArcReentrantMutexGuard<$Raw, $Id, T>> {
                let _limit = crate::facade::chosen::Limit::within(timeout);
                let _caller = crate::facade::chosen::Caller::here();
                self.typed_arc().try_lock_arc_for(timeout)
            }

            /// Attempts to acquire the mutex through an `Arc` until a deadline is reached.
            #[inline]
            #[track_caller]
            pub fn try_lock_arc_until(self: &std::sync::Arc<Self>, timeout: std::time::Instant) -> Option<lock_api::ArcReentrantMutexGuard<$Raw, $Id, T>> {
                let _limit = crate::facade::chosen::Limit::until(timeout);
                let _caller = crate::facade::chosen::Caller::here();
                self.typed_arc().try_lock_arc_until(timeout)
            }
        }

        /// Code that is generic over `lock_api` accepts the facade's lock by reference.
        impl<T: ?Sized> Deref for ReentrantMutex<T> {
            type Target = Inner<T>;

            #[inline]
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl<'a, T: ?Sized> From<&'a Inner<T>> for &'a ReentrantMutex<T> {
            #[inline]
            fn from(lock: &'a Inner<T>) -> Self {
                ReentrantMutex::from_lock_api(lock)
            }
        }

        impl<T: Default> Default for ReentrantMutex<T> {
            #[inline]
            #[track_caller]
            fn default() -> Self {
                Self::new(T::default())
            }
        }

        impl<T> From<T> for ReentrantMutex<T> {
            #[inline]
            #[track_caller]
            fn from(val: T) -> Self {
                Self::new(val)
            }
        }

        /// Unlike the other locks this one is tried through the checker: taken behind `lock_api`'s back it would have no owner,
        /// and data whose `Debug` takes the mutex again would deadlock. A try never is the later half of a lock order.
        impl<T: fmt::Debug + ?Sized> fmt::Debug for ReentrantMutex<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.typed(), f)
            }
        }

        #[cfg(feature = "serde")]
        impl<T: serde::Serialize + ?Sized> serde::Serialize for ReentrantMutex<T> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.lock().serialize(serializer)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for ReentrantMutex<T> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                T::deserialize(deserializer).map(Self::new)
            }
        }
    };
}

/// Defines what `lock_api` 0.5 has more of, and has more often in constants.
macro_rules! reentrant_beyond {
    ($Raw:ident, $Id:ident) => {
        impl<T> ReentrantMutex<T> {
            /// Consumes this mutex, returning the raw mutex, the source of thread ids and the underlying data.
            #[inline]
            pub fn into_inner_with_raw(self) -> ($Raw, $Id, T) {
                self.0.into_inner_with_raw()
            }
        }

        impl<T: ?Sized> ReentrantMutex<T> {
            /// Returns a mutable reference to the underlying data. The borrow proves that nobody holds the lock.
            #[inline]
            pub const fn get_mut(&mut self) -> &mut T {
                self.0.get_mut()
            }

            /// Returns a raw pointer to the underlying data.
            #[inline]
            pub const fn data_ptr(&self) -> *mut T {
                self.0.data_ptr()
            }
        }
    };
}

pub(super) use {reentrant_beyond, reentrant_lock};
