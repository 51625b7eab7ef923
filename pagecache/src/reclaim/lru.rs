//! Which page goes next: S3-FIFO (Yang, Zhang, Qiu, Yue and Vinayak, "FIFO queues are all you need for cache eviction", SOSP 2023).
//!
//! A new page goes into a small queue. When it comes to the end of it, it moves into the main queue if it was used twice since, and is
//! evicted if not, so that a scan passes through a tenth of the cache. At the end of the main queue a page that was used goes around
//! again. A page that comes back soon after it had to leave the small queue, as its shadow says, goes into the main queue at once: the
//! paper's ghost queue. Uses only count in the page, and move nothing.
//!
//! `cargo bench -p pagecache --bench reclaim` compares it with other policies; the figures are in the README.
//!
//! A page that leaves its mapping otherwise is not looked for in the queues: its entry is dropped where it is come by, or when the
//! queues are twice as long as they have to be.

use crate::folio::{FolioId, FolioRef};
use crate::mapping::Mapping;
use std::collections::VecDeque;
use std::sync::Weak;

/// How much of the cache the small queue has: one page in ten.
const SMALL: usize = 10;
/// How often a page has to be used to leave the small queue for the main one.
const OFTEN: u8 = 2;

/// A page in a queue.
#[derive(Debug)]
struct Entry {
    id: FolioId,
    mapping: Weak<Mapping>,
}

/// A page that was taken out of its queue to be evicted.
#[derive(Debug)]
pub(super) struct Isolated {
    pub(super) folio: FolioRef,
    pub(super) mapping: Weak<Mapping>,
    pub(super) from_main: bool,
}

/// The pages that can be reclaimed: `struct lruvec`.
#[derive(Debug, Default)]
pub(super) struct Queues {
    small: VecDeque<Entry>,
    main: VecDeque<Entry>,
}

impl Queues {
    /// Takes in a new page.
    pub(super) fn add(&mut self, id: FolioId, mapping: &Weak<Mapping>, refaulted: bool, limit: usize) {
        if self.len() > limit.saturating_mul(2) {
            self.small.retain(|entry| FolioRef::get(entry.id).is_some());
            self.main.retain(|entry| FolioRef::get(entry.id).is_some());
        }
        let queue = if refaulted { &mut self.main } else { &mut self.small };
        queue.push_back(Entry { id, mapping: mapping.clone() });
    }

    fn len(&self) -> usize {
        self.small.len() + self.main.len()
    }

    /// Takes out up to `count` pages that should go first.
    pub(super) fn isolate(&mut self, count: usize, limit: usize) -> Vec<Isolated> {
        let mut isolated = Vec::with_capacity(count);
        // Each use keeps a page for one round. Pages may be used all the time, so that has an end.
        let mut rounds = self.len() * (usize::from(FolioRef::MOST_USES) + 1);
        while isolated.len() < count && rounds > 0 {
            rounds -= 1;
            let from_main = self.small.len() * SMALL <= limit && !self.main.is_empty();
            let queue = if from_main { &mut self.main } else { &mut self.small };
            let Some(entry) = queue.pop_front() else { break };
            let Some(folio) = FolioRef::get(entry.id) else { continue };
            let stays = if from_main { folio.take_use() } else { folio.take_uses(OFTEN) };
            match stays {
                true => self.main.push_back(entry),
                false => isolated.push(Isolated { folio, mapping: entry.mapping, from_main }),
            }
        }
        isolated
    }

    /// Takes pages back that cannot go now.
    pub(super) fn put_back(&mut self, kept: Vec<Isolated>) {
        for Isolated { folio, mapping, from_main } in kept {
            let queue = if from_main { &mut self.main } else { &mut self.small };
            queue.push_back(Entry { id: folio.id(), mapping });
        }
    }
}
