//! `std::thread::{spawn, scope}` whose threads are in the [scope](crate::testing) of the thread that starts them.

use crate::runtime::current_scope;
use crate::testing::stay_of;
use std::thread;

/// As [`std::thread::spawn`]; the new thread is in the caller's scope.
///
/// ```
/// let answer = lockdep::thread::spawn(|| 42).join().expect("it does not panic");
/// assert_eq!(answer, 42);
/// ```
pub fn spawn<F, T>(f: F) -> thread::JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let scope = current_scope();
    thread::spawn(move || inside(scope, f))
}

/// As [`std::thread::Scope`], with a [`spawn`](Scope::spawn) whose threads are in the scope of the thread that calls it.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'scope, 'env: 'scope>(&'scope thread::Scope<'scope, 'env>);

/// As [`std::thread::scope`].
///
/// ```
/// let numbers = [1, 2, 3];
/// let sum = lockdep::thread::scope(|scope| scope.spawn(|| numbers.iter().sum::<i32>()).join().unwrap());
/// assert_eq!(sum, 6);
/// ```
pub fn scope<'env, F, T>(f: F) -> T
where
    F: for<'scope> FnOnce(Scope<'scope, 'env>) -> T,
{
    thread::scope(|scope| f(Scope(scope)))
}

impl<'scope> Scope<'scope, '_> {
    /// As [`std::thread::Scope::spawn`].
    pub fn spawn<F, T>(self, f: F) -> thread::ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let scope = current_scope();
        self.0.spawn(move || inside(scope, f))
    }
}

fn inside<T>(scope: u32, f: impl FnOnce() -> T) -> T {
    let _stay = (scope != 0).then(|| stay_of(scope));
    f()
}
