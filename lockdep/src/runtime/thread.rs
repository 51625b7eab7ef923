//! Threads: they get a block at their first lock and give it back when they end.

use super::state;
use crate::sink;
use lockdep_rt::{Block, current, set_current};
use std::cell::Cell;
use std::sync::Arc;

/// A thread that has, or had, a block.
pub(super) struct Thread {
    pub(super) block: &'static Block,
    pub(super) name: Arc<str>,
    alive: bool,
}

/// Set once the thread's sentinel is gone; locks taken by later thread-local destructors are not tracked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Fresh,
    Running,
    Gone,
}

/// Ends the tracking of a thread when its thread-locals are destroyed.
struct Sentinel;

impl Drop for Sentinel {
    fn drop(&mut self) {
        PHASE.set(Phase::Gone);
        let Some(block) = current() else { return };
        if !block.begin() {
            return;
        }
        let findings = state().exit(block);
        sink::note(&findings);
        for entry in block.held() {
            entry.flags.store(lockdep_rt::Entry::RELEASED, std::sync::atomic::Ordering::Relaxed);
        }
        block.rest();
        set_current(None);
        for thread in state().threads.iter_mut().filter(|thread| std::ptr::eq(thread.block, block)) {
            thread.alive = false;
        }
    }
}

thread_local! {
    static PHASE: Cell<Phase> = const { Cell::new(Phase::Fresh) };
    static SENTINEL: Sentinel = const { Sentinel };
}

/// This thread's block, made now if it has none. `None` while one is being made, and after the thread's end.
pub(super) fn block() -> Option<&'static Block> {
    if let Some(block) = current() {
        return Some(block);
    }
    if PHASE.get() != Phase::Fresh {
        return None;
    }
    PHASE.set(Phase::Running);
    if SENTINEL.try_with(|_| ()).is_err() {
        PHASE.set(Phase::Gone);
        return None;
    }
    let name: Arc<str> = std::thread::current().name().unwrap_or("unnamed").into();
    let mut state = state();
    let block = match state.threads.iter_mut().find(|thread| !thread.alive) {
        Some(thread) => {
            (thread.name, thread.alive) = (name, true);
            thread.block
        }
        None => {
            let number = u32::try_from(state.threads.len() + 1).unwrap_or(u32::MAX);
            let block: &'static Block = Box::leak(Box::new(Block::new(number)));
            state.threads.push(Thread { block, name, alive: true });
            block
        }
    };
    drop(state);
    set_current(Some(block));
    Some(block)
}
