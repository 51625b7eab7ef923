//! The traits of locks and guards that stand around the real ones, written once for the `std` of programs that have never heard of lockdep
//! and for the library's. Both have the real thing in a field `inner`.

/// The traits of locks with a constructor `new`, whose place is their class.
#[macro_export]
macro_rules! forward_locks {
    ($($Lock:ident)*) => { $(
        impl<T> From<T> for $Lock<T> {
            #[track_caller]
            fn from(t: T) -> $Lock<T> {
                $Lock::new(t)
            }
        }

        impl<T: Default> Default for $Lock<T> {
            #[track_caller]
            fn default() -> $Lock<T> {
                $Lock::new(T::default())
            }
        }

        /// Tries the lock without a trace in the graph, and never waits.
        impl<T: ?Sized + ::core::fmt::Debug> ::core::fmt::Debug for $Lock<T> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                self.inner.fmt(f)
            }
        }
    )* };
}

/// The traits of guards.
#[macro_export]
macro_rules! forward_guards {
    ($($Guard:ident)*) => { $(
        impl<T: ?Sized> ::core::ops::Deref for $Guard<'_, T> {
            type Target = T;

            #[inline]
            fn deref(&self) -> &T {
                &self.inner
            }
        }

        impl<T: ?Sized + ::core::fmt::Debug> ::core::fmt::Debug for $Guard<'_, T> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                self.inner.fmt(f)
            }
        }

        impl<T: ?Sized + ::core::fmt::Display> ::core::fmt::Display for $Guard<'_, T> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                self.inner.fmt(f)
            }
        }
    )* };
}

/// The traits of guards that can be written through.
#[macro_export]
macro_rules! forward_write_guards {
    ($($Guard:ident)*) => {
        $crate::forward_guards! { $($Guard)* }

        $(
            impl<T: ?Sized> ::core::ops::DerefMut for $Guard<'_, T> {
                #[inline]
                fn deref_mut(&mut self) -> &mut T {
                    &mut self.inner
                }
            }
        )*
    };
}
