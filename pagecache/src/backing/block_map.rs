//! Which blocks a file has, under whichever lock its file-system type has for that.

use super::Device;
use super::extents::{Extent, ExtentMap};
use crate::error::Result;
use crate::fs::Extents;
use crate::page::PageData;
use crate::superblock::SuperBlock;
use crate::sync::atomic::AtomicU64;
use crate::sync::{Mutex, RwLock};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// The block maps of all files of a file system, by inode number, under one lock.
pub(crate) type BlockMaps = Arc<Mutex<HashMap<u64, ExtentMap>>>;

/// A block that a page can be written to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allocated {
    pub(crate) block: u64,
    /// Whether nothing of the page is in it yet.
    pub(crate) is_new: bool,
}

/// The block map of one file.
#[derive(Debug)]
pub(crate) struct BlockMap {
    map: Map,
    /// `i_lock`: how many blocks the map has, for those who only ask and must not wait for whoever changes it.
    used: Mutex<u64>,
    /// How often the map was changed, or more.
    changes: AtomicU64,
}

/// What is left of a block map when its file is not in memory; a map that is one of many stays with the others.
#[derive(Debug, Default)]
pub(crate) struct DiskBlocks {
    extents: Box<[(u64, Extent)]>,
    used: u64,
    changes: u64,
}

#[derive(Debug)]
enum Map {
    /// Under a lock of its own: `i_data_sem`.
    PerInode(RwLock<ExtentMap>),
    /// One of many under one lock.
    Shared { maps: BlockMaps, ino: u64 },
}

impl BlockMap {
    pub(crate) fn new(sb: &SuperBlock, ino: u64, disk: DiskBlocks) -> BlockMap {
        let keys = sb.keys();
        let map = match sb.fs.extents {
            Extents::PerInode => Map::PerInode(RwLock::named(keys.extents, ExtentMap::from_extents(disk.extents))),
            Extents::Shared => Map::Shared { maps: Arc::clone(sb.block_maps()), ino },
        };
        let used = Mutex::named(keys.i_lock, disk.used);
        BlockMap { map, used, changes: AtomicU64::new(disk.changes) }
    }

    /// Takes what has to be kept of it. Nobody else has the file, so no lock is needed.
    pub(crate) fn take_disk(&mut self) -> DiskBlocks {
        let extents = match &mut self.map {
            Map::PerInode(map) => std::mem::take(map.get_mut()).into_extents(),
            Map::Shared { .. } => Box::default(),
        };
        DiskBlocks { extents, used: std::mem::take(self.used.get_mut()), changes: self.changes() }
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

    /// How often the map was changed, or more. Who waited for a change sees that it is counted.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Relaxed)
    }

    fn count_change(&self) {
        self.changes.fetch_add(1, Relaxed);
    }

    /// A block for a page to be written to, which nobody else has: the one it has, or a new one.
    pub(crate) fn allocate(&self, index: u64, device: &Device) -> Result<Allocated> {
        self.write(|map| match map.block_of(index) {
            Some(block) if !recheck!("a shared block is not written", device.is_shared(block)) => {
                Ok(Allocated { block, is_new: false })
            }
            before => {
                let block = device.allocate()?;
                device.free(map.remove(index..index + 1));
                map.insert(index, block);
                *self.used.lock() += u64::from(before.is_none());
                self.count_change();
                Ok(Allocated { block, is_new: true })
            }
        })
    }

    /// A block of zeros for a page that has none. The kernel marks such blocks as unwritten; here they are written, because a block keeps
    /// what it had, and before anybody who fills the page can find them.
    pub(crate) fn preallocate(&self, index: u64, device: &Device) -> Result<()> {
        if self.block_of(index).is_some() {
            return Ok(());
        }
        let block = device.allocate()?;
        let outcome = device.write(block, &PageData::zeroed());
        let unused = self.write(|map| {
            if outcome.is_err() || map.block_of(index).is_some() {
                return Some(block);
            }
            map.insert(index, block);
            *self.used.lock() += 1;
            None
        });
        device.free(unused);
        outcome
    }

    /// The block of a page, if it has one that nobody else has.
    pub(crate) fn own_block_of(&self, index: u64, device: &Device) -> Option<u64> {
        self.block_of(index).filter(|block| !device.is_shared(*block))
    }

    /// Takes the blocks of a range out of a map of this file.
    fn take(&self, map: &mut ExtentMap, range: Range<u64>, device: &Device) {
        let blocks = map.remove(range);
        *self.used.lock() -= blocks.len() as u64;
        self.count_change();
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
        self.count_change();
    }

    /// The blocks of a range change places with those of the range of another file that begins at `to`. Whoever calls this for
    /// two files does so for one and the same of them, whatever the ranges: the second lock is nested in the first.
    pub(crate) fn exchange(&self, from: Range<u64>, other: &BlockMap, to: u64) {
        self.count_change();
        other.count_change();
        if std::ptr::eq(self, other) {
            return self.write(|map| map.exchange_within(from, to));
        }
        let (given, taken) = self.write_two(other, |map, others| map.exchange(from, others, to));
        for (map, more, less) in [(self, taken, given), (other, given, taken)] {
            let mut used = map.used.lock();
            *used = *used + more - less;
        }
    }

    /// Changes the maps of two files.
    fn write_two<T>(&self, other: &BlockMap, change: impl FnOnce(&mut ExtentMap, &mut ExtentMap) -> T) -> T {
        match (&self.map, &other.map) {
            (Map::PerInode(one), Map::PerInode(two)) => {
                change(&mut one.write(), &mut two.write_nested(crate::locks::SECOND))
            }
            (Map::Shared { maps, ino }, Map::Shared { ino: other, .. }) => {
                let mut maps = maps.lock();
                let mut second = maps.remove(other).unwrap_or_default();
                let changed = change(maps.entry(*ino).or_default(), &mut second);
                maps.insert(*other, second);
                changed
            }
            _ => unreachable!("both files are of one file system"),
        }
    }

    /// The pages from `to` on get these blocks, numbered from 0, and give up what they had.
    fn clone_into(&self, map: &mut ExtentMap, to: u64, count: u64, blocks: &[(u64, u64)], device: &Device) {
        self.take(map, to..to + count, device);
        device.share(blocks.iter().map(|(_, block)| *block));
        blocks.iter().for_each(|(index, block)| map.insert(to + index, *block));
        *self.used.lock() += blocks.len() as u64;
    }

    /// The file is gone.
    pub(crate) fn forget(&self) {
        if let Map::Shared { maps, ino } = &self.map {
            maps.lock().remove(ino);
        }
    }
}

/// The pages from `to` on of a file get the blocks of a range of a file, and share them: `xfs_reflink_remap_blocks`. `source_first` says
/// whose map is locked first.
pub(crate) fn clone_blocks(
    (source, from): (&BlockMap, Range<u64>),
    (target, to): (&BlockMap, u64),
    source_first: bool,
    device: &Device,
) {
    let count = from.end - from.start;
    let change = |source: Option<&mut ExtentMap>, map: &mut ExtentMap| {
        let blocks = source.map_or_else(|| map.list(from.clone()), |source| source.list(from.clone()));
        target.clone_into(map, to, count, &blocks, device);
    };
    if std::ptr::eq(source, target) {
        target.write(|map| change(None, map));
    } else if source_first {
        source.write_two(target, |source, map| change(Some(source), map));
    } else {
        target.write_two(source, |map, source| change(Some(source), map));
    }
}
