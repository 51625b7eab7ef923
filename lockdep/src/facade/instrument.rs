//! What the facade asks of a raw lock, checked or plain.

use crate::LockClassKey;
use crate::raw::Nesting;
use lockdep_rt::ClassWord;

/// The cold questions and the class of one raw lock.
///
/// Constructors are not here because a trait has no `const fn`; they are the functions `at` and `keyed` of the module
/// that the lock's file imports from `chosen`.
pub(crate) trait Instrument {
    /// Completes a birth-site class with the protected type, if nothing has completed it yet.
    fn bind_type(&self, type_name: fn() -> &'static str);

    /// The lock's word in the books, if it has one.
    fn word(&self) -> Option<&ClassWord>;

    /// Moves the lock into the class of `key`.
    fn set_class(&self, key: &'static LockClassKey);
}

/// A raw mutex that can be taken beside others of its class.
pub(crate) trait InstrumentMutex: Instrument {
    /// The state of an acquisition, where there is one.
    type Held;

    /// Takes the lock, and says how that stands to others of its class.
    fn lock_in(&self, nesting: Nesting) -> Self::Held;

    /// Tries the lock underneath for as long as `look` runs, and tells it the outcome.
    fn peek<T>(&self, look: impl FnOnce(bool) -> T) -> T;
}

/// A raw reader-writer lock that can be taken beside others of its class.
pub(crate) trait InstrumentRwLock: Instrument {
    /// The state of a shared acquisition, where there is one.
    type Shared;
    /// The state of an exclusive acquisition, where there is one.
    type Exclusive;

    /// Takes the lock shared, and says how that stands to others of its class.
    fn lock_shared_in(&self, nesting: Nesting) -> Self::Shared;

    /// Takes the lock exclusively, and says how that stands to others of its class.
    fn lock_exclusive_in(&self, nesting: Nesting) -> Self::Exclusive;

    /// Tries the lock underneath, shared, for as long as `look` runs, and tells it the outcome.
    fn peek<T>(&self, look: impl FnOnce(bool) -> T) -> T;
}
