//! The text that all locks of `lock_api` share: a newtype around one, with a class. `lock_api` is, where it is used, the
//! version of that crate which the lock is made of, and `Inner<T>` is its lock.

/// Defines the newtype, its constructors, and what turns it into `lock_api`'s type and back.
macro_rules! lock_newtype {
    (
        $(#[$doc:meta])*
        $noun:literal $Lock:ident: $Raw:ident born $birth:ident, serialized in $read:ident $(, threads $id:ident: $Id:ident)?
    ) => {
        use crate::LockClassKey;
        use crate::facade::instrument::Instrument;
        use core::any::type_name;
        use core::fmt;
        use core::ops::Deref;
        use core::panic::Location;

        $(#[$doc])*
        #[repr(transparent)]
        pub struct $Lock<T: ?Sized>(Inner<T>);

        impl<T> $Lock<T> {
            #[doc = concat!("Creates a new ", $noun, " in an unlocked state. Its lock class is this call and the type `T`.")]
            #[inline]
            #[track_caller]
            pub const fn new(val: T) -> Self {
                Self(Inner::from_raw($birth::at(Location::caller()), $($Id,)? val))
            }

            #[doc = concat!("Creates a new ", $noun, " in an unlocked state, in the lock class of `key`.")]
            #[inline]
            pub const fn named(key: &'static LockClassKey, val: T) -> Self {
                Self(Inner::from_raw($birth::keyed(key), $($Id,)? val))
            }

            #[doc = concat!("Creates a ", $noun, " around a raw lock, which says what its class is.")]
            #[inline]
            pub const fn from_raw(raw: $Raw, $($id: $Id,)? val: T) -> Self {
                Self(Inner::from_raw(raw, $($id,)? val))
            }

            #[doc = concat!("Consumes this ", $noun, ", returning the underlying data.")]
            #[inline]
            pub fn into_inner(self) -> T {
                self.0.into_inner()
            }
        }

        impl<T: ?Sized> $Lock<T> {
            #[doc = concat!("The facade's view of a `lock_api` ", $noun, ", such as the one a guard refers to.")]
            #[inline]
            pub const fn from_lock_api(lock: &Inner<T>) -> &Self {
                // SAFETY: `Self` is `repr(transparent)` over the type of `lock`.
                unsafe { &*(core::ptr::from_ref(lock) as *const Self) }
            }

            #[inline(always)]
            fn raw_lock(&self) -> &$Raw {
                // SAFETY: no caller in the facade unlocks through this reference what a guard has locked.
                unsafe { self.0.raw() }
            }

            /// The raw lock, once its class knows the protected type.
            #[inline(always)]
            fn typed_raw(&self) -> &$Raw {
                Instrument::bind_type(self.raw_lock(), type_name::<T>);
                self.raw_lock()
            }

            /// The lock, once its class knows the protected type.
            #[inline(always)]
            fn typed(&self) -> &Inner<T> {
                self.typed_raw();
                &self.0
            }

            #[doc = concat!("Moves this ", $noun, " into the lock class of `key`.")]
            #[inline]
            pub fn set_class(&self, key: &'static LockClassKey) {
                Instrument::set_class(self.raw_lock(), key);
            }

            #[doc = concat!("Checks whether the ", $noun, " is currently held in any way.")]
            #[inline]
            #[track_caller]
            pub fn is_locked(&self) -> bool {
                self.0.is_locked()
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
                Instrument::word(self.typed_raw())
            }
        }

        /// Code that is generic over `lock_api` accepts the facade's lock by reference.
        impl<T: ?Sized> Deref for $Lock<T> {
            type Target = Inner<T>;

            #[inline]
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl<'a, T: ?Sized> From<&'a Inner<T>> for &'a $Lock<T> {
            #[inline]
            fn from(lock: &'a Inner<T>) -> Self {
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

        #[cfg(feature = "serde")]
        impl<T: serde::Serialize + ?Sized> serde::Serialize for $Lock<T> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.$read().serialize(serializer)
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

/// Defines how the newtype is taken apart in `lock_api` 0.5, where that is often constant.
macro_rules! newtype_parts_0_5 {
    ($Lock:ident: $Raw:ident $(, threads $id:ident: $Id:ident)?) => {
        impl<T> $Lock<T> {
            /// Consumes this lock, returning all it is made of.
            #[inline]
            pub fn into_inner_with_raw(self) -> ($Raw, $($Id,)? T) {
                self.0.into_inner_with_raw()
            }
        }

        crate::facade::newtype::newtype_data!($Lock, const);
    };
}

/// Defines how the newtype is made and taken apart in `lock_api` 0.4.
#[cfg(any(feature = "parking_lot_0_12", feature = "spin"))]
macro_rules! newtype_parts_0_4 {
    ($Lock:ident: $Raw:ident $(, threads $id:ident: $Id:ident)?) => {
        impl<T> $Lock<T> {
            /// As `from_raw`, under its older name.
            #[inline]
            pub const fn const_new(raw: $Raw, $($id: $Id,)? val: T) -> Self {
                Self::from_raw(raw, $($id,)? val)
            }
        }

        crate::facade::newtype::newtype_data!($Lock,);
    };
}

/// Defines what leads to the data without an acquisition.
macro_rules! newtype_data {
    ($Lock:ident, $($constant:ident)?) => {
        impl<T: ?Sized> $Lock<T> {
            /// Returns a mutable reference to the underlying data. The borrow proves that nobody holds the lock.
            #[inline]
            pub $($constant)? fn get_mut(&mut self) -> &mut T {
                self.0.get_mut()
            }

            /// Returns a raw pointer to the underlying data.
            #[inline]
            pub $($constant)? fn data_ptr(&self) -> *mut T {
                self.0.data_ptr()
            }
        }
    };
}

/// Defines what turns an `Arc` of the newtype into one of `lock_api`'s type and back.
macro_rules! newtype_arc {
    ($Lock:ident) => {
        #[cfg(feature = "arc_lock")]
        impl<T: ?Sized> $Lock<T> {
            /// The facade's view of a shared `lock_api` lock, such as the one an `Arc` guard gives back.
            #[inline]
            pub fn from_lock_api_arc(lock: std::sync::Arc<Inner<T>>) -> std::sync::Arc<Self> {
                // SAFETY: the pointer comes from `into_raw`, and `Self` is `repr(transparent)` over what it points to,
                // so size, alignment and metadata are the same.
                unsafe { std::sync::Arc::from_raw(std::sync::Arc::into_raw(lock) as *const Self) }
            }

            /// The lock, once its class knows the protected type, under the `Arc` that keeps it alive.
            #[inline(always)]
            fn typed_arc(self: &std::sync::Arc<Self>) -> core::mem::ManuallyDrop<std::sync::Arc<Inner<T>>> {
                self.typed();
                let inner = std::sync::Arc::as_ptr(self) as *const Inner<T>;
                // SAFETY: `as_ptr` gives what `into_raw` would give, `Self` is `repr(transparent)` over the pointee's
                // type, and `ManuallyDrop` keeps the count that belongs to `self` from being given up.
                core::mem::ManuallyDrop::new(unsafe { std::sync::Arc::from_raw(inner) })
            }
        }
    };
}

#[cfg(any(feature = "parking_lot_0_12", feature = "spin"))]
pub(super) use newtype_parts_0_4;
pub(super) use {lock_newtype, newtype_arc, newtype_data, newtype_parts_0_5};
