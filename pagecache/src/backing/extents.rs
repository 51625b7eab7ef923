//! Which blocks of a device a file has: runs of file blocks on runs of device blocks.

use std::collections::BTreeMap;
use std::ops::Range;

/// One run: file blocks `start..start + length` (the key in the map is `start`) on device blocks from `block` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    block: u64,
    length: u64,
}

/// The extent map of one file. No two extents overlap, and no two could be one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExtentMap(BTreeMap<u64, Extent>);

impl ExtentMap {
    /// The runs in order: a fraction of what the map takes.
    pub(super) fn into_extents(self) -> Box<[(u64, Extent)]> {
        self.0.into_iter().collect()
    }

    /// A map of runs that came from one.
    pub(super) fn from_extents(extents: Box<[(u64, Extent)]>) -> ExtentMap {
        ExtentMap(extents.into_iter().collect())
    }

    /// The device block of a file block.
    pub(super) fn block_of(&self, index: u64) -> Option<u64> {
        let (start, extent) = self.0.range(..=index).next_back()?;
        let within = index - start;
        (within < extent.length).then(|| extent.block + within)
    }

    /// Maps a file block that has no block yet, and joins it with its neighbours where that makes one run.
    pub(super) fn insert(&mut self, index: u64, block: u64) {
        let (mut start, mut extent) = (index, Extent { block, length: 1 });
        if let Some((&before, &left)) = self.0.range(..index).next_back()
            && before + left.length == index
            && left.block + left.length == block
        {
            (start, extent) = (before, Extent { block: left.block, length: left.length + 1 });
        }
        if let Some(&right) = index.checked_add(1).and_then(|next| self.0.get(&next))
            && right.block == block + 1
        {
            self.0.remove(&(index + 1));
            extent.length += right.length;
        }
        self.0.insert(start, extent);
    }

    /// Renumbers all file blocks from `from` on; the new numbers are in the same order and collide with none.
    pub(super) fn shift(&mut self, from: u64, to: impl Fn(u64) -> u64) {
        let first = self.0.range(..from).next_back().map_or(from, |(start, _)| *start);
        let touched: Vec<(u64, Extent)> = self.0.range(first..).map(|(start, extent)| (*start, *extent)).collect();
        self.0.split_off(&first);
        for (start, extent) in touched {
            for index in start..start + extent.length {
                let moved = if index < from { index } else { to(index) };
                self.insert(moved, extent.block + (index - start));
            }
        }
    }

    /// The blocks of a range, numbered from its start.
    pub(super) fn list(&self, range: Range<u64>) -> Vec<(u64, u64)> {
        let first = self.0.range(..=range.start).next_back().map_or(range.start, |(start, _)| *start);
        let mapped = self.0.range(first..range.end).flat_map(|(start, extent)| {
            let (from, to) = ((*start).max(range.start), (start + extent.length).min(range.end));
            (from..to).map(move |index| (index, extent.block + (index - start)))
        });
        mapped.map(|(index, block)| (index - range.start, block)).collect()
    }

    /// Unmaps a range and returns its device blocks.
    pub(super) fn remove(&mut self, range: Range<u64>) -> Vec<u64> {
        self.take(range).into_iter().map(|(_, block)| block).collect()
    }

    /// What is mapped in a range changes places with what another map has from `to` on. Returns how many blocks went each way.
    pub(super) fn exchange(&mut self, from: Range<u64>, other: &mut ExtentMap, to: u64) -> (u64, u64) {
        let theirs = other.take(to..to + (from.end - from.start));
        let ours = self.take(from.clone());
        other.insert_all(&ours, |index| index - from.start + to);
        self.insert_all(&theirs, |index| index - to + from.start);
        (ours.len() as u64, theirs.len() as u64)
    }

    /// The same with a range of this map, which does not overlap the first.
    pub(super) fn exchange_within(&mut self, from: Range<u64>, to: u64) {
        let theirs = self.take(to..to + (from.end - from.start));
        let ours = self.take(from.clone());
        self.insert_all(&ours, |index| index - from.start + to);
        self.insert_all(&theirs, |index| index - to + from.start);
    }

    fn insert_all(&mut self, blocks: &[(u64, u64)], to: impl Fn(u64) -> u64) {
        for &(index, block) in blocks {
            self.insert(to(index), block);
        }
    }

    /// Unmaps a range and returns what it mapped.
    fn take(&mut self, range: Range<u64>) -> Vec<(u64, u64)> {
        let mut taken = Vec::new();
        if range.is_empty() {
            return taken;
        }
        let first = self.0.range(..=range.start).next_back().map_or(range.start, |(start, _)| *start);
        let touched: Vec<(u64, Extent)> =
            self.0.range(first..range.end).map(|(start, extent)| (*start, *extent)).collect();
        for (start, extent) in touched {
            let end = start + extent.length;
            let (from, to) = (start.max(range.start), end.min(range.end));
            if from >= to {
                continue;
            }
            self.0.remove(&start);
            taken.extend((from..to).map(|index| (index, extent.block + (index - start))));
            if start < from {
                self.0.insert(start, Extent { block: extent.block, length: from - start });
            }
            if to < end {
                self.0.insert(to, Extent { block: extent.block + (to - start), length: end - to });
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_become_one_run() {
        let mut map = ExtentMap::default();
        for (index, block) in [(5, 105), (7, 107), (6, 106), (8, 200)] {
            map.insert(index, block);
        }
        assert_eq!(map.0.len(), 2);
        assert_eq!(
            (4..10).map(|index| map.block_of(index)).collect::<Vec<_>>(),
            [None, Some(105), Some(106), Some(107), Some(200), None]
        );
        assert_eq!(map.remove(6..7), [106]);
        assert_eq!((map.block_of(5), map.block_of(6), map.block_of(7)), (Some(105), None, Some(107)));
        assert_eq!(map.remove(0..u64::MAX), [105, 107, 200]);
        assert_eq!(map, ExtentMap::default());
    }

    #[test]
    fn a_run_is_split_and_joined_by_shifting() {
        let mut map = ExtentMap::default();
        (0..8).for_each(|index| map.insert(index, 100 + index));
        map.shift(4, |index| index + 10);
        assert_eq!((map.0.len(), map.block_of(3), map.block_of(4), map.block_of(14)), (2, Some(103), None, Some(104)));
        map.shift(14, |index| index - 10);
        assert_eq!((map.0.len(), map.block_of(7)), (1, Some(107)));
    }

    #[test]
    fn a_map_agrees_with_a_plain_table() {
        let (mut map, mut table) = (ExtentMap::default(), BTreeMap::new());
        let mut state = 3u64;
        for _ in 0..5000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (index, length) = (state >> 33 & 63, state >> 40 & 7);
            if state >> 60 < 12 {
                if let std::collections::btree_map::Entry::Vacant(slot) = table.entry(index) {
                    let block = index + 100 * (state >> 50 & 1);
                    slot.insert(block);
                    map.insert(index, block);
                }
            } else {
                let range = index..index + length;
                let gone: Vec<u64> = table.range(range.clone()).map(|(_, block)| *block).collect();
                table.retain(|index, _| !range.contains(index));
                assert_eq!(map.remove(range), gone);
            }
            assert!((0..72).all(|index| map.block_of(index) == table.get(&index).copied()));
        }
    }
}
