//! Leave to make locks members of a class without the cold side.
//!
//! Programs that make locks all the time make them in few places. Once a class has two that are no statics, the cold side grants numbers
//! for its next ones in advance, and a new lock takes one with a single atomic instruction. A grant ends where the cold side wants to
//! be asked: the log has the number of a class's locks at every power of two. What was taken is counted when somebody wants to know.

use super::state::State;
use lockdep_core::class::{ClassId, LockKind, Node};
use lockdep_rt::ClassWord;
use std::collections::BTreeMap;
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU64};

/// Where locks come from: the unbound word, the kind, the address of the type's name.
pub(super) type Birth = (usize, LockKind, usize);

/// Numbers for the next locks of one class that come from one place.
#[derive(Debug)]
pub(super) struct Grant {
    birth: Birth,
    class: ClassId,
    /// The next number in the lower half, how many are left in the upper one. Only the cold side, serialised, changes it where none is
    /// left. Whoever takes a number needs nothing else, so it pairs with nothing.
    numbers: AtomicU64,
    /// Whether the process's graph has seen the class used, and written. A hint: who reads an old one asks the cold side.
    seen: AtomicU8,
}

const USED: u8 = 1;
const WRITTEN: u8 = 2;
/// One number that is left.
const ONE: u64 = 1 << 32;
/// How many are granted at once, so that numbers are not used up by classes that never need them.
const MOST: u64 = 1 << 16;

impl Grant {
    /// A number that no other lock has.
    pub(super) fn take(&self) -> Option<u32> {
        let take = |numbers: u64| (numbers >= ONE).then(|| numbers - ONE + 1);
        self.numbers.fetch_update(Relaxed, Relaxed, take).ok().map(|numbers| numbers as u32)
    }

    fn left(&self) -> u64 {
        self.numbers.load(Relaxed) / ONE
    }
}

/// The grants of the process, by birth. What is stored stays; it is read without a lock.
static GRANTS: [AtomicPtr<Grant>; PLACES] = [const { AtomicPtr::new(ptr::null_mut()) }; PLACES];
const PLACES: usize = 1 << 12;
/// How far a grant may be from where it belongs. Locks of a birth that finds no place are asked about each time.
const REACH: usize = 8;

fn places(birth: &Birth) -> impl Iterator<Item = &'static AtomicPtr<Grant>> {
    let (word, kind, name) = *birth;
    let mixed = (word as u64 ^ (name as u64).rotate_left(32) ^ kind as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let first = (mixed >> (u64::BITS - PLACES.trailing_zeros())) as usize;
    (0..REACH).map(move |step| &GRANTS[(first + step) % PLACES])
}

fn load(place: &AtomicPtr<Grant>) -> Option<&'static Grant> {
    // SAFETY: null, or what `State::grant_births` stored, made from a `&'static Grant`. Pairs with its release.
    unsafe { place.load(Acquire).cast_const().as_ref() }
}

/// Binds a lock to its class if that is granted. False if the cold side has to be asked, or the lock is bound.
pub(crate) fn bind_granted(word: &ClassWord, kind: LockKind, type_name: &str) -> bool {
    let unbound = word.load();
    // The graphs of scopes may not have seen the class.
    if ClassWord::is_bound_in(unbound) || lockdep_rt::current().is_none_or(|block| block.scope() != 0) {
        return false;
    }
    let birth = (unbound, kind, type_name.as_ptr() as usize);
    let found = places(&birth).map_while(load).find(|grant| grant.birth == birth);
    let Some((grant, serial)) = found.and_then(|grant| Some((grant, grant.take()?))) else { return false };
    let seen = grant.seen.load(Relaxed);
    word.bind_seen(unbound, grant.class.0, serial, seen & USED != 0, seen & WRITTEN != 0)
}

/// The grants of each class, with how much of them was left when they were last counted.
pub(super) type Grants = BTreeMap<ClassId, Vec<(&'static Grant, u64)>>;

impl State {
    /// Counts one more lock of a class. Returns how many were counted before, and are now. A lock that two threads use first at the same
    /// time may be counted twice.
    pub(super) fn count(&mut self, class: ClassId) -> (u64, u64) {
        let before = self.registry.get(class).instances;
        self.settle(class);
        let instances = &mut self.registry.get_mut(class).instances;
        *instances += 1;
        (before, *instances)
    }

    /// Brings the registry's count of a class up to date.
    fn settle(&mut self, class: ClassId) {
        for (grant, counted) in self.grants.get_mut(&class).into_iter().flatten() {
            let left = grant.left();
            self.registry.get_mut(class).instances += *counted - left;
            *counted = left;
        }
    }

    /// Brings all counts of the registry up to date.
    pub(super) fn settle_all(&mut self) {
        let classes: Vec<ClassId> = self.grants.keys().copied().collect();
        classes.into_iter().for_each(|class| self.settle(class));
    }

    /// A grant of nothing yet.
    pub(super) fn new_grant(&mut self, birth: Birth, class: ClassId) -> &'static Grant {
        let (numbers, seen) = Default::default();
        let grant: &'static Grant = Box::leak(Box::new(Grant { birth, class, numbers, seen }));
        self.grants.entry(class).or_default().push((grant, 0));
        grant
    }

    /// Grants the next locks of a class that come from where one came from, up to where the cold side wants to be asked.
    pub(super) fn grant_births(&mut self, birth: Birth, class: ClassId) {
        for place in places(&birth) {
            match load(place) {
                Some(grant) if grant.birth == birth => return self.fill(grant),
                Some(_) => {}
                None => {
                    let grant = self.new_grant(birth, class);
                    self.fill(grant);
                    // Pairs with the acquire in `load`.
                    place.store(ptr::from_ref(grant).cast_mut(), Release);
                    return;
                }
            }
        }
    }

    /// Grants anew what was used up.
    pub(super) fn fill(&mut self, grant: &'static Grant) {
        let instances = self.registry.get(grant.class).instances;
        let count = ((instances + 1).next_power_of_two() - 1 - instances).min(MOST);
        let counted = self.grants.get_mut(&grant.class).into_iter().flatten().find(|(known, _)| ptr::eq(*known, grant));
        let Some((_, counted)) = counted.filter(|(grant, counted)| count > 0 && *counted == 0 && grant.left() == 0)
        else {
            return;
        };
        *counted = count;
        let first = u64::from(self.serials(count as u32));
        self.show_seen(grant);
        grant.numbers.store(count * ONE + first, Relaxed);
    }

    /// Takes in that a class was used, or written, for the first time.
    pub(super) fn seen(&self, class: ClassId) {
        self.grants.get(&class).into_iter().flatten().for_each(|(grant, _)| self.show_seen(grant));
    }

    fn show_seen(&self, grant: &Grant) {
        let (used, written) = self.engine.has_seen(Node { class: grant.class, subclass: 0 });
        let seen = if used { USED } else { 0 } | if used && written { WRITTEN } else { 0 };
        grant.seen.store(seen, Relaxed);
    }

    /// Ends all grants: a graph has forgotten, so the next lock of each class is asked about.
    pub(super) fn end_grants(&mut self) {
        for (class, grants) in &mut self.grants {
            for (grant, counted) in grants {
                let left = grant.numbers.swap(0, Relaxed) / ONE;
                self.registry.get_mut(*class).instances += *counted - left;
                *counted = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LockClassKey;
    use crate::runtime::state::Work;
    use crate::runtime::{UNNAMED, state};
    use std::collections::BTreeSet;

    fn ask(key: &'static LockClassKey) -> ClassId {
        let word = ClassWord::key(ptr::from_ref(key).cast());
        let bound = state().bind(&word, LockKind::Map, UNNAMED, &mut Work::default());
        ClassId(ClassWord::class_in(bound))
    }

    /// The number of a new lock that was granted.
    fn granted(key: &'static LockClassKey) -> Option<u32> {
        let word = ClassWord::key(ptr::from_ref(key).cast());
        bind_granted(&word, LockKind::Map, UNNAMED).then(|| ClassWord::serial_in(word.load()))
    }

    /// Makes this thread one that is tracked.
    fn track() {
        drop(crate::LockMap::new(&TRACKED).acquire());
    }

    static TRACKED: LockClassKey = LockClassKey::new("grant::tracked");

    #[test]
    fn the_cold_side_is_asked_at_every_power_of_two_and_has_counted_all() {
        static KEY: LockClassKey = LockClassKey::new("grant::counted");
        track();
        let mut asked = Vec::new();
        for lock in 1..=100u64 {
            if granted(&KEY).is_none() {
                let class = ask(&KEY);
                asked.push(lock);
                assert_eq!(state().registry.get(class).instances, lock);
            }
        }
        assert_eq!(asked, [1, 2, 4, 8, 16, 32, 64]);
        let birth = ClassWord::key(ptr::from_ref(&KEY).cast()).load();
        let class = ClassId(state().births[&(birth, LockKind::Map, UNNAMED.as_ptr().addr())].0);
        state().settle_all();
        assert_eq!(state().registry.get(class).instances, 100);
    }

    #[test]
    fn threads_at_once_get_numbers_that_differ() {
        static KEY: LockClassKey = LockClassKey::new("grant::shared");
        track();
        for _ in 0..64 {
            granted(&KEY).is_none().then(|| ask(&KEY));
        }
        let take = || {
            track();
            (0..30).filter_map(|_| granted(&KEY)).collect::<Vec<u32>>()
        };
        let taken = std::thread::scope(|scope| {
            let threads = [(); 4].map(|()| scope.spawn(take));
            threads.map(|thread| thread.join().expect("it does not panic")).concat()
        });
        assert_eq!(taken.len(), 63, "what is left to the next power of two");
        assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), 63);
    }

    #[test]
    fn nothing_is_granted_to_a_graph_that_has_forgotten() {
        static KEY: LockClassKey = LockClassKey::new("grant::forgotten");
        track();
        let class = [(); 4].map(|()| ask(&KEY))[0];
        assert!(granted(&KEY).is_some());
        state().end_grants();
        assert_eq!(granted(&KEY), None);
        assert_eq!(state().registry.get(class).instances, 5);
    }
}
