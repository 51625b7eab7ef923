//! Graphs per scope: classes are the process's, orders are the scope's.

use super::state::{ScopeState, State};
use super::{Busy, state};
use lockdep_core::class::ClassRegistry;
use lockdep_core::engine::Engine;
use lockdep_rt::Block;
use std::sync::Arc;

/// Makes a scope with an empty graph. 0 if this thread cannot be tracked.
pub(crate) fn open(name: &str, isolated: bool) -> u32 {
    let Some(_busy) = Busy::start() else { return 0 };
    let mut state = state();
    state.scopes_made += 1;
    let id = state.scopes_made;
    let name: Arc<str> = name.into();
    state.scopes.insert(id, ScopeState { name, isolated, ..ScopeState::default() });
    id
}

/// Forgets a scope. Threads that are still in it go on in the graph of the process.
pub(crate) fn close(scope: u32) {
    if let Some(_busy) = Busy::start() {
        state().scopes.remove(&scope);
    }
}

/// Moves this thread into a scope. False if it cannot be tracked.
pub(crate) fn enter(scope: u32) -> bool {
    let Some(busy) = Busy::start() else { return false };
    state().stays_of(busy.0).push(scope);
    busy.0.set_scope(scope);
    true
}

/// Ends this thread's newest stay in a scope, and moves it into that of its newest stay that goes on. Scope 0 is the
/// process's.
pub(crate) fn leave(scope: u32) {
    let Some(busy) = Busy::start() else { return };
    let mut state = state();
    let stays = state.stays_of(busy.0);
    if let Some(index) = stays.iter().rposition(|stay| *stay == scope) {
        stays.remove(index);
        busy.0.set_scope(stays.last().copied().unwrap_or(0));
    }
}

/// The scope this thread is in.
pub(crate) fn current() -> u32 {
    lockdep_rt::current().map_or(0, lockdep_rt::Block::scope)
}

impl State {
    /// The scopes that a thread has entered and not left, in that order.
    fn stays_of(&mut self, block: &Block) -> &mut Vec<u32> {
        &mut self.thread_mut(block).stays
    }
}

/// Asks a scope's engine.
pub(crate) fn read<T: Default>(scope: u32, ask: impl FnOnce(&Engine, &ClassRegistry) -> T) -> T {
    let Some(_busy) = Busy::start() else { return T::default() };
    let state = state();
    let State { registry, scopes, .. } = &*state;
    scopes.get(&scope).map_or_else(T::default, |scope| ask(&scope.engine, registry))
}
