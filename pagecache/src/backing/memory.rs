//! A block device in memory, with the extent maps of the files on it.

use super::extents::ExtentMap;
use crate::folio::PageData;
use crate::locks::EXTENTS;
use lockdep::parking_lot::Mutex;
use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::sync::Arc;

/// A device of a fixed number of blocks of one page each. A freed block keeps its contents, as on a disk, and is the first
/// to be used again, so that whoever still reads it sees somebody else's data soon.
#[derive(Debug)]
pub struct Device {
    blocks: Box<[PageData]>,
    extents: Mutex<Allocation>,
}

#[derive(Debug, Default)]
struct Allocation {
    maps: HashMap<u64, ExtentMap>,
    /// Free blocks; the last one is used first.
    free: Vec<u64>,
}

impl Device {
    /// An empty device of this many blocks.
    #[must_use]
    pub fn new(blocks: usize) -> Arc<Device> {
        let free = (0..blocks as u64).rev().collect();
        let allocation = Allocation { maps: HashMap::new(), free };
        let blocks = (0..blocks).map(|_| PageData::zeroed()).collect();
        Arc::new(Device { blocks, extents: Mutex::named(&EXTENTS, allocation) })
    }

    /// How many blocks are free.
    #[must_use]
    pub fn free_blocks(&self) -> usize {
        self.extents.lock().free.len()
    }

    /// The block of a page of a file.
    pub(crate) fn block_of(&self, ino: u64, index: u64) -> Option<u64> {
        self.extents.lock().maps.get(&ino)?.block_of(index)
    }

    /// The block of a page of a file, allocated now if it has none.
    pub(crate) fn allocate(&self, ino: u64, index: u64) -> io::Result<u64> {
        let mut extents = self.extents.lock();
        let Allocation { maps, free } = &mut *extents;
        let map = maps.entry(ino).or_default();
        if let Some(block) = map.block_of(index) {
            return Ok(block);
        }
        let full = || io::Error::new(io::ErrorKind::StorageFull, "the device has no free block");
        let block = free.pop().ok_or_else(full)?;
        map.insert(index, block);
        Ok(block)
    }

    /// Gives back the blocks of a range of a file.
    pub(crate) fn free(&self, ino: u64, range: Range<u64>) {
        let mut extents = self.extents.lock();
        let Allocation { maps, free } = &mut *extents;
        let Some(map) = maps.get_mut(&ino) else { return };
        free.extend(map.remove(range));
        if *map == ExtentMap::default() {
            maps.remove(&ino);
        }
    }

    pub(crate) fn read(&self, block: u64, page: &PageData) {
        page.copy_from(&self.blocks[block as usize]);
    }

    pub(crate) fn write(&self, block: u64, page: &PageData) {
        self.blocks[block as usize].copy_from(page);
    }
}
