//! Classes that come and go: names for ever, orders only as long as their key.

use super::{Busy, state};
use crate::LockClassKey;
use lockdep_core::class::{ClassId, ClassRegistry, Origin};
use lockdep_rt::{Block, chains};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The keys of all names that a dynamic key ever had. Locks may outlive their key, so it is never freed.
static NAMES: Mutex<Names> = Mutex::new(BTreeMap::new());

type Names = BTreeMap<&'static str, &'static LockClassKey>;

/// All names.
pub(super) type Guard = MutexGuard<'static, Names>;

pub(super) fn lock() -> Guard {
    NAMES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The key of a name.
pub(crate) fn intern(name: &str) -> &'static LockClassKey {
    let mut names = lock();
    if let Some(key) = names.get(name) {
        return key;
    }
    let name: &'static str = Box::leak(name.into());
    let key = Box::leak(Box::new(LockClassKey::new(name)));
    names.insert(name, key);
    key
}

/// Forgets the orders of a class, in all graphs of the process.
pub(crate) fn zap(key: &LockClassKey) {
    let Some(_busy) = Busy::start() else { return };
    let state = &mut *state();
    for class in classes_of(&state.registry, key) {
        let scopes = state.scopes.values_mut().map(|scope| &mut scope.engine);
        scopes.chain([&mut state.engine]).for_each(|engine| engine.forget(&state.registry, class));
    }
    state.end_grants();
    chains::clear();
    lockdep_rt::blocks().for_each(Block::forget);
}

/// A key makes a class for every kind of lock that it is given to.
fn classes_of(registry: &ClassRegistry, key: &LockClassKey) -> Vec<ClassId> {
    let is_its = |spec: &lockdep_core::class::ClassSpec| spec.origin == Origin::Key && *spec.name == *key.name();
    registry.iter().filter(|(_, class)| is_its(&class.spec)).map(|(id, _)| id).collect()
}

/// Forgets all orders of the process and what was found in them.
pub(crate) fn reset() {
    let Some(_busy) = Busy::start() else { return };
    let mut state = state();
    state.engine.clear();
    state.end_grants();
    chains::clear();
    lockdep_rt::blocks().for_each(Block::forget);
}
