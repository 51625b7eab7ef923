//! Keys of chains: what is held, in the order in which it was acquired, as one number.

use crate::entry::How;
use crate::word::FLAGS;

/// The key of the empty chain.
pub(crate) const SEED: u64 = 0x243f_6a88_85a3_08d3;
/// Sixteen times this is the golden ratio of 2^64. It is five modulo eight, so that its powers are as different as they can be.
const POINT: u64 = 0xd9e3_779b_97f4_a7c5;

/// The golden ratio of 2^32.
const SPREAD: u32 = 0x9e37_79b9;

/// What of an acquisition tells chains apart: the class and the mode, in the lower half as an entry keeps them; in the upper half the
/// rest of how, and the mode again unless it is one of two. So no two have the same number. What is in the upper half is spread over
/// the class as well, for in the upper half alone it had no influence on the lower one of any key: chains of seven that differ in
/// nothing but their levels would have one key.
///
/// Nor has what [`held_plain`](crate::entry::held_plain) makes of a word with a flag that asks: where the upper half names no mode, the
/// lower half of what is written ends in 0, of what is read in 3, and of what has such a flag in neither.
#[inline(always)]
pub(crate) fn taken(held: usize, how: How) -> u64 {
    let beyond = if how.keeps_flags() { how.0 & !How::MODE } else { how.0 };
    let spread = beyond.wrapping_mul(SPREAD) & !(FLAGS as u32);
    u64::from(beyond) << 32 | u64::from(held as u32 ^ spread)
}

/// Extends a chain key by one acquisition: a polynomial over the integers modulo 2^64, whose coefficients are the acquisitions
/// themselves (Carter and Wegman 1979; the point is fixed). Its upper bits, which choose the place in a table, are Fibonacci hashing
/// of the class, which is in the lower half from its fifth bit on (Knuth, volume 3, 6.4): neighbouring classes under one lock are far
/// apart.
#[inline(always)]
pub(crate) fn mix(key: u64, taken: u64) -> u64 {
    key.wrapping_add(taken).wrapping_mul(POINT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::held_plain;
    use crate::word::ClassWord;

    const MODES: [How; 5] = [How::WRITE, How::READ, How::RECURSIVE_READ, How::UPGRADABLE, How::UPGRADE];

    #[test]
    fn no_word_with_a_flag_that_asks_makes_the_number_of_an_acquisition() {
        const CLASS: usize = 7 << 4;
        let plain = |how: How| taken(held_plain(CLASS, how), how);
        for how in MODES.into_iter().filter(|how| how.keeps_flags()) {
            // Of bound words, and of unbound ones that are pointers aligned to eight.
            let flags = [0, 1, 8, 9, 4, 4 + 8, 4 + 2, 4 + 2 + 8];
            for flags in flags.into_iter().filter(|flags| !ClassWord::is_plain(CLASS | flags, how.writes())) {
                let number = taken(held_plain(CLASS | flags, how), how);
                assert!(MODES.iter().all(|&other| plain(other) != number), "{how:?} with the flags {flags:#x}");
            }
        }
    }

    #[test]
    fn acquisitions_that_differ_have_different_numbers() {
        let beyond = [0, How::TRY, How::SHORT, How::RANKED, How::UNDER, 1 << How::SUBCLASS_SHIFT];
        let hows = MODES.into_iter().flat_map(|mode| beyond.map(|beyond| How(mode.0 | beyond)));
        let numbers = hows.flat_map(|how| [0, 1, 2, 3].map(|class| taken(held_plain(class << 4, how), how)));
        let mut numbers: Vec<u64> = numbers.collect();
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), count);
    }

    /// The keys of all chains of so many acquisitions.
    fn keys(numbers: &[u64], depth: u32) -> Vec<u64> {
        let add =
            |keys: Vec<u64>| keys.iter().flat_map(|&key| numbers.iter().map(move |&what| mix(key, what))).collect();
        (0..depth).fold(vec![SEED], |keys, _| add(keys))
    }

    fn are_different(mut keys: Vec<u64>) -> bool {
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        keys.len() == count
    }

    #[test]
    fn chains_that_differ_in_how_alone_have_keys_of_their_own() {
        let how = |how: How| taken(held_plain(7 << 4, how), how);
        let levels: Vec<u64> = (0..8).map(|level| how(How(level << How::SUBCLASS_SHIFT))).collect();
        let marks: Vec<u64> = (1..9).map(|number| taken(7, How(number << How::SUBCLASS_SHIFT | How::MODE))).collect();
        let many: Vec<u64> = (0..1500).map(|level| how(How(level << How::SUBCLASS_SHIFT))).collect();
        let tries = [how(How::WRITE), how(How::WRITE.tried())];
        for (numbers, depth) in [(&levels[..], 7), (&marks, 7), (&many, 2), (&tries, 20)] {
            assert!(are_different(keys(numbers, depth)), "{depth} of {numbers:?}");
        }
    }

    #[test]
    fn chains_have_keys_of_their_own() {
        for (classes, depth) in [(1500, 2), (120, 3), (6, 8), (2, 20)] {
            let numbers: Vec<u64> = (1..=classes).map(|class| class << 4).collect();
            let keys = keys(&numbers, depth);
            let count = keys.len();
            assert!(are_different(keys.clone()), "{depth} of {classes} classes");
            let mut places = [0; 1024];
            keys.iter().for_each(|&key| places[(key >> 54) as usize] += 1);
            assert!(places.iter().all(|&keys| keys < 2 * count / places.len()), "their upper bits are evenly spread");
        }
    }
}
