//! Same-thread checks: the same lock again, and another lock of the same class (`self-deadlock`, `recursion`, `wrong-nest`).
//!
//! **Theorem.** A thread that waits for a lock in a way that its own hold of that lock blocks waits for ever
//! (`self-deadlock`; exact, because it compares instances). Two threads that each hold one instance of a class and want
//! the other's block each other (`recursion`; true of the class as soon as one thread nests it). Threads that nest a class in
//! one strict order of its instances never do; every step against the declared order is told (`wrong-nest`).
//!
//! **Hole.** A hold whose guard may have been sent to another thread proves nothing: `Suspect`. Nesting that follows an
//! order which nobody declared is reported although it is safe; subclasses and nest locks declare it.

use crate::acquisition::{Acquisition, Held};
use crate::class::{ClassRegistry, Labels, Origin};
use crate::evidence::Occurrence;
use crate::finding::{Code, Grade};
use crate::mode::{Blocked, Manner};
use crate::rule::rule;

/// What an acquisition is, compared with one lock that its thread holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Another class or subclass: an ordinary dependency.
    Dependency,
    /// The same lock, and no harm in that.
    Harmless,
    /// Worth a finding with this code.
    Report(Code),
}

/// How `next` relates to one entry of its thread's held stack.
#[must_use]
pub fn relate(held: &Held, next: &Acquisition) -> Relation {
    let waits = next.manner != Manner::Try;
    let blocked = waits && next.want.blocked_by(held.mode) != Blocked::No;
    if rule!("one instance is one lock", held.instance == next.instance) {
        return match blocked && !next.reentrant {
            true => Relation::Report(Code::SelfDeadlock),
            false => Relation::Harmless,
        };
    }
    let is_level = held.node.class == next.node.class;
    if held.node != next.node && (!is_level || rule!("levels of a class are apart", true)) {
        return Relation::Dependency;
    }
    if let (Some(outer), Some(inner), true) = (held.rank, next.rank, rule!("ranks are an order", true)) {
        return match outer < inner || !waits || !rule!("ranks ascend", true) {
            true => Relation::Harmless,
            false => Relation::Report(Code::WrongNest),
        };
    }
    match blocked && !rule!("a nest lock serialises", next.nest.is_some()) {
        true => Relation::Report(Code::Recursion),
        false => Relation::Harmless,
    }
}

/// The grade of a same-class finding, and why it is not higher.
#[must_use]
pub fn grade(code: Code, seen: &Occurrence, registry: &ClassRegistry, labels: &Labels) -> (Grade, Vec<String>) {
    let class = seen.next.node.class;
    let label = labels.class(class);
    if seen.is_short_timed() {
        return (Grade::Excused, vec![format!("the wait for `{label}` gives up after less than a second")]);
    }
    let mut doubts = Vec::new();
    if seen.next.want.blocked_by(seen.held.mode) == Blocked::BehindWriter && !registry.get(class).written {
        doubts.push(format!("no write of `{label}` was seen, and it takes a queued writer"));
    }
    if seen.held.may_have_left {
        doubts.push(format!("the guard of `{label}` may have moved to another thread"));
    }
    if code == Code::Recursion && registry.get(class).spec.origin == Origin::Birth {
        doubts.push(format!("`{label}` was not named by a key, its instances may be ordered in some other way"));
    }
    (if doubts.is_empty() { Grade::Possible } else { Grade::Suspect }, doubts)
}
