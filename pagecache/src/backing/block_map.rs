//! Which blocks a file has, under whichever lock its file-system type has for that.

use super::Device;
use super::extents::ExtentMap;
use crate::error::Result;
use crate::fs::{Extents, FileSystemType};
use crate::sync::{Mutex, RwLock};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// The block maps of all files of a file system, by inode number, under one lock.
pub(crate) type BlockMaps = Arc<Mutex<HashMap<u64, ExtentMap>>>;

/// The block map of one file.
#[derive(Debug)]
pub(crate) struct BlockMap {
    map: Map,
    /// `i_lock`: how many blocks the map has, for those who only ask and must not wait for whoever changes it.
    used: Mutex<u64>,
}

#[derive(Debug)]
enum Map {
    /// Under a lock of its own: `i_data_sem`.
    PerInode(RwLock<ExtentMap>),
    /// One of many under one lock.
    Shared { maps: BlockMaps, ino: u64 },
}

impl BlockMap {
    pub(crate) fn new(fs: &FileSystemType, maps: &BlockMaps, ino: u64) -> BlockMap {
        let map = match fs.extents {
            Extents::PerInode => Map::PerInode(RwLock::named(fs.keys.extents, ExtentMap::default())),
            Extents::Shared => Map::Shared { maps: Arc::clone(maps), ino },
        };
        BlockMap { map, used: Mutex::named(fs.keys.i_lock, 0) }
    }

    fn read<T>(&self, ask: impl FnOnce(&ExtentMap) -> T) -> T {
        match &self.map {
            Map::PerInode(map) => ask(&map.read()),
            Map::Shared { maps, ino } => ask(maps.lock().entry(*ino).or_default()),
        }
    }

    fn write<T>(&self, change: impl FnOnce(&mut ExtentMap) -> T) -> T {
        match &self.map {
            Map::PerInode(map) => change(&mut map.write()),
            Map::Shared { maps, ino } => change(maps.lock().entry(*ino).or_default()),
        }
    }

    /// The block of a page.
    pub(crate) fn block_of(&self, index: u64) -> Option<u64> {
        self.read(|map| map.block_of(index))
    }

    /// How many blocks there are: `i_blocks`.
    pub(crate) fn used(&self) -> u64 {
        *self.used.lock()
    }

    /// The block of a page, allocated now if it has none.
    pub(crate) fn allocate(&self, index: u64, device: &Device) -> Result<u64> {
        self.write(|map| match map.block_of(index) {
            Some(block) => Ok(block),
            None => {
                let block = device.allocate()?;
                map.insert(index, block);
                *self.used.lock() += 1;
                Ok(block)
            }
        })
    }

    /// Takes the blocks of a range out of a map of this file.
    fn take(&self, map: &mut ExtentMap, range: Range<u64>, device: &Device) {
        let blocks = map.remove(range);
        *self.used.lock() -= blocks.len() as u64;
        device.free(blocks);
    }

    /// Gives back the blocks of a range.
    pub(crate) fn free(&self, range: Range<u64>, device: &Device) {
        self.write(|map| self.take(map, range, device));
    }

    /// Gives back the blocks of a range and moves what follows into its place.
    pub(crate) fn collapse(&self, range: Range<u64>, device: &Device) {
        self.write(|map| {
            self.take(map, range.clone(), device);
            map.shift(range.end, |index| index - (range.end - range.start));
        });
    }

    /// Moves everything from `at` on, so that there is room for `count` pages.
    pub(crate) fn insert_gap(&self, at: u64, count: u64) {
        self.write(|map| map.shift(at, |index| index + count));
    }

    /// The blocks of a range change places with those of the range of another file that begins at `to`. Whoever calls this for
    /// two files does so for one and the same of them, whatever the ranges: the second lock is nested in the first.
    pub(crate) fn exchange(&self, from: Range<u64>, other: &BlockMap, to: u64) {
        let (given, taken) = match (&self.map, &other.map) {
            _ if std::ptr::eq(self, other) => return self.write(|map| map.exchange_within(from, to)),
            (Map::PerInode(one), Map::PerInode(two)) => {
                one.write().exchange(from, &mut two.write_nested(crate::locks::SECOND), to)
            }
            (Map::Shared { maps, ino }, Map::Shared { ino: other, .. }) => {
                let mut maps = maps.lock();
                let mut second = maps.remove(other).unwrap_or_default();
                let moved = maps.entry(*ino).or_default().exchange(from, &mut second, to);
                maps.insert(*other, second);
                moved
            }
            _ => unreachable!("both files are of one file system"),
        };
        for (map, more, less) in [(self, taken, given), (other, given, taken)] {
            let mut used = map.used.lock();
            *used = *used + more - less;
        }
    }

    /// The file is gone.
    pub(crate) fn forget(&self) {
        if let Map::Shared { maps, ino } = &self.map {
            maps.lock().remove(ino);
        }
    }
}
