//! `std::thread`, with the beginnings of threads told: what comes before `spawn` is over when the new thread begins.
//!
//! Handles and scopes are the real ones, so joins are not told, nor which threads a scope starts by itself; less is excused for that.

use ::std::fmt;
use ::std::io;
pub use ::std::thread::*;
use lockdep_rt::foreign;

/// The function of a new thread, after all that this thread has done.
fn after<F, T>(f: F) -> impl FnOnce() -> T
where
    F: FnOnce() -> T,
{
    let segment = foreign::forked();
    move || {
        foreign::begin(segment);
        f()
    }
}

/// As the real one.
///
/// # Panics
/// As the real one.
pub fn spawn<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    ::std::thread::spawn(after(f))
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
    pub fn spawn<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.0.spawn(after(f))
    }

    /// As the real one.
    ///
    /// # Errors
    /// As the real one.
    pub fn spawn_scoped<'scope, 'env, F, T>(
        self,
        scope: &'scope Scope<'scope, 'env>,
        f: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        self.0.spawn_scoped(scope, after(f))
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
    pub unsafe fn spawn_unchecked<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send,
        T: Send,
    {
        // SAFETY: the caller's; the function that is spawned holds what `f` does and a number.
        unsafe { self.0.spawn_unchecked(after(f)) }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
