//! The index of a mapping's pages: a radix tree with marks, read without a lock: `struct xarray`, as far as the page cache
//! needs it.
//!
//! Numbers are cut into digits of six bits. There is a tree for every count of digits, so that a tree never grows in height and a
//! node, once made, stays where it is until the index is dropped: readers need no protection against nodes that go away.
//! Whoever changes the index holds the mapping's `i_pages`; whoever reads it may see any change or not, and finds out at the
//! folio whether what it found is still true.

use crate::error::{Error, Result};
use crate::folio::FolioId;
use crate::reclaim::Shadow;
use crate::sync::atomic::AtomicU64;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

const BITS: u32 = 6;
const FAN: usize = 1 << BITS;
/// Digits of a 64-bit number.
const DIGITS: usize = 64usize.div_ceil(BITS as usize);

/// What can be said of a page in the index, to find such pages fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It is there.
    Present,
    /// It is newer than the device's.
    Dirty,
    /// It is being written.
    Writeback,
    /// It is to be written by the sync that is under way.
    ToWrite,
}

const MARKS: usize = 4;

/// The pages of a mapping by number.
#[derive(Debug, Default)]
pub(crate) struct Index {
    trees: [OnceLock<Box<Node>>; DIGITS],
}

#[derive(Debug)]
struct Node {
    /// For every mark, the slots in or below which it is.
    marks: [AtomicU64; MARKS],
    below: Below,
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "a boxed array would cost every step down one more line of memory")]
enum Below {
    Nodes([OnceLock<Box<Node>>; FAN]),
    Pages([AtomicU64; FAN]),
}

/// How many digits a number has.
fn digits(number: u64) -> usize {
    ((u64::BITS - number.leading_zeros()).div_ceil(BITS) as usize).max(1)
}

fn digit(number: u64, height: usize) -> usize {
    (number >> (BITS as usize * height)) as usize & (FAN - 1)
}

impl Node {
    /// A node with `height` levels of nodes below it.
    fn new(height: usize) -> Box<Node> {
        let below = match height {
            0 => Below::Pages([const { AtomicU64::new(0) }; FAN]),
            _ => Below::Nodes([const { OnceLock::new() }; FAN]),
        };
        Box::new(Node { marks: [const { AtomicU64::new(0) }; MARKS], below })
    }

    fn child(&self, slot: usize) -> Option<&Node> {
        match &self.below {
            Below::Nodes(nodes) => nodes[slot].get().map(|node| &**node),
            Below::Pages(_) => None,
        }
    }

    fn slot(&self, slot: usize) -> Option<&AtomicU64> {
        match &self.below {
            Below::Pages(pages) => Some(&pages[slot]),
            Below::Nodes(_) => None,
        }
    }

    /// Sets a mark, or clears it where nothing below has it. Called by whoever holds `i_pages`.
    fn mark(&self, mark: Mark, slot: usize, on: bool) {
        let marks = &self.marks[mark as usize];
        let (now, bit) = (marks.load(Relaxed), 1 << slot);
        // Pairs with the acquire in `next`: who sees the mark sees the page.
        marks.store(if on { now | bit } else { now & !bit }, Release);
    }

    fn has_any(&self, mark: Mark) -> bool {
        self.marks[mark as usize].load(Relaxed) != 0
    }

    /// The first page with a mark at or after `from` in the subtree whose first number is `base`.
    fn next(&self, mark: Mark, height: usize, base: u64, from: u64) -> Option<(u64, FolioId)> {
        let first = if from > base { digit(from, height) } else { 0 };
        let mut slots = self.marks[mark as usize].load(Acquire) & (u64::MAX << first);
        while slots != 0 {
            let slot = slots.trailing_zeros() as usize;
            slots &= slots - 1;
            let at = base + ((slot as u64) << (BITS as usize * height));
            let found = match self.slot(slot) {
                Some(page) => FolioId::from_bits(page.load(Acquire)).map(|id| (at, id)),
                None => self.child(slot).and_then(|node| node.next(mark, height - 1, at, from.max(at))),
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

impl Index {
    /// The slot of a number, if its nodes are there.
    fn find(&self, number: u64) -> Option<&AtomicU64> {
        let top = digits(number) - 1;
        let mut node: &Node = self.trees[top].get()?;
        for height in (1..=top).rev() {
            node = node.child(digit(number, height))?;
        }
        node.slot(digit(number, 0))
    }

    /// The page with this number.
    pub(crate) fn get(&self, number: u64) -> Option<FolioId> {
        // Pairs with the release in `insert`: who finds the folio sees its number and its mapping.
        FolioId::from_bits(self.find(number)?.load(Acquire))
    }

    /// The first page with a mark in a range.
    pub(crate) fn next(&self, mark: Mark, range: Range<u64>) -> Option<(u64, FolioId)> {
        let trees = self.trees.iter().enumerate().skip(digits(range.start) - 1);
        let found = trees.filter_map(|(top, tree)| tree.get()?.next(mark, top, 0, range.start)).next();
        found.filter(|(number, _)| *number < range.end)
    }

    /// Puts a page in. Returns what the last one has left in its place.
    ///
    /// # Errors
    /// `Busy` if there is a page.
    pub(crate) fn insert(&self, number: u64, id: FolioId) -> Result<Option<Shadow>> {
        let top = digits(number) - 1;
        let mut node: &Node = self.trees[top].get_or_init(|| Node::new(top));
        let mut path = [None; DIGITS];
        for height in (1..=top).rev() {
            path[height] = Some(node);
            let Below::Nodes(nodes) = &node.below else { unreachable!("only the lowest level has pages") };
            node = nodes[digit(number, height)].get_or_init(|| Node::new(height - 1));
        }
        path[0] = Some(node);
        let slot = node.slot(digit(number, 0)).expect("the lowest level has pages");
        let before = slot.load(Relaxed);
        if FolioId::from_bits(before).is_some() {
            return Err(Error::Busy);
        }
        slot.store(id.bits(), Release);
        for (height, node) in path.iter().enumerate() {
            node.iter().for_each(|node| node.mark(Mark::Present, digit(number, height), true));
        }
        Ok(Shadow::from_bits(before))
    }

    /// Takes a page out, and with it its marks, and leaves something in its place or not. What is left is no page to anybody; it
    /// stays until there is one again.
    pub(crate) fn remove(&self, number: u64, left: Option<Shadow>) {
        if let Some(slot) = self.find(number) {
            slot.store(left.map_or(0, Shadow::to_bits), Release);
            for mark in [Mark::Present, Mark::Dirty, Mark::Writeback, Mark::ToWrite] {
                self.set_mark(number, mark, false);
            }
        }
    }

    /// Sets or clears a mark of a page.
    pub(crate) fn set_mark(&self, number: u64, mark: Mark, on: bool) {
        let top = digits(number) - 1;
        let mut path = [None; DIGITS];
        let mut node = self.trees[top].get().map(|node| &**node);
        for height in (0..=top).rev() {
            path[height] = node;
            node = if height == 0 { None } else { node.and_then(|node| node.child(digit(number, height))) };
        }
        for (height, node) in path.iter().enumerate() {
            let Some(node) = node else { return };
            node.mark(mark, digit(number, height), on);
            if !on && node.has_any(mark) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const KINDS: [Mark; 4] = [Mark::Present, Mark::Dirty, Mark::Writeback, Mark::ToWrite];

    fn id(bits: u64) -> FolioId {
        FolioId::from_bits(bits & !(1 << 31)).expect("it is not zero")
    }

    #[test]
    fn the_ends_of_the_range_and_of_every_tree_are_numbers_like_others() {
        let index = Index::default();
        let mut numbers: Vec<u64> = (0..64).flat_map(|bit| [(1u64 << bit) - 1, 1 << bit]).chain([u64::MAX]).collect();
        numbers.sort_unstable();
        numbers.dedup();
        for &number in &numbers {
            assert_eq!(index.insert(number, id(number | 1)), Ok(None));
            assert_eq!(index.insert(number, id(7)), Err(Error::Busy));
        }
        assert!(numbers.iter().all(|&number| index.get(number) == Some(id(number | 1))));
        let mut at = 0;
        for &number in &numbers[..numbers.len() - 1] {
            let found = index.next(Mark::Present, at..u64::MAX);
            assert_eq!(found.map(|(number, _)| number), Some(number));
            at = number + 1;
        }
        numbers.iter().for_each(|&number| index.remove(number, None));
        assert_eq!(index.next(Mark::Present, 0..u64::MAX), None);
    }

    #[test]
    fn it_agrees_with_a_plain_table() {
        let (index, mut table) = (Index::default(), BTreeMap::<u64, [bool; 4]>::new());
        let mut state = 11u64;
        for _ in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let number = match state >> 62 {
                0 => state >> 33 & 63,
                1 => state >> 33 & 0xfff,
                _ => 4090 + (state >> 33 & 15),
            };
            let mark = KINDS[1 + (state >> 20) as usize % 3];
            match state >> 28 & 7 {
                0..3 => {
                    let new = index.insert(number, id(number + 1)).is_ok();
                    assert_eq!(
                        new,
                        table
                            .insert(number, table.get(&number).copied().unwrap_or([true, false, false, false]))
                            .is_none()
                    );
                }
                3 => {
                    index.remove(number, None);
                    table.remove(&number);
                }
                _ => {
                    let on = state >> 40 & 1 == 0;
                    if let Some(marks) = table.get_mut(&number) {
                        marks[mark as usize] = on;
                        index.set_mark(number, mark, on);
                    }
                }
            }
            let from = state >> 50 & 0x1fff;
            for mark in KINDS {
                let expected = table.range(from..from + 100).find(|(_, marks)| marks[mark as usize]);
                let found = index.next(mark, from..from + 100).map(|(number, _)| number);
                assert_eq!(found, expected.map(|(number, _)| *number), "{mark:?} from {from}");
            }
        }
    }
}
