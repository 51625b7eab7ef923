//! Lock classes that somebody named.

use crate::facade::chosen::IS_ON;
use crate::runtime;
use lockdep_core::class::WaitType;

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
    wait: Option<WaitType>,
    novalidate: bool,
}

impl LockClassKey {
    /// A class with this name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, wait: None, novalidate: false }
    }

    /// What waiting for a lock of this class does, and the most that may be waited for while one is held. Levels are the
    /// program's own, such as 0 for what is allowed anywhere, 1 for what may spin, 2 for what may sleep.
    ///
    /// ```
    /// use lockdep::{LockClassKey, parking_lot::Mutex};
    /// static COMPLETION: LockClassKey = LockClassKey::new("Device::completion").wait_type(1);
    ///
    /// let completion = Mutex::named(&COMPLETION, ());
    /// let _held = completion.lock();
    /// lockdep::might_block(2); // reported: nobody may sleep who holds a lock of level 1
    /// # if cfg!(debug_assertions) {
    /// assert_eq!(lockdep::findings().len(), 1);
    /// # }
    /// ```
    #[must_use]
    pub const fn wait_type(self, level: u8) -> Self {
        self.wait_types(level, level)
    }

    /// As [`LockClassKey::wait_type`], for locks whose holders may wait for more than the lock itself does, or for less.
    #[must_use]
    pub const fn wait_types(self, outer: u8, inner: u8) -> Self {
        Self { wait: Some(WaitType { outer, inner }), ..self }
    }

    /// Leaves the class out of the graph: its locks have no order, and none of them is ever reported. Such classes are listed in every
    /// summary, so that nobody forgets them.
    #[must_use]
    pub const fn novalidate(self) -> Self {
        Self { novalidate: true, ..self }
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What waiting for its locks does, if that was said.
    #[must_use]
    pub const fn wait(&self) -> Option<WaitType> {
        self.wait
    }

    /// Whether the class is left out of the graph.
    #[must_use]
    pub const fn is_novalidate(&self) -> bool {
        self.novalidate
    }
}

/// A lock class that comes and goes: one per mounted volume, per connection, per plug-in.
///
/// When it is dropped its orders are forgotten, and the name may be used again. A [log](crate::config) keeps what it has told: to tell
/// generations apart there, give them different names.
///
/// ```
/// use lockdep::{DynamicKey, parking_lot::Mutex};
///
/// for volume in ["a", "b"] {
///     let key = DynamicKey::new(&format!("Volume {volume}"));
///     let journal = Mutex::named(key.key(), 0);
///     *journal.lock() += 1;
/// }
/// ```
#[derive(Debug)]
pub struct DynamicKey(&'static LockClassKey);

impl DynamicKey {
    /// A class with this name; the one that has it, if there is one. The name is kept for ever.
    #[must_use]
    pub fn new(name: &str) -> DynamicKey {
        DynamicKey(runtime::intern(name))
    }

    /// The key, for locks. They may outlive this.
    #[must_use]
    pub fn key(&self) -> &'static LockClassKey {
        self.0
    }
}

impl Drop for DynamicKey {
    fn drop(&mut self) {
        if IS_ON {
            runtime::zap(self.0);
        }
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
