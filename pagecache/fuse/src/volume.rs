//! One directory of files, by the numbers that the system calls them: everything that FUSE asks for, without FUSE.

use lockdep::lock_classes;
use lockdep::parking_lot::Mutex;
use pagecache::{
    Device, Directory, Error, File, FileSystemType, Inode, Memory, MountOptions, Readahead, Result, SuperBlock,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

lock_classes! {
    KNOWN = "Volume::known";
    OPEN = "Volume::open";
    AHEAD = "Handle::ahead";
}

/// A directory of files on a device.
#[derive(Debug)]
pub struct Volume {
    device: Arc<Device>,
    memory: Arc<Memory>,
    directory: Directory,
    /// The files that the system knows by number, with or without a name, and how often it was told of each.
    known: Mutex<HashMap<u64, (Arc<Inode>, u64)>>,
    open: Mutex<HashMap<u64, Arc<Handle>>>,
    next_handle: AtomicU64,
}

/// An open file, and how far its reader has read ahead.
#[derive(Debug)]
pub struct Handle {
    file: File,
    ahead: Mutex<Readahead>,
}

impl Volume {
    /// An empty volume.
    #[must_use]
    pub fn new(fs: &'static FileSystemType, device: Arc<Device>, memory: Arc<Memory>) -> Volume {
        let options = MountOptions { memory: Arc::clone(&memory), ..MountOptions::default() };
        let directory = Directory::new(&SuperBlock::mount(fs, Arc::clone(&device), options));
        Volume {
            device,
            memory,
            directory,
            known: Mutex::named(&KNOWN, HashMap::new()),
            open: Mutex::named(&OPEN, HashMap::new()),
            next_handle: AtomicU64::new(1),
        }
    }

    /// Its device.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// What its pages are charged to.
    #[must_use]
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The system knows one more name of a file.
    fn learn(&self, inode: &Arc<Inode>) {
        self.known.lock().entry(inode.ino()).or_insert_with(|| (Arc::clone(inode), 0)).1 += 1;
    }

    /// The file of a name; the system knows it from now on.
    ///
    /// # Errors
    /// As [`Directory::lookup`].
    pub fn lookup(&self, name: &str) -> Result<Arc<Inode>> {
        let inode = self.directory.lookup(name)?;
        self.learn(&inode);
        Ok(inode)
    }

    /// The system was told of a file this often and has forgotten it. A file without a name goes with its last user.
    pub fn forget(&self, ino: u64, times: u64) {
        let gone = {
            let mut known = self.known.lock();
            match known.get_mut(&ino) {
                Some((_, count)) if *count > times => {
                    *count -= times;
                    None
                }
                _ => known.remove(&ino),
            }
        };
        drop(gone);
    }

    /// A file that the system knows.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn inode(&self, ino: u64) -> Result<Arc<Inode>> {
        self.known.lock().get(&ino).map(|(inode, _)| Arc::clone(inode)).ok_or(Error::NotFound)
    }

    /// Creates a file; the system knows it from now on.
    ///
    /// # Errors
    /// As [`Directory::create`].
    pub fn create(&self, name: &str) -> Result<Arc<Inode>> {
        let inode = self.directory.create(name)?;
        self.learn(&inode);
        Ok(inode)
    }

    /// Takes a name away.
    ///
    /// # Errors
    /// As [`Directory::unlink`].
    pub fn unlink(&self, name: &str) -> Result<()> {
        self.directory.unlink(name)
    }

    /// Names and numbers of all files, in order.
    ///
    /// # Errors
    /// As [`Directory::names`].
    pub fn list(&self) -> Result<Vec<(String, u64)>> {
        let mut names = self.directory.names()?;
        names.sort();
        // One that was unlinked meanwhile is not there any more.
        Ok(names
            .into_iter()
            .filter_map(|name| self.directory.lookup(&name).ok().map(|file| (name, file.ino())))
            .collect())
    }

    /// Opens a file that the system knows. Returns the number of the handle.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn open(&self, ino: u64) -> Result<u64> {
        let file = self.inode(ino)?.open();
        let number = self.next_handle.fetch_add(1, Relaxed);
        let handle = Handle { file, ahead: Mutex::named(&AHEAD, Readahead::default()) };
        self.open.lock().insert(number, Arc::new(handle));
        Ok(number)
    }

    /// An open file.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn handle(&self, number: u64) -> Result<Arc<Handle>> {
        self.open.lock().get(&number).cloned().ok_or(Error::NotFound)
    }

    /// Closes a file.
    pub fn close(&self, number: u64) {
        let closed = self.open.lock().remove(&number);
        drop(closed);
    }

    /// Writes everything out.
    ///
    /// # Errors
    /// The last one of those that [`File::sync`] tells.
    pub fn sync(&self) -> Result<()> {
        let mut outcome = self.directory.fsync();
        for (name, _) in self.list()? {
            outcome = self.directory.lookup(&name).map_or(Ok(()), |file| file.fsync()).and(outcome);
        }
        outcome
    }
}

impl Handle {
    /// The open file.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Reads, and reads ahead.
    ///
    /// # Errors
    /// As [`Inode::read_at`].
    pub fn read(&self, buf: &mut [u8], offset: u64) -> Result<usize> {
        // Two readers of one handle confuse each other's window at worst, but wait for nothing.
        let mut ahead = self.ahead.lock().clone();
        let read = self.file.read_sequentially(&mut ahead, buf, offset);
        *self.ahead.lock() = ahead;
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pagecache::EXT;

    fn volume() -> Volume {
        Volume::new(&EXT, Device::new(64), Memory::new(16))
    }

    #[test]
    fn a_file_that_is_open_and_has_no_name_any_more_is_there_until_it_is_closed() {
        let volume = volume();
        let ino = volume.create("file").unwrap().ino();
        let handle = volume.open(ino).unwrap();
        volume.handle(handle).unwrap().file().write_at(&[1; 8 * 4096], 0).unwrap();
        volume.sync().unwrap();
        volume.unlink("file").unwrap();
        volume.forget(ino, 1);
        assert_eq!(volume.lookup("file").map(drop), Err(Error::NotFound));
        let mut bytes = [0; 4096];
        assert_eq!((volume.handle(handle).unwrap().read(&mut bytes, 4096), bytes), (Ok(4096), [1; 4096]));
        let free = volume.device().free_blocks();
        volume.close(handle);
        assert_eq!(volume.device().free_blocks(), free + 8);
        assert_eq!(volume.handle(handle).map(drop), Err(Error::NotFound));
    }

    #[test]
    fn a_file_is_known_as_often_as_the_system_was_told_of_it() {
        let volume = volume();
        let ino = volume.create("b").unwrap().ino();
        volume.create("a").unwrap();
        volume.lookup("b").unwrap();
        volume.forget(ino, 1);
        assert!(volume.inode(ino).is_ok());
        volume.forget(ino, 1);
        assert_eq!(volume.inode(ino).map(drop), Err(Error::NotFound));
        assert_eq!(volume.list().unwrap().iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }
}
