//! The arcs at one side of a component. Most have few, and those lie beside the component itself: to go along them costs no more
//! misses of the cache than there are components at their ends.

/// How many arcs lie beside their component: the average of a large graph, and as many as fit into a line of the cache twice.
const FEW: usize = 4;
/// Stands for the number of arcs of those whose arcs lie elsewhere.
const MANY: u32 = u32::MAX;

/// The other ends of some arcs, or where they are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Arcs {
    count: u32,
    ends: [u32; FEW],
}

/// The arcs of all that have more than a few.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool {
    lists: Vec<Vec<u32>>,
}

impl Arcs {
    /// The other ends.
    pub(super) fn ends<'a>(&'a self, pool: &'a Pool) -> &'a [u32] {
        match self.count {
            MANY => &pool.lists[self.ends[0] as usize],
            count => &self.ends[..count as usize],
        }
    }

    /// Adds an arc.
    pub(super) fn push(&mut self, pool: &mut Pool, end: u32) {
        match self.count {
            MANY => pool.lists[self.ends[0] as usize].push(end),
            count if count as usize == FEW => {
                let mut list = Vec::with_capacity(2 * FEW);
                list.extend(self.ends);
                list.push(end);
                *self = Arcs { count: MANY, ends: [pool.lists.len() as u32, 0, 0, 0] };
                pool.lists.push(list);
            }
            count => {
                self.ends[count as usize] = end;
                self.count += 1;
            }
        }
    }

    /// Takes out the arc at a place, into which the last one comes.
    pub(super) fn remove(&mut self, pool: &mut Pool, place: usize) {
        if self.count == MANY {
            pool.lists[self.ends[0] as usize].swap_remove(place);
        } else {
            self.count -= 1;
            self.ends[place] = self.ends[self.count as usize];
        }
    }

    /// Takes over the arcs of another, or lets it take these over if they are fewer: an arc moves a logarithmic number of times.
    pub(super) fn append(&mut self, pool: &mut Pool, mut other: Arcs) {
        if self.ends(pool).len() < other.ends(pool).len() {
            std::mem::swap(self, &mut other);
        }
        match other.count {
            MANY => {
                for end in std::mem::take(&mut pool.lists[other.ends[0] as usize]) {
                    self.push(pool, end);
                }
            }
            count => other.ends[..count as usize].iter().for_each(|&end| self.push(pool, end)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_are_the_same_set() {
        let (mut pool, mut small, mut large) = (Pool::default(), Arcs::default(), Arcs::default());
        (0..3).for_each(|end| small.push(&mut pool, end));
        (3..20).for_each(|end| large.push(&mut pool, end));
        small.remove(&mut pool, 0);
        large.remove(&mut pool, 0);
        small.append(&mut pool, large);
        let mut ends = small.ends(&pool).to_vec();
        ends.sort_unstable();
        assert_eq!(ends, [1, 2].into_iter().chain(4..20).collect::<Vec<_>>());
    }
}
