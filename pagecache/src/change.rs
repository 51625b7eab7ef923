//! Who may change a file, and when: `inode_lock`, `deny_write_access`, `inode_inc_iversion`.

use crate::error::{Error, Result};
use crate::freeze::Unfrozen;
use crate::inode::Inode;
use crate::sync::RwLockWriteGuard;
use std::sync::atomic::Ordering::Relaxed;

impl Inode {
    /// Waits for its turn to change the file, and for a frozen file system: `sb_start_write`, `inode_lock`.
    ///
    /// # Errors
    /// `TextBusy` if the file is a device.
    #[track_caller]
    pub(crate) fn start_change(&self) -> Result<(RwLockWriteGuard<'_, ()>, Unfrozen<'_>)> {
        let unfrozen = self.sb.start_write();
        let exclusive = self.i_rwsem.write();
        self.check_writable()?;
        self.count_change();
        Ok((exclusive, unfrozen))
    }

    /// The same without waiting.
    ///
    /// # Errors
    /// `Again` where it would have to wait, and as there.
    #[track_caller]
    pub(crate) fn try_start_change(&self) -> Result<(RwLockWriteGuard<'_, ()>, Unfrozen<'_>)> {
        let unfrozen = self.sb.try_start_write().ok_or(Error::Again)?;
        let exclusive = self.i_rwsem.try_write().ok_or(Error::Again)?;
        self.check_writable()?;
        self.count_change();
        Ok((exclusive, unfrozen))
    }

    /// Whether others than a device may change the file. Called with `i_rwsem` or `invalidate_lock` held.
    ///
    /// # Errors
    /// `TextBusy` if not.
    pub(crate) fn check_writable(&self) -> Result<()> {
        if self.mapping.is_device() { Err(Error::TextBusy) } else { Ok(()) }
    }

    /// Makes the file a device, which nobody else changes from now on: `deny_write_access`. What was stored or written before is written
    /// out, so that no page table lets anybody store any more.
    ///
    /// # Errors
    /// `TextBusy` if it is one already; `Io`, `NoSpace` if something could not be written out.
    pub(crate) fn become_device(&self) -> Result<()> {
        {
            let _change = self.start_change()?;
            let _no_store = self.mapping.invalidate_exclusive();
            self.mapping.set_device(true);
        }
        self.fsync().inspect_err(|_| self.mapping.set_device(false))
    }

    /// The file is about to be changed: `inode_inc_iversion`. Relaxed: a sync that does not see this need not see the change.
    pub(crate) fn count_change(&self) {
        self.version.fetch_add(1, Relaxed);
    }
}
