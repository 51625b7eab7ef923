//! Threads: they get a block at their first lock and give it back when they end.

use super::context::Contexts;
use super::fault::Concerned;
use super::state::Work;
use super::{Busy, hang, mode_in, node, process, segment, sentinel, state};
use crate::config::{self, Policy};
use lockdep_core::finding::Code;
use lockdep_rt::{Block, DEEPEST, Entry, Stack, current, set_current};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A thread that has, or had, a block.
pub(super) struct Thread {
    pub(super) block: &'static Block,
    pub(super) name: Arc<str>,
    /// Its first segment; 0 while it is in none.
    pub(super) home: u32,
    pub(super) unplaced: Contexts,
    /// The scopes that it has entered and not left.
    pub(super) stays: Vec<u32>,
    alive: bool,
}

/// Where a thread is: locks that are taken after its end, or while its block is made, are not tracked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Fresh,
    Running,
    Gone,
}

/// Ends the tracking of a thread that has ended.
pub(super) fn ended() {
    PHASE.set(Phase::Gone);
    let Some(block) = current() else { return };
    if !block.begin() {
        return;
    }
    let busy = Busy(block);
    // A callback that panics here would end the process.
    let _ = catch_unwind(AssertUnwindSafe(|| busy.note(&exit(block))));
    block.held().iter().for_each(Entry::release);
    drop(busy);
    block.set_scope(0);
    block.set_segment(0);
    set_current(None);
    for thread in state().threads.iter_mut().filter(|thread| std::ptr::eq(thread.block, block)) {
        thread.alive = false;
    }
}

impl Thread {
    fn new(block: &'static Block, name: Arc<str>) -> Thread {
        Thread { block, name, home: 0, unplaced: Contexts::default(), stays: Vec::new(), alive: true }
    }

    /// Whether the thread has not ended yet.
    pub(super) fn is_alive(&self) -> bool {
        self.alive
    }
}

/// A thread ended: whatever is left on its stack is held for ever.
fn exit(block: &'static Block) -> Work {
    let mut work = Work::new();
    let mut state = state();
    for entry in block.held().iter().filter(|entry| entry.is_lock()) {
        let (Some(site), Some(mode)) = (entry.site(), mode_in(entry)) else { continue };
        let node = node(entry.word(), entry.how());
        let concerned = Concerned { node: Some(node), want: mode.into(), site };
        let title = |lock: &str, thread: &str| format!("`{thread}` ended while it held `{lock}`");
        state.fault(block, Code::HeldAtExit, concerned, title, &mut work);
    }
    work
}

/// How many locks a thread can hold before its stack grows.
const DEPTH: usize = 16;

/// Memory for a stack of so many locks. `None` if there are more than can be told apart.
fn stack_for(locks: usize) -> Option<&'static Stack> {
    let entries = (0..=locks).map(|_| Entry::empty()).collect::<Box<[Entry]>>();
    Some(Box::leak(Box::new(Stack::new(Box::leak(entries))?)))
}

/// Makes room for so many more locks on a stack, up to a limit. During cold work only.
pub(super) fn make_room(block: &Block, more: usize) {
    let capacity = block.capacity();
    if block.held().len() + more > capacity && capacity < DEEPEST {
        stack_for((capacity * 2).min(DEEPEST)).into_iter().for_each(|stack| block.grow(stack));
    }
}

thread_local! {
    static PHASE: Cell<Phase> = const { Cell::new(Phase::Fresh) };
}

/// Whether this thread has no block and gets none now: nothing is to be tracked, its block is being made, or it has ended.
#[inline]
pub(crate) fn is_untracked() -> bool {
    current().is_none() && PHASE.get() != Phase::Fresh
}

/// This thread's block, made now if it has none. `None` while one is being made, and after the thread's end.
pub(super) fn block() -> Option<&'static Block> {
    if let Some(block) = current() {
        return Some(block);
    }
    if is_untracked() {
        return None;
    }
    // Before anything allocates: an allocator may come here again.
    PHASE.set(Phase::Running);
    if config::get().policy == Policy::Off {
        return None;
    }
    process::watch_exit();
    #[cfg(unix)]
    super::fork::watch();
    hang::watch();
    if !sentinel::watch() {
        PHASE.set(Phase::Gone);
        return None;
    }
    let is_main = std::thread::current().name() == Some("main");
    let name: Arc<str> = std::thread::current().name().unwrap_or("unnamed").into();
    let mut state = state();
    let block = match state.threads.iter_mut().find(|thread| !thread.alive) {
        Some(thread) => {
            let block = thread.block;
            *thread = Thread::new(block, name);
            block
        }
        None => {
            let block: &'static Block = Box::leak(Box::new(Block::new(stack_for(DEPTH)?)));
            lockdep_rt::publish(block);
            state.threads.push(Thread::new(block, name));
            block
        }
    };
    drop(state);
    set_current(Some(block));
    if is_main {
        segment::root();
    }
    Some(block)
}
