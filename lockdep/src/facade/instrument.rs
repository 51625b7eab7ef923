//! What the facade asks of a raw lock, checked or plain.

use crate::LockClassKey;
use crate::raw::Nesting;
use lockdep_rt::ClassWord;

/// The cold questions and the class of one raw lock.
///
/// Constructors are not here because a trait has no `const fn`; they are the functions `at` and `keyed` of the module
/// that the lock's file imports from `chosen`.
pub(crate) trait Instrument {
    /// The lock underneath, which no checker watches.
    type Plain;

    /// The lock underneath, for looking at the data without leaving a trace in the graph.
    fn plain(&self) -> &Self::Plain;

    /// Completes a birth-site class with the protected type, if nothing has completed it yet.
    fn bind_type(&self, type_name: fn() -> &'static str);

    /// The lock's word in the books, if it has one.
    fn word(&self) -> Option<&ClassWord>;

    /// Moves the lock into the class of `key`.
    fn set_class(&self, key: &'static LockClassKey);
}

/// A raw mutex that can be taken beside others of its class.
pub(crate) trait InstrumentMutex: Instrument + lock_api::RawMutex {
    /// Takes the lock, and says how that stands to others of its class.
    fn lock_in(&self, nesting: Nesting) -> Self::Guard;
}

/// A raw reader-writer lock that can be taken beside others of its class.
pub(crate) trait InstrumentRwLock: Instrument + lock_api::RawRwLock {
    /// Takes the lock shared, and says how that stands to others of its class.
    fn lock_shared_in(&self, nesting: Nesting) -> Self::SharedGuard;

    /// Takes the lock exclusively, and says how that stands to others of its class.
    fn lock_exclusive_in(&self, nesting: Nesting) -> Self::ExclusiveGuard;
}
