//! `std::thread`, with the beginnings and ends of threads told: what comes before a spawn is over when the new thread begins, and
//! what a thread did is over when it has been joined. A join waits.

mod end;
mod handle;
mod scope;

use self::end::{after, End};
pub use self::handle::{JoinHandle, ScopedJoinHandle};
pub use self::scope::{scope, Scope};
use ::std::fmt;
use ::std::io;
use ::std::sync::Arc;
pub use ::std::thread::*;

/// As the real one.
///
/// # Panics
/// As the real one.
#[track_caller]
pub fn spawn<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let end = End::new();
    JoinHandle { inner: ::std::thread::spawn(after([Arc::clone(&end)], f)), end }
}

/// As the real one.
#[must_use = "must eventually spawn the thread"]
pub struct Builder(::std::thread::Builder);

#[allow(clippy::new_without_default, reason = "std has none")]
impl Builder {
    /// As the real one.
    pub fn new() -> Builder {
        Builder(::std::thread::Builder::new())
    }

    /// As the real one.
    pub fn name(self, name: String) -> Builder {
        Builder(self.0.name(name))
    }

    /// As the real one.
    pub fn stack_size(self, size: usize) -> Builder {
        Builder(self.0.stack_size(size))
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[track_caller]
    pub fn spawn<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let end = End::new();
        let inner = self.0.spawn(after([Arc::clone(&end)], f))?;
        Ok(JoinHandle { inner, end })
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[track_caller]
    pub fn spawn_scoped<'scope, 'env, F, T>(
        self,
        scope: &'scope Scope<'scope, 'env>,
        f: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let end = End::new();
        let f = after([Arc::clone(&scope.end), Arc::clone(&end)], f);
        let inner = self.0.spawn_scoped(scope.inner(), f)?;
        Ok(ScopedJoinHandle { inner, end })
    }

    /// As the real one.
    ///
    /// # Safety
    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    #[cfg(feature = "spawn_unchecked")]
    #[clippy::msrv = "1.82"]
    #[track_caller]
    pub unsafe fn spawn_unchecked<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send,
        T: Send,
    {
        let end = End::new();
        // SAFETY: the caller's; the function that is spawned holds what `f` does, a number and the end.
        let inner = unsafe { self.0.spawn_unchecked(after([Arc::clone(&end)], f)) }?;
        Ok(JoinHandle { inner, end })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
