//! Points at which a test can make something else happen, so that races are driven instead of waited for.

/// A point in an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Point {
    /// Somebody has found no page and is about to take `invalidate_lock` shared.
    BeforeInvalidateLock,
    /// A page is about to be filled: its block is known, and has not been read yet.
    BlockMapped,
    /// Truncation or punching has removed the pages, and is about to free their blocks.
    PagesRemoved,
    /// Truncation has taken the pages out of all page tables, and is about to remove them.
    PagesUnmapped,
    /// A fault has found a page, and is about to lock it.
    BeforeFolioLock,
    /// A fault has a page locked and checked, and is about to put it into the page table.
    BeforePageTable,
    /// A file was taken out of memory, and is about to be evicted.
    InodeFreeing,
    /// Somebody looks for a file that is being evicted, and is about to wait.
    InodeAwaited,
    /// A write fault is about to tell the file system, and has let go of the page's lock.
    BeforeMkwrite,
}

/// What is called at every point, with the number of the inode. It may block, and may use other files.
pub type Hook = Box<dyn Fn(Point, u64) + Send + Sync>;
