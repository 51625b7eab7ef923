//! What reclaim leaves in the place of a page, so that one that comes back soon is known: the shadow entries of `mm/workingset.c`.

/// Which number of half the word says that it is no page: frames have smaller ones.
const TAG: u64 = 1 << 31;

/// When a page was evicted, in evictions that left shadows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shadow(u32);

impl Shadow {
    /// The eviction with this number. The lower half of the number is kept.
    pub(super) fn new(eviction: u64) -> Shadow {
        Shadow(eviction as u32)
    }

    /// How many evictions there were since, if they were fewer than 2³².
    pub(super) fn age(self, evictions: u64) -> u64 {
        u64::from((evictions as u32).wrapping_sub(self.0))
    }

    /// As the content of a slot of an index.
    pub(crate) fn to_bits(self) -> u64 {
        u64::from(self.0) << 32 | TAG
    }

    /// What a slot has, if that is no page.
    pub(crate) fn from_bits(bits: u64) -> Option<Shadow> {
        (bits & TAG != 0).then_some(Shadow((bits >> 32) as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shadow_tells_its_age_across_the_end_of_the_range() {
        let shadow = Shadow::from_bits(Shadow::new(u64::from(u32::MAX) - 1).to_bits()).expect("it is tagged");
        assert_eq!(shadow.age(u64::from(u32::MAX) + 9), 10);
        assert_eq!(Shadow::from_bits(1 << 32 | 7), None, "that is a page");
    }
}
