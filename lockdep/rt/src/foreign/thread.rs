//! Threads: they get a block before their first lock and give it back when they end.

use super::memory::{keep, zeroed};
use super::state::State;
use super::{process, segment, sentinel, sys, STATE};
use crate::block::{current, publish, set_current, Block};
use crate::stack::{Stack, DEEPEST};
use std::cell::Cell;

const NAME: usize = 128;

/// A thread that has, or had, a block.
#[derive(Clone, Copy)]
pub(super) struct Thread {
    pub(super) block: &'static Block,
    /// Its first segment; 0 while it is in none.
    pub(super) home: u32,
    name: [u8; NAME],
    len: usize,
    alive: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No lock was taken yet.
    Fresh,
    /// It has a block, is getting one, or is not to have any.
    Running,
}

thread_local! {
    static PHASE: Cell<Phase> = const { Cell::new(Phase::Fresh) };
}

/// Ends the tracking of a thread.
pub(super) fn ended() {
    let Some(block) = current() else { return };
    if !block.begin() {
        return;
    }
    let mut state = STATE.take();
    for entry in block.held().iter().filter(|entry| entry.is_lock()) {
        state.tell_left(block, entry);
        entry.release();
    }
    drop(state);
    block.rest();
    block.set_segment(0);
    // From here on locks go through untracked: there is no block, and the phase is not fresh.
    set_current(None);
    for thread in STATE.take().threads.iter_mut().filter(|thread| std::ptr::eq(thread.block, block)) {
        thread.alive = false;
    }
}

impl Thread {
    pub(super) fn name(&self) -> &[u8] {
        &self.name[..self.len]
    }

    fn rename(&mut self, name: &str) {
        let mut len = name.len().min(NAME);
        while !name.is_char_boundary(len) {
            len -= 1;
        }
        self.name[..len].copy_from_slice(&name.as_bytes()[..len]);
        self.len = len;
    }
}

/// Gives this thread a block, unless it has had one or nothing is recorded.
#[cold]
#[inline(never)]
pub(super) fn arrive() {
    if PHASE.get() != Phase::Fresh {
        return;
    }
    PHASE.set(Phase::Running);
    if process::is_recording() && sentinel::watch() {
        with_name(|name| {
            let block = STATE.take().give(name);
            set_current(block);
            if sys::is_main_thread() {
                segment::root();
            }
        });
    }
}

/// The name of this thread as its program knows it. To ask `std` for it can allocate, where `std` has not started the thread; the
/// program's allocator may then take locks, but this thread has none yet, and is past being [fresh](Phase::Fresh). Threads that nobody
/// named are not asked.
fn with_name(tell: impl FnOnce(&str)) {
    let (mut own, mut first) = ([0; 16], [0; 16]);
    let own = sys::short_name(&mut own);
    let first = sys::read_file(c"/proc/self/comm", &mut first);
    if sys::is_main_thread() {
        tell("main");
    } else if own == first.strip_suffix(b"\n").unwrap_or(first) {
        tell("unnamed");
    } else {
        tell(std::thread::current().name().unwrap_or("unnamed"));
    }
}

/// How many locks a thread can hold before its stack grows.
const DEPTH: usize = 16;

/// Memory for a stack of so many locks, if there is any left.
fn stack_for(locks: usize) -> Option<&'static Stack> {
    // SAFETY: all bits of an empty entry are zero.
    keep(Stack::new(unsafe { zeroed(locks + 1) }?)?)
}

/// Makes room for one more lock on a stack, up to a limit.
pub(super) fn make_room(block: &Block) {
    let capacity = block.capacity();
    if block.is_full() && capacity < DEEPEST {
        stack_for((capacity * 2).min(DEEPEST)).into_iter().for_each(|stack| block.grow(stack));
    }
}

impl State {
    fn give(&mut self, name: &str) -> Option<&'static Block> {
        let place = match self.threads.iter().position(|thread| !thread.alive) {
            Some(place) => place,
            None => {
                let block = keep(Block::new(stack_for(DEPTH)?))?;
                let thread = Thread { block, home: 0, name: [0; NAME], len: 0, alive: false };
                if !self.threads.push(thread) {
                    return None;
                }
                publish(block);
                self.threads.len() - 1
            }
        };
        let thread = &mut self.threads[place];
        (thread.alive, thread.home) = (true, 0);
        thread.rename(name);
        Some(thread.block)
    }
}
