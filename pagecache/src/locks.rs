//! Every lock class in one place, and the document that orders them.
//!
//! Classes are per role, and where file-system types differ in their orders, per type: the kernel keeps
//! `invalidate_lock_key` and `i_mutex_key` in `struct file_system_type` for the same reason.
//!
//! ```
//! use lockdep::core::hierarchy::Hierarchy;
//! let order = Hierarchy::parse(pagecache::locks::ORDER).expect("the document is well-formed");
//! assert!(order.path("ext::i_rwsem", "Mapping::i_pages").is_some());
//! ```

lockdep::lock_classes! {
    /// Serialises changes of a file of type `ext`.
    pub EXT_I_RWSEM = "ext::i_rwsem";
    /// Keeps pages of an `ext` file from being filled while its blocks go away.
    pub EXT_INVALIDATE_LOCK = "ext::invalidate_lock";
    /// Serialises changes of a file of type `log`.
    pub LOG_I_RWSEM = "log::i_rwsem";
    /// Keeps pages of a `log` file from being filled while its blocks go away.
    pub LOG_INVALIDATE_LOCK = "log::invalidate_lock";
    /// The one running transaction of a file system.
    pub TRANSACTION = "Journal::transaction";
    /// The lock bit of a page.
    pub FOLIO_LOCK = "Folio::lock";
    /// The index of the pages of a mapping.
    pub I_PAGES = "Mapping::i_pages";
    /// The extent maps and the free blocks of a device.
    pub EXTENTS = "Device::extents";
}

/// The documented hierarchy of these classes, in `lockdep order v1`.
pub const ORDER: &str = include_str!("../locks.order");
