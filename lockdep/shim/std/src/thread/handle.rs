//! Handles of threads, to join them by.

use super::end::End;
use ::std::fmt;
use ::std::sync::Arc;
use ::std::thread::{self, Result, Thread};

/// As the real one.
pub struct JoinHandle<T> {
    pub(crate) inner: thread::JoinHandle<T>,
    pub(super) end: Arc<End>,
}

/// As the real one.
pub struct ScopedJoinHandle<'scope, T> {
    pub(crate) inner: thread::ScopedJoinHandle<'scope, T>,
    pub(super) end: Arc<End>,
}

macro_rules! handles {
    ($($Handle:ty,)*) => { $(
        impl<T> $Handle {
            /// As the real one.
            ///
            /// # Errors
            /// As the real one.
            #[track_caller]
            pub fn join(self) -> Result<T> {
                self.end.wait();
                let result = self.inner.join();
                self.end.waited();
                result
            }

            /// As the real one.
            #[must_use]
            pub fn thread(&self) -> &Thread {
                self.inner.thread()
            }

            /// As the real one.
            pub fn is_finished(&self) -> bool {
                self.inner.is_finished()
            }
        }

        impl<T> fmt::Debug for $Handle {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }
    )* };
}

handles! {
    JoinHandle<T>,
    ScopedJoinHandle<'_, T>,
}

#[cfg(unix)]
impl<T> ::std::os::unix::thread::JoinHandleExt for JoinHandle<T> {
    fn as_pthread_t(&self) -> ::std::os::unix::thread::RawPthread {
        self.inner.as_pthread_t()
    }

    fn into_pthread_t(self) -> ::std::os::unix::thread::RawPthread {
        self.inner.into_pthread_t()
    }
}
