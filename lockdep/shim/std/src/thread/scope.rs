//! Scopes, whose end waits for their threads.

use super::end::{after, End};
use super::handle::ScopedJoinHandle;
use ::std::fmt;
use ::std::marker::PhantomData;
use ::std::sync::atomic::{AtomicPtr, Ordering::Relaxed};
use ::std::sync::Arc;
use ::std::thread;

/// As the real one.
pub struct Scope<'scope, 'env: 'scope> {
    pub(super) end: Arc<End>,
    /// The real one, once it is there; no thread sees this before.
    inner: AtomicPtr<()>,
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

/// As the real one.
///
/// # Panics
/// As the real one.
#[track_caller]
pub fn scope<'env, F, T>(f: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let end = End::new();
    let inner = AtomicPtr::default();
    let whole: Scope<'_, '_> = Scope { end: Arc::clone(&end), inner, scope: PhantomData, env: PhantomData };
    let result = thread::scope(|inner| {
        whole.inner.store(::std::ptr::from_ref(inner).cast_mut().cast(), Relaxed);
        // SAFETY: lifetimes are all that changes. The real scope, which is within `whole`'s, ends when all its threads have.
        let scope = unsafe { &*::std::ptr::from_ref(&whole).cast() };
        let result = f(scope);
        end.wait_here();
        result
    });
    end.waited();
    result
}

impl<'scope, 'env> Scope<'scope, 'env> {
    pub(super) fn inner(&self) -> &'scope thread::Scope<'scope, 'env> {
        // SAFETY: `scope` has stored it, before anybody got this one, and it lives for `'scope`.
        unsafe { &*self.inner.load(Relaxed).cast() }
    }

    /// As the real one.
    ///
    /// # Panics
    /// As the real one.
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let end = End::new();
        let inner = self.inner().spawn(after([Arc::clone(&self.end), Arc::clone(&end)], f));
        ScopedJoinHandle { inner, end }
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner().fmt(f)
    }
}
