//! Locks become members of classes: when they are first used, by where they come from.

use super::grant;
use super::image::is_static;
use super::state::{State, Work};
use super::to_site;
use crate::class::LockClassKey;
use lockdep_core::class::{ClassId, ClassSpec, LockKind, Origin};
use lockdep_core::log::{ClassRecord, Record};
use lockdep_rt::{Birth, ClassWord};

/// What the type is called of which nothing is known. A static, so that it has one address.
pub(crate) static UNNAMED: &str = "?";

impl State {
    /// Binds a lock to its class, if that has not happened yet, and returns its word.
    pub(super) fn bind(&mut self, word: &ClassWord, kind: LockKind, type_name: &str, work: &mut Work) -> usize {
        loop {
            let seen = word.load();
            if ClassWord::is_bound_in(seen) {
                return seen;
            }
            let class = self.one_more(word, kind, type_name, work);
            word.bind(seen, class.0, self.next_serial());
        }
    }

    /// Counts one more lock of the class that an unbound word says.
    fn one_more(&mut self, word: &ClassWord, kind: LockKind, type_name: &str, work: &mut Work) -> ClassId {
        let birth: grant::Birth = (word.load(), kind, type_name.as_ptr() as usize);
        let classes = self.registry.len();
        let class = match self.births.get(&birth) {
            Some(&class) => class,
            None => {
                let class = self.register(word, kind, type_name, work);
                // Another thread may have given the lock another class meanwhile.
                if word.load() == birth.0 {
                    self.births.insert(birth, class);
                }
                class
            }
        };
        let is_new = self.registry.len() > classes;
        let was_static = self.registry.get(class).is_static;
        let (before, count) = self.count(class);
        // Once one of them is none, the others do not matter.
        let is_static = (count == 1 || was_static) && is_static(std::ptr::from_ref(word).addr());
        self.registry.get_mut(class).is_static = is_static;
        if is_new || was_static && !is_static {
            work.records.push(Record::Class(ClassRecord::new(&self.registry, class)));
        }
        // The second instance ends what holds only for a class with one; after that, powers of two will do.
        if before.checked_ilog2() < count.checked_ilog2() {
            work.records.push(Record::Instances { class: class.0, n: count });
        }
        if count > 1 && !is_static && self.births.contains_key(&birth) {
            self.grant_births(birth, class);
        }
        class
    }

    /// The class of a lock that comes from where none came from before, registered now if it is new.
    fn register(&mut self, word: &ClassWord, kind: LockKind, type_name: &str, work: &mut Work) -> ClassId {
        let birth = |name: &str, site| ClassSpec { name: name.into(), origin: Origin::Birth, kind, site };
        let (mut wait, mut novalidate) = (None, false);
        let spec = match word.birth_of() {
            Birth::Key(key) => {
                // SAFETY: only `Tracked::keyed`, `Tracked::set_class` and `TrackedMap::keyed` make key words, from
                // `&'static LockClassKey`.
                let key = unsafe { &*key.cast::<LockClassKey>() };
                (wait, novalidate) = (key.wait(), key.is_novalidate());
                ClassSpec { name: key.name().into(), origin: Origin::Key, kind, site: None }
            }
            Birth::Site(location) => birth(type_name, Some(to_site(location))),
            Birth::Unknown => birth(type_name, None),
        };
        let classes = self.registry.len();
        let id = self.registry.register(spec);
        if self.registry.len() > classes {
            work.classes.push(self.registry.get(id).spec.name.to_string());
        }
        let class = self.registry.get_mut(id);
        class.wait = class.wait.or(wait);
        class.novalidate |= novalidate;
        id
    }

    /// A number for one more lock object.
    pub(super) fn next_serial(&mut self) -> u32 {
        self.serials(1)
    }

    /// The first of so many numbers for lock objects.
    pub(super) fn serials(&mut self, count: u32) -> u32 {
        // After four billion locks numbers come again; 0 is none, nor is the last, so that the next one is a number.
        let is_room = count < u32::MAX - self.serial;
        let first = if is_room { self.serial + 1 } else { 1 };
        self.serial = first + (count - 1);
        first
    }
}
