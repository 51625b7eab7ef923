//! Which blocks a file has, under whichever lock its file-system type has for that.

use super::Device;
use super::extents::ExtentMap;
use crate::error::Result;
use lockdep::LockClassKey;
use lockdep::parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// The block maps of all files of a file system, by inode number, under one lock.
pub(crate) type BlockMaps = Arc<Mutex<HashMap<u64, ExtentMap>>>;

/// The block map of one file.
#[derive(Debug)]
pub(crate) enum BlockMap {
    /// Under a lock of its own: `i_data_sem`.
    PerInode(RwLock<ExtentMap>),
    /// One of many under one lock.
    Shared { maps: BlockMaps, ino: u64 },
}

impl BlockMap {
    pub(crate) fn per_inode(key: &'static LockClassKey) -> BlockMap {
        BlockMap::PerInode(RwLock::named(key, ExtentMap::default()))
    }

    fn read<T>(&self, ask: impl FnOnce(&ExtentMap) -> T) -> T {
        match self {
            BlockMap::PerInode(map) => ask(&map.read()),
            BlockMap::Shared { maps, ino } => ask(maps.lock().entry(*ino).or_default()),
        }
    }

    fn write<T>(&self, change: impl FnOnce(&mut ExtentMap) -> T) -> T {
        match self {
            BlockMap::PerInode(map) => change(&mut map.write()),
            BlockMap::Shared { maps, ino } => change(maps.lock().entry(*ino).or_default()),
        }
    }

    /// The block of a page.
    pub(crate) fn block_of(&self, index: u64) -> Option<u64> {
        self.read(|map| map.block_of(index))
    }

    /// The block of a page, allocated now if it has none.
    pub(crate) fn allocate(&self, index: u64, device: &Device) -> Result<u64> {
        self.write(|map| match map.block_of(index) {
            Some(block) => Ok(block),
            None => {
                let block = device.allocate()?;
                map.insert(index, block);
                Ok(block)
            }
        })
    }

    /// Gives back the blocks of a range.
    pub(crate) fn free(&self, range: Range<u64>, device: &Device) {
        self.write(|map| device.free(map.remove(range)));
    }

    /// Gives back the blocks of a range and moves what follows into its place.
    pub(crate) fn collapse(&self, range: Range<u64>, device: &Device) {
        self.write(|map| {
            device.free(map.remove(range.clone()));
            map.shift(range.end, |index| index - (range.end - range.start));
        });
    }

    /// Moves everything from `at` on, so that there is room for `count` pages.
    pub(crate) fn insert_gap(&self, at: u64, count: u64) {
        self.write(|map| map.shift(at, |index| index + count));
    }

    /// The file is gone.
    pub(crate) fn forget(&self) {
        if let BlockMap::Shared { maps, ino } = self {
            maps.lock().remove(ino);
        }
    }
}
