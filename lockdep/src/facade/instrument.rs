//! What the facade asks of a raw lock, checked or plain.

use crate::LockClassKey;
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

/// A raw mutex that can be taken at a nesting level.
pub(crate) trait InstrumentMutex: Instrument + lock_api::RawMutex {
    /// Takes the lock as subclass `subclass` of its class.
    fn lock_nested(&self, subclass: u32) -> Self::Guard;

    /// Takes the lock beside others of its class, which the lock behind `nest` serialises.
    fn lock_under(&self, nest: Option<&ClassWord>) -> Self::Guard;
}

/// A raw reader-writer lock that can be taken at a nesting level.
pub(crate) trait InstrumentRwLock: Instrument + lock_api::RawRwLock {
    /// Takes the lock shared as subclass `subclass` of its class.
    fn lock_shared_nested(&self, subclass: u32) -> Self::SharedGuard;

    /// Takes the lock exclusively as subclass `subclass` of its class.
    fn lock_exclusive_nested(&self, subclass: u32) -> Self::ExclusiveGuard;
}
