//! Lock classes that somebody named.

/// Names a lock class: every lock constructed with one key is of one class, whatever its type or place.
///
/// Classes are identified by name, so that they agree across processes and builds; two keys of one name are one class.
///
/// ```
/// use lockdep::{LockClassKey, parking_lot::Mutex};
/// static SQUARE: LockClassKey = LockClassKey::new("Board::square");
/// let square = Mutex::named(&SQUARE, 'e');
/// assert_eq!(*square.lock(), 'e');
/// ```
#[derive(Debug)]
pub struct LockClassKey {
    name: &'static str,
}

impl LockClassKey {
    /// A class with this name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name }
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}
