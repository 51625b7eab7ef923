//! The lock around what the runtime knows. A leaf: whoever has it takes no other lock, and its thread's block is busy, so
//! that nothing that interrupts the thread comes here.

use super::sys;
use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// A value behind a lock that spins and yields: it is held for microseconds, and only when something is new.
pub(super) struct Leaf<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the lock lets one thread at a time have the value.
unsafe impl<T: Send> Sync for Leaf<T> {}

/// The value, until this is dropped.
pub(super) struct Taken<'a, T>(&'a Leaf<T>);

impl<T> Leaf<T> {
    pub(super) const fn new(value: T) -> Leaf<T> {
        Leaf { taken: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    pub(super) fn take(&self) -> Taken<'_, T> {
        // Pairs with the release in `give_back`: who has the value sees what was done to it.
        while self.taken.compare_exchange_weak(false, true, Acquire, Relaxed).is_err() {
            sys::pause();
        }
        Taken(self)
    }

    /// Ends what a [`Taken`] that was forgotten has begun.
    ///
    /// # Safety
    /// There is such a one, and nobody uses it any more.
    pub(super) unsafe fn give_back(&self) {
        self.taken.store(false, Release);
    }
}

impl<T> Deref for Taken<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the lock is taken.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for Taken<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is taken, and `self` is borrowed exclusively.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T> Drop for Taken<'_, T> {
    fn drop(&mut self) {
        // SAFETY: it is this one.
        unsafe { self.0.give_back() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thread_at_a_time_has_the_value() {
        static COUNT: Leaf<u32> = Leaf::new(0);
        let add = || (0..1000).for_each(|_| *COUNT.take() += 1);
        std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(add))));
        assert_eq!(*COUNT.take(), 4000);
    }
}
