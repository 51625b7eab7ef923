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

/// Declares [`LockClassKey`] statics.
///
/// ```
/// use lockdep::parking_lot::{Mutex, RwLock};
///
/// lockdep::lock_classes! {
///     /// Protects the tree of pages.
///     pub I_PAGES = "Mapping::i_pages";
///     I_RWSEM = "Inode::i_rwsem";
/// }
///
/// let (pages, inode) = (Mutex::named(&I_PAGES, ()), RwLock::named(&I_RWSEM, ()));
/// # drop((inode.read(), pages.lock()));
/// ```
#[macro_export]
macro_rules! lock_classes {
    ($($(#[$meta:meta])* $vis:vis $NAME:ident = $name:expr;)*) => { $(
        $(#[$meta])*
        $vis static $NAME: $crate::LockClassKey = $crate::LockClassKey::new($name);
    )* };
}
